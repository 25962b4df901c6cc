package dev.secretsengine.core.yamux;

import java.nio.ByteBuffer;

/**
 * The twelve bytes that begin a frame, big-endian: version 0, type, flags, stream, length.
 *
 * @param type one of the four types
 * @param flags a sum of the four flags; others are ignored
 * @param stream the stream's number, unsigned; 0 is the session
 * @param length what follows (data), is granted (window), identifies (ping) or says why (go-away)
 */
record Frame(int type, int flags, int stream, long length) {

    static final int HEADER = 12;

    /** What may be under way to a stream's reader before it grants more. */
    static final int WINDOW_SIZE = 256 * 1024;

    static final int DATA = 0;
    static final int WINDOW = 1;
    static final int PING = 2;
    static final int GO_AWAY = 3;

    static final int SYN = 1;
    static final int ACK = 2;
    static final int FIN = 4;
    static final int RST = 8;

    /** Codes of go-away. */
    static final int NORMAL = 0;
    static final int PROTOCOL_ERROR = 1;

    private static final int VERSION = 0;

    /** A window frame that grants nothing: how flags travel alone. */
    static Frame signal(int flags, int stream) {
        return new Frame(WINDOW, flags, stream, 0);
    }

    /** Reads a header. */
    static Frame decode(byte[] bytes, int from) throws YamuxException {
        ByteBuffer header = ByteBuffer.wrap(bytes, from, HEADER);
        int version = header.get();
        int type = header.get();
        if (version != VERSION) {
            throw new YamuxException("a frame of version " + Integer.toString(version & 0xff));
        }
        if (type < DATA || type > GO_AWAY) {
            throw new YamuxException("a frame of type " + Integer.toString(type & 0xff));
        }
        return new Frame(type, header.getShort() & 0xffff, header.getInt(), Integer.toUnsignedLong(header.getInt()));
    }

    /** Writes a header. */
    void encode(byte[] bytes, int at) {
        ByteBuffer.wrap(bytes, at, HEADER).put((byte) VERSION).put((byte) type).putShort((short) flags).putInt(stream)
                .putInt((int) length);
    }

    boolean has(int flag) {
        return (flags & flag) != 0;
    }
}
