package dev.secretsengine.core.wire;

import static java.lang.foreign.ValueLayout.ADDRESS;
import static java.lang.foreign.ValueLayout.JAVA_INT;

import java.io.Closeable;
import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.Linker;
import java.lang.foreign.MemorySegment;
import java.lang.invoke.MethodHandle;
import java.nio.file.Files;
import java.nio.file.Path;
import org.newsclub.net.unix.AFUNIXSocket;
import org.newsclub.net.unix.FileDescriptorCast;

/**
 * The process that has made a connection, held by a file of the kernel's (SO_PEERPIDFD, since Linux 6.5): its number may
 * be another process's by the time that something is read about it.
 */
final class PeerProcess implements Closeable {

    private static final int SOL_SOCKET = 1;
    private static final int SO_PEERPIDFD = 77;
    private static final int ENOPROTOOPT = 92;

    /** An older kernel has none. */
    private static final int UNKNOWN = -1;

    private static final MethodHandle GETSOCKOPT = LibC.functionWithErrno("getsockopt", JAVA_INT, JAVA_INT, JAVA_INT,
            ADDRESS, ADDRESS);
    private static final MethodHandle CLOSE = LibC.function("close", JAVA_INT);

    private final int descriptor;

    private PeerProcess(int descriptor) {
        this.descriptor = descriptor;
    }

    /**
     * Of this connection.
     *
     * @throws IOException if it has ended
     */
    static PeerProcess of(AFUNIXSocket connection) throws IOException {
        int socket = FileDescriptorCast.using(connection.getFileDescriptor()).as(Integer.class);
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment state = arena.allocate(Linker.Option.captureStateLayout());
            MemorySegment value = arena.allocate(JAVA_INT);
            MemorySegment length = arena.allocateFrom(JAVA_INT, Integer.BYTES);
            if (LibC.call(GETSOCKOPT, state, socket, SOL_SOCKET, SO_PEERPIDFD, value, length) == 0) {
                return new PeerProcess(value.get(JAVA_INT, 0));
            }
            if (LibC.errno(state) == ENOPROTOOPT) {
                return new PeerProcess(UNKNOWN);
            }
            throw new IOException("it has ended");
        }
    }

    /** Whether the number still is this process's, and so was whenever something was read about it. */
    boolean isStill(long pid) throws IOException {
        return descriptor == UNKNOWN
                || Files.readAllLines(Path.of("/proc/self/fdinfo", Integer.toString(descriptor)))
                        .contains("Pid:\t" + pid);
    }

    @Override
    public void close() {
        if (descriptor != UNKNOWN) {
            LibC.call(CLOSE, descriptor);
        }
    }
}
