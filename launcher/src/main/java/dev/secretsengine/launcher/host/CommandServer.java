package dev.secretsengine.launcher.host;

import dev.secretsengine.core.wire.Connection;
import dev.secretsengine.launcher.command.Dispatcher;
import dev.secretsengine.launcher.protocol.Build;
import dev.secretsengine.launcher.protocol.Frame;
import dev.secretsengine.launcher.protocol.FrameChannel;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.ExecutorService;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Serves the command socket: one connection a command line. */
final class CommandServer {

    private static final Logger LOG = LoggerFactory.getLogger(CommandServer.class);
    private static final int FAILED = 1;

    private final Build build = Build.ofThisImage();
    private final CompletableFuture<Dispatcher> dispatcher;
    private final ExecutorService threads;
    private final Runnable whenStale;
    private final Runnable whenDone;
    private int working;

    /**
     * A server.
     *
     * @param dispatcher runs the commands; those that come before it is there wait for it
     * @param whenStale called when a client turns out to be newer than this engine
     * @param whenDone called when a command has ended
     */
    CommandServer(CompletableFuture<Dispatcher> dispatcher, ExecutorService threads, Runnable whenStale,
            Runnable whenDone) {
        this.dispatcher = dispatcher;
        this.threads = threads;
        this.whenStale = whenStale;
        this.whenDone = whenDone;
    }

    void serve(Connection connection) throws IOException {
        FrameChannel channel = new FrameChannel(connection.input(), connection.output());
        Request request = Request.read(channel);
        boolean stale = build.isOlderThan(request.build());
        channel.hold(Frame.ENGINE_HELLO, (Frame.VERSION + "\0" + build + "\0" + (stale ? "stale" : "ok"))
                .getBytes(StandardCharsets.UTF_8));
        // Otherwise it goes with the first frame of the answer, which is not far.
        if (stale || !dispatcher.isDone()) {
            channel.flush();
        }
        if (stale) {
            LOG.info("a newer client asks: this engine ends");
            whenStale.run();
            return;
        }
        RemoteSession session = new RemoteSession(channel, request);
        begin();
        try {
            // Not the other way round: handing the work to another thread would make the client wait for that, too.
            threads.execute(session::receive);
            work(session);
        } catch (IOException e) {
            LOG.debug("a client went before its command had ended");
        } finally {
            channel.drop();
            session.wipe();
            end();
            whenDone.run();
        }
    }

    private void work(RemoteSession session) throws IOException {
        int code = FAILED;
        try {
            code = dispatcher.join().run(session);
        } catch (CompletionException e) {
            session.err().write("docker-pass: the engine could not start: docker pass engine logs says more\n"
                    .getBytes(StandardCharsets.UTF_8));
        }
        session.exit(code);
    }

    private synchronized void begin() {
        working++;
    }

    private synchronized void end() {
        working--;
        notifyAll();
    }

    /** Waits until no command is being worked on, at most so long. */
    synchronized void awaitIdle(long millis) throws InterruptedException {
        long end = System.nanoTime() + millis * 1_000_000;
        long left = millis;
        while (working > 0 && left > 0) {
            wait(left);
            left = (end - System.nanoTime()) / 1_000_000;
        }
    }
}
