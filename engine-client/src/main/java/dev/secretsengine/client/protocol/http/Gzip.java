package dev.secretsengine.client.protocol.http;

import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.util.zip.GZIPInputStream;

/** Bodies with {@code Content-Encoding: gzip}. */
public final class Gzip {

    private static final int MAX_GUESS = 1 << 16;

    private Gzip() {
    }

    /**
     * Inflates a body; who gets it wipes it.
     *
     * @param max the most bytes that may come out
     * @throws HttpException 400 if it is no gzip, 413 if more would come out
     */
    public static byte[] inflate(byte[] body, int max) throws HttpException {
        BodyBuffer inflated = new BodyBuffer(Math.max(1, 4 * Math.min(body.length, MAX_GUESS)), max);
        try (InputStream in = new GZIPInputStream(new ByteArrayInputStream(body))) {
            for (int next = in.read(); next >= 0; next = in.read()) {
                // One byte first: at the limit only the end may come.
                inflated.reserve(1);
                inflated.array()[inflated.length()] = (byte) next;
                inflated.add(1);
                inflated.add(Math.max(0, in.read(inflated.array(), inflated.length(), inflated.room())));
            }
            return inflated.toBytes();
        } catch (IOException e) {
            throw new HttpException(400, "malformed gzip");
        } finally {
            inflated.wipe();
        }
    }
}
