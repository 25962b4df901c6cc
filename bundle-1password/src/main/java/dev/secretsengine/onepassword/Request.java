package dev.secretsengine.onepassword;

import dev.secretsengine.api.SecretId;
import dev.secretsengine.api.SecretPattern;
import dev.secretsengine.api.SecretsException;
import dev.secretsengine.onepassword.item.ItemName;
import dev.secretsengine.onepassword.item.Names;
import dev.secretsengine.onepassword.item.Normalised;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/**
 * What is asked for, and which items it stands for. An item is {@code <vault>/<title>}, {@code <vault>/<item ID>} or its
 * ID alone, a vault its name or its ID; what follows a vault and an item names a field. Case does not matter; the answer
 * has the case of the question. {@code **} stands for items only, not for their fields.
 */
final class Request {

    private static final String ONE = "*";
    private static final String ANY = "**";
    private static final String ITEM_ID = "[A-Za-z0-9]{26}";

    private final SecretPattern own;
    private final List<String> asked;
    private final boolean hasAny;

    /**
     * A request.
     *
     * @param own the plugin's pattern
     */
    Request(SecretPattern asked, SecretPattern own) {
        this.own = own;
        this.asked = withoutRepeats(asked.toString().split("/", -1));
        this.hasAny = this.asked.contains(ANY);
    }

    /** As {@code a/**} and {@code a/**}{@code /**} are the same, and the latter would be tried in many ways. */
    private static List<String> withoutRepeats(String[] components) {
        List<String> result = new ArrayList<>();
        for (String component : components) {
            if (!component.equals(ANY) || result.isEmpty() || !result.getLast().equals(ANY)) {
                result.add(component);
            }
        }
        return List.copyOf(result);
    }

    /** Whether it can stand for something in 1Password: most references do not, and cost nothing then. */
    boolean isPossible() {
        long fixed = asked.stream().filter(component -> !component.equals(ANY)).count();
        if (hasAny) {
            return fixed <= 2;
        }
        String first = asked.getFirst();
        return fixed == 1 ? first.equals(ONE) || first.matches(ITEM_ID) : fixed <= 4;
    }

    /** Whether it names fields. */
    boolean hasFields() {
        return !hasAny && asked.size() > 2;
    }

    /**
     * The items it stands for, by the start of the answer's ID: all of it, or vault and item if it names fields.
     *
     * @throws SecretsException.Invalid if a name stands for several items
     */
    Map<String, ItemName> items(Names names) throws SecretsException {
        Map<ItemName, Set<String>> fitting = new LinkedHashMap<>();
        Map<String, Integer> uses = new HashMap<>();
        for (ItemName item : names.items()) {
            Set<String> ids = fitting(item);
            if (!ids.isEmpty()) {
                fitting.put(item, ids);
                ids.forEach(id -> uses.merge(id, 1, Integer::sum));
            }
        }
        Map<String, ItemName> items = new LinkedHashMap<>();
        for (Map.Entry<ItemName, Set<String>> entry : fitting.entrySet()) {
            Optional<String> id = entry.getValue().stream().filter(each -> uses.getOrDefault(each, 0) == 1).findFirst();
            items.put(id.orElseThrow(() -> ambiguous(entry.getValue().iterator().next(), fitting)), entry.getKey());
        }
        return items;
    }

    /** Whether an item has such an ID under the names that it has now. */
    boolean fits(String id, ItemName now) {
        return fitting(now).contains(id);
    }

    private static SecretsException ambiguous(String id, Map<ItemName, Set<String>> fitting) {
        List<String> items = fitting.entrySet().stream().filter(entry -> entry.getValue().contains(id))
                .map(entry -> entry.getKey().vaultId() + "/" + entry.getKey().id()).sorted().limit(10).toList();
        return new SecretsException.Invalid(id, "several items of 1Password are called " + id,
                "use an item's ID: " + String.join(", ", items));
    }

    /** Every ID of an item that fits, the most readable first. */
    private Set<String> fitting(ItemName item) {
        List<String> pattern = hasFields() ? asked.subList(0, 2) : asked;
        Set<String> ids = new LinkedHashSet<>();
        String title = Normalised.of(item.title());
        String vault = Normalised.of(item.vaultName());
        List<List<String>> candidates = List.of(List.of(vault, title), List.of(item.vaultId(), title),
                List.of(vault, item.id()), List.of(item.vaultId(), item.id()), List.of(item.id()));
        for (List<String> candidate : candidates) {
            if (!candidate.contains("")) {
                aligned(pattern, candidate).filter(id -> hasFields() || isOwn(id)).ifPresent(ids::add);
            }
        }
        return ids;
    }

    /** The ID of a field, if the end of the request fits. */
    Optional<String> field(String item, List<String> path) {
        return aligned(asked.subList(2, asked.size()), path).map(rest -> item + "/" + rest).filter(this::isOwn);
    }

    /** Whether the end of the request names one field. */
    boolean isOneField() {
        return !asked.subList(2, asked.size()).contains(ONE);
    }

    /** The end of the request: field, or section and field. */
    List<String> path() {
        return asked.subList(2, asked.size());
    }

    private boolean isOwn(String id) {
        return own.matches(SecretId.parse(id));
    }

    /** The candidate in the pattern's case, if it matches and is an ID. */
    private static Optional<String> aligned(List<String> pattern, List<String> candidate) {
        List<String> text = new ArrayList<>();
        if (!align(pattern, candidate, text)) {
            return Optional.empty();
        }
        String id = String.join("/", text);
        return id.matches("[A-Za-z0-9._:/-]+") ? Optional.of(id) : Optional.empty();
    }

    private static boolean align(List<String> pattern, List<String> candidate, List<String> text) {
        if (pattern.isEmpty()) {
            return candidate.isEmpty();
        }
        String first = pattern.getFirst();
        List<String> rest = pattern.subList(1, pattern.size());
        for (int taken = first.equals(ANY) ? 0 : 1; taken <= candidate.size(); taken++) {
            int before = text.size();
            boolean isLiteral = !first.equals(ANY) && !first.equals(ONE);
            if (isLiteral && !first.equalsIgnoreCase(candidate.getFirst())) {
                return false;
            }
            text.addAll(isLiteral ? List.of(first) : candidate.subList(0, taken));
            if (align(rest, candidate.subList(taken, candidate.size()), text)) {
                return true;
            }
            text.subList(before, text.size()).clear();
            if (!first.equals(ANY)) {
                return false;
            }
        }
        return false;
    }
}
