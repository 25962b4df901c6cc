package dev.secretsengine.client;

import dev.secretsengine.client.protocol.http.Gzip;
import dev.secretsengine.client.protocol.http.HttpException;
import dev.secretsengine.client.protocol.http.HttpHead;
import dev.secretsengine.client.protocol.http.HttpReader;
import dev.secretsengine.client.protocol.http.HttpWriter;
import java.io.Closeable;
import java.io.EOFException;
import java.io.IOException;
import java.net.StandardProtocolFamily;
import java.net.UnixDomainSocketAddress;
import java.nio.channels.SocketChannel;
import java.nio.file.Path;
import java.util.Arrays;

/** One connection to the engine: one call after the other. */
final class EngineConnection implements Closeable {

    static final String PROTO = "application/proto";

    private static final int MAX_ANSWER = 16 << 20;

    private final ChannelStreams streams;
    private final HttpReader reader;
    private final HttpWriter writer;

    private boolean answering;
    private boolean aborted;
    private long calls;
    private long idleSince = System.nanoTime();

    private EngineConnection(ChannelStreams streams) {
        this.streams = streams;
        this.reader = new HttpReader(streams.input());
        this.writer = new HttpWriter(streams.output());
    }

    /** An answer; the body is for the caller to wipe. */
    static final class Answer {

        final HttpHead head;
        final byte[] body;

        private Answer(HttpHead head, byte[] body) {
            this.head = head;
            this.body = body;
        }
    }

    // The connection owns the channel and closes it.
    @SuppressWarnings("resource")
    static EngineConnection open(Path socket) throws IOException {
        SocketChannel channel = SocketChannel.open(StandardProtocolFamily.UNIX);
        try {
            channel.connect(UnixDomainSocketAddress.of(socket));
            return new EngineConnection(new ChannelStreams(channel));
        } catch (IOException | RuntimeException e) {
            channel.close();
            throw e;
        }
    }

    /** Sends a request and waits for its answer, however long it takes: who limits that closes the connection. */
    Answer call(String path, byte[] body, long timeoutMillis) throws IOException, HttpException {
        answering = false;
        writer.request("POST", path).header("Host", "unix").header("User-Agent", "secrets-engine-java")
                .header("Content-Type", PROTO).header("Connect-Protocol-Version", "1")
                .header("Connect-Timeout-Ms", Long.toString(timeoutMillis)).send(body);
        HttpHead head = reader.readResponse();
        if (head == null) {
            throw new EOFException("the engine hung up");
        }
        answering = true;
        byte[] answer = reader.readBody(head, MAX_ANSWER);
        idleSince = System.nanoTime();
        if (!head.hasToken("Content-Encoding", "gzip")) {
            return new Answer(head, answer);
        }
        try {
            return new Answer(head, Gzip.inflate(answer, MAX_ANSWER));
        } finally {
            Arrays.fill(answer, (byte) 0);
        }
    }

    /** Whether the answer to the last call had begun: if not, the engine may have closed an idle connection. */
    boolean wasAnswering() {
        return answering;
    }

    long idleNanos() {
        return System.nanoTime() - idleSince;
    }

    @Override
    public void close() throws IOException {
        streams.close();
        reader.close();
    }

    /** Starts a call, which other threads may abort by this number until it ends. */
    synchronized long begin() {
        calls++;
        return calls;
    }

    /** Ends the call; false if it was aborted. */
    synchronized boolean end() {
        calls++;
        return !aborted;
    }

    /** Makes a call of another thread fail, unless it has ended: by then the connection may serve the next one. */
    synchronized void abort(long call) {
        if (call != calls) {
            return;
        }
        aborted = true;
        try {
            streams.close();
        } catch (IOException e) {
            // The other thread fails in any case.
        }
    }
}
