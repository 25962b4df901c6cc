package dev.secretsengine.age;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.secretsengine.age.file.AgeFile;
import java.nio.charset.StandardCharsets;
import java.security.GeneralSecurityException;
import java.util.HexFormat;
import java.util.List;
import java.util.Random;
import javax.crypto.AEADBadTagException;
import org.bouncycastle.crypto.generators.SCrypt;
import org.junit.jupiter.api.Test;

class PassphraseTest {

    @Test
    void computesTheVectorOfRfc7914() {
        byte[] key = Passphrase.scrypt(ascii("pleaseletmein"), ascii("SodiumChloride"), 14);
        assertEquals("7023bdcb3afd7348461c06cd81fd38ebfda8fbba904f8e3ea9b543f6545da1f2",
                HexFormat.of().formatHex(key));
    }

    @Test
    void agreesWithBouncyCastlesOwnScrypt() {
        Random random = new Random(7914);
        for (int factor = 1; factor <= 12; factor++) {
            byte[] passphrase = new byte[random.nextInt(100)];
            byte[] salt = new byte[44];
            random.nextBytes(passphrase);
            random.nextBytes(salt);
            assertArrayEquals(SCrypt.generate(passphrase, salt, 1 << factor, 8, 1, 32),
                    Passphrase.scrypt(passphrase, salt, factor), "" + factor);
        }
    }

    @Test
    void tellsAWrongPassphraseFromADamagedFile() throws Exception {
        byte[] file = AgeFile.encrypt(ascii("text"), List.of(new Passphrase(ascii("right"), 4)));
        assertArrayEquals(ascii("text"), AgeFile.decrypt(file, new Passphrase(ascii("right"), 4)));
        assertThrows(AEADBadTagException.class, () -> AgeFile.decrypt(file, new Passphrase(ascii("wrong"), 4)));
        file[file.length - 1] ^= 1;
        GeneralSecurityException e = assertThrows(GeneralSecurityException.class,
                () -> AgeFile.decrypt(file, new Passphrase(ascii("right"), 4)));
        assertTrue(!(e instanceof AEADBadTagException));
    }

    @Test
    void refusesAWorkFactorThatWouldTakeAllMemory() throws Exception {
        String file = new String(AgeFile.encrypt(ascii("text"), List.of(new Passphrase(ascii("p"), 4))),
                StandardCharsets.ISO_8859_1);
        for (String factor : List.of("21", "62", "0", "-1", "x", "")) {
            byte[] changed = file.replaceFirst(" 4\n", " " + factor + "\n").getBytes(StandardCharsets.ISO_8859_1);
            assertThrows(GeneralSecurityException.class,
                    () -> AgeFile.decrypt(changed, new Passphrase(ascii("p"), 4)), factor);
        }
    }

    private static byte[] ascii(String text) {
        return text.getBytes(StandardCharsets.US_ASCII);
    }
}
