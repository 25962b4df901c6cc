package dev.secretsengine.it;

import java.io.ByteArrayInputStream;
import java.io.Closeable;
import java.io.IOException;
import java.io.InputStream;
import java.net.UnixDomainSocketAddress;
import java.nio.ByteBuffer;
import java.nio.channels.Channels;
import java.nio.channels.SocketChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.Map;
import java.util.TreeMap;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.zip.GZIPInputStream;

/** Sends requests as they are over one connection, and takes the answers apart. */
final class HttpPeer implements Closeable {

    private static final Pattern CODE = Pattern.compile("\"code\": ?\"(\\w+)\"");

    private final SocketChannel channel;
    private final InputStream in;

    /**
     * An answer.
     *
     * @param status its number
     * @param type of the content, without parameters
     * @param text the body, inflated
     */
    record Reply(int status, String type, String text) {

        String code() {
            Matcher matcher = CODE.matcher(text);
            return matcher.find() ? matcher.group(1) : "";
        }
    }

    HttpPeer(Path socket) throws IOException {
        channel = SocketChannel.open(UnixDomainSocketAddress.of(socket));
        in = Channels.newInputStream(channel);
    }

    Reply call(byte[] request) throws IOException {
        channel.write(ByteBuffer.wrap(request));
        return read(in);
    }

    static Reply parse(byte[] answer) throws IOException {
        return read(new ByteArrayInputStream(answer));
    }

    private static Reply read(InputStream in) throws IOException {
        int status = Integer.parseInt(line(in).split(" ")[1]);
        Map<String, String> headers = new TreeMap<>(String.CASE_INSENSITIVE_ORDER);
        for (String line = line(in); !line.isEmpty(); line = line(in)) {
            headers.put(line.split(": ", 2)[0], line.split(": ", 2)[1]);
        }
        byte[] body = in.readNBytes(Integer.parseInt(headers.getOrDefault("Content-Length", "0")));
        if (headers.getOrDefault("Content-Encoding", "").equals("gzip")) {
            body = new GZIPInputStream(new ByteArrayInputStream(body)).readAllBytes();
        }
        return new Reply(status, headers.getOrDefault("Content-Type", "").split(";")[0],
                new String(body, StandardCharsets.ISO_8859_1));
    }

    private static String line(InputStream in) throws IOException {
        StringBuilder line = new StringBuilder();
        for (int c = in.read(); c != '\n'; c = in.read()) {
            if (c < 0) {
                throw new IOException("hung up after: " + line);
            }
            line.append((char) c);
        }
        return line.toString().strip();
    }

    @Override
    public void close() throws IOException {
        channel.close();
    }
}
