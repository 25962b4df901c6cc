package dev.secretsengine.onepassword;

import dev.secretsengine.api.Envelope;
import dev.secretsengine.api.RequestContext;
import dev.secretsengine.api.SecretId;
import dev.secretsengine.api.SecretsException;
import dev.secretsengine.kit.Together;
import dev.secretsengine.kit.remote.RemoteCache;
import dev.secretsengine.onepassword.item.Field;
import dev.secretsengine.onepassword.item.FieldChoice;
import dev.secretsengine.onepassword.item.Item;
import dev.secretsengine.onepassword.item.ItemName;
import dev.secretsengine.onepassword.item.Names;
import dev.secretsengine.onepassword.item.Source;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.atomic.AtomicBoolean;
import org.jspecify.annotations.Nullable;

/** One lookup: names first, then the items that are meant and no others. */
final class Lookup {

    /** Each item is a call, and calls are counted by 1Password. */
    private static final int MOST_ITEMS = 100;
    private static final int PARALLEL = 4;

    private final String plugin;
    private final Request request;
    private final Remembered remembered;
    private final Source source;
    private final RequestContext context;

    /** Guarded by this, as what follows. */
    private final List<Envelope> found = new ArrayList<>();
    private final Set<String> renamed = new HashSet<>();
    private final Set<String> gone = new HashSet<>();
    private @Nullable SecretsException failure;
    private boolean hasAsked;

    Lookup(String plugin, Request request, Remembered remembered, Source source, RequestContext context) {
        this.plugin = plugin;
        this.request = request;
        this.remembered = remembered;
        this.source = source;
        this.context = context;
    }

    /** Whether everything was in memory. */
    synchronized boolean isRemembered() {
        return !hasAsked;
    }

    /**
     * The secrets that match; to be called once.
     *
     * @throws SecretsException if one of them cannot be read: without it another could pass for the only match
     */
    List<Envelope> answer() throws SecretsException {
        boolean isDone = false;
        try {
            Listed listed = listed();
            fetch(listed.items(), listed.isOld(), listed.items().size() == 1);
            if (isContradicted()) {
                replace(listed);
            }
            List<Envelope> answer = found();
            isDone = true;
            return answer;
        } finally {
            if (!isDone) {
                wipe();
            }
        }
    }

    private void fetch(Map<String, ItemName> items, boolean isOld, boolean isOnly) throws SecretsException {
        if (items.size() > MOST_ITEMS) {
            throw new SecretsException.Invalid(plugin, "the pattern matches " + items.size() + " items of 1Password",
                    "narrow it to " + MOST_ITEMS + " or fewer: each takes a call");
        }
        List<Runnable> steps = new ArrayList<>();
        items.forEach((id, item) -> steps.add(() -> fetch(id, item, isOld, isOnly)));
        Together.run(plugin, PARALLEL, steps);
    }

    /** Names were given up, or to other items, since they were listed. What was answered under a right one stays. */
    private void replace(Listed old) throws SecretsException {
        Map<String, ItemName> now = request
                .items(noted(() -> remembered.names(source, old.names(), context)).result());
        Map<String, ItemName> missing = new LinkedHashMap<>();
        now.forEach((id, item) -> {
            if (isMissing(id, item, old)) {
                missing.put(id, item);
            }
        });
        if (missing.size() > 1) {
            // The next lookup starts from the new names; this one has made its calls.
            throw new SecretsException.Unavailable(plugin, "several items of 1Password have got other names",
                    "try again");
        }
        fetch(missing, false, now.size() == 1);
    }

    private synchronized boolean isMissing(String id, ItemName item, Listed old) {
        ItemName before = old.items().get(id);
        return before == null || renamed.contains(id) || (gone.contains(id) && !before.isSame(item));
    }

    private synchronized boolean isContradicted() {
        return failure == null && !(renamed.isEmpty() && gone.isEmpty());
    }

    private synchronized List<Envelope> found() throws SecretsException {
        if (failure != null) {
            throw failure;
        }
        return List.copyOf(found);
    }

    private synchronized void wipe() {
        found.forEach(Envelope::close);
    }

    /**
     * What the names say.
     *
     * @param isOld whether they were remembered, and may be wrong by now
     */
    private record Listed(Names names, Map<String, ItemName> items, boolean isOld) {
    }

    /** What a list of some minutes ago does not have may be new. */
    private Listed listed() throws SecretsException {
        RemoteCache.Used<Names> names = noted(() -> remembered.names(source, false, context));
        Map<String, ItemName> items = request.items(names.result());
        if (items.isEmpty() && names.remembered()) {
            names = noted(() -> remembered.names(source, true, context));
            items = request.items(names.result());
        }
        return new Listed(names.result(), items, names.remembered());
    }

    private void fetch(String id, ItemName name, boolean isOld, boolean isOnly) {
        AtomicBoolean isThere = new AtomicBoolean();
        try {
            noted(() -> remembered.item(source, name, context, item -> {
                isThere.set(true);
                if (item.isPutAway()) {
                    contradicted(gone, id);
                } else if (isOld && !request.fits(id, name.as(item))) {
                    contradicted(renamed, id);
                } else {
                    add(id, name, item, isOnly);
                }
                return true;
            }));
        } catch (SecretsException.NotFound e) {
            if (isOld && !isThere.get()) {
                contradicted(gone, id);
            } else if (isOnly && request.hasFields()) {
                // Of many, one without such a field is none of them; of one item its fields are told.
                failed(e);
            }
        } catch (SecretsException e) {
            failed(e);
        }
    }

    private synchronized void contradicted(Set<String> kind, String id) {
        kind.add(id);
    }

    private synchronized void failed(SecretsException e) {
        failure = failure == null ? e : failure;
    }

    /** A question, which counts as one unless it was answered from memory. */
    private interface Question<T> {

        RemoteCache.Used<T> ask() throws SecretsException;
    }

    private <T> RemoteCache.Used<T> noted(Question<T> question) throws SecretsException {
        boolean isKnown = false;
        try {
            RemoteCache.Used<T> used = question.ask();
            isKnown = used.remembered();
            return used;
        } finally {
            if (!isKnown) {
                synchronized (this) {
                    hasAsked = true;
                }
            }
        }
    }

    private void add(String id, ItemName name, Item item, boolean isOnly) throws SecretsException {
        // An item that was asked for by its ID alone has its fields under its vault.
        FieldChoice choice = new FieldChoice(id.contains("/") ? id : name.vaultId() + "/" + id, item);
        if (!request.hasFields()) {
            // Among many, one without a password is not a secret of that name.
            if (isOnly || choice.hasMain()) {
                add(id, name, item, choice.main());
            }
        } else if (request.isOneField()) {
            add(id + "/" + String.join("/", request.path()), name, item, choice.named(request.path()));
        } else {
            for (List<String> path : paths(item)) {
                if (request.field(id, path).isPresent()) {
                    add(request.field(id, path).get(), name, item, choice.named(path));
                }
            }
        }
    }

    private Set<List<String>> paths(Item item) {
        Set<List<String>> paths = new LinkedHashSet<>();
        for (Field field : item.fields()) {
            field.names().stream().limit(1).forEach(name -> {
                if (request.path().size() == 1) {
                    paths.add(List.of(name));
                } else {
                    field.sections().stream().limit(1).forEach(section -> paths.add(List.of(section, name)));
                }
            });
        }
        return paths;
    }

    private synchronized void add(String id, ItemName name, Item item, Field field) {
        String label = field.label().isEmpty() ? field.id() : field.label();
        Map<String, String> metadata = Map.of("vault", name.vaultName().isEmpty() ? name.vaultId() : name.vaultName(),
                "item", name.title(), "field", label, "category", name.category());
        found.add(new Envelope(SecretId.parse(id), field.value().copy(), "",
                item.version().isEmpty() ? name.version() : item.version(), null, Instant.now(), null, metadata));
    }
}
