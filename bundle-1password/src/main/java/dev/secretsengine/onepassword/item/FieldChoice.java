package dev.secretsengine.onepassword.item;

import dev.secretsengine.api.SecretsException;
import java.util.List;
import java.util.function.Predicate;
import java.util.stream.Collectors;

/** Which field of an item is meant. Errors name fields, never values. */
public final class FieldChoice {

    private static final int SHOWN = 20;

    private final String item;
    private final List<Field> fields;

    /**
     * A choice among the fields of an item.
     *
     * @param item how it was asked for, for the errors
     */
    public FieldChoice(String item, Item fields) {
        this.item = item;
        this.fields = fields.fields();
    }

    /** Whether there is a field to answer with when none is named. */
    public boolean hasMain() {
        return passwords().size() == 1 || (passwords().isEmpty() && concealed().size() == 1);
    }

    /**
     * The item's password, else its only concealed field.
     *
     * @throws SecretsException.Invalid if there is neither; it lists the fields
     */
    public Field main() throws SecretsException {
        if (!hasMain()) {
            String what = passwords().size() + concealed().size() == 0
                    ? "has no password"
                    : "has no password of its own and several concealed fields";
            throw new SecretsException.Invalid(item, "the item " + item + " " + what, "name a field: " + shown(fields));
        }
        return passwords().isEmpty() ? concealed().getFirst() : passwords().getFirst();
    }

    private List<Field> passwords() {
        return only(field -> field.purpose().equals("PASSWORD"));
    }

    private List<Field> concealed() {
        return only(field -> field.type().equals("CONCEALED"));
    }

    private List<Field> only(Predicate<Field> condition) {
        return fields.stream().filter(condition).toList();
    }

    /**
     * The field of a name.
     *
     * @param path field, or section and field, by label or ID
     * @throws SecretsException.NotFound if there is none; it lists the fields
     * @throws SecretsException.Invalid if there is more than one; it lists them
     */
    public Field named(List<String> path) throws SecretsException {
        List<Field> found = path.size() == 1
                ? only(field -> field.isCalled(path.getFirst()))
                : only(field -> field.isIn(path.getFirst()) && field.isCalled(path.getLast()));
        if (found.size() > 1) {
            // op://vault/item/field means the one outside all sections, too.
            List<Field> outside = found.stream().filter(field -> field.sectionId().isEmpty()).toList();
            found = path.size() == 1 && outside.size() == 1 ? outside : found;
        }
        String name = String.join("/", path);
        if (found.isEmpty()) {
            throw new SecretsException.NotFound(item, "the item " + item + " has no field " + name + " with a value",
                    "name one of these: " + shown(fields));
        }
        if (found.size() > 1) {
            throw new SecretsException.Invalid(item, "the item " + item + " has several fields " + name,
                    "name one with its section, or by its ID: " + shown(found));
        }
        return found.getFirst();
    }

    private String shown(List<Field> some) {
        List<String> paths = some.stream().map(Field::path).filter(path -> !path.isEmpty()).distinct().toList();
        String list = paths.stream().limit(SHOWN).map(path -> item + "/" + path).collect(Collectors.joining(", "));
        return list.isEmpty() ? "it has none with a value" : paths.size() > SHOWN ? list + ", ..." : list;
    }
}
