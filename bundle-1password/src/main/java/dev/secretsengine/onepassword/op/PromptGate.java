package dev.secretsengine.onepassword.op;

import dev.secretsengine.api.Cancellation;
import dev.secretsengine.api.RequestContext;
import dev.secretsengine.api.SecretsException;
import java.time.Duration;
import java.util.concurrent.TimeoutException;
import org.jspecify.annotations.Nullable;

/**
 * Lets one call through until it is known that the user has authorized it, so that there is one prompt only; then a few at
 * a time. What the user said no to is not asked again for those who have been waiting meanwhile. Thread-safe.
 */
final class PromptGate {

    private static final int PARALLEL = 4;

    /** 1Password asks anew after ten minutes without a call. */
    private static final long AUTHORIZED_NANOS = Duration.ofMinutes(9).toNanos();

    private boolean isAuthorized;
    private long authorizedAt;
    private int running;
    private int refusals;
    private @Nullable SecretsException refusal;

    /**
     * Waits for its turn; {@link #authorized}, {@link #refused} or nothing, and then {@link #leave} have to follow.
     *
     * @throws TimeoutException if the request was over first
     * @throws SecretsException if whoever was asked for all has been refused
     */
    void enter(RequestContext context) throws SecretsException, TimeoutException, InterruptedException {
        Cancellation.Registration gone = context.cancellation().onCancel(this::wake);
        try {
            synchronized (this) {
                int before = refusals;
                while (running >= (isOpen() ? PARALLEL : 1)) {
                    if (context.isOver()) {
                        throw new TimeoutException("the request is over");
                    }
                    wait(context.remaining().toMillis() + 1);
                    if (refusals != before && refusal != null) {
                        throw refusal;
                    }
                }
                running++;
            }
        } finally {
            gone.close();
        }
    }

    private boolean isOpen() {
        return isAuthorized && System.nanoTime() - authorizedAt < AUTHORIZED_NANOS;
    }

    private synchronized void wake() {
        notifyAll();
    }

    /** The call got through to the account. */
    synchronized void authorized() {
        isAuthorized = true;
        authorizedAt = System.nanoTime();
        refusal = null;
    }

    /** The call did not get through to the account. */
    synchronized void refused(SecretsException failure) {
        isAuthorized = false;
        refusals++;
        refusal = failure;
    }

    synchronized void leave() {
        running--;
        notifyAll();
    }
}
