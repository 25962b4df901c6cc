package dev.secretsengine.age.file;

import com.exceptionfactory.jagged.RecipientStanza;
import com.exceptionfactory.jagged.RecipientStanzaReader;
import com.exceptionfactory.jagged.RecipientStanzaWriter;
import com.exceptionfactory.jagged.framework.crypto.ByteBufferCipherFactory;
import com.exceptionfactory.jagged.framework.crypto.CipherKey;
import com.exceptionfactory.jagged.framework.crypto.PayloadIvParameterSpec;
import com.exceptionfactory.jagged.framework.crypto.StandardByteBufferCipherFactory;
import com.exceptionfactory.jagged.framework.format.StandardPayloadKeyReader;
import com.exceptionfactory.jagged.framework.format.StandardPayloadKeyWriter;
import dev.secretsengine.api.LocalStore;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.security.GeneralSecurityException;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/**
 * A whole age v1 file in memory. Keys and header are Jagged's; the payload goes straight from array to array here,
 * because Jagged's channels keep plaintext in buffers that nobody can wipe.
 */
public final class AgeFile {

    /** Room for a header, of which a reader sees no more. */
    public static final int MAX_HEADER = 64 << 10;

    private static final int TAG = 16;
    private static final int PLAIN_CHUNK = 64 << 10;
    private static final int CHUNK = PLAIN_CHUNK + TAG;
    private static final int NONCE = 16;

    /** The longest file whose plaintext can be a secret's value. */
    public static final int MAX_LENGTH = MAX_HEADER + NONCE + LocalStore.MAX_VALUE_LENGTH
            + TAG * (LocalStore.MAX_VALUE_LENGTH / PLAIN_CHUNK + 1);

    private static final ByteBufferCipherFactory CIPHERS = new StandardByteBufferCipherFactory();

    private AgeFile() {
    }

    /** Encrypts to recipients. The plaintext stays the caller's. */
    public static byte[] encrypt(byte[] plain, List<RecipientStanzaWriter> recipients) throws GeneralSecurityException {
        int chunks = Math.max(1, Math.ceilDiv(plain.length, PLAIN_CHUNK));
        ByteBuffer file = ByteBuffer.allocate(MAX_HEADER + NONCE + plain.length + chunks * TAG);
        CipherKey key = header(file, recipients);
        try {
            PayloadIvParameterSpec nonce = new PayloadIvParameterSpec();
            ByteBuffer in = ByteBuffer.wrap(plain);
            for (int chunk = 1; chunk <= chunks; chunk++) {
                if (chunk == chunks) {
                    nonce.setLastChunkFlag();
                }
                CIPHERS.newByteBufferEncryptor(key, nonce).encrypt(next(in, PLAIN_CHUNK), file);
                nonce.incrementInitializationVector();
            }
        } finally {
            key.destroy();
        }
        return Arrays.copyOf(file.array(), file.position());
    }

    private static CipherKey header(ByteBuffer file, List<RecipientStanzaWriter> recipients)
            throws GeneralSecurityException {
        try {
            return new StandardPayloadKeyWriter().writeFileHeader(file, recipients);
        } catch (IOException e) {
            throw new GeneralSecurityException("header", e);
        }
    }

    /**
     * Decrypts a file; the caller wipes the plaintext.
     *
     * @throws GeneralSecurityException if the file is malformed, was changed, or is for another identity
     */
    public static byte[] decrypt(byte[] bytes, RecipientStanzaReader identity) throws GeneralSecurityException {
        try (Opened opened = open(bytes, identity)) {
            return opened.decrypt();
        }
    }

    /**
     * Opens a file, which stays the caller's; its header is authentic then.
     *
     * @throws GeneralSecurityException if the header is malformed, was changed, or is for another identity
     */
    public static Opened open(byte[] bytes, RecipientStanzaReader identity) throws GeneralSecurityException {
        ByteBuffer file = ByteBuffer.wrap(bytes);
        return new Opened(payloadKey(file, identity), file.slice());
    }

    /** A file's payload and the key to it, which close wipes. */
    public record Opened(CipherKey key, ByteBuffer encrypted) implements AutoCloseable {

        /**
         * The plaintext; the caller wipes it.
         *
         * @throws GeneralSecurityException if the payload is malformed or was changed
         */
        public byte[] decrypt() throws GeneralSecurityException {
            ByteBuffer file = encrypted.duplicate();
            int chunks = Math.ceilDiv(file.remaining(), CHUNK);
            int last = file.remaining() - (chunks - 1) * CHUNK;
            // Only an empty plaintext has an empty chunk, and it has no other.
            if (chunks == 0 || last < TAG || (last == TAG && chunks > 1)) {
                throw new GeneralSecurityException("payload is cut off");
            }
            return payload(file, chunks, key);
        }

        /** Copies of key and payload, which must be a single chunk. */
        public ShortPayload copy() {
            byte[] chunk = new byte[encrypted.remaining()];
            encrypted.duplicate().get(chunk);
            return new ShortPayload(key.getEncoded().clone(), chunk);
        }

        @Override
        public void close() {
            key.destroy();
        }
    }

    private static byte[] payload(ByteBuffer file, int chunks, CipherKey key) throws GeneralSecurityException {
        byte[] plain = new byte[file.remaining() - chunks * TAG];
        ByteBuffer out = ByteBuffer.wrap(plain);
        try {
            PayloadIvParameterSpec nonce = new PayloadIvParameterSpec();
            for (int chunk = 1; chunk <= chunks; chunk++) {
                if (chunk == chunks) {
                    nonce.setLastChunkFlag();
                }
                CIPHERS.newByteBufferDecryptor(key, nonce).decrypt(next(file, CHUNK), out);
                nonce.incrementInitializationVector();
            }
            return plain;
        } catch (GeneralSecurityException e) {
            Arrays.fill(plain, (byte) 0);
            // Its own type would read as a wrong passphrase, see Passphrase.
            throw new GeneralSecurityException("payload", e);
        }
    }

    private static ByteBuffer next(ByteBuffer from, int length) {
        ByteBuffer slice = from.slice(from.position(), Math.min(length, from.remaining()));
        from.position(from.position() + slice.remaining());
        return slice;
    }

    /**
     * The stanzas of a header, not yet authenticated.
     *
     * @param start the file, or the first {@link #MAX_HEADER} bytes of it
     * @throws GeneralSecurityException if there is no such header
     */
    public static List<RecipientStanza> stanzas(byte[] start) throws GeneralSecurityException {
        List<RecipientStanza> found = new ArrayList<>();
        try {
            payloadKey(ByteBuffer.wrap(start), stanzas -> {
                stanzas.forEach(found::add);
                throw new GeneralSecurityException("only the stanzas are wanted");
            }).destroy();
        } catch (GeneralSecurityException e) {
            // Jagged asks for a key once the header is read to its end.
            if (found.isEmpty()) {
                throw e;
            }
        }
        return found;
    }

    private static CipherKey payloadKey(ByteBuffer file, RecipientStanzaReader identity)
            throws GeneralSecurityException {
        try {
            return new StandardPayloadKeyReader().getPayloadKey(file, List.of(identity));
        } catch (IOException | RuntimeException e) {
            // Jagged meets a header that ends early with whatever its buffers throw.
            throw new GeneralSecurityException("malformed header", e);
        }
    }

    /** A stanza to be written; the body is no longer the caller's. */
    public static RecipientStanza stanza(String type, List<String> arguments, byte[] body) {
        return new RecipientStanza() {

            @Override
            public String getType() {
                return type;
            }

            @Override
            public List<String> getArguments() {
                return arguments;
            }

            @Override
            public byte[] getBody() {
                return body;
            }
        };
    }
}
