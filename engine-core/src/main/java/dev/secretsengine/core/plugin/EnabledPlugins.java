package dev.secretsengine.core.plugin;

import dev.secretsengine.core.bundle.PluginDeclaration;
import dev.secretsengine.core.config.PrivateFiles;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.stream.Collectors;

/** What the user switched on or off, one {@code name=enabled} or {@code name=disabled} a line. Thread-safe. */
public final class EnabledPlugins {

    /** Before the names of plugins that are processes of their own: no bundle's plugin has such a name. */
    private static final String EXTERNAL = "external/";

    /** Before the names of modules of access control that have registered once. */
    private static final String MODULE = "module/";

    private final Path file;
    /** How old what a lookup goes by may be; what this engine writes itself counts at once. */
    private static final Duration LATELY = Duration.ofMillis(200);

    private volatile Map<String, Boolean> known = Map.of();
    private volatile long lookedAt = System.nanoTime() - LATELY.toNanos();
    private long knownTime;

    /** The choices kept in this file. */
    public EnabledPlugins(Path file) {
        this.file = file;
    }

    /** Whether a plugin is to run: the user's choice, else its own default. */
    public boolean isEnabled(PluginDeclaration plugin) {
        return !plugin.configurable() || current().getOrDefault(plugin.name(), plugin.enabled());
    }

    /** The same for lookups, which come in thousands: what somebody else writes into the file counts after 200 ms. */
    boolean isEnabledLately(PluginDeclaration plugin) {
        if (!plugin.configurable()) {
            return true;
        }
        Map<String, Boolean> choices = System.nanoTime() - lookedAt < LATELY.toNanos() ? known : current();
        Boolean chosen = choices.get(plugin.name());
        return chosen == null ? plugin.enabled() : chosen;
    }

    /** The next lookup looks at the file. */
    public void lookAgain() {
        lookedAt = System.nanoTime() - LATELY.toNanos();
    }

    /** Whether a plugin that is a process of its own may register. */
    public boolean isEnabledExternal(String name) {
        return current().getOrDefault(EXTERNAL + name, true);
    }

    /** Those that may not register. */
    public Set<String> disabledExternal() {
        return chosen(EXTERNAL, false);
    }

    private Set<String> chosen(String kind, boolean on) {
        return current().entrySet().stream().filter(choice -> choice.getValue() == on).map(Map.Entry::getKey)
                .filter(name -> name.startsWith(kind)).map(name -> name.substring(kind.length()))
                .collect(Collectors.toSet());
    }

    /**
     * Remembers a choice.
     *
     * @throws IOException if it could not be read or written; the old choice stands
     */
    public synchronized void choose(String plugin, boolean enabled) throws IOException {
        Map<String, Boolean> choices = new TreeMap<>(choices());
        choices.put(plugin, enabled);
        write(choices);
    }

    private void write(Map<String, Boolean> choices) throws IOException {
        PrivateFiles.write(file,
                choices.entrySet().stream()
                        .map(choice -> choice.getKey() + "=" + (choice.getValue() ? "enabled" : "disabled") + "\n")
                        .collect(Collectors.joining()));
        known = choices;
        knownTime = file.toFile().lastModified();
    }

    /**
     * Forgets a choice: the plugin's own default counts again.
     *
     * @throws IOException if it could not be read or written; the old choice stands
     */
    public synchronized void forget(String plugin) throws IOException {
        Map<String, Boolean> choices = new TreeMap<>(choices());
        if (choices.remove(plugin) != null) {
            write(choices);
        }
    }

    /**
     * Remembers a choice for a plugin that is a process of its own.
     *
     * @throws IOException if it could not be read or written; the old choice stands
     */
    public void chooseExternal(String name, boolean on) throws IOException {
        choose(EXTERNAL + name, on);
    }

    /** The modules of access control that have registered, and were not disabled since. */
    public Set<String> modules() {
        return chosen(MODULE, true);
    }

    /**
     * Remembers that a module of access control has registered: the next engine is to miss it.
     *
     * @throws IOException if it could not be read or written
     */
    public synchronized void rememberModule(String name) throws IOException {
        if (!modules().contains(name)) {
            choose(MODULE + name, true);
        }
    }

    /**
     * Forgets a module.
     *
     * @throws IOException if it could not be read or written; it stays remembered
     */
    public void forgetModule(String name) throws IOException {
        forget(MODULE + name);
    }

    private synchronized Map<String, Boolean> current() {
        try {
            return choices();
        } catch (IOException e) {
            throw new IllegalStateException("cannot read " + file + ": check its owner and mode", e);
        }
    }

    /** What was read stands until the file changes. One that is not there has the time 0, and so may one that is. */
    private Map<String, Boolean> choices() throws IOException {
        long time = file.toFile().lastModified();
        if (time != knownTime || time == 0) {
            known = time == 0 && Files.notExists(file) ? Map.of() : read();
            knownTime = time;
        }
        lookedAt = System.nanoTime();
        return known;
    }

    private Map<String, Boolean> read() throws IOException {
        Map<String, Boolean> choices = new TreeMap<>();
        for (String line : Files.readAllLines(file)) {
            int equals = line.indexOf('=');
            if (equals > 0) {
                choices.put(line.substring(0, equals), line.substring(equals + 1).equals("enabled"));
            }
        }
        return choices;
    }
}
