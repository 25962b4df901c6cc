package dev.secretsengine.core.resolve;

import dev.secretsengine.api.Envelope;
import dev.secretsengine.api.RequestContext;
import dev.secretsengine.api.SecretPattern;
import dev.secretsengine.api.SecretsException;
import java.util.List;

/**
 * A plugin that can be asked.
 *
 * @param name the plugin
 * @param version its version
 * @param pattern the IDs it is asked for
 * @param lookup asks it
 * @param manner how its answer is waited for
 */
public record Source(String name, String version, SecretPattern pattern, Lookup lookup, Manner manner) {

    /** How an answer is waited for. Those that keep the deadline by themselves need no thread of their own. */
    public enum Manner {
        /** It may hang: on a thread of its own. */
        APART,
        /** It keeps the deadline, and does its work while its answer is awaited: on the caller's thread, and first. */
        HERE,
        /**
         * It keeps the deadline, and works elsewhere once it is asked: on the caller's thread, and last, or on another
         * one while that is held up.
         */
        ELSEWHERE
    }

    /** Begins to ask. */
    @FunctionalInterface
    public interface Lookup {

        /** Sends the question, if there is anything to send; does not wait for the answer. */
        Pending begin(SecretPattern pattern, RequestContext context) throws SecretsException;

        /** Whether it is known to be so quick that another thread would only cost time; it may hang all the same. */
        default boolean isQuick() {
            return false;
        }

        /** Told when it turns out not to be quick. */
        default void heldUp() {
        }

        /** Told when it goes on long after its answer was no longer wanted. */
        default void overdue() {
        }
    }

    /** A question that is under way; its answer is awaited exactly once. */
    @FunctionalInterface
    public interface Pending {

        /** See {@link dev.secretsengine.api.SecretsProvider#getSecrets}. */
        List<Envelope> await() throws SecretsException;
    }

    /** Begins to ask; a plugin that cannot be asked fails when its answer is awaited. */
    public static Pending begin(Source source, SecretPattern pattern, RequestContext context) {
        try {
            return source.lookup().begin(pattern, context);
        } catch (SecretsException e) {
            return () -> {
                throw e;
            };
        } catch (RuntimeException e) {
            return () -> {
                throw e;
            };
        }
    }

    /** A plugin whose answer comes from one call. */
    public static Source of(String name, String version, SecretPattern pattern, Call call, Manner manner) {
        return new Source(name, version, pattern, (asked, context) -> () -> call.getSecrets(asked, context),
                manner);
    }

    /** See {@link dev.secretsengine.api.SecretsProvider}. */
    @FunctionalInterface
    public interface Call {

        /** See {@link dev.secretsengine.api.SecretsProvider#getSecrets}. */
        List<Envelope> getSecrets(SecretPattern pattern, RequestContext context) throws SecretsException;
    }
}
