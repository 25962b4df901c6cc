package dev.secretsengine.it;

import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/** What a {@link ConnectStub} has, as the JSON that Connect answers with. Safe to change while it is read. */
final class ConnectVaults {

    /** Vault "Team". */
    static final String TEAM = "teamaaaaaaaaaaaaaaaaaaaaaa";
    /** Vault "Home (old)", which is home-old in an ID. */
    static final String HOME = "homebbbbbbbbbbbbbbbbbbbbbb";

    static final String GITHUB = "githubcccccccccccccccccccc";
    static final String DATABASE = "databasedddddddddddddddddd";

    /**
     * An item.
     *
     * @param state empty, or what keeps it out of the vault
     * @param sections labels by ID, as JSON
     * @param fields as JSON
     */
    record Item(String id, String title, String vault, String category, String state, List<String> sections,
            List<String> fields) {
    }

    private final Map<String, String> names = Map.of(TEAM, "Team", HOME, "Home (old)");
    private final List<Item> items = new CopyOnWriteArrayList<>();

    /** A login and a database in the vault of the team, and a login in the other one. */
    void reset(String password) {
        items.clear();
        add(login(GITHUB, "GitHub", TEAM, "alice", password));
        add(new Item(DATABASE, "Data base", TEAM, "DATABASE", "", List.of("""
                {"id":"s1","label":"Read only"}""", """
                {"id":"s2","label":"Owner"}"""),
                List.of(field("f1", "", "STRING", "", "Host", "db.example"),
                        field("f2", "s1", "CONCEALED", "", "token", "token-ro"),
                        field("f3", "s2", "CONCEALED", "", "token", "token-rw"))));
        add(login("routereeeeeeeeeeeeeeeeeeee", "Router", HOME, "admin", "hidden"));
    }

    static Item login(String id, String title, String vault, String user, String password) {
        return new Item(id, title, vault, "LOGIN", "", List.of(),
                List.of(field("username", "", "STRING", "USERNAME", "username", user),
                        field("password", "", "CONCEALED", "PASSWORD", "password", password),
                        field("notesPlain", "", "STRING", "NOTES", "notesPlain", "")));
    }

    private static String field(String id, String section, String type, String purpose, String label, String value) {
        return """
                {"id":"%s",%s"type":"%s","purpose":"%s","label":"%s","value":"%s"}""".formatted(id,
                section.isEmpty() ? "" : "\"section\":{\"id\":\"" + section + "\"},", type, purpose, label, value);
    }

    /** Adds an item, or puts it in the place of what has its ID. */
    void add(Item item) {
        remove(item.id());
        items.add(item);
    }

    void remove(String id) {
        items.removeIf(item -> item.id().equals(id));
    }

    void archive(Item item) {
        add(new Item(item.id(), item.title(), item.vault(), item.category(), "ARCHIVED", item.sections(),
                item.fields()));
    }

    boolean has(String vault) {
        return names.containsKey(vault);
    }

    String list(Set<String> scope, Optional<String> name) {
        return array(new TreeMap<>(names).entrySet().stream().filter(vault -> scope.contains(vault.getKey()))
                .filter(vault -> name.isEmpty() || name.get().equals(vault.getValue()))
                .map(vault -> vault(vault.getKey())));
    }

    String vault(String id) {
        return """
                {"id":"%s","name":"%s","description":"","attributeVersion":1,"contentVersion":9,"items":%d,
                 "type":"USER_CREATED","createdAt":"2026-01-02T03:04:05Z","updatedAt":"2026-01-02T03:04:05Z"}"""
                .formatted(id, names.get(id), items.stream().filter(item -> item.vault().equals(id)).count());
    }

    String items(String vault, Optional<String> title) {
        return array(items.stream().filter(item -> item.vault().equals(vault))
                .filter(item -> title.isEmpty() || title.get().equals(item.title())).map(item -> json(item, "")));
    }

    Optional<String> item(String vault, String id) {
        return items.stream().filter(item -> item.vault().equals(vault) && item.id().equals(id)).findFirst()
                .map(item -> json(item, ",\"sections\":" + array(item.sections().stream()) + ",\"fields\":"
                        + array(item.fields().stream())));
    }

    private static String json(Item item, String rest) {
        return """
                {"id":"%s","title":"%s","vault":{"id":"%s"},"category":"%s","version":2,"favorite":false,"tags":["it"],
                 "urls":[{"primary":true,"href":"https://example.com"}],%s"createdAt":"2026-01-02T03:04:05Z",
                 "updatedAt":"2026-01-02T03:04:05Z","lastEditedBy":"editorffffffffffffffffffff"%s}""".formatted(
                item.id(), item.title(), item.vault(), item.category(),
                item.state().isEmpty() ? "" : "\"state\":\"" + item.state() + "\",", rest);
    }

    private static String array(Stream<String> elements) {
        return elements.collect(Collectors.joining(",", "[", "]"));
    }
}
