package dev.secretsengine.core.plugin;

import dev.secretsengine.core.config.PrivateFiles;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.stream.Collectors;

/** What the user switched on or off, one {@code name=enabled} or {@code name=disabled} a line. Thread-safe. */
public final class EnabledPlugins {

    private final Path file;

    /** The choices kept in this file. */
    public EnabledPlugins(Path file) {
        this.file = file;
    }

    /** Whether a plugin is to run: the user's choice, else its own default. */
    public synchronized boolean isEnabled(PluginDeclaration plugin) {
        try {
            return !plugin.configurable() || choices().getOrDefault(plugin.name(), plugin.enabled());
        } catch (IOException e) {
            throw new IllegalStateException("cannot read " + file + ": check its owner and mode", e);
        }
    }

    /**
     * Remembers a choice.
     *
     * @throws IOException if it could not be read or written; the old choice stands
     */
    public synchronized void choose(String plugin, boolean enabled) throws IOException {
        Map<String, Boolean> choices = choices();
        choices.put(plugin, enabled);
        PrivateFiles.write(file,
                choices.entrySet().stream()
                        .map(choice -> choice.getKey() + "=" + (choice.getValue() ? "enabled" : "disabled") + "\n")
                        .collect(Collectors.joining()));
    }

    /** Before the names of plugins that are processes of their own: no bundle's plugin has such a name. */
    private static final String EXTERNAL = "external/";

    /** Whether a plugin that is a process of its own may register. */
    public synchronized boolean isEnabledExternal(String name) {
        try {
            return choices().getOrDefault(EXTERNAL + name, true);
        } catch (IOException e) {
            throw new IllegalStateException("cannot read " + file + ": check its owner and mode", e);
        }
    }

    /** Those that may not register. */
    public synchronized Set<String> disabledExternal() {
        try {
            return choices().entrySet().stream().filter(choice -> !choice.getValue())
                    .map(Map.Entry::getKey).filter(name -> name.startsWith(EXTERNAL))
                    .map(name -> name.substring(EXTERNAL.length())).collect(Collectors.toSet());
        } catch (IOException e) {
            throw new IllegalStateException("cannot read " + file + ": check its owner and mode", e);
        }
    }

    /**
     * Remembers a choice for such a plugin.
     *
     * @throws IOException if it could not be read or written; the old choice stands
     */
    public void chooseExternal(String name, boolean on) throws IOException {
        choose(EXTERNAL + name, on);
    }

    private Map<String, Boolean> choices() throws IOException {
        Map<String, Boolean> choices = new TreeMap<>();
        try {
            for (String line : Files.readAllLines(file)) {
                int equals = line.indexOf('=');
                if (equals > 0) {
                    choices.put(line.substring(0, equals), line.substring(equals + 1).equals("enabled"));
                }
            }
        } catch (NoSuchFileException e) {
            return choices;
        }
        return choices;
    }
}
