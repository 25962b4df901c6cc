package dev.secretsengine.keychain.linux;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import dev.secretsengine.api.SecretValue;
import java.util.Arrays;
import org.freedesktop.dbus.DBusPath;
import org.junit.jupiter.api.Test;

class SessionCipherTest {

    private static final DBusPath SESSION = new DBusPath("/session");

    @Test
    void bothSidesComeToOneKey() throws Exception {
        SessionCipher.Exchange ours = new SessionCipher.Exchange();
        SessionCipher.Exchange theirs = new SessionCipher.Exchange();
        SessionCipher here = ours.finish(theirs.publicKey());
        SessionCipher there = theirs.finish(ours.publicKey());
        try (SecretValue value = SecretValue.copyOf(new byte[]{1, 2, 0, 3});
                SecretValue read = there.unseal(here.seal(value, SESSION))) {
            assertArrayEquals(new byte[]{1, 2, 0, 3}, read.copyBytes());
        }
    }

    @Test
    void padsEveryPublicKey() {
        for (int i = 0; i < 600; i++) {
            assertEquals(128, new SessionCipher.Exchange().publicKey().length);
        }
    }

    @Test
    void refusesAKeyThatFixesTheSecret() {
        SessionCipher.Exchange exchange = new SessionCipher.Exchange();
        byte[] one = new byte[128];
        one[127] = 1;
        assertThrows(BusException.class, () -> exchange.finish(one));
        assertThrows(BusException.class, () -> exchange.finish(new byte[128]));
    }

    @Test
    void neverSealsTheSameWayTwice() throws Exception {
        SessionCipher cipher = new SessionCipher.Exchange().finish(new SessionCipher.Exchange().publicKey());
        try (SecretValue value = SecretValue.copyOf(new byte[]{7})) {
            assertNotEquals(Arrays.toString((byte[]) cipher.seal(value, SESSION)[2]),
                    Arrays.toString((byte[]) cipher.seal(value, SESSION)[2]));
        }
    }

    @Test
    void takesAnotherKeyForALostSession() throws Exception {
        SessionCipher.Exchange theirs = new SessionCipher.Exchange();
        SessionCipher one = new SessionCipher.Exchange().finish(theirs.publicKey());
        SessionCipher other = new SessionCipher.Exchange().finish(theirs.publicKey());
        int lost = 0;
        try (SecretValue value = SecretValue.copyOf(new byte[]{7})) {
            // One time in 256 the padding comes out right by chance.
            for (int i = 0; i < 8; i++) {
                Object[] sealed = one.seal(value, SESSION);
                try (SecretValue read = other.unseal(sealed)) {
                    assertNotEquals(Arrays.toString(new byte[]{7}), Arrays.toString(read.copyBytes()));
                } catch (BusException e) {
                    assertEquals(BusException.Kind.LOST, e.kind());
                    lost++;
                }
            }
        }
        assertNotEquals(0, lost);
    }
}
