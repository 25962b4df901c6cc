package dev.secretsengine.client;

import dev.secretsengine.client.EngineConnection.Answer;
import dev.secretsengine.client.protocol.ConnectError;
import dev.secretsengine.client.protocol.Rpc;
import dev.secretsengine.client.protocol.codec.MalformedException;
import dev.secretsengine.client.protocol.http.HttpException;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.Arrays;
import java.util.Deque;
import java.util.concurrent.Future;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.ScheduledThreadPoolExecutor;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/** The connections to one engine. Safe on any thread, virtual ones included. */
final class ConnectionPool implements AutoCloseable {

    /** The engine has one thread a connection, and other clients. */
    private static final int MAX_OPEN = 32;

    private static final int MAX_IDLE = 8;
    private static final long MAX_IDLE_NANOS = TimeUnit.SECONDS.toNanos(30);

    /** How long the engine has to say itself that time is up. */
    private static final long GRACE_MILLIS = 500;

    private final Path socket;
    private final long timeoutMillis;
    private final Semaphore open = new Semaphore(MAX_OPEN);
    private final ScheduledThreadPoolExecutor clock;
    private final Deque<EngineConnection> idle = new ArrayDeque<>();
    private boolean closed;

    ConnectionPool(Path socket, Duration timeout) {
        this.socket = socket;
        this.timeoutMillis = Math.max(1, timeout.toMillis());
        this.clock = new ScheduledThreadPoolExecutor(1,
                Thread.ofPlatform().daemon().name("secrets-engine-deadlines").factory());
        clock.setRemoveOnCancelPolicy(true);
    }

    /** Finds out whether anybody listens. */
    void check() throws EngineException {
        EngineConnection connection = connect();
        if (!giveBack(connection)) {
            close(connection);
        }
    }

    <Q, A> A call(Rpc<Q, A> rpc, Q request) throws EngineException {
        byte[] body = rpc.request().toProto(request);
        acquire();
        try {
            Answer answer = call(rpc.path(), body);
            try {
                return read(rpc, answer);
            } finally {
                Arrays.fill(answer.body, (byte) 0);
            }
        } finally {
            open.release();
        }
    }

    private void acquire() throws EngineException {
        try {
            if (!open.tryAcquire(timeoutMillis, TimeUnit.MILLISECONDS)) {
                throw timedOut();
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new EngineException.Unavailable("interrupted while waiting for the engine").causedBy(e);
        }
    }

    private EngineException timedOut() {
        return new EngineException.Unavailable("the engine did not answer within " + timeoutMillis + " ms");
    }

    private Answer call(String path, byte[] body) throws EngineException {
        for (EngineConnection idle = takeIdle(); idle != null; idle = takeIdle()) {
            try {
                return exchange(idle, path, body);
            } catch (IOException e) {
                // The engine may have closed it meanwhile, or have been restarted. No call does harm when it comes twice.
                if (idle.wasAnswering() || Thread.currentThread().isInterrupted()) {
                    throw broken(e);
                }
            }
        }
        try {
            return exchange(connect(), path, body);
        } catch (IOException e) {
            throw broken(e);
        }
    }

    private static EngineException broken(IOException e) {
        String what = Thread.currentThread().isInterrupted()
                ? "interrupted while waiting for the engine"
                : "the connection to the engine broke";
        return new EngineException.Unavailable(what).causedBy(e);
    }

    private Answer exchange(EngineConnection connection, String path, byte[] body)
            throws IOException, EngineException {
        boolean keep = false;
        Future<?> deadline = abortLater(connection);
        try {
            Answer answer = connection.call(path, body, timeoutMillis);
            keep = connection.end() && answer.head.keepAlive() && giveBack(connection);
            return answer;
        } catch (IOException e) {
            if (!connection.end()) {
                throw timedOut().causedBy(e);
            }
            throw e;
        } catch (HttpException e) {
            throw new EngineException.Failed("what answers at " + socket + " is no engine").causedBy(e);
        } finally {
            deadline.cancel(false);
            if (!keep) {
                close(connection);
            }
        }
    }

    private Future<?> abortLater(EngineConnection connection) throws EngineException {
        try {
            long call = connection.begin();
            return clock.schedule(() -> connection.abort(call), timeoutMillis + GRACE_MILLIS, TimeUnit.MILLISECONDS);
        } catch (RejectedExecutionException e) {
            close(connection);
            throw closed();
        }
    }

    private static EngineException closed() {
        return new EngineException.Invalid("this client was closed");
    }

    private <Q, A> A read(Rpc<Q, A> rpc, Answer answer) throws EngineException {
        int status = answer.head.status();
        if (status != 200) {
            throw EngineException.of(ConnectError.read(status, answer.body));
        }
        try {
            if (EngineConnection.PROTO.equals(answer.head.header("Content-Type"))) {
                return rpc.response().fromProto(answer.body);
            }
        } catch (MalformedException e) {
            throw new EngineException.Failed("the engine's answer cannot be read").causedBy(e);
        }
        throw new EngineException.Failed("what answers at " + socket + " is no engine");
    }

    private EngineConnection connect() throws EngineException {
        try {
            return EngineConnection.open(socket);
        } catch (IOException e) {
            throw new EngineException.Unavailable("no engine listens at " + socket + ": start it with docker pass"
                    + " engine start").causedBy(e);
        }
    }

    private synchronized @Nullable EngineConnection takeIdle() throws EngineException {
        if (closed) {
            throw closed();
        }
        EngineConnection connection = idle.pollLast();
        while (connection != null && connection.idleNanos() > MAX_IDLE_NANOS) {
            close(connection);
            connection = idle.pollLast();
        }
        return connection;
    }

    /** Whether it is kept for the next call. */
    private synchronized boolean giveBack(EngineConnection connection) {
        if (closed || idle.size() >= MAX_IDLE) {
            return false;
        }
        idle.addLast(connection);
        return true;
    }

    private static void close(EngineConnection connection) {
        try {
            connection.close();
        } catch (IOException e) {
            // It is not used any more.
        }
    }

    /** Closes idle connections at once, and the others when their calls are done. */
    @Override
    public void close() {
        synchronized (this) {
            closed = true;
            idle.forEach(ConnectionPool::close);
            idle.clear();
        }
        clock.setExecuteExistingDelayedTasksAfterShutdownPolicy(true);
        clock.shutdown();
    }
}
