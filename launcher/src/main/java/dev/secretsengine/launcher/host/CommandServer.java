package dev.secretsengine.launcher.host;

import dev.secretsengine.core.wire.Connection;
import dev.secretsengine.launcher.command.Dispatcher;
import dev.secretsengine.launcher.protocol.Build;
import dev.secretsengine.launcher.protocol.Frame;
import dev.secretsengine.launcher.protocol.FrameChannel;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.ExecutorService;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Serves the command socket: one connection a command line. */
final class CommandServer {

    private static final Logger LOG = LoggerFactory.getLogger(CommandServer.class);
    private static final int FAILED = 1;

    /** A client sends its request at once; one that stops in the middle would keep what it has sent. */
    private static final int REQUEST_MILLIS = 10_000;

    private final Build build = Build.ofThisImage();
    private final CompletableFuture<Dispatcher> dispatcher;
    private final ExecutorService threads;
    private final Runnable whenStale;
    private final Runnable whenDone;
    private final RequestMemory memory = new RequestMemory();

    /** Whose commands have not ended. */
    private final Set<RemoteSession> working = new HashSet<>();

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
        try (RequestMemory.Share share = memory.new Share()) {
            FrameChannel channel = new FrameChannel(connection.input(), connection.output(), share);
            try {
                connection.socket().setSoTimeout(REQUEST_MILLIS);
                Request request = Request.read(channel);
                connection.socket().setSoTimeout(0);
                serve(channel, request);
            } catch (RequestMemory.ExhaustedException e) {
                LOG.warn("refused a request of process {}: {}", connection.peer().pid(), e.getMessage());
                hello(channel, "ok");
                new RemoteSession(channel, Request.NONE).cutOff(String.valueOf(e.getMessage()), Dispatcher.UNAVAILABLE);
            } finally {
                channel.drop();
            }
        }
    }

    private void hello(FrameChannel channel, String state) throws IOException {
        channel.hold(Frame.ENGINE_HELLO,
                (Frame.VERSION + "\0" + build + "\0" + state).getBytes(StandardCharsets.UTF_8));
    }

    private void serve(FrameChannel channel, Request request) throws IOException {
        boolean stale = build.isOlderThan(request.build());
        hello(channel, stale ? "stale" : "ok");
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
        begin(session);
        try {
            // Not the other way round: handing the work to another thread would make the client wait for that, too.
            threads.execute(session::receive);
            work(session);
        } catch (IOException e) {
            LOG.debug("a client went before its command had ended");
        } finally {
            session.end();
            session.wipe();
            end(session);
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

    private synchronized void begin(RemoteSession session) {
        working.add(session);
    }

    private synchronized void end(RemoteSession session) {
        working.remove(session);
        notifyAll();
    }

    /** Cancels the commands that have not ended, and tells their clients. */
    void cutOff() {
        List<RemoteSession> left;
        synchronized (this) {
            left = List.copyOf(working);
        }
        for (RemoteSession session : left) {
            // A client may not read what it is told.
            threads.execute(() -> Dispatcher.codeOfCutOff(session).ifPresentOrElse(
                    code -> session.cutOff("the engine is stopping: run the command again", code), session::end));
        }
    }

    /** Waits until no command is being worked on, at most so long. */
    synchronized void awaitIdle(long millis) throws InterruptedException {
        long end = System.nanoTime() + millis * 1_000_000;
        long left = millis;
        while (!working.isEmpty() && left > 0) {
            wait(left);
            left = (end - System.nanoTime()) / 1_000_000;
        }
    }
}
