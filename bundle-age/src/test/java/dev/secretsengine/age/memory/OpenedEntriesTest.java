package dev.secretsengine.age.memory;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertSame;

import com.exceptionfactory.jagged.x25519.X25519KeyPairGenerator;
import com.exceptionfactory.jagged.x25519.X25519RecipientStanzaReaderFactory;
import com.exceptionfactory.jagged.x25519.X25519RecipientStanzaWriterFactory;
import dev.secretsengine.age.file.AgeFile;
import dev.secretsengine.age.file.FileStamp;
import dev.secretsengine.age.file.ShortPayload;
import dev.secretsengine.api.SecretId;
import dev.secretsengine.api.SecretInfo;
import java.nio.charset.StandardCharsets;
import java.nio.file.attribute.FileTime;
import java.security.GeneralSecurityException;
import java.security.KeyPair;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

class OpenedEntriesTest {

    private static final FileStamp STAMP = new FileStamp(1, 2, FileTime.fromMillis(3));

    private final OpenedEntries entries = new OpenedEntries();

    private static OpenedEntry entry(int length) throws GeneralSecurityException {
        KeyPair pair = new X25519KeyPairGenerator().generateKeyPair();
        byte[] file = AgeFile.encrypt(new byte[]{1}, List.of(X25519RecipientStanzaWriterFactory
                .newRecipientStanzaWriter(text(pair.getPublic().getEncoded()))));
        try (AgeFile.Opened opened = AgeFile.open(file, X25519RecipientStanzaReaderFactory
                .newRecipientStanzaReader(text(pair.getPrivate().getEncoded())))) {
            return entry(opened.copy(), length);
        }
    }

    private static OpenedEntry entry(ShortPayload payload, int length) {
        return new OpenedEntry(STAMP, new SecretInfo(SecretId.parse("a"), null, null, Map.of()), payload, length);
    }

    private static String text(byte[] ascii) {
        return new String(ascii, StandardCharsets.US_ASCII);
    }

    @Test
    void wipesWhatItForgets() throws Exception {
        OpenedEntry one = entry(10);
        OpenedEntry two = entry(10);
        entries.put("a", one);
        assertSame(one, entries.find("a"));
        assertNotNull(one.payload().decrypt());
        entries.put("a", two);
        assertNull(one.payload().decrypt());
        assertSame(two, entries.find("a"));
        entries.forget("b");
        entries.forget("a");
        assertNull(two.payload().decrypt());
        assertNull(entries.find("a"));
    }

    @Test
    void clearsAllOfIt() throws Exception {
        OpenedEntry one = entry(10);
        OpenedEntry two = entry(10);
        entries.put("a", one);
        entries.put("b", two);
        entries.clear();
        assertNull(one.payload().decrypt());
        assertNull(two.payload().decrypt());
        assertEquals(0, entries.size());
        entries.put("a", entry(10));
        assertEquals(1, entries.size());
    }

    @Test
    void takesNothingOnceClosed() throws Exception {
        OpenedEntry before = entry(10);
        OpenedEntry late = entry(10);
        entries.put("a", before);
        entries.close();
        entries.put("a", late);
        assertNull(before.payload().decrypt());
        assertNull(late.payload().decrypt());
        assertEquals(0, entries.size());
    }

    @Test
    void keepsTheEntriesThatWereUsedLast() throws Exception {
        OpenedEntry used = entry(10);
        OpenedEntry unused = entry(10);
        entries.put("used", used);
        entries.put("unused", unused);
        for (int i = 0; i < OpenedEntries.MAX_ENTRIES - 1; i++) {
            assertNotNull(entries.find("used"));
            entries.put("further " + i, entry(new ShortPayload(new byte[32], new byte[17]), 10));
        }
        assertEquals(OpenedEntries.MAX_ENTRIES, entries.size());
        assertNull(entries.find("unused"));
        assertNull(unused.payload().decrypt());
        assertNotNull(used.payload().decrypt());
    }

    @Test
    void keepsNoMoreThanFits() throws Exception {
        OpenedEntry tooLong = entry(OpenedEntries.MAX_LENGTH + 1);
        entries.put("long", tooLong);
        assertNull(tooLong.payload().decrypt());
        OpenedEntry first = entry(OpenedEntries.MAX_LENGTH);
        entries.put("first", first);
        int fit = OpenedEntries.MAX_TOTAL / OpenedEntries.MAX_LENGTH;
        for (int i = 0; i < fit; i++) {
            entries.put("further " + i, entry(new ShortPayload(new byte[32], new byte[17]), OpenedEntries.MAX_LENGTH));
        }
        assertEquals(fit, entries.size());
        assertNull(first.payload().decrypt());
    }
}
