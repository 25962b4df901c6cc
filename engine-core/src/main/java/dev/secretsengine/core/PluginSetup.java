package dev.secretsengine.core;

import dev.secretsengine.api.Configurable;
import dev.secretsengine.api.LocalStore;
import dev.secretsengine.api.RequestContext;
import dev.secretsengine.api.SecretInfo;
import dev.secretsengine.api.SecretsException;
import dev.secretsengine.api.SecretsProvider;
import dev.secretsengine.api.Setting;
import dev.secretsengine.core.bundle.PluginDeclaration;
import dev.secretsengine.core.config.EnginePaths;
import dev.secretsengine.core.config.KeptSettings;
import dev.secretsengine.core.config.PluginSettings;
import dev.secretsengine.core.config.PrivateFiles;
import dev.secretsengine.core.plugin.PluginCode;
import dev.secretsengine.core.plugin.PluginManager;
import dev.secretsengine.core.plugin.ProviderRegistry;
import dev.secretsengine.core.resolve.InternalIds;
import dev.secretsengine.core.store.ActiveStore;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.ExecutorService;
import java.util.function.Predicate;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/** Sets plugins up and takes that back, whatever their backends are. Thread-safe. */
public final class PluginSetup {

    private static final Pattern NAME = Pattern.compile("[a-z0-9][a-z0-9-]*");

    private final PluginManager plugins;
    private final ProviderRegistry registry;
    private final PluginSettings configured;
    private final ActiveStore store;
    private final EnginePaths paths;
    private final Predicate<String> isExternal;
    private final ExecutorService threads;
    private final Turns turns = new Turns();

    PluginSetup(PluginManager plugins, ProviderRegistry registry, PluginSettings configured, ActiveStore store,
            EnginePaths paths, Predicate<String> isExternal, ExecutorService threads) {
        this.plugins = plugins;
        this.registry = registry;
        this.configured = configured;
        this.store = store;
        this.paths = paths;
        this.isExternal = isExternal;
        this.threads = threads;
    }

    /**
     * Begins to set a plugin up: its bundle runs until the candidate is closed, and changes nothing before it is told to.
     *
     * @param name a plugin, or a group, which stands for its one member that has a secret setting
     * @throws SecretsException.NotFound if there is neither
     * @throws SecretsException if there is nothing to set up, or its bundle does not start
     */
    public PluginCandidate open(String name, RequestContext context) throws SecretsException {
        refuseOthers(name, "needs no set-up: its settings go into [plugins." + name + "] of config.toml",
                "sets itself up: see its own documentation");
        if (plugins.declaration(name).isPresent()) {
            PluginCandidate candidate = candidate(name, context);
            if (candidate == null) {
                throw new SecretsException.Invalid(name, "the plugin " + name + " has no settings",
                        "docker pass plugins enable " + name + " starts it");
            }
            return candidate;
        }
        List<PluginCandidate> fit = new ArrayList<>();
        try {
            for (String member : known(name)) {
                PluginCandidate candidate = candidate(member, context);
                if (candidate == null) {
                    continue;
                }
                if (candidate.settings().stream().anyMatch(Setting::secret)) {
                    fit.add(candidate);
                } else {
                    candidate.close();
                }
            }
        } catch (SecretsException e) {
            fit.forEach(PluginCandidate::close);
            throw e;
        }
        if (fit.size() == 1) {
            return fit.get(0);
        }
        fit.forEach(PluginCandidate::close);
        throw new SecretsException.Invalid(name, "the group " + name + " does not say which plugin to set up",
                "name one of " + String.join(", ", plugins.members(name)));
    }

    /** What is not set up here: why, and what to do instead. */
    private void refuseOthers(String name, String store, String external) throws SecretsException {
        if (name.equals(ActiveStore.PLUGIN)) {
            throw new SecretsException.Denied(name, "the plugin " + name + " is the local store and " + store, "");
        }
        if (isExternal.test(name)) {
            throw new SecretsException.Denied(name, "the plugin " + name + " is a process of its own and " + external,
                    "");
        }
    }

    /** The plugin, or the members of the group. */
    private List<String> known(String name) throws SecretsException {
        List<String> names = plugins.declaration(name).isPresent() ? List.of(name) : plugins.members(name);
        if (names.isEmpty()) {
            throw plugins.unknown(name);
        }
        return names;
    }

    /** Null for a plugin without settings. */
    private @Nullable PluginCandidate candidate(String plugin, RequestContext context) throws SecretsException {
        PluginManager.Visit visit = plugins.visit(plugin, context);
        try {
            Optional<SecretsProvider> provider = registry.service(plugin);
            if (provider.isEmpty()) {
                throw new SecretsException.Failed(plugin, "the plugin " + plugin + " did not start",
                        plugins.failure(plugin).orElseGet(() -> registry.absence(plugin)));
            }
            if (!(provider.get() instanceof Configurable configurable)) {
                visit.close();
                return null;
            }
            List<Setting> settings = PluginCode.call(threads, plugin, context,
                    () -> List.copyOf(configurable.settings()));
            requireNames(plugin, settings);
            return new PluginCandidate(plugin, configurable, settings, configured, store, plugins, threads, turns,
                    visit);
        } catch (SecretsException | RuntimeException e) {
            visit.close();
            throw e;
        }
    }

    private static void requireNames(String plugin, List<Setting> settings) throws SecretsException {
        for (Setting setting : settings) {
            long same = settings.stream().filter(other -> other.name().equals(setting.name())).count();
            if (!NAME.matcher(setting.name()).matches() || setting.name().equals("help") || same > 1) {
                throw new SecretsException.Invalid(plugin,
                        "the plugin " + plugin + " declares a setting that is not allowed",
                        "its author has to mend that");
            }
        }
    }

    /**
     * Undoes the set-up of a plugin, or of every member of a group: disables it, removes its secrets, its settings and
     * what it keeps. May be called again, and for a plugin that is gone.
     *
     * @return the plugins it was done for
     * @throws SecretsException.NotFound if nothing at all is known by that name
     */
    public List<String> purge(String name, RequestContext context) throws SecretsException {
        refuseOthers(name, "cannot be purged: docker pass rm --all removes your secrets from it",
                "has nothing here to purge: docker pass plugins disable " + name + " turns it away");
        List<String> names = isKnown(name) || !hasTraces(name, context) ? known(name) : List.of(name);
        for (String plugin : names) {
            purgeOne(plugin, context);
        }
        return names;
    }

    private boolean isKnown(String name) {
        return plugins.declaration(name).isPresent() || !plugins.members(name).isEmpty();
    }

    /** Whether something is left of a plugin whose bundle is gone. */
    private boolean hasTraces(String name, RequestContext context) throws SecretsException {
        return NAME.matcher(name).matches()
                && (!configured.kept(name).equals(KeptSettings.NONE) || !secrets(name, context).isEmpty());
    }

    private List<SecretInfo> secrets(String plugin, RequestContext context) throws SecretsException {
        return store.require(context).list(InternalIds.ofPlugin(plugin), context);
    }

    private void purgeOne(String plugin, RequestContext context) throws SecretsException {
        try (Turns.Turn _ = turns.await(plugin, context)) {
            purgeInTurn(plugin, context);
        }
    }

    private void purgeInTurn(String plugin, RequestContext context) throws SecretsException {
        Optional<PluginDeclaration> declaration = plugins.declaration(plugin);
        if (declaration.filter(PluginDeclaration::configurable).isPresent()) {
            plugins.enable(plugin, false, context);
        }
        List<SecretInfo> secrets = secrets(plugin, context);
        // First: whoever sets the plugin up after an engine was killed right here starts with nothing.
        configured.remove(plugin);
        LocalStore target = store.require(context);
        for (SecretInfo secret : secrets) {
            target.remove(secret.id(), context);
        }
        try {
            PrivateFiles.deleteAll(paths.pluginState(plugin));
        } catch (IOException e) {
            throw new SecretsException.Failed(plugin, "cannot delete " + paths.pluginState(plugin),
                    "check the owner of what is in it").causedBy(e);
        }
        if (declaration.filter(PluginDeclaration::enabled).isEmpty()) {
            // Off is what it is by itself.
            plugins.forgetChoice(plugin);
        }
    }
}
