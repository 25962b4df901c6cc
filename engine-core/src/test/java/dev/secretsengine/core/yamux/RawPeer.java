package dev.secretsengine.core.yamux;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.io.DataInputStream;
import java.io.EOFException;
import java.io.IOException;
import java.io.OutputStream;
import java.net.Socket;
import java.net.SocketException;
import java.util.Arrays;

/** A peer that puts its frames together byte by byte, right or wrong. */
final class RawPeer {

    final OutputStream out;
    private final DataInputStream in;

    RawPeer(Socket socket) throws IOException {
        socket.setSoTimeout(20_000);
        out = socket.getOutputStream();
        in = new DataInputStream(socket.getInputStream());
    }

    static byte[] frame(int type, int flags, int stream, long length) {
        byte[] header = new byte[Frame.HEADER];
        new Frame(type, flags, stream, length).encode(header, 0);
        return header;
    }

    void send(int type, int flags, int stream, long length) throws IOException {
        out.write(frame(type, flags, stream, length));
    }

    /** In one write: whoever is hung up on for the header must not fail to send the rest. */
    void data(int flags, int stream, String payload) throws IOException {
        byte[] header = frame(Frame.DATA, flags, stream, payload.length());
        byte[] whole = Arrays.copyOf(header, header.length + payload.length());
        System.arraycopy(payload.getBytes(), 0, whole, header.length, payload.length());
        out.write(whole);
    }

    Frame next() throws IOException {
        byte[] header = new byte[Frame.HEADER];
        in.readFully(header);
        return Frame.decode(header, 0);
    }

    /** Expects a frame without a payload. */
    void expect(int type, int flags, int stream, long length) throws IOException {
        assertEquals(new Frame(type, flags, stream, length), next());
    }

    /** Expects a data frame. */
    void expectData(int stream, String payload) throws IOException {
        expect(Frame.DATA, 0, stream, payload.length());
        assertEquals(payload, payload(payload.length()));
    }

    String payload(int length) throws IOException {
        return new String(in.readNBytes(length));
    }

    /** Expects to be told that it broke the rules, and to be hung up on. */
    void expectFarewell() throws IOException {
        Frame frame = next();
        while (frame.type() != Frame.GO_AWAY) {
            in.skipNBytes(frame.type() == Frame.DATA ? frame.length() : 0);
            frame = next();
        }
        assertEquals(new Frame(Frame.GO_AWAY, 0, 0, Frame.PROTOCOL_ERROR), frame);
        expectEnd();
    }

    void expectEnd() throws IOException {
        try {
            Frame more = next();
            throw new AssertionError("still talking: " + more);
        } catch (EOFException | SocketException e) {
            // Hung up, with or without something left unread.
        }
    }
}
