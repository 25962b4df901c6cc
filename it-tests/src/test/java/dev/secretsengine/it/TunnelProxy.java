package dev.secretsengine.it;

import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CopyOnWriteArrayList;

/** An HTTP proxy for what is encrypted: it makes connections to this machine, and sees nothing but where to. */
final class TunnelProxy implements AutoCloseable {

    private final ServerSocket server = new ServerSocket(0, 16, InetAddress.getLoopbackAddress());
    private final List<String> targets = new CopyOnWriteArrayList<>();
    private final Set<Socket> open = ConcurrentHashMap.newKeySet();

    TunnelProxy() throws IOException {
        Thread.ofVirtual().start(this::serve);
    }

    String url() {
        return "http://localhost:" + server.getLocalPort();
    }

    /** Host and port of each tunnel. */
    List<String> targets() {
        return targets;
    }

    private void serve() {
        while (!server.isClosed()) {
            try {
                Socket client = server.accept();
                open.add(client);
                Thread.ofVirtual().start(() -> tunnel(client));
            } catch (IOException e) {
                // The test is over.
            }
        }
    }

    private void tunnel(Socket client) {
        try (client) {
            String[] request = head(client).split("[ \r\n]");
            if (!request[0].equals("CONNECT")) {
                throw new IOException("not for a proxy like this: " + request[0]);
            }
            targets.add(request[1]);
            try (Socket target = new Socket(InetAddress.getLoopbackAddress(),
                    Integer.parseInt(request[1].replaceFirst(".*:", "")))) {
                open.add(target);
                client.getOutputStream().write("HTTP/1.1 200 OK\r\n\r\n".getBytes(StandardCharsets.US_ASCII));
                Thread.ofVirtual().start(() -> copy(target, client));
                copy(client, target);
            }
        } catch (IOException e) {
            // One of both has gone.
        }
    }

    private static String head(Socket client) throws IOException {
        StringBuilder head = new StringBuilder();
        while (head.indexOf("\r\n\r\n") < 0) {
            int next = client.getInputStream().read();
            if (next < 0) {
                throw new IOException("gone");
            }
            head.append((char) next);
        }
        return head.toString();
    }

    private static void copy(Socket from, Socket to) {
        try {
            from.getInputStream().transferTo(to.getOutputStream());
            to.shutdownOutput();
        } catch (IOException e) {
            // One of both has gone.
        }
    }

    @Override
    public void close() throws IOException {
        server.close();
        for (Socket socket : open) {
            socket.close();
        }
    }
}
