package dev.secretsengine.core.wire;

import java.io.Closeable;
import java.io.InputStream;
import java.io.OutputStream;
import java.net.Socket;

/** A connected peer. Closing it ends both streams. */
public interface Connection extends Closeable {

    /** Who it is. */
    Peer peer();

    /** The socket that both streams are of, for libraries that want one. */
    Socket socket();

    /** What the peer sends. */
    InputStream input();

    /** What the peer gets; not buffered. */
    OutputStream output();
}
