package dev.secretsengine.core.wire;

import java.io.Closeable;
import java.io.InputStream;
import java.io.OutputStream;

/** A connected peer. Closing it ends both streams. */
public interface Connection extends Closeable {

    /** Who it is. */
    Peer peer();

    /** What the peer sends. */
    InputStream input();

    /** What the peer gets; not buffered. */
    OutputStream output();
}
