package dev.secretsengine.age;

import java.lang.foreign.Arena;
import java.lang.foreign.FunctionDescriptor;
import java.lang.foreign.Linker;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.lang.invoke.MethodHandle;
import java.security.GeneralSecurityException;
import java.time.Duration;
import java.util.Arrays;
import java.util.Locale;
import org.jspecify.annotations.Nullable;

/**
 * The Linux kernel's keyring of this user, kept in memory until the last process of the user has gone or a time-out
 * ends. It is a convenience only: where it cannot be used, nothing is kept and nothing is said.
 */
final class KernelKeyring {

    private static final String PREFIX = "secrets-engine:identity:";
    private static final int MAX_SECRET = 512;

    private static final long PROCESS_KEYRING = -2;
    private static final long USER_KEYRING = -4;

    private static final long SET_PERMISSIONS = 5;
    private static final long LINK = 8;
    private static final long UNLINK = 9;
    private static final long SEARCH = 10;
    private static final long READ = 11;
    private static final long SET_TIMEOUT = 15;

    /** All for whoever holds the key and for its owner, who need not: a service's session may lack the user keyring. */
    private static final long OWNER_ONLY = 0x3f3f0000L;

    /**
     * Keeps an identity for later engines.
     *
     * @param fingerprint of the protected file it came from: another file, another key
     * @param time for how long, zero for not at all
     */
    void keep(String fingerprint, IdentityKey identity, Duration time) {
        byte[] text = identity.copyText();
        try {
            if (!time.isZero()) {
                put(PREFIX + fingerprint, text, time);
            }
        } finally {
            Arrays.fill(text, (byte) 0);
        }
    }

    /** The identity an engine kept earlier, which the caller closes; null if there is none. */
    @Nullable
    IdentityKey find(String fingerprint, Duration time) {
        byte[] text = time.isZero() ? new byte[0] : get(PREFIX + fingerprint);
        try {
            return text.length == 0 ? null : IdentityKey.parse(text);
        } catch (GeneralSecurityException e) {
            // Not what we put there: the passphrase is asked for as if nothing were kept.
            return null;
        } finally {
            Arrays.fill(text, (byte) 0);
        }
    }

    private static void put(String description, byte[] secret, Duration timeout) {
        Calls calls = Calls.HERE;
        if (calls == null) {
            return;
        }
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment value = arena.allocateFrom(ValueLayout.JAVA_BYTE, secret);
            // A key may be restricted only where it is held: in the process's keyring first.
            long key = calls.invoke(calls.addKey(), arena.allocateFrom("user").address(),
                    arena.allocateFrom(description).address(), value.address(), secret.length, PROCESS_KEYRING);
            value.fill((byte) 0);
            if (key < 0) {
                return;
            }
            if (calls.control(SET_PERMISSIONS, key, OWNER_ONLY, 0, 0) == 0
                    && calls.control(SET_TIMEOUT, key, timeout.toSeconds(), 0, 0) == 0) {
                calls.control(LINK, key, USER_KEYRING, 0, 0);
            }
            calls.control(UNLINK, key, PROCESS_KEYRING, 0, 0);
        }
    }

    private static byte[] get(String description) {
        Calls calls = Calls.HERE;
        if (calls == null) {
            return new byte[0];
        }
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment value = arena.allocate(MAX_SECRET);
            long key = calls.search(arena, description);
            long length = key < 0 ? key : calls.control(READ, key, value.address(), MAX_SECRET, 0);
            byte[] secret = length < 0 || length > MAX_SECRET
                    ? new byte[0]
                    : value.asSlice(0, length).toArray(ValueLayout.JAVA_BYTE);
            value.fill((byte) 0);
            return secret;
        }
    }

    /** Forgets the identity of a file that is no more. */
    void forget(String fingerprint) {
        Calls calls = Calls.HERE;
        if (calls == null) {
            return;
        }
        try (Arena arena = Arena.ofConfined()) {
            long key = calls.search(arena, PREFIX + fingerprint);
            if (key >= 0) {
                calls.control(UNLINK, key, USER_KEYRING, 0, 0);
            }
        }
    }

    /** libc's syscall() with the numbers of one architecture: libc has no functions of their own for these two. */
    private record Calls(MethodHandle syscall, long addKey, long keyctl) {

        /** Null where they are not known. Looked up at the first use, not when the engine starts. */
        static final @Nullable Calls HERE = find();

        // Linking is what --enable-native-access is given for.
        @SuppressWarnings("restricted")
        static @Nullable Calls find() {
            boolean linux = System.getProperty("os.name", "").toLowerCase(Locale.ROOT).equals("linux");
            String machine = System.getProperty("os.arch", "");
            boolean intel = machine.equals("amd64");
            if (!linux || !(intel || machine.equals("aarch64"))) {
                return null;
            }
            FunctionDescriptor longs = FunctionDescriptor.of(ValueLayout.JAVA_LONG, ValueLayout.JAVA_LONG,
                    ValueLayout.JAVA_LONG, ValueLayout.JAVA_LONG, ValueLayout.JAVA_LONG, ValueLayout.JAVA_LONG,
                    ValueLayout.JAVA_LONG);
            try {
                Linker linker = Linker.nativeLinker();
                return linker.defaultLookup().find("syscall")
                        .map(call -> linker.downcallHandle(call, longs, Linker.Option.firstVariadicArg(1)))
                        .map(call -> intel ? new Calls(call, 248, 250) : new Calls(call, 217, 219)).orElse(null);
            } catch (IllegalCallerException | UnsupportedOperationException e) {
                return null;
            }
        }

        long search(Arena arena, String description) {
            return control(SEARCH, USER_KEYRING, arena.allocateFrom("user").address(),
                    arena.allocateFrom(description).address(), 0);
        }

        long control(long command, long a, long b, long c, long d) {
            return invoke(keyctl, command, a, b, c, d);
        }

        long invoke(long number, long a, long b, long c, long d, long e) {
            try {
                return (long) syscall.invokeExact(number, a, b, c, d, e);
            } catch (Throwable t) {
                throw new IllegalStateException(t);
            }
        }
    }
}
