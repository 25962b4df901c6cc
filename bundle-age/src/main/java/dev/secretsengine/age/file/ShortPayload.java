package dev.secretsengine.age.file;

import com.exceptionfactory.jagged.framework.crypto.CipherKey;
import java.security.GeneralSecurityException;
import java.security.NoSuchAlgorithmException;
import java.security.Provider;
import java.util.Arrays;
import javax.crypto.Cipher;
import javax.crypto.NoSuchPaddingException;
import javax.crypto.spec.IvParameterSpec;
import org.jspecify.annotations.Nullable;

/** The payload of an age file that is one chunk, still encrypted, and the key to it. Safe for use by many threads. */
public final class ShortPayload {

    private static final String CIPHER = "ChaCha20-Poly1305";

    /** Counter zero, and the mark of the last chunk. */
    private static final byte[] NONCE = {0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 1};

    private final byte[] key;
    private final byte[] chunk;
    private boolean wiped;

    /** Takes both arrays over. */
    public ShortPayload(byte[] key, byte[] chunk) {
        this.key = key;
        this.chunk = chunk;
    }

    /** Finding the provider anew takes as long as decrypting a short secret. */
    private static final class Holder {

        static final Provider PROVIDER = provider();

        private static Provider provider() {
            try {
                return Cipher.getInstance(CIPHER).getProvider();
            } catch (NoSuchAlgorithmException | NoSuchPaddingException e) {
                throw new IllegalStateException(e);
            }
        }
    }

    /** The plaintext, which the caller wipes; null if the key is gone. */
    public byte @Nullable [] decrypt() throws GeneralSecurityException {
        CipherKey copy = copyKey();
        if (copy == null) {
            return null;
        }
        try {
            Cipher cipher = Cipher.getInstance(CIPHER, Holder.PROVIDER);
            cipher.init(Cipher.DECRYPT_MODE, copy, new IvParameterSpec(NONCE));
            return cipher.doFinal(chunk);
        } finally {
            copy.destroy();
        }
    }

    /** A copy, so that nothing is wiped under a thread that is decrypting. */
    private synchronized @Nullable CipherKey copyKey() {
        return wiped ? null : new CipherKey(key.clone());
    }

    /** Forgets the key. */
    public synchronized void wipe() {
        Arrays.fill(key, (byte) 0);
        wiped = true;
    }
}
