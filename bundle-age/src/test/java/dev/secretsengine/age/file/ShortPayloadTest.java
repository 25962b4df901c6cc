package dev.secretsengine.age.file;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertThrows;

import com.exceptionfactory.jagged.RecipientStanzaReader;
import com.exceptionfactory.jagged.x25519.X25519KeyPairGenerator;
import com.exceptionfactory.jagged.x25519.X25519RecipientStanzaReaderFactory;
import com.exceptionfactory.jagged.x25519.X25519RecipientStanzaWriterFactory;
import java.nio.charset.StandardCharsets;
import java.security.GeneralSecurityException;
import java.security.KeyPair;
import java.util.List;
import javax.crypto.AEADBadTagException;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class ShortPayloadTest {

    private final KeyPair pair = pair();

    private static KeyPair pair() {
        try {
            return new X25519KeyPairGenerator().generateKeyPair();
        } catch (GeneralSecurityException e) {
            throw new AssertionError(e);
        }
    }

    private byte[] seal(byte[] plain) throws GeneralSecurityException {
        String recipient = new String(pair.getPublic().getEncoded(), StandardCharsets.US_ASCII);
        return AgeFile.encrypt(plain,
                List.of(X25519RecipientStanzaWriterFactory.newRecipientStanzaWriter(recipient)));
    }

    private ShortPayload open(byte[] file) throws GeneralSecurityException {
        RecipientStanzaReader reader = X25519RecipientStanzaReaderFactory
                .newRecipientStanzaReader(new String(pair.getPrivate().getEncoded(), StandardCharsets.US_ASCII));
        try (AgeFile.Opened opened = AgeFile.open(file, reader)) {
            return opened.copy();
        }
    }

    @ParameterizedTest
    @ValueSource(ints = {0, 1, 15, 16, 17, 64, 1000, 16_000, 65_536})
    void decryptsAgainAndAgainUntilItIsWiped(int length) throws Exception {
        byte[] plain = new byte[length];
        for (int i = 0; i < length; i++) {
            plain[i] = (byte) (i * 7);
        }
        ShortPayload payload = open(seal(plain));
        assertArrayEquals(plain, payload.decrypt());
        assertArrayEquals(plain, payload.decrypt());
        payload.wipe();
        assertNull(payload.decrypt());
    }

    @ParameterizedTest
    @ValueSource(ints = {1, 5, 16, 17, 20})
    void refusesAPayloadThatWasChanged(int fromEnd) throws Exception {
        byte[] file = seal("hello".getBytes(StandardCharsets.US_ASCII));
        file[file.length - fromEnd] ^= 1;
        ShortPayload payload = open(file);
        assertThrows(AEADBadTagException.class, payload::decrypt);
        // Not because it was changed for good.
        file[file.length - fromEnd] ^= 1;
        assertEquals(5, open(file).decrypt().length);
    }
}
