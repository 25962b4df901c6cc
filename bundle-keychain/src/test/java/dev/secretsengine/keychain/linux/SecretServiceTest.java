package dev.secretsengine.keychain.linux;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTimeout;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.secretsengine.api.Cancellation;
import dev.secretsengine.api.Envelope;
import dev.secretsengine.api.LocalStore.Probe;
import dev.secretsengine.api.LocalStore.State;
import dev.secretsengine.api.RequestContext;
import dev.secretsengine.api.SecretId;
import dev.secretsengine.api.SecretPattern;
import dev.secretsengine.api.SecretValue;
import dev.secretsengine.api.SecretsException;
import dev.secretsengine.keychain.system.Keychain;
import java.net.StandardProtocolFamily;
import java.net.UnixDomainSocketAddress;
import java.nio.channels.ServerSocketChannel;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.function.Executable;
import org.junit.jupiter.api.io.TempDir;

/** What happens when the bus or the keyring is not as it should be. */
class SecretServiceTest {

    private static final SecretId ID = SecretId.parse("a/b");
    /** Far below what a caller would wait, and above what a busy machine needs. */
    private static final Duration LIMIT = Duration.ofSeconds(10);

    @TempDir
    private Path folder;
    private Keyring keyring;
    private SecretService service;

    @AfterEach
    void stop() throws Exception {
        if (service != null) {
            service.close();
        }
        if (keyring != null) {
            keyring.close();
        }
    }

    @Test
    void tellsThatThereIsNoBus() {
        expectAbsent(Map.of("XDG_RUNTIME_DIR", folder.toString()), "there is no session bus");
    }

    @Test
    void tellsThatTheAddressIsStale() throws Exception {
        Path socket = deadSocket();
        expectAbsent(Map.of("DBUS_SESSION_BUS_ADDRESS", "unix:path=" + socket, "XDG_RUNTIME_DIR", folder.toString()),
                "the session bus at " + socket + " does not answer");
    }

    @Test
    void tellsThatAnAbstractAddressCannotBeReached() {
        expectAbsent(
                Map.of("DBUS_SESSION_BUS_ADDRESS", "unix:abstract=/tmp/dbus-x,guid=1", "XDG_RUNTIME_DIR",
                        folder.toString()),
                "the session bus at unix:abstract=/tmp/dbus-x cannot be reached from Java");
    }

    @Test
    void tellsThatNobodyProvidesTheService() throws Exception {
        keyring = new Keyring();
        expectAbsent(keyring.environment(), "nobody provides the Secret Service");
    }

    @Test
    void tellsThatThereIsNoKeyringOnceTheBusStartedTheService() throws Exception {
        keyring = new Keyring();
        keyring.offer("org.freedesktop.secrets",
                "/usr/bin/gnome-keyring-daemon --start --foreground --components=secrets");
        expectAbsent(keyring.environment(), "the Secret Service has no default keyring");
    }

    @Test
    void neverUsesAKeyringThatIsLostAtLogout() throws Exception {
        keyring = new Keyring();
        keyring.offer("org.freedesktop.secrets",
                "/usr/bin/gnome-keyring-daemon --start --foreground --components=secrets");
        keyring.service("/org/freedesktop/secrets", "org.freedesktop.Secret.Service.SetAlias", "string:default",
                "objpath:/org/freedesktop/secrets/collection/session");
        expectAbsent(keyring.environment(), "the Secret Service only has a keyring that is lost at logout");
    }

    @Test
    void doesNotTakeASlowServiceForNone() throws Exception {
        keyring = new Keyring();
        keyring.offer("org.freedesktop.secrets", "/bin/sleep 60");
        service = new SecretService(keyring.environment());
        Probe probe = assertTimeout(LIMIT, () -> service.probe(layout(), RequestContext.of(Duration.ofSeconds(1))));
        assertEquals(State.UNKNOWN, probe.state());
        assertTrue(probe.message().startsWith("the keychain did not answer in time"), probe.message());
    }

    @Test
    void waitsForAServiceThatTheBusStartsSlowly() throws Exception {
        keyring = new Keyring();
        keyring.makeLogin();
        keyring.offer("org.freedesktop.secrets",
                "/bin/sh -c 'sleep 3; exec gnome-keyring-daemon --start --foreground --components=secrets'");
        service = new SecretService(keyring.environment());
        assertEquals(State.LOCKED, service.probe(layout(), context()).state());
    }

    @Test
    void stopsWaitingWhenTheCallerHasGone() throws Exception {
        keyring = new Keyring();
        keyring.offer("org.freedesktop.secrets", "/bin/sleep 60");
        service = new SecretService(keyring.environment());
        Cancellation gone = new Cancellation();
        CompletableFuture.delayedExecutor(500, TimeUnit.MILLISECONDS).execute(gone::cancel);
        expectUnavailable("the keychain did not answer in time",
                () -> get(RequestContext.of(Duration.ofSeconds(60), gone, Map.of())));
    }

    @Test
    void givesAFrozenBusUpInTime() throws Exception {
        keyring = Keyring.unlocked();
        service = new SecretService(keyring.environment());
        keyring.freezeBus();
        assertTimeout(LIMIT, () -> {
            assertEquals(State.UNKNOWN, service.probe(layout(), RequestContext.of(Duration.ofSeconds(1))).state());
        });
        expectUnavailable("the keychain did not answer in time",
                () -> get(RequestContext.of(Duration.ofSeconds(1))));
    }

    @Test
    void usesTheCallersBusWhenItsOwnIsDead() throws Exception {
        keyring = Keyring.unlocked();
        service = new SecretService(Map.of("DBUS_SESSION_BUS_ADDRESS", "unix:path=" + deadSocket(), "XDG_RUNTIME_DIR",
                folder.toString()));
        RequestContext context = RequestContext.of(Duration.ofSeconds(60), new Cancellation(), keyring.environment());
        assertEquals(new Probe(State.READY, ""), service.probe(layout(), context));
    }

    @Test
    void findsTheBusInTheRuntimeFolder() throws Exception {
        keyring = Keyring.unlocked();
        service = new SecretService(Map.of("XDG_RUNTIME_DIR", keyring.socket().getParent().toString()));
        assertEquals(new Probe(State.READY, ""), service.probe(layout(), context()));
    }

    @Test
    void readsAnEscapedAddressAmongSeveral() throws Exception {
        keyring = Keyring.unlocked();
        String escaped = keyring.socket().toString().replace("/", "%2f");
        service = new SecretService(Map.of("DBUS_SESSION_BUS_ADDRESS",
                "unix:abstract=/nothing;unix:guid=00,path=" + escaped, "XDG_RUNTIME_DIR", folder.toString()));
        assertEquals(new Probe(State.READY, ""), service.probe(layout(), context()));
    }

    @Test
    void survivesARestartOfTheKeyring() throws Exception {
        keyring = Keyring.unlocked();
        service = new SecretService(keyring.environment());
        set(1);
        assertEquals(1, get(context()));
        keyring.stopDaemon();
        expectUnavailable("nobody provides the Secret Service", () -> get(context()));
        keyring.startUnlocked();
        assertEquals(1, get(context()));
        keyring.stopDaemon();
        keyring.startUnlocked();
        set(2);
        assertEquals(2, get(context()));
    }

    @Test
    void failsCleanlyWhenTheBusEnds() throws Exception {
        keyring = Keyring.unlocked();
        service = new SecretService(keyring.environment());
        set(1);
        keyring.stopBus();
        expectUnavailable("does not answer", () -> get(context()));
    }

    @Test
    void saysThatAKeyringLockedMeanwhile() throws Exception {
        keyring = Keyring.unlocked();
        service = new SecretService(keyring.environment());
        set(1);
        keyring.lock();
        expectLocked();
        assertEquals(1, service.list(layout(), SecretPattern.parse("**"), context()).size());
    }

    @Test
    void saysThatAKeyringWasNeverUnlocked() throws Exception {
        keyring = Keyring.unlocked();
        service = new SecretService(keyring.environment());
        set(1);
        keyring.stopDaemon();
        keyring.startLocked();
        expectLocked();
        expectUnavailable("the keychain is locked",
                () -> service.list(layout(), SecretPattern.parse("**"), context()));
    }

    @Test
    void waitsForAPromptNoLongerThanItMay() throws Exception {
        keyring = Keyring.unlocked();
        keyring.offer("org.gnome.keyring.SystemPrompter", "/bin/sleep 60");
        service = new SecretService(keyring.environment());
        set(1);
        keyring.lock();
        long begin = System.nanoTime();
        expectUnavailable("the keychain is locked and its prompt was not answered",
                () -> get(RequestContext.of(Duration.ofSeconds(1))));
        assertTrue(System.nanoTime() - begin < LIMIT.toNanos());
    }

    private void expectLocked() {
        Probe probe = assertTimeout(LIMIT, () -> service.probe(layout(), context()));
        assertEquals(State.LOCKED, probe.state());
        assertTrue(probe.message().startsWith("the keychain is locked: "), probe.message());
        expectUnavailable("the keychain is locked", () -> get(context()));
        expectUnavailable("the keychain is locked", () -> set(3));
        expectUnavailable("the keychain is locked", () -> service.delete(layout(), ID, context()));
    }

    private void expectAbsent(Map<String, String> environment, String message) {
        service = new SecretService(environment);
        Probe probe = assertTimeout(LIMIT, () -> service.probe(layout(), context()));
        assertEquals(State.ABSENT, probe.state(), probe.message());
        assertTrue(probe.message().startsWith(message), probe.message());
        expectUnavailable(message, () -> get(context()));
    }

    private static void expectUnavailable(String message, Executable action) {
        SecretsException.Unavailable thrown = assertTimeout(LIMIT,
                () -> assertThrows(SecretsException.Unavailable.class, action));
        assertTrue(thrown.getMessage().contains(message), thrown.getMessage());
        assertEquals(1, thrown.advice().lines().count());
    }

    private Path deadSocket() throws Exception {
        Path socket = folder.resolve("bus");
        try (ServerSocketChannel server = ServerSocketChannel.open(StandardProtocolFamily.UNIX)) {
            server.bind(UnixDomainSocketAddress.of(socket));
        }
        return socket;
    }

    private void set(int value) throws Exception {
        try (SecretValue secret = SecretValue.copyOf(new byte[]{(byte) value})) {
            service.write(layout(), ID, secret, Map.of(), context());
        }
    }

    private int get(RequestContext context) throws Exception {
        try (Envelope envelope = service.read(layout(), SecretPattern.of(ID), context).getFirst()) {
            return envelope.value().copyBytes()[0];
        }
    }

    private static Keychain.Layout layout() {
        return new Keychain.Layout("com.docker.pass.shared", "docker-pass-cli");
    }

    private static RequestContext context() {
        return RequestContext.of(Duration.ofSeconds(60));
    }
}
