package dev.secretsengine.core.config;

import dev.secretsengine.api.SecretsException;
import java.io.IOException;
import java.nio.file.Path;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.regex.Pattern;
import org.tomlj.Toml;

/**
 * The settings of plugins: what the user wrote into {@code config.toml}, else what set-up wrote into a file of its own,
 * {@code plugins.toml} beside it. Thread-safe.
 */
public final class PluginSettings {

    private static final String HEADING = """
            # Written by docker pass plugins NAME setup, which rewrites the whole file.
            # What config.toml says in [plugins.NAME] wins.
            """;

    private static final Pattern BARE_KEY = Pattern.compile("[A-Za-z0-9_-]+");

    private final EngineConfig own;
    private final EngineConfig written;

    /** Settings from the user's file and from the one that set-up writes. */
    public PluginSettings(EngineConfig own, Path writtenFile) {
        this.own = own;
        this.written = new EngineConfig(writtenFile);
    }

    /**
     * The value of a setting.
     *
     * @throws SecretsException.Invalid if a file does not parse
     */
    public Optional<String> get(String plugin, String setting) throws SecretsException {
        Optional<String> first = own.plugin(plugin, setting);
        return first.isPresent() ? first : written.plugin(plugin, setting);
    }

    /**
     * Every setting of a plugin that has a value.
     *
     * @throws SecretsException.Invalid if a file does not parse
     */
    public Map<String, String> all(String plugin) throws SecretsException {
        Map<String, String> all = new TreeMap<>(written.plugin(plugin));
        all.putAll(own.plugin(plugin));
        return all;
    }

    /**
     * Refuses to set what the user has set by hand.
     *
     * @throws SecretsException.Invalid if {@code config.toml} sets it, or does not parse
     */
    public void requireFree(String plugin, String setting) throws SecretsException {
        if (own.plugin(plugin, setting).isPresent()) {
            throw new SecretsException.Invalid(plugin,
                    own.file() + " sets " + setting + " in [plugins." + plugin + "], and wins",
                    "change it there, or take that line out first");
        }
    }

    /**
     * What set-up has written for a plugin.
     *
     * @throws SecretsException.Invalid if the file does not parse
     */
    public Map<String, String> written(String plugin) throws SecretsException {
        return written.plugin(plugin);
    }

    /**
     * Writes some settings of a plugin; the others stay.
     *
     * @throws SecretsException if nothing was changed
     */
    public synchronized void put(String plugin, Map<String, String> values) throws SecretsException {
        Map<String, Map<String, String>> all = content();
        all.computeIfAbsent(plugin, name -> new TreeMap<>()).putAll(values);
        write(all);
    }

    /**
     * Removes every setting that was written for a plugin.
     *
     * @throws SecretsException if nothing was changed
     */
    public synchronized void remove(String plugin) throws SecretsException {
        Map<String, Map<String, String>> all = content();
        if (all.remove(plugin) != null) {
            write(all);
        }
    }

    private Map<String, Map<String, String>> content() throws SecretsException {
        Map<String, Map<String, String>> all = new TreeMap<>();
        for (String plugin : written.plugins()) {
            all.put(plugin, new TreeMap<>(written.plugin(plugin)));
        }
        return all;
    }

    private void write(Map<String, Map<String, String>> all) throws SecretsException {
        StringBuilder text = new StringBuilder(HEADING);
        all.forEach((plugin, settings) -> {
            if (!settings.isEmpty()) {
                text.append("\n[plugins.").append(key(plugin)).append("]\n");
                settings.forEach((key, value) -> text.append(key(key)).append(" = ").append(quoted(value))
                        .append('\n'));
            }
        });
        try {
            PrivateFiles.write(written.file(), text.toString());
            written.forget();
        } catch (IOException e) {
            throw new SecretsException.Failed(written.file().toString(), "cannot write " + written.file(),
                    "check the space and the owner of its folder").causedBy(e);
        }
    }

    /** As a person would write it, where that is allowed. */
    private static String key(String key) {
        return BARE_KEY.matcher(key).matches() ? key : quoted(key);
    }

    private static String quoted(String text) {
        return '"' + Toml.tomlEscape(text).toString() + '"';
    }
}
