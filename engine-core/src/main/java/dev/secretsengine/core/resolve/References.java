package dev.secretsengine.core.resolve;

import dev.secretsengine.api.Envelope;
import dev.secretsengine.api.RequestContext;
import dev.secretsengine.api.SecretPattern;
import dev.secretsengine.api.SecretValue;
import dev.secretsengine.api.SecretsException;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Future;
import java.util.concurrent.FutureTask;
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
     * Resolves every reference to exactly one secret.
     *
     * @param references variable name to reference, {@code se://} included
     * @return variable name to value, in the same order; the caller closes the values
     * @throws UnresolvedException if one of them does not come down to one secret; nothing is handed out then
     */
    public Map<String, SecretValue> resolve(Map<String, String> references, RequestContext context)
            throws UnresolvedException {
        Map<String, Future<SecretValue>> pending = new LinkedHashMap<>();
        for (Map.Entry<String, String> variable : references.entrySet()) {
            Callable<SecretValue> task = () -> one(variable.getValue(), context);
            if (pending.size() + 1 < references.size()) {
                pending.put(variable.getKey(), threads.submit(task));
            } else {
                // This thread would only wait for it.
                FutureTask<SecretValue> last = new FutureTask<>(task);
                pending.put(variable.getKey(), last);
                last.run();
            }
        }
        Map<String, SecretValue> resolved = new LinkedHashMap<>();
        Map<String, SecretsException> failures = new LinkedHashMap<>();
        pending.forEach((variable, answer) -> {
            try {
                resolved.put(variable, answer.get());
            } catch (ExecutionException e) {
                failures.put(variable, e.getCause() instanceof SecretsException known ? known : broken(variable, e));
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
                failures.put(variable, broken(variable, e));
            }
        });
        if (!failures.isEmpty()) {
            resolved.values().forEach(SecretValue::close);
            throw new UnresolvedException(references, failures);
        }
        return resolved;
    }

    private static SecretsException broken(String variable, Exception e) {
        return new SecretsException.Failed(variable, "the lookup failed", "docker pass engine logs says more")
                .causedBy(e);
    }

    /** The value of one reference, fit for an environment. */
    private SecretValue one(String reference, RequestContext context) throws SecretsException {
        try (Envelope found = single(reference, context)) {
            if (found.value().hasNul()) {
                throw new SecretsException.Invalid(reference,
                        "has a NUL byte in its value and cannot go into an environment", "store it without");
            }
            return found.value().copy();
        }
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

        UnresolvedException(Map<String, String> references, Map<String, SecretsException> failures) {
            failures.forEach((variable, failure) -> lines
                    .add(shown(variable + "=" + references.get(variable)) + ": " + failure.advice()));
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
