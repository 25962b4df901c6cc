package dev.secretsengine.core.config;

import dev.secretsengine.api.SecretsException;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
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
            # What config.toml says in [plugins.NAME] wins. Of _secrets and _stale the values are in the store.
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
     * What the user wrote for a setting, which wins.
     *
     * @throws SecretsException.Invalid if {@code config.toml} does not parse
     */
    public Optional<String> own(String plugin, String setting) throws SecretsException {
        return own.plugin(plugin, setting);
    }

    /**
     * Every setting of a plugin that has a value.
     *
     * @throws SecretsException.Invalid if a file does not parse
     */
    public Map<String, String> all(String plugin) throws SecretsException {
        Map<String, String> all = new TreeMap<>(kept(plugin).texts());
        all.putAll(own.plugin(plugin));
        return all;
    }

    /** The files as they are now: equal if neither has changed. */
    public Object source() {
        return List.of(own.stamp(), written.stamp());
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
    public KeptSettings kept(String plugin) throws SecretsException {
        return KeptSettings.of(written.plugin(plugin));
    }

    /**
     * Puts other settings of a plugin in the place of those that are there, in one step.
     *
     * @param before what is there as far as the caller knows
     * @throws SecretsException if nothing was changed: {@code Failed} if something else is there by now
     */
    public synchronized void replace(String plugin, KeptSettings before, KeptSettings after)
            throws SecretsException {
        if (!kept(plugin).equals(before)) {
            throw new SecretsException.Failed(plugin, "the settings of " + plugin + " have changed meanwhile",
                    "run this again");
        }
        if (!before.equals(after)) {
            Map<String, Map<String, String>> all = content();
            all.put(plugin, after.table());
            write(all);
        }
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
