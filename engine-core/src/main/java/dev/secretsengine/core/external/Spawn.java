package dev.secretsengine.core.external;

import static java.lang.foreign.ValueLayout.ADDRESS;
import static java.lang.foreign.ValueLayout.JAVA_INT;

import dev.secretsengine.core.wire.LibC;
import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemoryLayout;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.lang.invoke.MethodHandle;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;

/**
 * Starts a process with a socket as its file 3, which Java's own processes cannot have: posix_spawn of the C library. The
 * descriptors that come back are the caller's.
 *
 * @param pid the process; {@link #await} has to be called for it
 * @param socket our end of its file 3
 * @param errors our end of its standard error
 */
record Spawn(int pid, int socket, int errors) {

    private static final int AF_UNIX = 1;
    private static final int SOCK_STREAM = 1;
    private static final int SOCK_CLOEXEC = 0x80000;
    private static final int O_RDONLY = 0;
    private static final int O_WRONLY = 1;
    private static final int PLUGIN_FD = 3;

    /** Larger than the structure of any C library. */
    private static final MemoryLayout FILE_ACTIONS = MemoryLayout.sequenceLayout(64, ValueLayout.JAVA_LONG);

    private static final MethodHandle SOCKETPAIR = LibC.function("socketpair", JAVA_INT, JAVA_INT, JAVA_INT, ADDRESS);
    private static final MethodHandle CLOSE = LibC.function("close", JAVA_INT);
    private static final MethodHandle WAITPID = LibC.function("waitpid", JAVA_INT, ADDRESS, JAVA_INT);
    private static final MethodHandle KILL = LibC.function("kill", JAVA_INT, JAVA_INT);
    private static final MethodHandle INIT = LibC.function("posix_spawn_file_actions_init", ADDRESS);
    private static final MethodHandle DESTROY = LibC.function("posix_spawn_file_actions_destroy", ADDRESS);
    private static final MethodHandle DUP2 = LibC.function("posix_spawn_file_actions_adddup2", ADDRESS, JAVA_INT,
            JAVA_INT);
    private static final MethodHandle OPEN = LibC.function("posix_spawn_file_actions_addopen", ADDRESS, JAVA_INT,
            ADDRESS,
            JAVA_INT, JAVA_INT);
    private static final MethodHandle SPAWN = LibC.function("posix_spawn", ADDRESS, ADDRESS, ADDRESS, ADDRESS, ADDRESS,
            ADDRESS);

    /** Of glibc since 2.34. Without it a process gets what some library has opened to be inherited. */
    private static final Optional<MethodHandle> CLOSE_FROM = LibC
            .find("posix_spawn_file_actions_addclosefrom_np", ADDRESS, JAVA_INT);

    /**
     * Starts an executable without arguments.
     *
     * @param environment {@code NAME=VALUE}
     * @throws IOException if it cannot be started
     */
    static Spawn start(Path executable, List<String> environment) throws IOException {
        try (Arena arena = Arena.ofConfined()) {
            int[] socket = pair(arena);
            int[] errors = pair(arena);
            try {
                MemorySegment pid = arena.allocate(JAVA_INT);
                MemorySegment path = arena.allocateFrom(executable.toString());
                int error = spawn(arena, pid, path, socket[1], errors[1], environment);
                if (error != 0) {
                    closeAll(socket[0], errors[0]);
                    throw new IOException("cannot be executed");
                }
                return new Spawn(pid.get(JAVA_INT, 0), socket[0], errors[0]);
            } finally {
                // Or the end of the process would go unseen.
                closeAll(socket[1], errors[1]);
            }
        }
    }

    private static int spawn(Arena arena, MemorySegment pid, MemorySegment path, int socket, int errors,
            List<String> environment) {
        MemorySegment actions = arena.allocate(FILE_ACTIONS);
        MemorySegment nothing = arena.allocateFrom("/dev/null");
        LibC.call(INIT, actions);
        try {
            LibC.call(OPEN, actions, 0, nothing, O_RDONLY, 0);
            LibC.call(OPEN, actions, 1, nothing, O_WRONLY, 0);
            LibC.call(DUP2, actions, errors, 2);
            LibC.call(DUP2, actions, socket, PLUGIN_FD);
            CLOSE_FROM.ifPresent(closeFrom -> LibC.call(closeFrom, actions, PLUGIN_FD + 1));
            return LibC.call(SPAWN, pid, path, actions, MemorySegment.NULL,
                    strings(arena, List.of(path.getString(0))), strings(arena, environment));
        } finally {
            LibC.call(DESTROY, actions);
        }
    }

    private static int[] pair(Arena arena) throws IOException {
        MemorySegment ends = arena.allocate(JAVA_INT, 2);
        if (LibC.call(SOCKETPAIR, AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, ends) != 0) {
            throw new IOException("there are too many open files");
        }
        return new int[]{ends.getAtIndex(JAVA_INT, 0), ends.getAtIndex(JAVA_INT, 1)};
    }

    private static void closeAll(int... descriptors) {
        for (int descriptor : descriptors) {
            LibC.call(CLOSE, descriptor);
        }
    }

    private static MemorySegment strings(Arena arena, List<String> texts) {
        MemorySegment array = arena.allocate(ADDRESS, texts.size() + 1L);
        for (int i = 0; i < texts.size(); i++) {
            array.setAtIndex(ADDRESS, i, arena.allocateFrom(texts.get(i)));
        }
        return array;
    }

    /** Waits for the end of the process. */
    void await() {
        try (Arena arena = Arena.ofConfined()) {
            int waited;
            do {
                waited = LibC.call(WAITPID, pid, arena.allocate(JAVA_INT), 0);
            } while (waited != pid && ProcessHandle.of(pid).isPresent());
        }
    }

    /** Sends it a signal; not once {@link #await} has returned. */
    void signal(int number) {
        LibC.call(KILL, pid, number);
    }
}
