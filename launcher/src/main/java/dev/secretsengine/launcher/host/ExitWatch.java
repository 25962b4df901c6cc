package dev.secretsengine.launcher.host;

import dev.secretsengine.core.bundle.PluginBundle;
import dev.secretsengine.core.plugin.Quarantine;
import java.util.Map;
import java.util.Optional;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Finds out, while the JVM ends, whether a bundle has ended it: the thread that called System.exit waits inside of that
 * call until the end, with the bundle's own frames below.
 */
final class ExitWatch implements Runnable {

    private static final Logger LOG = LoggerFactory.getLogger(ExitWatch.class);

    private final FelixHost host;
    private final Quarantine quarantine;
    private final Runnable end;

    /**
     * A watch.
     *
     * @param end ends the engine at once, as well as that goes
     */
    ExitWatch(FelixHost host, Quarantine quarantine, Runnable end) {
        this.host = host;
        this.quarantine = quarantine;
        this.end = end;
    }

    @Override
    public void run() {
        for (Map.Entry<Thread, StackTraceElement[]> thread : Thread.getAllStackTraces().entrySet()) {
            Optional<PluginBundle> culprit = culprit(thread.getValue());
            if (culprit.isPresent()) {
                LOG.error("bundle {} has called System.exit on thread {}", culprit.get().name(),
                        thread.getKey().getName());
                quarantine.blame(culprit.get(), "it called System.exit, which ended the engine");
                end.run();
                return;
            }
        }
    }

    private Optional<PluginBundle> culprit(StackTraceElement[] frames) {
        boolean below = false;
        for (StackTraceElement frame : frames) {
            if (below) {
                Optional<PluginBundle> bundle = host.bundleOf(frame.getClassName());
                if (bundle.isPresent()) {
                    return bundle;
                }
            }
            below |= frame.getClassName().equals("java.lang.Runtime") && frame.getMethodName().equals("exit");
        }
        return Optional.empty();
    }
}
