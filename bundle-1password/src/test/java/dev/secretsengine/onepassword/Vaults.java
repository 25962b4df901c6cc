package dev.secretsengine.onepassword;

import java.util.ArrayList;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/** Items with their fields, as JSON of the shapes that op and Connect have. */
public final class Vaults {

    /** Vault "Work (EU)", which is work-eu in an ID. */
    public static final String WORK = "vaultworkaaaaaaaaaaaaaaaaa";
    /** Vault "Home". */
    public static final String HOME = "vaulthomebbbbbbbbbbbbbbbbb";

    public static final String GITHUB = "itemgithubcccccccccccccccc";
    public static final String DATABASE = "itemdatabasedddddddddddddd";
    public static final String API = "itemapikeyeeeeeeeeeeeeeeee";
    public static final String NOTE = "itemnoteffffffffffffffffff";

    /** One item. */
    public record Entry(String id, String title, String vault, String category, List<String> fields) {
    }

    private final Map<String, String> names = new LinkedHashMap<>(Map.of(WORK, "Work (EU)", HOME, "Home"));
    private final List<Entry> entries = new ArrayList<>();
    private final Set<String> archive = new HashSet<>();

    /** A login, an API key, a database with sections, and a note without anything concealed. */
    public static Vaults usual() {
        Vaults vaults = new Vaults();
        vaults.add(GITHUB, "GitHub & Co", WORK, "LOGIN", field("username", "username", "STRING", "USERNAME", "alice"),
                field("password", "password", "CONCEALED", "PASSWORD", "gh-\u00e9\"\\-pw"),
                field("notesPlain", "notesPlain", "STRING", "NOTES", "a note"));
        vaults.add(API, "API Key", WORK, "API_CREDENTIAL", field("username", "username", "STRING", "", "bot"),
                field("credential", "credential", "CONCEALED", "", "key-123"));
        vaults.add(DATABASE, "db", HOME, "DATABASE", field("host", "Host", "STRING", "", "db.example"),
                field("s1", "main", "token", "token", "CONCEALED", "", "main-token"),
                field("s2", "Read only", "token2", "token", "CONCEALED", "", "ro-token"),
                field("s2", "Read only", "port", "port", "STRING", "", "5432"));
        vaults.add(NOTE, "Plain Note", HOME, "SECURE_NOTE",
                field("notesPlain", "notesPlain", "STRING", "NOTES", "only words"));
        return vaults;
    }

    public Vaults add(String id, String title, String vault, String category, String... fields) {
        entries.add(new Entry(id, title, vault, category, List.of(fields)));
        return this;
    }

    public Vaults rename(String id, String title) {
        entries.replaceAll(entry -> entry.id().equals(id)
                ? new Entry(id, title, entry.vault(), entry.category(), entry.fields())
                : entry);
        return this;
    }

    public Vaults remove(String id) {
        entries.removeIf(entry -> entry.id().equals(id));
        return this;
    }

    /** Puts an item into the archive. */
    public Vaults archive(String id) {
        archive.add(id);
        return this;
    }

    public Vaults clear() {
        entries.clear();
        return this;
    }

    public static String field(String id, String label, String type, String purpose, String value) {
        return field("", "", id, label, type, purpose, value);
    }

    public static String field(String section, String sectionLabel, String id, String label, String type,
            String purpose, String value) {
        return "{\"id\":" + quote(id) + ",\"type\":" + quote(type) + ",\"purpose\":" + quote(purpose) + ",\"label\":"
                + quote(label) + ",\"value\":" + quote(value)
                + (section.isEmpty()
                        ? ""
                        : ",\"section\":{\"id\":" + quote(section) + ",\"label\":" + quote(sectionLabel) + "}")
                + ",\"reference\":\"op://x/y/z\"}";
    }

    private static String quote(String text) {
        StringBuilder quoted = new StringBuilder("\"");
        text.chars().forEach(c -> quoted.append(c == '"' || c == '\\'
                ? "\\" + (char) c
                : c < ' ' ? "\\u%04x".formatted(c) : Character.toString(c)));
        return quoted.append('"').toString();
    }

    public List<Entry> entries() {
        return entries;
    }

    public String vaultsJson() {
        return "[" + String.join(",", names.entrySet().stream().map(
                vault -> "{\"id\":" + quote(vault.getKey()) + ",\"name\":" + quote(vault.getValue()) + ",\"x\":[1]}")
                .toList()) + "]";
    }

    /** The items of all vaults, as op lists them: without the archive. */
    public String listJson() {
        return "[" + String.join(",", entries.stream().filter(entry -> !archive.contains(entry.id()))
                .map(entry -> json(entry, true, false)).toList()) + "]";
    }

    /** The items of a vault, as Connect lists them: without the name of the vault, with the archive. */
    public String listJson(String vault) {
        return "[" + String.join(",", entries.stream().filter(entry -> entry.vault().equals(vault))
                .map(entry -> json(entry, false, false)).toList()) + "]";
    }

    public String itemJson(Entry entry) {
        return json(entry, true, true);
    }

    public Optional<Entry> entry(String vault, String id) {
        return entries.stream().filter(entry -> entry.vault().equals(vault) && entry.id().equals(id)).findFirst();
    }

    private String json(Entry entry, boolean withVaultName, boolean withFields) {
        return "{\"id\":" + quote(entry.id()) + ",\"title\":" + quote(entry.title())
                + ",\"version\":3,\"vault\":{\"id\":"
                + quote(entry.vault()) + (withVaultName ? ",\"name\":" + quote(names.get(entry.vault())) : "")
                + "},\"category\":" + quote(entry.category())
                + (archive.contains(entry.id()) ? ",\"state\":\"ARCHIVED\"" : "")
                + ",\"created_at\":\"2026-01-02T03:04:05Z\""
                + (withFields
                        ? ",\"sections\":[{\"id\":\"s1\",\"label\":\"main\"},{\"id\":\"s2\",\"label\":\"Read only\"}],"
                                + "\"fields\":[" + String.join(",", entry.fields()) + "]"
                        : "")
                + "}";
    }
}
