package dev.secretsengine.keychain.linux;

import dev.secretsengine.api.RequestContext;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.net.UnixDomainSocketAddress;
import java.nio.channels.SocketChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.function.Consumer;
import java.util.function.Function;
import org.freedesktop.dbus.connections.impl.DBusConnection;
import org.freedesktop.dbus.connections.impl.DBusConnectionBuilder;
import org.freedesktop.dbus.exceptions.AuthenticationException;
import org.freedesktop.dbus.exceptions.DBusException;
import org.freedesktop.dbus.matchrules.DBusMatchRule;
import org.freedesktop.dbus.messages.DBusSignal;
import org.freedesktop.dbus.messages.Error;
import org.freedesktop.dbus.messages.Message;
import org.freedesktop.dbus.messages.MethodCall;
import org.freedesktop.dbus.types.UInt32;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * A connection to a session bus. Sending and waiting are apart, so that many calls share one round trip; calls name
 * their member and signature, so that no proxies are made. It keeps three threads: one that reads, one that sends and
 * one for signals.
 */
final class Bus implements AutoCloseable {

    private static final Logger LOG = LoggerFactory.getLogger(Bus.class);

    private static final String DRIVER = "org.freedesktop.DBus";
    private static final String DRIVER_PATH = "/org/freedesktop/DBus";

    /** How soon a waiting call notices that its caller has gone. */
    private static final long SLICE_MILLIS = 200;

    private static final String ADDRESS = "DBUS_SESSION_BUS_ADDRESS";
    private static final String RUNTIME_FOLDER = "XDG_RUNTIME_DIR";
    private static final String SOCKET = "bus";

    private final Path socket;
    private final DBusConnection connection;

    private Bus(Path socket, DBusConnection connection) {
        this.socket = socket;
        this.connection = connection;
    }

    /**
     * Connects to the session bus: the engine's own where it answers, else the caller's. Starts none.
     *
     * @param environment the engine's variables, empty for one that is not set
     * @param context brings the caller's variables
     */
    static Bus dial(Function<String, Optional<String>> environment, RequestContext context) throws BusException {
        Set<Path> sockets = new LinkedHashSet<>();
        List<String> unreachable = new ArrayList<>();
        addAnnounced(environment, sockets, unreachable);
        if (environment.apply(RUNTIME_FOLDER).isEmpty()) {
            ownRuntimeFolder().map(folder -> folder.resolve(SOCKET)).filter(Files::exists).ifPresent(sockets::add);
        }
        addAnnounced(context::callerVariable, sockets, unreachable);
        for (Path socket : sockets) {
            if (answers(socket)) {
                return open(socket);
            }
        }
        if (!sockets.isEmpty()) {
            throw BusException.absent("the session bus at " + sockets.iterator().next() + " does not answer",
                    "its address is stale: log in again, correct DBUS_SESSION_BUS_ADDRESS or set store = \"age\"");
        }
        if (!unreachable.isEmpty()) {
            throw BusException.absent("the session bus at " + unreachable.getFirst() + " cannot be reached from Java",
                    "give the bus a unix:path= address, or set store = \"age\"");
        }
        throw BusException.absent("there is no session bus (DBUS_SESSION_BUS_ADDRESS is not set)",
                "run inside a desktop session, or set store = \"age\"");
    }

    private static void addAnnounced(Function<String, Optional<String>> variables, Set<Path> sockets,
            List<String> unreachable) {
        for (String address : variables.apply(ADDRESS).orElse("").split(";", -1)) {
            Optional<String> path = pathOf(address);
            path.map(Path::of).ifPresent(sockets::add);
            if (path.isEmpty() && !address.isBlank()) {
                unreachable.add(address.replaceFirst(",guid=.*", ""));
            }
        }
        variables.apply(RUNTIME_FOLDER).filter(folder -> !folder.isEmpty())
                .map(folder -> Path.of(folder, SOCKET)).filter(Files::exists).ifPresent(sockets::add);
    }

    private static Optional<String> pathOf(String address) {
        if (address.startsWith("unix:")) {
            for (String pair : address.substring("unix:".length()).split(",", -1)) {
                if (pair.startsWith("path=")) {
                    return Optional.of(unescaped(pair.substring("path=".length())));
                }
            }
        }
        return Optional.empty();
    }

    /** D-Bus writes a byte outside a small set as a percent sign and two hexadecimal digits. */
    private static String unescaped(String text) {
        ByteArrayOutputStream bytes = new ByteArrayOutputStream();
        byte[] escaped = text.getBytes(StandardCharsets.UTF_8);
        for (int i = 0; i < escaped.length; i++) {
            int high = i + 2 < escaped.length ? Character.digit(escaped[i + 1], 16) : -1;
            int low = high >= 0 ? Character.digit(escaped[i + 2], 16) : -1;
            if (escaped[i] == '%' && low >= 0) {
                bytes.write(high << 4 | low);
                i += 2;
            } else {
                bytes.write(escaped[i]);
            }
        }
        return bytes.toString(StandardCharsets.UTF_8);
    }

    private static Optional<Path> ownRuntimeFolder() {
        try {
            return Optional.of(Path.of("/run/user/" + Files.getAttribute(Path.of("/proc/self"), "unix:uid")));
        } catch (IOException | UnsupportedOperationException e) {
            return Optional.empty();
        }
    }

    /** Whether somebody listens on a socket. The connection proper would try a dead one again and again. */
    private static boolean answers(Path socket) {
        try (SocketChannel channel = SocketChannel.open(UnixDomainSocketAddress.of(socket))) {
            return channel.isConnected();
        } catch (IOException | IllegalArgumentException e) {
            return false;
        }
    }

    private static Bus open(Path socket) throws BusException {
        try {
            DBusConnectionBuilder builder = DBusConnectionBuilder.forAddress("unix:path=" + socket).withShared(false);
            builder.receivingThreadConfig().withSignalThreadCount(1).withErrorHandlerThreadCount(1)
                    .withMethodCallThreadCount(1).withMethodReturnThreadCount(1);
            // Half a second means a single attempt.
            builder.transportConfig().withTimeout(500);
            return new Bus(socket, builder.build());
        } catch (DBusException | RuntimeException e) {
            // A bus that is there and does not finish in time says nothing about the keychain.
            BusException thrown = isRefusal(e)
                    ? BusException.absent("the session bus at " + socket + " refused the connection",
                            "check that it is the bus of this user")
                    : BusException.slow();
            thrown.initCause(e);
            throw thrown;
        }
    }

    private static boolean isRefusal(@Nullable Throwable thrown) {
        return thrown != null && (thrown instanceof AuthenticationException || isRefusal(thrown.getCause()));
    }

    /** One more connection to the same bus. */
    Bus another() throws BusException {
        return open(socket);
    }

    /** How long to wait before looking again whether the caller has gone, in milliseconds. */
    static long slice(RequestContext context) {
        return Math.min(SLICE_MILLIS, context.remaining().toMillis());
    }

    boolean isOpen() {
        return connection.isConnected();
    }

    /** Runs an action for every signal of a kind, on the one thread for signals: it must not wait. */
    void onSignal(DBusMatchRule rule, Consumer<DBusSignal> action) throws BusException {
        try {
            // Taken back by the end of the connection.
            AutoCloseable _ = connection.addGenericSigHandler(rule, action::accept);
        } catch (DBusException | RuntimeException e) {
            throw broken(e);
        }
    }

    /** Sends a call without waiting for its reply. */
    MethodCall send(String destination, String path, String member, @Nullable String signature, Object... arguments)
            throws BusException {
        int dot = member.lastIndexOf('.');
        try {
            MethodCall call = connection.getMessageFactory().createMethodCall(destination, path,
                    member.substring(0, dot), member.substring(dot + 1), (byte) 0, signature, arguments);
            connection.sendMessage(call);
            return call;
        } catch (DBusException | RuntimeException e) {
            throw broken(e);
        }
    }

    /** Sends a call to the bus itself. */
    MethodCall sendToDriver(String member, @Nullable String signature, Object... arguments) throws BusException {
        return send(DRIVER, DRIVER_PATH, DRIVER + "." + member, signature, arguments);
    }

    /** Who owns a name now; a service that the bus knows how to start is started. */
    String ownerOf(String name, RequestContext context) throws BusException {
        MethodCall activatable = sendToDriver("ListActivatableNames", null);
        try {
            return (String) await(sendToDriver("GetNameOwner", "s", name), context)[0];
        } catch (BusException e) {
            if (e.kind() != BusException.Kind.LOST || !isOpen()) {
                throw e;
            }
        }
        if (!((List<?>) await(activatable, context)[0]).contains(name)) {
            throw BusException.absent("nobody provides the Secret Service (" + name + ") on the session bus",
                    "start gnome-keyring, KWallet or KeePassXC, or set store = \"age\"");
        }
        try {
            await(sendToDriver("StartServiceByName", "su", name, new UInt32(0)), context);
            return (String) await(sendToDriver("GetNameOwner", "s", name), context)[0];
        } catch (BusException e) {
            if (e.kind() == BusException.Kind.SLOW || !isOpen()) {
                throw e;
            }
            throw BusException.absent("the session bus could not start the Secret Service (" + name + ")",
                    "start the keyring daemon by hand, or set store = \"age\"");
        }
    }

    /** Waits for the values of a reply. */
    Object[] await(MethodCall call, RequestContext context) throws BusException {
        Message reply = null;
        while (reply == null) {
            long millis = slice(context);
            if (millis <= 0 || Thread.currentThread().isInterrupted()) {
                throw BusException.slow();
            }
            boolean open = isOpen();
            reply = call.getReply(millis);
            if (reply == null && !open) {
                throw BusException.lost();
            }
        }
        if (reply instanceof Error) {
            // The bus names a sender in all it delivers: an error without one was made here, of a call that could
            // not be sent, maybe before the connection knows that it has ended.
            boolean delivered = reply.getSource() != null && isOpen();
            BusException thrown = delivered ? BusException.named(String.valueOf(reply.getName())) : BusException.lost();
            if (thrown.kind() == BusException.Kind.FAILED) {
                LOG.warn("{} failed: {}", call.getName(), reply.getName());
            }
            throw thrown;
        }
        try {
            Object[] values = reply.getParameters();
            return values == null ? new Object[0] : values;
        } catch (DBusException | RuntimeException e) {
            throw broken(e);
        }
    }

    private BusException broken(Exception e) {
        BusException thrown = isOpen() ? BusException.failed() : BusException.lost();
        thrown.initCause(e);
        return thrown;
    }

    @Override
    public void close() {
        connection.disconnect();
    }
}
