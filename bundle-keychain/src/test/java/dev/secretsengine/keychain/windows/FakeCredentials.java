package dev.secretsengine.keychain.windows;

import dev.secretsengine.keychain.system.Keychain;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.function.UnaryOperator;

/**
 * The generic credentials of a Credential Manager in memory, with the limits of the real one's documentation: a write
 * replaces whichever credential has the same target.
 */
public final class FakeCredentials implements Credentials {

    private final UnaryOperator<String> folding;
    final Map<String, Credential> credentials = new TreeMap<>();

    /** Every change, as {@code write TARGET} and {@code delete TARGET}. */
    final List<String> changes = new ArrayList<>();
    private final Map<String, Integer> failing = new HashMap<>();
    private int writesLeft = Integer.MAX_VALUE;

    private FakeCredentials(UnaryOperator<String> folding) {
        this.folding = folding;
    }

    /** One that takes A for a, as the real one does. */
    static FakeCredentials ignoringCase() {
        return new FakeCredentials(target -> target.toLowerCase(Locale.ROOT));
    }

    /** One that minds the case. */
    public static FakeCredentials minding() {
        return new FakeCredentials(target -> target);
    }

    /** A keychain over it. */
    public Keychain keychain() {
        return new WindowsKeychain(() -> this);
    }

    /** From now on there is no session to read from. */
    public void logOut() {
        fail("read", 1312);
        fail("list", 1312);
    }

    /** Ends that. */
    public void logIn() {
        failing.clear();
    }

    void fail(String function, int code) {
        failing.put(function, code);
    }

    /** What is written after so many is refused. */
    void failAfter(int writes) {
        writesLeft = writes;
    }

    private void called(String function) throws Win32Exception {
        Integer code = failing.get(function);
        if (code != null) {
            throw new Win32Exception(code);
        }
    }

    @Override
    public synchronized void write(Credential credential) throws Win32Exception {
        called("write");
        if (writesLeft-- <= 0) {
            throw new Win32Exception(Win32Exception.ACCESS_DENIED);
        }
        if (credential.blob().length > 2560 || credential.attributes().size() > 64) {
            throw new Win32Exception(Win32Exception.STUB_DATA);
        }
        if (credential.userName().length() > 513) {
            throw new Win32Exception(Win32Exception.BAD_USER_NAME);
        }
        changes.add("write " + credential.target());
        credentials.put(folding.apply(credential.target()), copy(credential, true));
    }

    /** The caller wipes its own. */
    private static Credential copy(Credential credential, boolean withBlob) {
        return new Credential(credential.target(), credential.userName(),
                withBlob ? credential.blob().clone() : new byte[0], credential.attributes(), Instant.now());
    }

    @Override
    public synchronized Optional<Credential> read(String target) throws Win32Exception {
        called("read");
        return Optional.ofNullable(credentials.get(folding.apply(target))).map(found -> copy(found, true));
    }

    @Override
    public synchronized List<Credential> list(String filter) throws Win32Exception {
        called("list");
        if (!filter.endsWith("*")) {
            throw new Win32Exception(Win32Exception.INVALID_FLAGS);
        }
        String prefix = folding.apply(filter.substring(0, filter.length() - 1));
        return credentials.entrySet().stream().filter(entry -> entry.getKey().startsWith(prefix))
                .map(entry -> copy(entry.getValue(), false)).toList();
    }

    @Override
    public synchronized boolean delete(String target) throws Win32Exception {
        called("delete");
        changes.add("delete " + target);
        return credentials.remove(folding.apply(target)) != null;
    }
}
