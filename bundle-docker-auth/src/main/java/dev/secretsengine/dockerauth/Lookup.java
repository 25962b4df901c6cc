package dev.secretsengine.dockerauth;

import dev.secretsengine.api.Envelope;
import dev.secretsengine.api.RequestContext;
import dev.secretsengine.api.SecretId;
import dev.secretsengine.api.SecretPattern;
import dev.secretsengine.api.SecretsException;
import dev.secretsengine.kit.Together;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.concurrent.ConcurrentHashMap;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * One lookup. Each registry has one source, as in the docker client: its own helper in credHelpers, else the helper in
 * credsStore, else config.json. Helpers are asked for their lists first, and for the secrets that match only.
 */
final class Lookup {

    private static final Logger LOG = LoggerFactory.getLogger(Lookup.class);

    /** Helpers run at the same time: each may start a gpg or ask a keyring. */
    private static final int PARALLEL = 4;

    private final SecretPattern asked;
    private final RequestContext context;
    private final DockerEnvironment environment;
    private final DockerConfig config;

    /** The realms named in credHelpers, with the address that names them: ghcr.io and https://ghcr.io are one realm. */
    private final Map<String, String> assigned = new TreeMap<>();
    /** The users by address of the helpers that gave a list, by helper. */
    private final Map<String, Map<String, String>> lists = new ConcurrentHashMap<>();
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
        this.context = context;
        this.environment = environment;
        this.config = config;
    }

    /** One of the helper calls of a lookup. */
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
            atOnce(listing(store));
            List<Step> steps = fetchingAssigned();
            steps.addAll(fetchingStored(store));
            atOnce(steps);
            addPlain(store);
            return envelopes();
        } finally {
            synchronized (this) {
                found.values().forEach(Credential::close);
            }
        }
    }

    /** The helper in credsStore, empty if there is none or the one secret asked for cannot be in it. */
    private String store() {
        boolean elsewhere = asked.asId().filter(id -> assigned.containsKey(Registries.realm(id))).isPresent();
        return elsewhere ? "" : config.credsStore();
    }

    private List<Step> listing(String store) {
        Set<String> helpers = new TreeSet<>();
        helpers.add(store);
        assigned.forEach((realm, server) -> {
            if (Registries.isReachable(realm, asked)) {
                helpers.add(helperOf(server));
            }
        });
        helpers.remove("");
        List<Step> steps = new ArrayList<>();
        helpers.forEach(helper -> steps.add(() -> list(helper, helper.equals(store))));
        return steps;
    }

    private void list(String helper, boolean required) throws SecretsException {
        try {
            lists.put(helper, helper(helper).list());
        } catch (SecretsException e) {
            // A helper of single registries need not know a list: its registries are asked for one by one.
            if (required) {
                throw e;
            }
            LOG.debug("{}", e.advice());
        }
    }

    private List<Step> fetchingAssigned() {
        List<Step> steps = new ArrayList<>();
        assigned.forEach((realm, server) -> {
            String helper = helperOf(server);
            String user = lists.getOrDefault(helper, Map.of()).get(server);
            boolean match = user == null ? Registries.isReachable(realm, asked) : wanted(server, user).isPresent();
            if (match && !helper.isEmpty()) {
                steps.add(() -> fetch(helper, server));
            }
        });
        return steps;
    }

    private List<Step> fetchingStored(String store) {
        Map<SecretId, String> servers = new TreeMap<>();
        lists.getOrDefault(store, Map.of()).forEach((server, user) -> {
            if (realm(server).filter(realm -> !assigned.containsKey(realm)).isPresent()) {
                wanted(server, user).ifPresent(id -> servers.merge(id, server, Registries::better));
            }
        });
        List<Step> steps = new ArrayList<>();
        servers.values().forEach(server -> steps.add(() -> fetch(store, server)));
        return steps;
    }

    private void fetch(String helper, String server) throws SecretsException {
        // The list may be out of date: only the user that comes with the secret says whose it is.
        helper(helper).get(server).ifPresent(this::keep);
    }

    private CredentialHelper helper(String name) throws SecretsException {
        return CredentialHelper.find(name, config.file(), environment, context);
    }

    private String helperOf(String server) {
        return config.credHelpers().getOrDefault(server, "");
    }

    private void addPlain(String store) {
        Set<String> stored = new HashSet<>();
        lists.getOrDefault(store, Map.of()).keySet()
                .forEach(server -> Registries.realm(server).ifPresent(stored::add));
        config.auths().forEach((server, credential) -> {
            if (isPlain(server, stored)) {
                keep(new Credential(server, credential.username(), credential.secret().copy(), credential.source()));
            }
        });
        for (String server : config.broken()) {
            if (isPlain(server, stored)) {
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

    private void atOnce(List<Step> steps) throws SecretsException {
        List<Runnable> attempts = new ArrayList<>();
        steps.forEach(step -> attempts.add(() -> attempt(step)));
        Together.run(DockerAuthProvider.NAME, PARALLEL, attempts);
    }
}
