package dev.secretsengine.age;

import com.exceptionfactory.jagged.FileKey;
import com.exceptionfactory.jagged.RecipientStanza;
import com.exceptionfactory.jagged.RecipientStanzaReader;
import com.exceptionfactory.jagged.RecipientStanzaWriter;
import com.exceptionfactory.jagged.framework.codec.CanonicalBase64;
import com.exceptionfactory.jagged.framework.crypto.CipherKey;
import com.exceptionfactory.jagged.framework.crypto.EncryptedFileKey;
import com.exceptionfactory.jagged.framework.crypto.FileKeyDecryptorFactory;
import com.exceptionfactory.jagged.framework.crypto.FileKeyEncryptorFactory;
import dev.secretsengine.age.file.AgeFile;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.security.GeneralSecurityException;
import java.security.SecureRandom;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.bouncycastle.crypto.digests.SHA256Digest;
import org.bouncycastle.crypto.engines.Salsa20Engine;
import org.bouncycastle.crypto.generators.PKCS5S2ParametersGenerator;
import org.bouncycastle.crypto.params.KeyParameter;

/**
 * A passphrase as recipient and as identity of an age file: its scrypt stanza. A wrong one shows as
 * {@link javax.crypto.AEADBadTagException}.
 *
 * <p>
 * The primitives are Bouncy Castle's. Its own scrypt keeps the working memory, 256 MiB for age's factor of 18, on the
 * heap, which is several times what the engine is given; here that memory is outside the heap, wiped, and given back.
 */
final class Passphrase implements RecipientStanzaReader, RecipientStanzaWriter, AutoCloseable {

    /** The factor the age tool writes: 2^18 rounds. */
    static final int WORK_FACTOR = 18;

    /** More than this is an attack on the reader's memory, which it would take 1 KiB a round of. */
    private static final int MAX_WORK_FACTOR = 20;

    private static final String TYPE = "scrypt";
    private static final byte[] LABEL = "age-encryption.org/v1/scrypt".getBytes(StandardCharsets.US_ASCII);
    private static final int SALT = 16;

    /** Of scrypt with age's block size of 8: a block has 16 parts of 16 words. */
    private static final int PART = 16;
    private static final int WORDS = 256;
    private static final int BLOCK = WORDS * Integer.BYTES;

    private final byte[] passphrase;
    private final int workFactor;

    /** Takes the array over; the factor counts for writing only. */
    Passphrase(byte[] passphrase, int workFactor) {
        this.passphrase = passphrase;
        this.workFactor = workFactor;
    }

    @Override
    public Iterable<RecipientStanza> getRecipientStanzas(FileKey fileKey) throws GeneralSecurityException {
        byte[] salt = new byte[SALT];
        new SecureRandom().nextBytes(salt);
        CipherKey key = wrapKey(salt, workFactor);
        try {
            byte[] body = new FileKeyEncryptorFactory().newFileKeyEncryptor().getEncryptedFileKey(fileKey, key)
                    .getEncoded();
            List<String> arguments = List.of(CanonicalBase64.getEncoder().encodeToString(salt),
                    Integer.toString(workFactor));
            return List.of(AgeFile.stanza(TYPE, arguments, body));
        } finally {
            key.destroy();
        }
    }

    @Override
    public FileKey getFileKey(Iterable<RecipientStanza> stanzas) throws GeneralSecurityException {
        List<RecipientStanza> all = new ArrayList<>();
        stanzas.forEach(all::add);
        // age demands that it stands alone: whoever knows the passphrase is the only one who can have written it.
        if (all.size() != 1 || !all.get(0).getType().equals(TYPE) || all.get(0).getArguments().size() != 2) {
            throw new GeneralSecurityException("not protected by a passphrase alone");
        }
        RecipientStanza stanza = all.get(0);
        byte[] salt = CanonicalBase64.getDecoder()
                .decode(stanza.getArguments().get(0).getBytes(StandardCharsets.US_ASCII));
        int factor = Integer.parseInt(stanza.getArguments().get(1));
        if (salt.length != SALT || factor < 1 || factor > MAX_WORK_FACTOR) {
            throw new GeneralSecurityException("salt or work factor out of bounds");
        }
        CipherKey key = wrapKey(salt, factor);
        try {
            return new FileKeyDecryptorFactory().newFileKeyDecryptor().getFileKey(
                    new EncryptedFileKey(stanza.getBody()),
                    key);
        } finally {
            key.destroy();
        }
    }

    private CipherKey wrapKey(byte[] salt, int factor) {
        byte[] labelled = Arrays.copyOf(LABEL, LABEL.length + SALT);
        System.arraycopy(salt, 0, labelled, LABEL.length, SALT);
        return new CipherKey(scrypt(passphrase, labelled, factor));
    }

    /** RFC 7914 with N = 2^factor, r = 8, p = 1 and 32 bytes of key. */
    static byte[] scrypt(byte[] passphrase, byte[] salt, int factor) {
        byte[] seed = pbkdf2(passphrase, salt, BLOCK);
        int[] block = new int[WORDS];
        ByteBuffer.wrap(seed).order(ByteOrder.LITTLE_ENDIAN).asIntBuffer().get(block);
        int rounds = 1 << factor;
        int[] scratch = new int[WORDS];
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment memory = arena.allocate((long) rounds * BLOCK, BLOCK);
            MemorySegment present = MemorySegment.ofArray(block);
            MemorySegment earlier = MemorySegment.ofArray(scratch);
            for (int i = 0; i < rounds; i++) {
                MemorySegment.copy(present, 0, memory, (long) i * BLOCK, BLOCK);
                mix(block, scratch);
            }
            for (int i = 0; i < rounds; i++) {
                long j = block[WORDS - PART] & (rounds - 1);
                MemorySegment.copy(memory, j * BLOCK, earlier, 0, BLOCK);
                for (int word = 0; word < WORDS; word++) {
                    block[word] ^= scratch[word];
                }
                mix(block, scratch);
            }
            memory.fill((byte) 0);
        }
        ByteBuffer.wrap(seed).order(ByteOrder.LITTLE_ENDIAN).asIntBuffer().put(block);
        byte[] key = pbkdf2(passphrase, seed, 32);
        Arrays.fill(seed, (byte) 0);
        Arrays.fill(block, 0);
        Arrays.fill(scratch, 0);
        return key;
    }

    /** scryptBlockMix: the even parts of the result come first, the odd ones after them. */
    private static void mix(int[] block, int[] scratch) {
        int[] part = Arrays.copyOfRange(block, WORDS - PART, WORDS);
        for (int i = 0; i < PART; i++) {
            for (int word = 0; word < PART; word++) {
                part[word] ^= block[i * PART + word];
            }
            Salsa20Engine.salsaCore(8, part, part);
            System.arraycopy(part, 0, scratch, (i / 2) * PART + (i % 2) * (WORDS / 2), PART);
        }
        System.arraycopy(scratch, 0, block, 0, WORDS);
    }

    private static byte[] pbkdf2(byte[] passphrase, byte[] salt, int length) {
        PKCS5S2ParametersGenerator generator = new PKCS5S2ParametersGenerator(SHA256Digest.newInstance());
        generator.init(passphrase, salt, 1);
        return ((KeyParameter) generator.generateDerivedMacParameters(length * Byte.SIZE)).getKey();
    }

    @Override
    public void close() {
        Arrays.fill(passphrase, (byte) 0);
    }
}
