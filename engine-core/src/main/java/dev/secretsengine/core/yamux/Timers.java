package dev.secretsengine.core.yamux;

import java.time.Duration;
import java.util.concurrent.Future;
import java.util.concurrent.ScheduledThreadPoolExecutor;
import java.util.concurrent.TimeUnit;

/** One thread that looks at the clock for all sessions. What it runs must not block; without a session it ends. */
final class Timers {

    private static final ScheduledThreadPoolExecutor CLOCK = clock();

    private Timers() {
    }

    private static ScheduledThreadPoolExecutor clock() {
        ScheduledThreadPoolExecutor clock = new ScheduledThreadPoolExecutor(1,
                task -> Thread.ofPlatform().daemon().name("yamux-clock").unstarted(task));
        clock.setRemoveOnCancelPolicy(true);
        clock.setKeepAliveTime(1, TimeUnit.MINUTES);
        clock.allowCoreThreadTimeOut(true);
        return clock;
    }

    /** Runs it once. */
    static void after(Duration delay, Runnable task) {
        var _ = CLOCK.schedule(task, delay.toNanos(), TimeUnit.NANOSECONDS);
    }

    /** Runs it once, unless it is cancelled before. */
    static Future<?> later(Duration delay, Runnable task) {
        return CLOCK.schedule(task, delay.toNanos(), TimeUnit.NANOSECONDS);
    }

    /** Runs it again and again until it is cancelled. */
    static Future<?> every(Duration interval, Runnable task) {
        return CLOCK.scheduleAtFixedRate(task, interval.toNanos(), interval.toNanos(), TimeUnit.NANOSECONDS);
    }
}
