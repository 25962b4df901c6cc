package dev.secretsengine.core.wire;

import java.io.Closeable;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.net.Socket;

/** A connected peer. Closing it ends both streams. */
public interface Connection extends Closeable {

    /**
     * A connection to a process that was given the other end of a socket pair.
     *
     * @param descriptor this end, which is taken over
     */
    static Connection toChild(int descriptor, Peer child) throws IOException {
        return SocketConnection.of(descriptor, child);
    }

    /** Who it is. */
    Peer peer();

    /** The socket that both streams are of, for libraries that want one. */
    Socket socket();

    /** Whether the peer still has its end open; for calls that take long. */
    boolean isAlive();

    /** What the peer sends. */
    InputStream input();

    /** What the peer gets; not buffered. */
    OutputStream output();
}
