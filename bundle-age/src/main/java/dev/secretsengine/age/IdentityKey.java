package dev.secretsengine.age;

import com.exceptionfactory.jagged.RecipientStanzaReader;
import com.exceptionfactory.jagged.x25519.X25519KeyFactory;
import com.exceptionfactory.jagged.x25519.X25519KeyPairGenerator;
import com.exceptionfactory.jagged.x25519.X25519RecipientStanzaReaderFactory;
import java.nio.ByteBuffer;
import java.nio.CharBuffer;
import java.nio.charset.StandardCharsets;
import java.security.GeneralSecurityException;
import java.security.InvalidKeyException;
import java.security.PrivateKey;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.Arrays;
import javax.crypto.spec.SecretKeySpec;
import javax.security.auth.DestroyFailedException;

/**
 * One X25519 identity as age-keygen writes it. Close wipes the text held here. Out of reach stay the copies of
 * Jagged's Bech32 decoder, of {@link SecretKeySpec}, and the JDK's private key, which cannot be destroyed.
 */
final class IdentityKey implements AutoCloseable {

    private static final byte[] PREFIX = "AGE-SECRET-KEY-1".getBytes(StandardCharsets.US_ASCII);

    private final byte[] text;
    private final String recipient;

    private IdentityKey(byte[] text) throws GeneralSecurityException {
        this.text = text;
        try {
            byte[] encoded = new X25519KeyFactory().translateKey(new SecretKeySpec(text, "X25519")).getEncoded();
            recipient = new String(encoded, StandardCharsets.US_ASCII);
        } catch (GeneralSecurityException | RuntimeException e) {
            close();
            // Jagged's messages may quote what they could not read.
            throw new InvalidKeyException("not an age secret key");
        }
    }

    /** A new random identity. */
    static IdentityKey generate() throws GeneralSecurityException {
        PrivateKey secret = new X25519KeyPairGenerator().generateKeyPair().getPrivate();
        byte[] text = secret.getEncoded();
        try {
            secret.destroy();
        } catch (DestroyFailedException e) {
            Arrays.fill(text, (byte) 0);
            throw new GeneralSecurityException(e);
        }
        return new IdentityKey(text);
    }

    /**
     * The identity in a file of age-keygen's format: comments, blank lines, one key.
     *
     * @param file stays the caller's
     * @throws GeneralSecurityException if there is none, more than one, or it is damaged; the message is fit for users
     */
    static IdentityKey parse(byte[] file) throws GeneralSecurityException {
        byte[] found = null;
        for (int start = 0; start < file.length;) {
            int end = start;
            while (end < file.length && file[end] != '\n') {
                end++;
            }
            int length = end > start && file[end - 1] == '\r' ? end - 1 - start : end - start;
            if (length > PREFIX.length && Arrays.equals(file, start, start + PREFIX.length, PREFIX, 0, PREFIX.length)) {
                if (found != null) {
                    Arrays.fill(found, (byte) 0);
                    throw new InvalidKeyException("more than one age secret key");
                }
                found = Arrays.copyOfRange(file, start, start + length);
            }
            start = end + 1;
        }
        if (found == null) {
            throw new InvalidKeyException("no age secret key");
        }
        return new IdentityKey(found);
    }

    /** The public key, {@code age1...}. */
    String recipient() {
        return recipient;
    }

    /** What decrypts files for this identity; it works on after this is closed. */
    RecipientStanzaReader reader() throws GeneralSecurityException {
        CharBuffer chars = StandardCharsets.US_ASCII.decode(ByteBuffer.wrap(text));
        try {
            return X25519RecipientStanzaReaderFactory.newRecipientStanzaReader(chars);
        } finally {
            Arrays.fill(chars.array(), '\0');
        }
    }

    /** The text of an identity file; the caller wipes it. */
    byte[] file() {
        String comments = "# created: " + Instant.now().truncatedTo(ChronoUnit.SECONDS) + "\n# public key: " + recipient
                + "\n";
        byte[] start = comments.getBytes(StandardCharsets.US_ASCII);
        byte[] file = Arrays.copyOf(start, start.length + text.length + 1);
        System.arraycopy(text, 0, file, start.length, text.length);
        file[file.length - 1] = '\n';
        return file;
    }

    /** The secret key's own text; the caller wipes it. */
    byte[] copyText() {
        return text.clone();
    }

    @Override
    public void close() {
        Arrays.fill(text, (byte) 0);
    }
}
