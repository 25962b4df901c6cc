package dev.secretsengine.core.watch;

import java.util.concurrent.Callable;
import java.util.concurrent.FutureTask;
import java.util.function.Consumer;

/**
 * Work whose result its caller gets, or else whoever takes it back: a secret that comes too late is wiped, never dropped.
 *
 * @param <T> what comes of it
 */
public class Delivery<T> extends FutureTask<T> {

    private final Consumer<? super T> unwanted;

    /**
     * Work that is not begun yet.
     *
     * @param unwanted takes a result that comes too late
     */
    public Delivery(Callable<T> work, Consumer<? super T> unwanted) {
        super(work);
        this.unwanted = unwanted;
    }

    @Override
    protected final void set(T result) {
        super.set(result);
        if (isCancelled()) {
            unwanted.accept(result);
        }
    }

    /** Nobody waits any more, not for a result that has come in just now either. */
    public final void giveUp() {
        if (!cancel(true) && state() == State.SUCCESS) {
            unwanted.accept(resultNow());
        }
    }
}
