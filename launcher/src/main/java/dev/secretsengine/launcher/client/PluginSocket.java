package dev.secretsengine.launcher.client;

import java.io.IOException;
import java.io.InputStream;
import org.newsclub.net.unix.AFUNIXSocket;
import org.newsclub.net.unix.AFUNIXSocketAddress;

/**
 * The docker client's way to say that it was told to end: it closes the abstract socket named by
 * {@code DOCKER_CLI_PLUGIN_SOCKET}. That counts as SIGTERM.
 */
final class PluginSocket {

    private static final int TERMINATED = 143;

    /** A short command is done before anybody could interrupt it: it need not load the socket library. */
    private static final long PATIENCE_MILLIS = 300;

    private PluginSocket() {
    }

    /** Ends this process with docker, as long as it runs no CMD. */
    static void terminateWithDocker(boolean run) {
        if (!run) {
            watch(PATIENCE_MILLIS, () -> Runtime.getRuntime().halt(TERMINATED));
        }
    }

    /** Ends CMD with docker. */
    static void terminateWithDocker(Process child) {
        watch(0, child::destroy);
    }

    private static void watch(long patience, Runnable end) {
        String name = ClientEnvironment.pluginSocket();
        if (name == null || !name.startsWith("@")) {
            return;
        }
        Thread watcher = new Thread(() -> {
            if (pause(patience)) {
                awaitClose(name.substring(1));
                end.run();
            }
        }, "docker-client");
        watcher.setDaemon(true);
        watcher.start();
    }

    private static boolean pause(long millis) {
        try {
            Thread.sleep(millis);
            return true;
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            return false;
        }
    }

    private static void awaitClose(String name) {
        try (AFUNIXSocket socket = AFUNIXSocket.connectTo(AFUNIXSocketAddress.inAbstractNamespace(name));
                InputStream in = socket.getInputStream()) {
            int read = in.read();
            while (read >= 0) {
                read = in.read();
            }
        } catch (IOException e) {
            // Nobody listens any more: docker has gone already.
        }
    }
}
