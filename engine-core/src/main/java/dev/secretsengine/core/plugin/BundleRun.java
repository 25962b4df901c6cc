package dev.secretsengine.core.plugin;

import dev.secretsengine.core.bundle.PluginBundle;
import dev.secretsengine.core.bundle.PluginDeclaration;
import dev.secretsengine.core.bundle.PluginHost;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;

/** One bundle between stopped and started: what is wanted of it, what it does, why it failed. Thread-safe. */
final class BundleRun {

    private static final List<Duration> PAUSES = List.of(Duration.ofSeconds(30), Duration.ofMinutes(2),
            Duration.ofMinutes(10));

    private final PluginBundle bundle;
    private boolean wanted;
    private boolean running;
    private boolean busy;
    private @Nullable String failure;
    private boolean passes;
    private int failedStarts;

    BundleRun(PluginBundle bundle) {
        this.bundle = bundle;
    }

    PluginBundle bundle() {
        return bundle;
    }

    /** Says what is wanted; answers whether somebody must call {@link #work} for it. */
    synchronized boolean turn(boolean on) {
        wanted = on;
        if (busy || !isDue()) {
            return false;
        }
        busy = true;
        return true;
    }

    private boolean isDue() {
        return wanted ? !running && failure == null : running;
    }

    /** Starts and stops the bundle until it is as wanted. */
    void work(PluginHost host, BundleRuns runs) {
        while (true) {
            boolean on;
            synchronized (this) {
                if (!isDue()) {
                    busy = false;
                    break;
                }
                on = wanted;
            }
            String reason = null;
            boolean mayPass = false;
            try {
                if (on) {
                    runs.start(bundle);
                } else {
                    host.stop(bundle);
                }
            } catch (PluginHost.HostException | RuntimeException | LinkageError e) {
                reason = String.valueOf(e.getMessage());
                mayPass = e instanceof PluginHost.HostException known && known.passes();
            }
            synchronized (this) {
                running = on && reason == null;
                failure = on ? reason : null;
                passes = mayPass;
                if (on) {
                    failedStarts = reason == null ? 0 : failedStarts + 1;
                }
            }
        }
        runs.worked(this);
    }

    synchronized void forgetFailure() {
        failure = null;
        failedStarts = 0;
    }

    /** When to start it again without being asked, if that may help: later each time, and at last never. */
    synchronized Optional<Duration> nextAttempt() {
        return failure != null && passes && failedStarts <= PAUSES.size()
                ? Optional.of(PAUSES.get(failedStarts - 1))
                : Optional.empty();
    }

    /** Forgets the failure, though not how often it has failed before. */
    synchronized void retry() {
        failure = null;
    }

    synchronized Optional<String> failure() {
        return Optional.ofNullable(failure);
    }

    synchronized boolean isBusy() {
        return busy;
    }

    synchronized boolean isBusyWith(Predicate<PluginDeclaration> kind) {
        return busy && bundle.plugins().stream().anyMatch(kind);
    }

    boolean declares(String plugin) {
        return bundle.plugins().stream().anyMatch(declared -> declared.name().equals(plugin));
    }

    boolean declaresStore(String store) {
        return bundle.plugins().stream().anyMatch(declared -> declared.store().filter(store::equals).isPresent());
    }
}
