package dev.secretsengine.keychain.linux;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.secretsengine.api.RequestContext;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicInteger;
import org.freedesktop.dbus.DBusPath;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

class ServiceLinkTest {

    private Keyring keyring;
    private ServiceLink link;

    @BeforeEach
    void open() throws Exception {
        keyring = Keyring.unlocked();
        link = new ServiceLink(Bus.dial(name -> Optional.ofNullable(keyring.environment().get(name)), context()),
                new Unlocker(), context());
    }

    @AfterEach
    void close() throws Exception {
        link.close();
        keyring.close();
    }

    @Test
    void noticesThatTheServiceHasGone() throws Exception {
        assertTrue(link.isUsable());
        keyring.stopDaemon();
        for (int i = 0; i < 200 && link.isUsable(); i++) {
            Thread.sleep(10);
        }
        assertFalse(link.isUsable());
    }

    @Test
    void knowsGnomeKeyring() {
        assertEquals(Daemon.GNOME_KEYRING, link.daemon());
    }

    @Test
    void runsAnActionAgainAfterUnlocking() throws Exception {
        AtomicInteger runs = new AtomicInteger();
        int answer = link.unlocked("login", List.of(), context(), () -> {
            if (runs.incrementAndGet() < 4) {
                throw BusException.locked();
            }
            return 7;
        });
        assertEquals(7, answer);
        assertEquals(4, runs.get());
    }

    @Test
    void givesUpWhenTheKeyringLocksAgainAndAgain() {
        AtomicInteger runs = new AtomicInteger();
        BusException thrown = assertThrows(BusException.class,
                () -> link.unlocked("login", List.of(), context(), () -> {
                    runs.incrementAndGet();
                    throw BusException.locked();
                }));
        assertEquals(BusException.Kind.LOCKED, thrown.kind());
        assertEquals(6, runs.get());
    }

    @Test
    void readsManyObjectsInTheOrderAsked() throws Exception {
        for (int i = 0; i < 3; i++) {
            keyring.store("label " + i, "x", "number", String.valueOf(i));
        }
        List<DBusPath> paths = List.of(path(3), path(99), path(1));
        List<Object> labels = link.properties(paths, Items.ITEM, context(), "Label").stream()
                .map(properties -> properties.getOrDefault("Label", "gone")).toList();
        assertEquals(List.of("label 2", "gone", "label 0"), labels);
    }

    private static DBusPath path(int number) {
        return new DBusPath(Keyring.LOGIN + "/" + number);
    }

    private static RequestContext context() {
        return RequestContext.of(Duration.ofSeconds(5));
    }
}
