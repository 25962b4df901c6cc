package dev.secretsengine.core.config;

import dev.secretsengine.api.SecretsException;
import java.io.IOException;
import java.nio.charset.CharacterCodingException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.attribute.FileTime;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import org.jspecify.annotations.Nullable;
import org.tomlj.Toml;
import org.tomlj.TomlArray;
import org.tomlj.TomlParseResult;
import org.tomlj.TomlTable;

/** The user's {@code config.toml}, read again when it has changed. A file that is not there configures nothing. */
public final class EngineConfig {

    /** How old what a lookup goes by may be. */
    private static final Duration LATELY = Duration.ofMillis(200);

    /** What was configured when the file was looked at last. */
    private record Glance(String store, long at) {
    }

    private final Path file;
    private @Nullable TomlTable content;
    private @Nullable FileTime readAt;
    private volatile @Nullable Glance glance;

    /** The configuration in this file. */
    public EngineConfig(Path file) {
        this.file = file;
    }

    /**
     * Which store serves the user's own secrets: {@code auto} or a store's name.
     *
     * @throws SecretsException.Invalid if the file does not parse
     */
    public String store() throws SecretsException {
        long now = System.nanoTime();
        String store = text(List.of("store")).orElse("auto");
        glance = new Glance(store, now);
        return store;
    }

    /**
     * The same for lookups, which come in thousands: they follow a change of the file after 200 ms.
     *
     * @throws SecretsException.Invalid if the file does not parse
     */
    public String storeLately() throws SecretsException {
        Glance last = glance;
        return last != null && System.nanoTime() - last.at() < LATELY.toNanos() ? last.store() : store();
    }

    /**
     * Whether the secret driver of Docker Swarm is to be served.
     *
     * @throws SecretsException.Invalid if the file does not parse
     */
    public boolean swarmDriver() throws SecretsException {
        return text(List.of("swarm", "driver")).filter("true"::equals).isPresent();
    }

    /**
     * Whether an engine with {@code SECRETS_ENGINE_HOME} takes the names that all engines of a user share.
     *
     * @throws SecretsException.Invalid if the file does not parse
     */
    public boolean sdkShared() throws SecretsException {
        return text(List.of("sdk", "shared")).filter("true"::equals).isPresent();
    }

    /**
     * The configured value of a plugin's setting.
     *
     * @throws SecretsException.Invalid if the file does not parse
     */
    public Optional<String> plugin(String plugin, String setting) throws SecretsException {
        return text(List.of("plugins", plugin, setting));
    }

    /**
     * Whether only signed jars are started.
     *
     * @throws SecretsException.Invalid if the file does not parse, or the value is neither true nor false
     */
    public boolean requireSignature() throws SecretsException {
        Optional<String> value = text(List.of("plugins", "require-signature"));
        if (value.isPresent() && !value.get().matches("true|false")) {
            throw new SecretsException.Invalid(file.toString(),
                    "plugins.require-signature in " + file + " is neither true nor false", "mend it");
        }
        return value.filter("true"::equals).isPresent();
    }

    /**
     * The files of the certificates whose signatures count.
     *
     * @throws SecretsException.Invalid if the file does not parse, or this is no list of absolute paths
     */
    public synchronized List<Path> trustedCertificates() throws SecretsException {
        Object value = value(content().orElse(null), List.of("plugins", "trusted-certificates"));
        List<Path> files = new ArrayList<>();
        for (Object path : value instanceof TomlArray list ? list.toList() : value == null ? List.of() : List.of("")) {
            if (!(path instanceof String text) || !text.startsWith("/")) {
                throw new SecretsException.Invalid(file.toString(),
                        "plugins.trusted-certificates in " + file + " is no list of absolute paths", "mend it");
            }
            files.add(Path.of(text));
        }
        return files;
    }

    /** The file has just been written: two writes may be too near to each other to be told apart. */
    synchronized void forget() {
        readAt = null;
    }

    /** What tells one content of the file from another. */
    String stamp() {
        return file.toFile().lastModified() + " " + file.toFile().length();
    }

    /** The next lookup looks at the file. */
    public void lookAgain() {
        glance = null;
    }

    /** The file, which need not exist. */
    public Path file() {
        return file;
    }

    /**
     * Which settings of a plugin are configured here, and how.
     *
     * @throws SecretsException.Invalid if the file does not parse
     */
    public synchronized Map<String, String> plugin(String plugin) throws SecretsException {
        Map<String, String> settings = new TreeMap<>();
        if (value(content().orElse(null), List.of("plugins", plugin)) instanceof TomlTable table) {
            for (String key : table.keySet()) {
                plugin(plugin, key).ifPresent(value -> settings.put(key, value));
            }
        }
        return settings;
    }

    /**
     * The names of the plugins that something is configured for.
     *
     * @throws SecretsException.Invalid if the file does not parse
     */
    public synchronized Set<String> plugins() throws SecretsException {
        Set<String> names = new TreeSet<>();
        if (value(content().orElse(null), List.of("plugins")) instanceof TomlTable table) {
            table.keySet().stream().filter(name -> table.get(List.of(name)) instanceof TomlTable).forEach(names::add);
        }
        return names;
    }

    private synchronized Optional<String> text(List<String> path) throws SecretsException {
        Object value = value(content().orElse(null), path);
        if (value instanceof TomlTable || value instanceof TomlArray) {
            throw new SecretsException.Invalid(file.toString(), String.join(".", path) + " in " + file + " is a "
                    + (value instanceof TomlArray ? "list" : "table"), "give it a value");
        }
        return Optional.ofNullable(value).map(Object::toString);
    }

    /** Step by step, because a key that holds a value where a table is asked for is no error here. */
    private static @Nullable Object value(@Nullable TomlTable root, List<String> path) {
        Object value = root;
        for (String key : path) {
            value = value instanceof TomlTable table ? table.get(List.of(key)) : null;
        }
        return value;
    }

    private Optional<TomlTable> content() throws SecretsException {
        if (Files.notExists(file)) {
            // An exception is dear.
            return Optional.empty();
        }
        try {
            FileTime changed = Files.getLastModifiedTime(file);
            if (!changed.equals(readAt)) {
                content = parse(Files.readString(file));
                readAt = changed;
            }
            return Optional.ofNullable(content);
        } catch (NoSuchFileException e) {
            return Optional.empty();
        } catch (CharacterCodingException e) {
            throw new SecretsException.Invalid(file.toString(), file + " is not valid UTF-8", "save it as UTF-8")
                    .causedBy(e);
        } catch (IOException e) {
            throw new SecretsException.Failed(file.toString(), "cannot read " + file, "check its owner and mode")
                    .causedBy(e);
        }
    }

    private TomlTable parse(String text) throws SecretsException {
        TomlParseResult parsed = Toml.parse(text);
        if (parsed.hasErrors()) {
            throw new SecretsException.Invalid(file.toString(), file + " is not valid TOML",
                    parsed.errors().get(0).toString().lines().findFirst().orElse("mend it"));
        }
        return parsed;
    }
}
