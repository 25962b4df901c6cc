package dev.secretsengine.launcher.docker;

import com.fasterxml.jackson.core.JsonToken;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * What a {@code daemon.json} says about runtimes. Every change keeps the rest of the text as it is.
 *
 * @param json the text
 */
public record DaemonConfig(JsonText json) {

    private static final String RUNTIMES = "runtimes";
    private static final String DEFAULT = "default-runtime";
    private static final String PATH = "path";
    private static final String ARGUMENTS = "runtimeArgs";

    /**
     * An entry of {@code runtimes}.
     *
     * @param path the program, empty where the entry names none
     * @param arguments what it is given before docker's own arguments
     * @param others whether the entry says more than that
     */
    public record Entry(String path, List<String> arguments, boolean others) {

        /** An entry that says this and no more. */
        public Entry(String path, List<String> arguments) {
            this(path, arguments, false);
        }

        /** The value of an argument {@code --name=value}. */
        public Optional<String> argument(String name) {
            return arguments.stream().filter(argument -> argument.startsWith(name + "="))
                    .map(argument -> argument.substring(name.length() + 1)).findFirst();
        }
    }

    /**
     * Reads a text; a blank one is an empty configuration.
     *
     * @throws IllegalArgumentException if it is none; the message says why
     */
    public static DaemonConfig parse(String text) {
        JsonText json = JsonText.parse(text.isBlank() ? "{}\n" : text);
        if (json.root().member(RUNTIMES).filter(value -> !value.isObject()).isPresent()) {
            throw new IllegalArgumentException("has \"runtimes\" that is no object");
        }
        if (json.root().member(DEFAULT).filter(value -> value.kind() != JsonToken.VALUE_STRING).isPresent()) {
            throw new IllegalArgumentException("has \"default-runtime\" that is no string");
        }
        return new DaemonConfig(json);
    }

    /** The text. */
    public String text() {
        return json.text();
    }

    /** The entries of {@code runtimes} by name. */
    public Map<String, Entry> runtimes() {
        Map<String, Entry> entries = new LinkedHashMap<>();
        json.root().member(RUNTIMES).map(JsonText.Value::members).orElse(List.of())
                .forEach(member -> entries.put(member.name(), entry(member.value())));
        return entries;
    }

    private static Entry entry(JsonText.Value entry) {
        String path = entry.member(PATH).map(JsonText.Value::content).orElse("");
        List<String> arguments = entry.member(ARGUMENTS).map(JsonText.Value::elements).orElse(List.of()).stream()
                .map(JsonText.Value::content).toList();
        boolean others = entry.members().stream()
                .anyMatch(member -> !member.name().equals(PATH) && !member.name().equals(ARGUMENTS));
        return new Entry(path, arguments, others);
    }

    /** {@code default-runtime}. */
    public Optional<String> defaultRuntime() {
        return json.root().member(DEFAULT).map(JsonText.Value::content);
    }

    /** {@code pidfile}. */
    public Optional<String> pidfile() {
        return json.root().member("pidfile").map(JsonText.Value::content).filter(path -> path.startsWith("/"));
    }

    /** Whether {@code runtimes} is there and names none. */
    public boolean hasEmptyRuntimes() {
        return json.root().member(RUNTIMES).filter(value -> value.members().isEmpty()).isPresent();
    }

    /** With this entry, in its old place if there is one. */
    public DaemonConfig with(String name, Entry wanted) {
        if (wanted.equals(runtimes().get(name))) {
            return this;
        }
        Map<String, Object> entry = new LinkedHashMap<>();
        entry.put(PATH, wanted.path());
        if (!wanted.arguments().isEmpty()) {
            entry.put(ARGUMENTS, wanted.arguments());
        }
        return new DaemonConfig(json.root().member(RUNTIMES).isPresent()
                ? json.put(List.of(RUNTIMES), name, entry)
                : json.put(List.of(), RUNTIMES, Map.of(name, entry)));
    }

    /** With this runtime for containers that name none. */
    public DaemonConfig withDefault(String name) {
        return defaultRuntime().filter(name::equals).isPresent()
                ? this
                : new DaemonConfig(json.put(List.of(), DEFAULT, name));
    }

    /** Without {@code default-runtime}. */
    public DaemonConfig withoutDefault() {
        return new DaemonConfig(json.remove(List.of(), DEFAULT));
    }

    /**
     * Without this entry.
     *
     * @param keepEmpty whether {@code runtimes} stays when it was the last
     */
    public DaemonConfig without(String name, boolean keepEmpty) {
        if (!runtimes().containsKey(name)) {
            return this;
        }
        JsonText less = json.remove(List.of(RUNTIMES), name);
        DaemonConfig config = new DaemonConfig(less);
        return config.hasEmptyRuntimes() && !keepEmpty
                ? new DaemonConfig(less.remove(List.of(), RUNTIMES))
                : config;
    }
}
