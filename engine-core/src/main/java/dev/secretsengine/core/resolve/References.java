package dev.secretsengine.core.resolve;

import dev.secretsengine.api.Envelope;
import dev.secretsengine.api.RequestContext;
import dev.secretsengine.api.SecretPattern;
import dev.secretsengine.api.SecretValue;
import dev.secretsengine.api.SecretsException;
import dev.secretsengine.core.watch.Delivery;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.stream.Collectors;

/** Replaces the references of an environment: all of them, or none. */
public final class References {

    /** What a value starts with to be a reference. */
    public static final String SCHEME = "se://";

    /** Answers what a pattern matches. */
    @FunctionalInterface
    public interface Lookup {

        /** See {@link Resolver#resolve}. */
        List<Envelope> resolve(SecretPattern pattern, RequestContext context) throws SecretsException;
    }

    private static final int SHOWN = 5;

    private final Lookup lookup;
    private final ExecutorService threads;

    /** References answered by this lookup, all at once on these threads. */
    public References(Lookup lookup, ExecutorService threads) {
        this.lookup = lookup;
        this.threads = threads;
    }

    /**
     * Resolves every reference to exactly one secret. Equal references are looked up once.
     *
     * @param references variable name to reference, {@code se://} included
     * @return variable name to value, in the same order; the caller closes the values
     * @throws UnresolvedException if one of them does not come down to one secret; nothing is handed out then
     */
    public Map<String, SecretValue> resolve(Map<String, String> references, RequestContext context)
            throws UnresolvedException {
        Map<String, Envelope> found = new HashMap<>();
        Map<String, SecretsException> failures = new HashMap<>();
        lookUp(new LinkedHashSet<>(references.values()), context).forEach((reference, answer) -> {
            try {
                found.put(reference, answer.get());
            } catch (ExecutionException e) {
                failures.put(reference, e.getCause() instanceof SecretsException known ? known : broken(reference, e));
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
                answer.giveUp();
                failures.put(reference, broken(reference, e));
            }
        });
        try {
            if (!failures.isEmpty()) {
                throw new UnresolvedException(references, failures);
            }
            Map<String, SecretValue> resolved = new LinkedHashMap<>();
            references.forEach((variable, reference) -> resolved.put(variable,
                    Objects.requireNonNull(found.get(reference)).value().copy()));
            return resolved;
        } finally {
            found.values().forEach(Envelope::close);
        }
    }

    private Map<String, Delivery<Envelope>> lookUp(Set<String> references, RequestContext context) {
        Map<String, Delivery<Envelope>> pending = new LinkedHashMap<>();
        for (String reference : references) {
            Delivery<Envelope> answer = new Delivery<>(() -> withoutNul(reference, context), Envelope::close);
            pending.put(reference, answer);
            if (pending.size() < references.size()) {
                threads.execute(answer);
            } else {
                // This thread would only wait for it.
                answer.run();
            }
        }
        return pending;
    }

    private static SecretsException broken(String reference, Exception e) {
        return new SecretsException.Failed(reference, "the lookup failed", "docker pass engine logs says more")
                .causedBy(e);
    }

    /** The secret of one reference, with a value fit for an environment. */
    private Envelope withoutNul(String reference, RequestContext context) throws SecretsException {
        Envelope found = single(reference, context);
        if (found.value().hasNul()) {
            found.close();
            throw new SecretsException.Invalid(reference,
                    "has a NUL byte in its value and cannot go into an environment", "store it without");
        }
        return found;
    }

    /**
     * The one secret that a reference stands for.
     *
     * @param reference with {@code se://}
     * @return the secret, which the caller closes
     * @throws SecretsException if it does not parse, or there is none, or more than one
     */
    public Envelope single(String reference, RequestContext context) throws SecretsException {
        List<Envelope> found = lookup.resolve(parse(reference), context);
        if (found.size() == 1) {
            return found.get(0);
        }
        found.forEach(Envelope::close);
        throw new SecretsException.Invalid(reference, "matches " + found.size() + " secrets ("
                + found.stream().limit(SHOWN).map(envelope -> envelope.id() + " from " + envelope.provider())
                        .collect(Collectors.joining(", "))
                + (found.size() > SHOWN ? ", ..." : "") + ")", "name exactly one");
    }

    /**
     * The pattern behind {@code se://}.
     *
     * @throws SecretsException.Invalid if it does not parse
     */
    public static SecretPattern parse(String reference) throws SecretsException {
        try {
            return SecretPattern.parse(reference.substring(SCHEME.length()));
        } catch (IllegalArgumentException e) {
            throw new SecretsException.Invalid(reference, String.valueOf(e.getMessage()), "");
        }
    }

    /** Some references of an environment could not be resolved. */
    public static final class UnresolvedException extends Exception {

        private static final long serialVersionUID = 1L;

        private final transient List<String> lines = new ArrayList<>();
        private final boolean unavailable;

        /**
         * Tells of each variable.
         *
         * @param failures by reference
         */
        UnresolvedException(Map<String, String> references, Map<String, SecretsException> failures) {
            references.forEach((variable, reference) -> {
                SecretsException failure = failures.get(reference);
                if (failure != null) {
                    lines.add(shown(variable + "=" + reference) + ": " + failure.advice());
                }
            });
            unavailable = failures.values().stream().anyMatch(SecretsException.Unavailable.class::isInstance);
        }

        /** What a caller sent may be long, or hold what a terminal acts on. */
        private static String shown(String text) {
            StringBuilder shown = new StringBuilder();
            text.codePoints().limit(200)
                    .forEach(c -> shown.append(Character.isISOControl(c) ? "?" : Character.toString(c)));
            return shown.toString();
        }

        /** Whether a store or a provider could not be reached: later it may be. */
        public boolean isUnavailable() {
            return unavailable;
        }

        /** One line a variable: its name, its reference, and why. */
        public List<String> lines() {
            return List.copyOf(lines);
        }
    }
}
