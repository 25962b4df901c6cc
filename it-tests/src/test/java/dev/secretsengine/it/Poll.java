package dev.secretsengine.it;

import java.util.concurrent.TimeUnit;

/** Waits for what happens elsewhere. */
final class Poll {

    private static final long LIMIT_NANOS = TimeUnit.SECONDS.toNanos(30);

    private Poll() {
    }

    /** A condition that may not hold yet. */
    @FunctionalInterface
    interface Condition {

        boolean holds() throws Exception;
    }

    /** Fails when it has not come true in half a minute. */
    static void until(String what, Condition condition) throws Exception {
        long begin = System.nanoTime();
        while (!condition.holds()) {
            if (System.nanoTime() - begin > LIMIT_NANOS) {
                throw new AssertionError("waited for " + what + " in vain");
            }
            Thread.sleep(20);
        }
    }
}
