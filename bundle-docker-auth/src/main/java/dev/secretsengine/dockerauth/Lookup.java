package dev.secretsengine.dockerauth;

import dev.secretsengine.api.Envelope;
import dev.secretsengine.api.RequestContext;
import dev.secretsengine.api.SecretId;
import dev.secretsengine.api.SecretPattern;
import dev.secretsengine.api.SecretsException;
import dev.secretsengine.kit.Together;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import java.util.stream.Stream;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * One lookup. Each registry has one source, as in the docker client: its own helper in credHelpers, else the helper in
 * credsStore, else config.json. Every helper that can have a match is asked at the same time as the others, for its list
 * first, and then for the secrets that match only.
 */
final class Lookup {

    private static final Logger LOG = LoggerFactory.getLogger(Lookup.class);

    /** Secrets that one helper is asked for at the same time: each may start a gpg or ask a keyring. */
    private static final int PARALLEL = 4;

    /** Of the time there is, in percent, what the helpers get: a helper that hangs must not make the answer late. */
    private static final int SHARE = 90;

    private final SecretPattern asked;
    private final RequestContext context;
    private final DockerEnvironment environment;
    private final DockerConfig config;

    /** The realms named in credHelpers, with the address that names them: ghcr.io and https://ghcr.io are one realm. */
    private final Map<String, String> assigned = new TreeMap<>();
    /** What the helper in credsStore has, user by address. */
    private volatile Map<String, String> stored = Map.of();
    /** Guarded by this. */
    private final Map<SecretId, Credential> found = new TreeMap<>();
    /** Guarded by this. */
    private final List<SecretsException> failures = new ArrayList<>();

    /**
     * A lookup that has not begun.
     *
     * @param config open until the answer is there
     */
    Lookup(SecretPattern asked, RequestContext context, DockerEnvironment environment, DockerConfig config) {
        this.asked = asked;
        this.context = context.within(context.remaining().multipliedBy(SHARE).dividedBy(100));
        this.environment = environment;
        this.config = config;
    }

    /** Some of the helper calls of a lookup. */
    private interface Step {

        void run() throws SecretsException;
    }

    /**
     * The secrets that match; to be called once.
     *
     * @throws SecretsException if none does and a source failed; a failure beside an answer is logged
     */
    List<Envelope> answer() throws SecretsException {
        try {
            config.credHelpers().keySet().forEach(server -> realm(server)
                    .ifPresent(realm -> assigned.merge(realm, server, Registries::better)));
            String store = store();
            Map<String, List<String>> helpers = helpers(store);
            List<Step> steps = new ArrayList<>();
            helpers.forEach((helper, servers) -> steps.add(() -> ask(helper, servers, helper.equals(store))));
            atOnce(steps, helpers.size());
            addPlain();
            return envelopes();
        } finally {
            synchronized (this) {
                found.values().forEach(Credential::close);
            }
        }
    }

    /** The helper in credsStore, empty if there is none or what is asked for cannot be in it. */
    private String store() {
        return assigned.containsKey(Registries.realm(asked)) ? "" : config.credsStore();
    }

    /** The helpers that can have what is asked for, and the registries in credHelpers for which they can have it. */
    private Map<String, List<String>> helpers(String store) {
        Map<String, List<String>> helpers = new TreeMap<>(Map.of(store, List.of()));
        assigned.forEach((realm, server) -> {
            if (Registries.isReachable(realm, asked)) {
                helpers.merge(helperOf(server), List.of(server), Lookup::joined);
            }
        });
        helpers.remove("");
        return helpers;
    }

    private static List<String> joined(List<String> one, List<String> other) {
        return Stream.concat(one.stream(), other.stream()).toList();
    }

    private void ask(String helper, List<String> servers, boolean isStore) throws SecretsException {
        Map<String, String> users = users(helper, servers, isStore);
        List<Step> steps = new ArrayList<>();
        for (String server : servers) {
            String user = users.get(server);
            if (user == null || wanted(server, user).isPresent()) {
                steps.add(() -> fetch(helper, server));
            }
        }
        if (isStore) {
            stored = users;
            servers(users).forEach(server -> steps.add(() -> fetch(helper, server)));
        }
        atOnce(steps, PARALLEL);
    }

    /** The list of a helper, empty if it gives none in time. */
    private Map<String, String> users(String helper, List<String> servers, boolean isStore) {
        try {
            // Its registries can be asked for without a list, and that takes time too.
            RequestContext limited = servers.isEmpty() ? context : context.within(context.remaining().dividedBy(2));
            return helper(helper, limited).list();
        } catch (SecretsException e) {
            // A helper of single registries need not know a list.
            if (isStore) {
                failed(e);
            } else {
                LOG.debug("{}", e.advice());
            }
            return Map.of();
        }
    }

    /** The addresses in the list of credsStore that are asked for, one for each ID. */
    private Collection<String> servers(Map<String, String> users) {
        Map<SecretId, String> servers = new TreeMap<>();
        users.forEach((server, user) -> {
            if (realm(server).filter(realm -> !assigned.containsKey(realm)).isPresent()) {
                wanted(server, user).ifPresent(id -> servers.merge(id, server, Registries::better));
            }
        });
        return servers.values();
    }

    private void fetch(String helper, String server) throws SecretsException {
        // The list may be out of date: only the user that comes with the secret says whose it is.
        helper(helper, context).get(server).ifPresent(this::keep);
    }

    private CredentialHelper helper(String name, RequestContext limited) throws SecretsException {
        return CredentialHelper.find(name, config.file(), environment, limited);
    }

    private String helperOf(String server) {
        return config.credHelpers().getOrDefault(server, "");
    }

    private void addPlain() {
        Set<String> realms = new HashSet<>();
        stored.keySet().forEach(server -> Registries.realm(server).ifPresent(realms::add));
        config.auths().forEach((server, credential) -> {
            if (isPlain(server, realms)) {
                keep(new Credential(server, credential.username(), credential.secret().copy(), credential.source()));
            }
        });
        for (String server : config.broken()) {
            if (isPlain(server, realms)) {
                failed(new SecretsException.Invalid(DockerAuthProvider.NAME,
                        "the entry of " + Registries.shown(server) + " in " + config.file() + " is damaged",
                        "run docker login for that registry again"));
            }
        }
    }

    /** Whether config.json is the source of a registry, which may match. */
    private boolean isPlain(String server, Set<String> stored) {
        return realm(server).filter(realm -> Registries.isReachable(realm, asked)).filter(realm -> {
            String assignedBy = assigned.get(realm);
            return assignedBy == null ? !stored.contains(realm) : helperOf(assignedBy).isEmpty();
        }).isPresent();
    }

    private Optional<String> realm(String server) {
        Optional<String> realm = Registries.realm(server);
        if (realm.isEmpty()) {
            skipped(server, "its address");
        }
        return realm;
    }

    private Optional<SecretId> wanted(String server, String user) {
        Optional<SecretId> id = Registries.realm(server).flatMap(realm -> Registries.id(realm, user));
        if (id.isEmpty()) {
            skipped(server, "its user name");
        }
        return id.filter(asked::matches);
    }

    private void skipped(String server, String what) {
        // Whoever asks for one secret is not told of all the others.
        if (asked.asId().isEmpty()) {
            LOG.info("A credential of {} has no ID: {} cannot be part of one", Registries.shown(server), what);
        }
    }

    private synchronized void keep(Credential credential) {
        Optional<SecretId> id = wanted(credential.server(), credential.username());
        Credential other = id.map(found::get).orElse(null);
        if (id.isEmpty()
                || (other != null && Registries.better(other.server(), credential.server()).equals(other.server()))) {
            credential.close();
            return;
        }
        found.put(id.get(), credential);
        if (other != null) {
            other.close();
        }
    }

    private synchronized void failed(SecretsException failure) {
        failures.add(failure);
    }

    private synchronized List<Envelope> envelopes() throws SecretsException {
        if (found.isEmpty() && !failures.isEmpty()) {
            throw failures.get(0);
        }
        failures.forEach(failure -> LOG.warn("Not all of Docker's credentials: {}", failure.advice()));
        List<Envelope> envelopes = new ArrayList<>();
        found.forEach((id, credential) -> envelopes.add(credential.envelope(id)));
        return envelopes;
    }

    private void attempt(Step step) {
        try {
            step.run();
        } catch (SecretsException e) {
            failed(e);
        }
    }

    private void atOnce(List<Step> steps, int most) throws SecretsException {
        List<Runnable> attempts = new ArrayList<>();
        steps.forEach(step -> attempts.add(() -> attempt(step)));
        Together.run(DockerAuthProvider.NAME, most, attempts);
    }
}
