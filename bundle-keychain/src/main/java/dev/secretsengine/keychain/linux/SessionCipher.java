package dev.secretsengine.keychain.linux;

import dev.secretsengine.api.SecretValue;
import java.math.BigInteger;
import java.security.GeneralSecurityException;
import java.security.SecureRandom;
import java.util.Arrays;
import java.util.List;
import javax.crypto.Cipher;
import javax.crypto.KDF;
import javax.crypto.SecretKey;
import javax.crypto.spec.HKDFParameterSpec;
import javax.crypto.spec.IvParameterSpec;
import org.freedesktop.dbus.DBusPath;
import org.jspecify.annotations.Nullable;

/**
 * The encryption between us and a Secret Service, {@code dh-ietf1024-sha256-aes128-cbc-pkcs7}: a Diffie-Hellman
 * exchange in the 1024-bit group of RFC 2409 section 6.2, HKDF-SHA256 without salt, AES-128-CBC. Thread-safe.
 */
final class SessionCipher {

    static final String ALGORITHM = "dh-ietf1024-sha256-aes128-cbc-pkcs7";

    private static final BigInteger PRIME = new BigInteger("FFFFFFFFFFFFFFFFC90FDAA22168C234C4C6628B80DC1CD1"
            + "29024E088A67CC74020BBEA63B139B22514A08798E3404DDEF9519B3CD3A431B302B0A6DF25F1437"
            + "4FE1356D6D51C245E485B576625E7EC6F44C42E9A637ED6B0BFF5CB6F406B7EDEE386BFB5A899FA5"
            + "AE9F24117C4B1FE649286651ECE65381FFFFFFFFFFFFFFFF", 16);
    /** KWallet refuses a shorter public key, and derives the key from the padded secret. */
    private static final int GROUP_BYTES = 128;
    private static final int BLOCK = 16;
    private static final String CONTENT_TYPE = "application/octet-stream";
    private static final SecureRandom RANDOM = new SecureRandom();

    private final SecretKey key;

    private SessionCipher(SecretKey key) {
        this.key = key;
    }

    /** Our half of the exchange. */
    static final class Exchange {

        private final BigInteger secret = new BigInteger(GROUP_BYTES * 8 - 1, RANDOM);

        byte[] publicKey() {
            return padded(BigInteger.TWO.modPow(secret, PRIME));
        }

        /** The cipher that the other side arrives at too. */
        SessionCipher finish(byte[] theirs) throws BusException {
            BigInteger other = new BigInteger(1, theirs);
            if (other.compareTo(BigInteger.ONE) <= 0 || other.compareTo(PRIME.subtract(BigInteger.ONE)) >= 0) {
                // Not a key of the group, or one that would fix the secret.
                throw BusException.failed();
            }
            byte[] shared = padded(other.modPow(secret, PRIME));
            try {
                return new SessionCipher(KDF.getInstance("HKDF-SHA256").deriveKey("AES",
                        HKDFParameterSpec.ofExtract().addIKM(shared).thenExpand(new byte[0], BLOCK)));
            } catch (GeneralSecurityException e) {
                throw BusException.failed();
            } finally {
                Arrays.fill(shared, (byte) 0);
            }
        }
    }

    /** A value as the service takes it: session, vector, encrypted bytes, content type. */
    Object[] seal(SecretValue value, DBusPath session) throws BusException {
        byte[] vector = new byte[BLOCK];
        RANDOM.nextBytes(vector);
        byte[] plain = value.copyBytes();
        try {
            byte[] encrypted = cipher(Cipher.ENCRYPT_MODE, vector).doFinal(plain);
            return new Object[]{session, vector, encrypted, CONTENT_TYPE};
        } catch (GeneralSecurityException e) {
            throw BusException.failed();
        } finally {
            Arrays.fill(plain, (byte) 0);
        }
    }

    /** A value as the service gives it. The two sides may have come to different keys: then the session is lost. */
    SecretValue unseal(Object[] sealed) throws BusException {
        try {
            return SecretValue.wrap(cipher(Cipher.DECRYPT_MODE, bytes(sealed[1])).doFinal(bytes(sealed[2])));
        } catch (GeneralSecurityException e) {
            throw BusException.lost();
        } catch (IllegalArgumentException e) {
            throw new BusException(BusException.Kind.FAILED, "the value in the keychain is larger than 4 MiB",
                    "remove the item with the program that made it");
        }
    }

    /** An array of bytes, which dbus-java reads as a list where it lies within something else. */
    static byte[] bytes(@Nullable Object value) {
        if (value instanceof byte[] array) {
            return array;
        }
        List<?> list = value instanceof List<?> found ? found : List.of();
        byte[] array = new byte[list.size()];
        for (int i = 0; i < array.length; i++) {
            array[i] = (Byte) list.get(i);
        }
        return array;
    }

    private Cipher cipher(int mode, byte[] vector) throws GeneralSecurityException {
        Cipher cipher = Cipher.getInstance("AES/CBC/PKCS5Padding");
        cipher.init(mode, key, new IvParameterSpec(vector));
        return cipher;
    }

    private static byte[] padded(BigInteger number) {
        byte[] bytes = number.toByteArray();
        byte[] padded = new byte[GROUP_BYTES];
        // A leading zero byte for the sign is left out.
        int length = Math.min(bytes.length, GROUP_BYTES);
        System.arraycopy(bytes, bytes.length - length, padded, GROUP_BYTES - length, length);
        Arrays.fill(bytes, (byte) 0);
        return padded;
    }
}
