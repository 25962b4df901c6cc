package dev.secretsengine.core.wire;

import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import org.newsclub.net.unix.AFUNIXSocket;
import org.newsclub.net.unix.FileDescriptorCast;

/** A connection over a socket of junixsocket's. */
record SocketConnection(AFUNIXSocket socket, Peer peer, InputStream input, OutputStream output) implements Connection {

    static Connection of(AFUNIXSocket socket, Peer peer) throws IOException {
        return new SocketConnection(socket, peer, socket.getInputStream(), socket.getOutputStream());
    }

    /** A connection whose descriptor somebody else has made; it is taken over. */
    static Connection of(int descriptor, Peer peer) throws IOException {
        return of(FileDescriptorCast.unsafeUsing(descriptor).as(AFUNIXSocket.class), peer);
    }

    @Override
    public boolean isAlive() {
        try {
            return !socket.checkConnectionClosed();
        } catch (IOException e) {
            return false;
        }
    }

    @Override
    public void close() throws IOException {
        socket.close();
    }
}
