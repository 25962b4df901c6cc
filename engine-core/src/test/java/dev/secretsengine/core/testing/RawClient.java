package dev.secretsengine.core.testing;

import static java.nio.charset.StandardCharsets.ISO_8859_1;
import static java.nio.charset.StandardCharsets.UTF_8;

import java.io.ByteArrayOutputStream;
import java.io.Closeable;
import java.io.IOException;
import java.io.InputStream;
import java.net.UnixDomainSocketAddress;
import java.nio.ByteBuffer;
import java.nio.channels.Channels;
import java.nio.channels.SocketChannel;
import java.nio.file.Path;
import java.util.Map;
import java.util.TreeMap;

/** A client of HTTP that sends whatever it is told, and knows nothing of the server's own code. */
public final class RawClient implements Closeable {

    public static final String JSON = "application/json";
    public static final String PROTO = "application/proto";

    private final SocketChannel channel;
    private final InputStream in;

    /**
     * An answer.
     *
     * @param status its number
     * @param headers by names in whatever case
     * @param body as many bytes as announced
     */
    public record Reply(int status, Map<String, String> headers, byte[] body) {

        public String text() {
            return new String(body, UTF_8);
        }

        /** The status and the text, in one line. */
        public String line() {
            return status + " " + text();
        }
    }

    public RawClient(Path socket) throws IOException {
        channel = SocketChannel.open(UnixDomainSocketAddress.of(socket));
        in = Channels.newInputStream(channel);
    }

    /** A whole request; further headers end without a line break. */
    public static byte[] post(String path, String type, byte[] body, String... headers) {
        StringBuilder head = new StringBuilder("POST " + path + " HTTP/1.1\r\nHost: unix\r\nContent-Type: " + type
                + "\r\nContent-Length: " + body.length + "\r\n");
        for (String header : headers) {
            head.append(header).append("\r\n");
        }
        ByteArrayOutputStream request = new ByteArrayOutputStream();
        request.writeBytes(head.append("\r\n").toString().getBytes(ISO_8859_1));
        request.writeBytes(body);
        return request.toByteArray();
    }

    public void send(byte[] bytes) throws IOException {
        ByteBuffer rest = ByteBuffer.wrap(bytes);
        while (rest.hasRemaining()) {
            channel.write(rest);
        }
    }

    public void send(String text) throws IOException {
        send(text.getBytes(ISO_8859_1));
    }

    public Reply call(byte[] request) throws IOException {
        send(request);
        return read();
    }

    /** The next answer. */
    public Reply read() throws IOException {
        String[] first = line().split(" ", 3);
        if (!first[0].equals("HTTP/1.1")) {
            throw new AssertionError("no answer: " + String.join(" ", first));
        }
        Map<String, String> headers = new TreeMap<>(String.CASE_INSENSITIVE_ORDER);
        for (String line = line(); !line.isEmpty(); line = line()) {
            String[] parts = line.split(": ", 2);
            headers.put(parts[0], parts[1]);
        }
        int length = Integer.parseInt(headers.getOrDefault("Content-Length", "0"));
        return new Reply(Integer.parseInt(first[1]), headers, in.readNBytes(length));
    }

    private String line() throws IOException {
        StringBuilder line = new StringBuilder();
        for (int c = in.read(); c != '\n'; c = in.read()) {
            if (c < 0) {
                throw new AssertionError("hung up after: " + line);
            }
            line.append((char) c);
        }
        return line.toString().strip();
    }

    /** Whether nothing comes any more; what was sent to a server that did not read it counts as an end, too. */
    public boolean isHungUpOn() {
        try {
            return in.read() < 0;
        } catch (IOException e) {
            return true;
        }
    }

    /** What comes behind an answer that has ended HTTP. */
    public InputStream input() {
        return in;
    }

    public SocketChannel channel() {
        return channel;
    }

    @Override
    public void close() throws IOException {
        channel.close();
    }
}
