package dev.secretsengine.age;

import static org.junit.jupiter.api.Assertions.assertNull;

import java.time.Duration;
import org.junit.jupiter.api.Test;

class KernelKeyringTest {

    private static final Duration MINUTE = Duration.ofMinutes(1);

    private final KernelKeyring keyring = new KernelKeyring();

    @Test
    void forgetsWhenToldTo() throws Exception {
        try (IdentityKey key = IdentityKey.generate()) {
            keyring.keep("forgotten", key, MINUTE);
            keyring.forget("forgotten");
            assertNull(keyring.find("forgotten", MINUTE));
            keyring.forget("forgotten");
        }
    }

    @Test
    void forgetsAfterATime() throws Exception {
        try (IdentityKey key = IdentityKey.generate()) {
            keyring.keep("short", key, Duration.ofSeconds(1));
            Thread.sleep(2500);
            assertNull(keyring.find("short", MINUTE));
        }
    }

    @Test
    void keepsNothingForNoTime() throws Exception {
        try (IdentityKey key = IdentityKey.generate()) {
            keyring.keep("never", key, Duration.ZERO);
            assertNull(keyring.find("never", MINUTE));
            keyring.keep("unasked", key, MINUTE);
            assertNull(keyring.find("unasked", Duration.ZERO));
            keyring.forget("unasked");
        }
    }
}
