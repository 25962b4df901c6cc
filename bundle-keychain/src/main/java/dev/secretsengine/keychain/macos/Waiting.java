package dev.secretsengine.keychain.macos;

import dev.secretsengine.api.Cancellation;
import dev.secretsengine.api.RequestContext;
import dev.secretsengine.api.SecretsException;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * Calls that may wait for their user, and no longer than their context allows or their caller wants: each has a thread of its own, which is
 * left to itself when the time is over, since nothing can interrupt the framework.
 */
final class Waiting {

    private Waiting() {
    }

    /** A call to the framework. */
    @FunctionalInterface
    interface Call<T> {

        T run() throws SecretsException;
    }

    /**
     * The call's answer.
     *
     * @param late takes an answer that nobody waits for any more
     * @throws SecretsException.Unavailable if there was none in time
     */
    static <T> T on(String subject, RequestContext context, Call<T> call, Consumer<T> late) throws SecretsException {
        CompletableFuture<T> answer = new CompletableFuture<>();
        Thread.ofPlatform().daemon().name("keychain-call").start(() -> {
            try {
                T given = call.run();
                if (!answer.complete(given)) {
                    late.accept(given);
                }
            } catch (SecretsException | RuntimeException | LinkageError e) {
                answer.completeExceptionally(e);
            }
        });
        Cancellation.Registration gone = context.cancellation()
                .onCancel(() -> answer.completeExceptionally(slow(subject)));
        try (gone) {
            return answer.get(context.remaining().toNanos(), TimeUnit.NANOSECONDS);
        } catch (ExecutionException e) {
            throw known(subject, e.getCause());
        } catch (TimeoutException e) {
            return lastMoment(subject, answer);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            return lastMoment(subject, answer);
        }
    }

    private static SecretsException slow(String subject) {
        return new SecretsException.Unavailable(subject, "the keychain did not answer in time",
                "look for a prompt of the keychain, then try again");
    }

    private static <T> T lastMoment(String subject, CompletableFuture<T> answer) throws SecretsException {
        SecretsException slow = slow(subject);
        if (answer.completeExceptionally(slow)) {
            throw slow;
        }
        try {
            return answer.get();
        } catch (ExecutionException e) {
            throw known(subject, e.getCause());
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw slow;
        }
    }

    private static SecretsException known(String subject, @Nullable Throwable cause) {
        return switch (cause) {
            case SecretsException known -> known;
            case LinkageError missing -> new SecretsException.Unavailable(subject,
                    "this installation cannot reach the keychain of macOS", "use the age store").causedBy(missing);
            case null -> new SecretsException.Failed(subject, "the keychain could not be asked", "try again");
            default -> new SecretsException.Failed(subject, "the keychain could not be asked", "try again")
                    .causedBy(cause);
        };
    }
}
