package dev.secretsengine.onepassword.item;

import dev.secretsengine.api.SecretValue;
import dev.secretsengine.kit.JsonReader;
import dev.secretsengine.kit.JsonReader.Malformed;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;

/** The JSON of items, which op and Connect share but for the names of vaults. Values go from bytes to bytes. */
public final class ItemReader {

    /** States of an item that is not in use any more; one that is has none. */
    private static final Set<String> PUT_AWAY = Set.of("ARCHIVED", "DELETED");

    private ItemReader() {
    }

    /** A list of vaults, names by ID. */
    public static Map<String, String> vaults(JsonReader json) throws Malformed {
        Map<String, String> vaults = new HashMap<>();
        json.array(() -> {
            Map<String, String> vault = texts(json, "id", "name");
            vaults.put(vault.getOrDefault("id", ""), vault.getOrDefault("name", ""));
        });
        vaults.remove("");
        return vaults;
    }

    /**
     * A list of items, without their fields. What is in the archive is left out: op does not list it, and it must not take
     * a name from an item in use.
     *
     * @param vaultNames by ID, for items that come without the name of their vault
     */
    public static List<ItemName> names(JsonReader json, Map<String, String> vaultNames) throws Malformed {
        List<ItemName> names = new ArrayList<>();
        json.array(() -> {
            Map<String, String> item = new HashMap<>();
            Map<String, String> vault = new HashMap<>();
            json.object(name -> {
                if (name.equals("vault")) {
                    vault.putAll(texts(json, "id", "name"));
                } else if (List.of("id", "title", "category", "version", "state").contains(name)) {
                    item.put(name, json.plain());
                } else {
                    json.skip();
                }
            });
            String vaultId = vault.getOrDefault("id", "");
            String vaultName = vault.getOrDefault("name", vaultNames.getOrDefault(vaultId, ""));
            if (item.containsKey("id") && !isPutAway(item)) {
                names.add(new ItemName(item.getOrDefault("id", ""), item.getOrDefault("title", ""), vaultId, vaultName,
                        item.getOrDefault("category", ""), item.getOrDefault("version", "")));
            }
        });
        return names;
    }

    /** An item with its fields; the caller closes it. */
    public static Item item(JsonReader json) throws Malformed {
        Map<String, String> sections = new HashMap<>();
        Map<String, String> item = new HashMap<>();
        Map<String, String> vault = new HashMap<>();
        List<Field> fields = new ArrayList<>();
        boolean isWhole = false;
        try {
            json.object(name -> {
                switch (name) {
                    case "title", "version", "state" -> item.put(name, json.plain());
                    case "vault" -> vault.putAll(texts(json, "name"));
                    case "sections" -> json.array(() -> {
                        Map<String, String> section = texts(json, "id", "label");
                        sections.put(section.getOrDefault("id", ""), section.getOrDefault("label", ""));
                    });
                    case "fields" -> json.array(() -> fields.add(field(json)));
                    default -> json.skip();
                }
            });
            isWhole = true;
        } finally {
            if (!isWhole) {
                fields.forEach(field -> field.value().close());
            }
        }
        List<Field> filled = fields.stream().filter(field -> field.value().length() > 0)
                .map(field -> withSection(field, sections)).toList();
        return new Item(item.getOrDefault("title", ""), vault.getOrDefault("name", ""),
                item.getOrDefault("version", ""), isPutAway(item), filled);
    }

    private static boolean isPutAway(Map<String, String> item) {
        return PUT_AWAY.contains(item.getOrDefault("state", ""));
    }

    private static Field field(JsonReader json) throws Malformed {
        Map<String, String> texts = new HashMap<>();
        Map<String, String> section = new HashMap<>();
        List<byte[]> values = new ArrayList<>();
        try {
            json.object(name -> {
                switch (name) {
                    case "id", "label", "type", "purpose" -> texts.put(name, json.plain());
                    case "section" -> section.putAll(texts(json, "id", "label"));
                    case "value" -> values.add(json.text());
                    default -> json.skip();
                }
            });
            byte[] value = values.isEmpty() ? new byte[0] : values.getLast();
            if (value.length > SecretValue.MAX_LENGTH) {
                throw new Malformed(0);
            }
            return new Field(texts.getOrDefault("id", ""), texts.getOrDefault("label", ""),
                    texts.getOrDefault("type", ""), texts.getOrDefault("purpose", ""), section.getOrDefault("id", ""),
                    section.getOrDefault("label", ""), SecretValue.copyOf(value));
        } finally {
            values.forEach(value -> Arrays.fill(value, (byte) 0));
        }
    }

    private static Field withSection(Field field, Map<String, String> sections) {
        String label = field.sectionLabel().isEmpty()
                ? sections.getOrDefault(field.sectionId(), "")
                : field.sectionLabel();
        return new Field(field.id(), field.label(), field.type(), field.purpose(), field.sectionId(), label,
                field.value());
    }

    private static Map<String, String> texts(JsonReader json, String... wanted) throws Malformed {
        Map<String, String> texts = new HashMap<>();
        json.object(name -> {
            if (List.of(wanted).contains(name)) {
                texts.put(name, json.plain());
            } else {
                json.skip();
            }
        });
        return texts;
    }
}
