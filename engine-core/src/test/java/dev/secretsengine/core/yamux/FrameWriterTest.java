package dev.secretsengine.core.yamux;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.net.SocketTimeoutException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

@Timeout(20)
class FrameWriterTest {

    private static final Frame ONE = Frame.signal(Frame.SYN, 1);
    private static final Frame TWO = Frame.signal(Frame.FIN, 2);

    /** A connection that takes a write only when it is let. */
    private static final class Gate extends OutputStream {

        private final Semaphore open;
        private final BlockingQueue<byte[]> writes = new LinkedBlockingQueue<>();
        private volatile boolean broken;
        private volatile byte[] lent = new byte[0];

        Gate(int permits) {
            open = new Semaphore(permits);
        }

        @Override
        public void write(int b) {
            throw new UnsupportedOperationException();
        }

        @Override
        public void write(byte[] bytes, int offset, int length) throws IOException {
            open.acquireUninterruptibly();
            if (broken) {
                throw new IOException("broken");
            }
            lent = bytes;
            byte[] copy = new byte[length];
            System.arraycopy(bytes, offset, copy, 0, length);
            writes.add(copy);
        }

        byte[] next() throws InterruptedException {
            return writes.poll(5, TimeUnit.SECONDS);
        }
    }

    private final BlockingQueue<IOException> failures = new LinkedBlockingQueue<>();
    private final List<Thread> started = new ArrayList<>();

    private FrameWriter writer(Gate gate, Duration limit) {
        return new FrameWriter(gate, this::start, limit, failures::add);
    }

    private void start(Runnable task) {
        Thread thread = Thread.ofPlatform().daemon().start(task);
        synchronized (started) {
            started.add(thread);
        }
    }

    @AfterEach
    void nothingHangs() throws InterruptedException {
        synchronized (started) {
            for (Thread thread : started) {
                thread.join(5000);
                assertFalse(thread.isAlive(), thread::toString);
            }
        }
    }

    private static byte[] bytes(Object... pieces) {
        ByteArrayOutputStream all = new ByteArrayOutputStream();
        for (Object piece : pieces) {
            if (piece instanceof Frame frame) {
                byte[] header = new byte[Frame.HEADER];
                frame.encode(header, 0);
                all.writeBytes(header);
            } else {
                all.writeBytes((byte[]) piece);
            }
        }
        return all.toByteArray();
    }

    /** Starts a write that stays in the gate. */
    private void occupy(FrameWriter writer, Gate gate) throws InterruptedException {
        start(() -> {
            try {
                writer.control(ONE);
            } catch (IOException e) {
                failures.add(e);
            }
        });
        while (!gate.open.hasQueuedThreads()) {
            Thread.sleep(5);
        }
    }

    @Test
    void writesWhatBelongsTogetherAtOnce() throws Exception {
        Gate gate = new Gate(1);
        FrameWriter writer = writer(gate, Duration.ofSeconds(5));
        byte[] payload = "xxsecretxx".getBytes();
        Frame data = new Frame(Frame.DATA, 0, 1, 6);
        writer.append(ONE);
        writer.data(data, payload, 2, Waiting.FOREVER);
        assertArrayEquals(bytes(ONE, data, "secret".getBytes()), gate.next());
        assertEquals(-1, new String(gate.lent).indexOf("secret"), "it is wiped");
    }

    @Test
    void leavesFramesToWhoIsWriting() throws Exception {
        Gate gate = new Gate(0);
        FrameWriter writer = writer(gate, Duration.ofSeconds(5));
        occupy(writer, gate);
        writer.control(TWO);
        writer.post(ONE);
        gate.open.release(2);
        assertArrayEquals(bytes(ONE), gate.next());
        assertArrayEquals(bytes(TWO, ONE), gate.next());
    }

    @Test
    void takesAlongWhatIsLeft() throws Exception {
        Gate gate = new Gate(1000);
        FrameWriter writer = writer(gate, Duration.ofSeconds(5));
        byte[] together = bytes(TWO, ONE);
        byte[] first;
        do {
            // Now and then this thread is held up for longer than a frame may lie there.
            writer.leave(TWO);
            writer.control(ONE);
            first = gate.next();
            assertArrayEquals(first.length == Frame.HEADER ? bytes(TWO) : together, first);
        } while (first.length == Frame.HEADER);
    }

    @Test
    void writesWhatIsLeftOnAnotherThreadBeforeLong() throws Exception {
        Gate gate = new Gate(0);
        FrameWriter writer = writer(gate, Duration.ofSeconds(5));
        for (int i = 0; i < 3; i++) {
            writer.leave(TWO);
            gate.open.release();
            assertArrayEquals(bytes(TWO), gate.next());
        }
        writer.end(new IOException("over"));
        assertThrows(IOException.class, () -> writer.leave(TWO));
    }

    @Test
    void takesAlongWhatIsLeftWhileItWrites() throws Exception {
        Gate gate = new Gate(0);
        FrameWriter writer = writer(gate, Duration.ofSeconds(5));
        occupy(writer, gate);
        writer.leave(TWO);
        gate.open.release(2);
        assertArrayEquals(bytes(ONE), gate.next());
        assertArrayEquals(bytes(TWO), gate.next());
    }

    @Test
    void neverWritesWhatIsPostedOnTheSameThread() throws Exception {
        Gate gate = new Gate(0);
        FrameWriter writer = writer(gate, Duration.ofSeconds(5));
        writer.post(ONE);
        gate.open.release();
        assertArrayEquals(bytes(ONE), gate.next());
    }

    @Test
    void waitsForItsTurnUntilTheDeadlineOnly() throws Exception {
        Gate gate = new Gate(0);
        FrameWriter writer = writer(gate, Duration.ofSeconds(5));
        occupy(writer, gate);
        assertThrows(SocketTimeoutException.class, () -> writer.data(new Frame(Frame.DATA, 0, 1, 1), new byte[1], 0,
                Waiting.deadline(Duration.ofMillis(50))));
        gate.open.release();
        assertArrayEquals(bytes(ONE), gate.next());
        assertTrue(failures.isEmpty());
    }

    @Test
    void givesUpOnAConnectionThatTakesNothing() throws Exception {
        Gate gate = new Gate(0);
        FrameWriter writer = writer(gate, Duration.ofMillis(100));
        occupy(writer, gate);
        IOException failure = failures.poll(5, TimeUnit.SECONDS);
        assertEquals("the peer does not read", failure.getMessage());
        writer.end(failure);
        assertThrows(IOException.class, () -> writer.control(TWO));
        gate.open.release();
    }

    @Test
    void tellsThatTheConnectionIsBroken() throws Exception {
        Gate gate = new Gate(1);
        gate.broken = true;
        FrameWriter writer = writer(gate, Duration.ofSeconds(5));
        assertThrows(IOException.class, () -> writer.control(ONE));
        assertEquals("broken", failures.poll().getMessage());
    }

    @Test
    void keepsNoEndlessQueue() throws Exception {
        Gate gate = new Gate(0);
        FrameWriter writer = writer(gate, Duration.ofSeconds(5));
        occupy(writer, gate);
        assertThrows(IOException.class, () -> {
            for (int i = 0; i < 10_000; i++) {
                writer.post(TWO);
            }
        });
        assertNotNull(failures.poll());
        writer.end(new IOException("over"));
        gate.open.release(10);
    }

    @Test
    void isNotStoppedByAnInterruption() throws Exception {
        Gate gate = new Gate(1);
        FrameWriter writer = writer(gate, Duration.ofSeconds(5));
        Thread.currentThread().interrupt();
        writer.control(ONE);
        assertTrue(Thread.interrupted(), "and is so afterwards");
        assertArrayEquals(bytes(ONE), gate.next());
    }
}
