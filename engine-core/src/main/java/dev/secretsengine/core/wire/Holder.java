package dev.secretsengine.core.wire;

import static java.lang.foreign.ValueLayout.ADDRESS;
import static java.lang.foreign.ValueLayout.JAVA_INT;
import static java.lang.foreign.ValueLayout.JAVA_LONG;
import static java.lang.foreign.ValueLayout.JAVA_SHORT;

import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.invoke.MethodHandle;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Optional;
import java.util.OptionalInt;
import org.newsclub.net.unix.AFUNIXSocketAddress;
import org.newsclub.net.unix.AFUNIXSocketChannel;
import org.newsclub.net.unix.AFUNIXSocketCredentials;

/** Finds the process that listens on a name without waiting for it: it may never accept a connection. */
final class Holder {

    private static final Path SOCKETS = Path.of("/proc/net/unix");

    /** Which columns of that file, and the flag of a socket that listens. */
    private static final int FLAGS = 3;
    private static final int INODE = 6;
    private static final int NAME = 7;
    private static final String LISTENS = "00010000";

    private static final int AF_UNIX = 1;
    private static final int AF_NETLINK = 16;
    private static final int SOCK_RAW_CLOEXEC = 0x80003;
    private static final int NETLINK_SOCK_DIAG = 4;
    private static final short SOCK_DIAG_BY_FAMILY = 20;
    private static final short NLM_F_REQUEST = 1;
    private static final int UDIAG_SHOW_UID = 0x40;
    private static final short UNIX_DIAG_UID = 7;
    private static final int MSG_DONTWAIT = 0x40;
    private static final int REQUEST_SIZE = 40;
    private static final int ANSWER_SIZE = 1024;
    private static final int ATTRIBUTES_AT = 32;

    private Holder() {
    }

    /**
     * Describes the process that listens there, empty if there is none.
     *
     * @param name the address as messages have it, an abstract one with a leading @
     */
    static Optional<String> of(AFUNIXSocketAddress address, String name) {
        try (AFUNIXSocketChannel probe = AFUNIXSocketChannel.open()) {
            probe.configureBlocking(false);
            if (!probe.connect(address)) {
                // Its queue is full, so the kernel does not say more on this way.
                OptionalInt uid = uidOf(name);
                return Optional.of((uid.isPresent() ? "uid " + uid.getAsInt() : "a process")
                        + ", which accepts no connections");
            }
            AFUNIXSocketCredentials holder = probe.getPeerCredentials();
            return Optional.of("process " + holder.getPid() + " of uid " + holder.getUid());
        } catch (IOException e) {
            return Optional.empty();
        }
    }

    private static OptionalInt uidOf(String name) throws IOException {
        for (String line : Files.readAllLines(SOCKETS, StandardCharsets.ISO_8859_1)) {
            String[] columns = line.strip().split("\\s+", NAME + 1);
            if (columns.length > NAME && columns[FLAGS].equals(LISTENS) && columns[NAME].equals(name)) {
                return uidOf(Integer.parseUnsignedInt(columns[INODE]));
            }
        }
        return OptionalInt.empty();
    }

    /** Asks the kernel for the owner of a Unix socket: {@code sock_diag(7)}, with an inode as it has 32 bits there. */
    private static OptionalInt uidOf(int inode) {
        MethodHandle close = LibC.function("close", JAVA_INT);
        int socket = LibC.call(LibC.function("socket", JAVA_INT, JAVA_INT, JAVA_INT), AF_NETLINK, SOCK_RAW_CLOEXEC,
                NETLINK_SOCK_DIAG);
        if (socket < 0) {
            return OptionalInt.empty();
        }
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment request = arena.allocate(REQUEST_SIZE, Integer.BYTES);
            request.set(JAVA_INT, 0, REQUEST_SIZE);
            request.set(JAVA_SHORT, 4, SOCK_DIAG_BY_FAMILY);
            request.set(JAVA_SHORT, 6, NLM_F_REQUEST);
            request.set(JAVA_SHORT, 16, (short) AF_UNIX);
            request.set(JAVA_INT, 20, -1);
            request.set(JAVA_INT, 24, inode);
            request.set(JAVA_INT, 28, UDIAG_SHOW_UID);
            // Any generation of the inode.
            request.set(JAVA_INT, 32, -1);
            request.set(JAVA_INT, 36, -1);
            LibC.call(LibC.function("send", JAVA_INT, ADDRESS, JAVA_LONG, JAVA_INT), socket, request,
                    (long) REQUEST_SIZE, 0);
            MemorySegment answer = arena.allocate(ANSWER_SIZE, Integer.BYTES);
            int length = LibC.call(LibC.function("recv", JAVA_INT, ADDRESS, JAVA_LONG, JAVA_INT), socket, answer,
                    (long) ANSWER_SIZE, MSG_DONTWAIT);
            return length > ATTRIBUTES_AT && answer.get(JAVA_SHORT, 4) == SOCK_DIAG_BY_FAMILY
                    ? uidAmong(answer, length)
                    : OptionalInt.empty();
        } finally {
            LibC.call(close, socket);
        }
    }

    private static OptionalInt uidAmong(MemorySegment answer, int length) {
        int at = ATTRIBUTES_AT;
        while (at + 2 * Integer.BYTES <= length) {
            int size = answer.get(JAVA_SHORT, at);
            if (answer.get(JAVA_SHORT, at + 2) == UNIX_DIAG_UID) {
                return OptionalInt.of(answer.get(JAVA_INT, at + 4));
            }
            at += Math.max(Integer.BYTES, (size + 3) & ~3);
        }
        return OptionalInt.empty();
    }
}
