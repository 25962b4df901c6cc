package dev.secretsengine.core.plugin;

import dev.secretsengine.api.SecretsException;
import dev.secretsengine.core.bundle.PluginDeclaration;
import dev.secretsengine.core.config.PrivateFiles;
import java.io.IOException;
import java.nio.charset.CharacterCodingException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * What the user switched on or off, one {@code name=enabled} or {@code name=disabled} a line. While the file cannot be read
 * every plugin is off, since it may be one that the user has disabled. Thread-safe.
 */
public final class EnabledPlugins {

    private static final Logger LOG = LoggerFactory.getLogger(EnabledPlugins.class);

    /** Before the names of plugins that are processes of their own: no bundle's plugin has such a name. */
    private static final String EXTERNAL = "external/";

    /** Before the names of modules of access control that have registered once. */
    private static final String MODULE = "module/";

    private static final Pattern LINE = Pattern.compile("([A-Za-z0-9/._-]+)=(enabled|disabled)");

    /** How old what a lookup goes by may be; what this engine writes itself counts at once. */
    private static final Duration LATELY = Duration.ofMillis(200);

    /**
     * What the file said.
     *
     * @param problem why it cannot be used, one line; empty if it can
     */
    private record Content(Map<String, Boolean> choices, String problem) {

        boolean says(String plugin, boolean otherwise) {
            return problem.isEmpty() && choices.getOrDefault(plugin, otherwise);
        }
    }

    private final Path file;
    private volatile Content known = new Content(Map.of(), "");
    private volatile long lookedAt = System.nanoTime() - LATELY.toNanos();
    private long knownTime;

    /** The choices kept in this file. */
    public EnabledPlugins(Path file) {
        this.file = file;
    }

    /** Whether a plugin is to run: the user's choice, else its own default. */
    public boolean isEnabled(PluginDeclaration plugin) {
        return isEnabled(plugin, current());
    }

    /** The same for lookups, which come in thousands: what somebody else writes into the file counts after 200 ms. */
    boolean isEnabledLately(PluginDeclaration plugin) {
        return isEnabled(plugin, System.nanoTime() - lookedAt < LATELY.toNanos() ? known : current());
    }

    private static boolean isEnabled(PluginDeclaration plugin, Content content) {
        return plugin.configurable() ? content.says(plugin.name(), plugin.enabled()) : content.problem().isEmpty();
    }

    /** The next lookup looks at the file. */
    public void lookAgain() {
        lookedAt = System.nanoTime() - LATELY.toNanos();
    }

    /** Why every plugin is off, and how to change that, one line; empty if the file can be used. */
    public Optional<String> problem() {
        return Optional.of(current().problem()).filter(problem -> !problem.isEmpty());
    }

    /** Whether a plugin that is a process of its own may register. */
    public boolean isEnabledExternal(String name) {
        return current().says(EXTERNAL + name, true);
    }

    /** Those that may not register. */
    public Set<String> disabledExternal() {
        return chosen(EXTERNAL, false);
    }

    private Set<String> chosen(String kind, boolean on) {
        return current().choices().entrySet().stream().filter(choice -> choice.getValue() == on).map(Map.Entry::getKey)
                .filter(name -> name.startsWith(kind)).map(name -> name.substring(kind.length()))
                .collect(Collectors.toSet());
    }

    /**
     * Remembers a choice.
     *
     * @throws SecretsException.Failed if the file could not be read or written; the old choice stands
     */
    public synchronized void choose(String plugin, boolean enabled) throws SecretsException {
        change(plugin, enabled);
    }

    /**
     * Forgets a choice: the plugin's own default counts again.
     *
     * @throws SecretsException.Failed if the file could not be read or written; the old choice stands
     */
    public synchronized void forget(String plugin) throws SecretsException {
        if (current().choices().containsKey(plugin) || problem().isPresent()) {
            change(plugin, null);
        }
    }

    private void change(String plugin, @Nullable Boolean choice) throws SecretsException {
        Content before = current();
        if (!before.problem().isEmpty()) {
            throw new SecretsException.Failed(plugin, before.problem(), "");
        }
        Map<String, Boolean> choices = new TreeMap<>(before.choices());
        if (choice == null) {
            choices.remove(plugin);
        } else {
            choices.put(plugin, choice);
        }
        try {
            PrivateFiles.write(file, choices.entrySet().stream()
                    .map(entry -> entry.getKey() + "=" + (entry.getValue() ? "enabled" : "disabled") + "\n")
                    .collect(Collectors.joining()));
        } catch (IOException e) {
            throw new SecretsException.Failed(plugin, "cannot remember the choice",
                    "check the space and the owner of the state folder").causedBy(e);
        }
        known = new Content(choices, "");
        knownTime = file.toFile().lastModified();
    }

    /**
     * Remembers a choice for a plugin that is a process of its own.
     *
     * @throws SecretsException.Failed if the file could not be read or written; the old choice stands
     */
    public void chooseExternal(String name, boolean on) throws SecretsException {
        choose(EXTERNAL + name, on);
    }

    /** The modules of access control that have registered, and were not disabled since. */
    public Set<String> modules() {
        return chosen(MODULE, true);
    }

    /**
     * Remembers that a module of access control has registered: the next engine is to miss it.
     *
     * @throws SecretsException.Failed if the file could not be read or written
     */
    public synchronized void rememberModule(String name) throws SecretsException {
        if (!modules().contains(name)) {
            choose(MODULE + name, true);
        }
    }

    /**
     * Forgets a module.
     *
     * @throws SecretsException.Failed if the file could not be read or written; it stays remembered
     */
    public void forgetModule(String name) throws SecretsException {
        forget(MODULE + name);
    }

    /** What was read stands until the file changes. One that is not there has the time 0, and so may one that is. */
    private synchronized Content current() {
        long time = file.toFile().lastModified();
        if (time != knownTime || time == 0) {
            known = time == 0 && Files.notExists(file) ? new Content(Map.of(), "") : read();
            knownTime = time;
        }
        lookedAt = System.nanoTime();
        return known;
    }

    private Content read() {
        try {
            List<String> lines = Files.readAllLines(file);
            Map<String, Boolean> choices = new TreeMap<>();
            for (int i = 0; i < lines.size(); i++) {
                Matcher line = LINE.matcher(lines.get(i));
                if (!line.matches()) {
                    return unusable("is damaged in line " + (i + 1), "correct it");
                }
                choices.put(line.group(1), line.group(2).equals("enabled"));
            }
            return new Content(choices, "");
        } catch (CharacterCodingException e) {
            return unusable("is not UTF-8", "correct it");
        } catch (IOException e) {
            return unusable("cannot be read", "check its owner and mode");
        }
    }

    private Content unusable(String what, String remedy) {
        LOG.warn("{} {}: no plugin but the store runs", file, what);
        return new Content(Map.of(), file + " " + what + ", so no plugin but the store runs: " + remedy
                + ", or remove it and disable plugins again, then docker pass engine restart");
    }
}
