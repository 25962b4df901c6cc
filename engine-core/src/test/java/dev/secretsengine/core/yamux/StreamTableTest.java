package dev.secretsengine.core.yamux;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import java.io.IOException;
import java.io.OutputStream;
import java.net.SocketTimeoutException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** Who is woken by what. */
@Timeout(30)
class StreamTableTest {

    private final StreamTable table = new StreamTable(true, 10);
    private final FrameWriter writer = new FrameWriter(OutputStream.nullOutputStream(), Runnable::run,
            Duration.ofSeconds(5), _ -> {
            });
    private final List<Thread> started = new ArrayList<>();
    private final ExecutorService threads = Executors.newCachedThreadPool(task -> {
        Thread thread = Thread.ofPlatform().daemon().unstarted(task);
        started.add(thread);
        return thread;
    });

    @AfterEach
    void endThreads() {
        threads.shutdownNow();
    }

    private YamuxStream stream(int id) {
        return new YamuxStream(id, (id & 1) == 1, table, writer, Duration.ofSeconds(5));
    }

    private YamuxStream open() throws IOException {
        return table.open(this::stream, Waiting.FOREVER);
    }

    private List<YamuxStream> fill() throws IOException {
        List<YamuxStream> streams = new ArrayList<>();
        for (int i = 0; i < StreamTable.MAX_UNACKNOWLEDGED; i++) {
            streams.add(open());
        }
        return streams;
    }

    /** Starts waiting, so many at once. */
    private <T> List<Future<T>> waiting(int count, Callable<T> call) throws InterruptedException {
        List<Future<T>> all = new ArrayList<>();
        for (int i = 0; i < count; i++) {
            all.add(threads.submit(call));
        }
        for (Thread thread : started) {
            while (thread.getState() != Thread.State.WAITING) {
                Thread.sleep(1);
            }
        }
        return all;
    }

    @Test
    void letsInAsManyAsThereIsRoomFor() throws Exception {
        List<YamuxStream> streams = fill();
        List<Future<YamuxStream>> waiting = waiting(3, this::open);
        table.acknowledged(streams.get(0));
        while (waiting.stream().noneMatch(Future::isDone)) {
            Thread.sleep(1);
        }
        table.acknowledged(streams.get(0));
        assertThrows(SocketTimeoutException.class,
                () -> table.open(this::stream, Waiting.deadline(Duration.ofMillis(50))));
        assertEquals(1, waiting.stream().filter(Future::isDone).count());
        table.acknowledged(streams.get(1));
        table.remove(streams.get(2));
        for (Future<YamuxStream> opened : waiting) {
            opened.get(10, TimeUnit.SECONDS);
        }
    }

    @Test
    void endsAllWaitingWithTheSession() throws Exception {
        fill();
        List<Future<YamuxStream>> opening = waiting(3, this::open);
        List<Future<YamuxStream>> accepting = waiting(2, () -> table.accept(Waiting.FOREVER));
        table.end(new IOException("over"));
        for (Future<YamuxStream> one : opening) {
            assertThrows(ExecutionException.class, () -> one.get(10, TimeUnit.SECONDS));
        }
        for (Future<YamuxStream> one : accepting) {
            assertEquals(null, one.get(10, TimeUnit.SECONDS));
        }
    }

    @Test
    void endsOpeningWhenThePeerLeaves() throws Exception {
        fill();
        List<Future<YamuxStream>> opening = waiting(2, this::open);
        List<Future<YamuxStream>> accepting = waiting(1, () -> table.accept(Waiting.FOREVER));
        table.peerLeaves();
        for (Future<YamuxStream> one : opening) {
            assertThrows(ExecutionException.class, () -> one.get(10, TimeUnit.SECONDS));
        }
        YamuxStream arrived = table.admit(2, this::stream);
        assertEquals(arrived, accepting.getFirst().get(10, TimeUnit.SECONDS));
    }
}
