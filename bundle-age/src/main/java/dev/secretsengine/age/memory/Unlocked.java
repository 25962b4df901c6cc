package dev.secretsengine.age.memory;

import com.exceptionfactory.jagged.RecipientStanzaReader;
import dev.secretsengine.age.file.FileStamp;
import org.jspecify.annotations.Nullable;

/** An identity that can decrypt, for as long as the same file is there, and what it has opened. */
public final class Unlocked {

    private final String fingerprint;
    private final String recipient;
    private final RecipientStanzaReader reader;
    private final OpenedEntries entries = new OpenedEntries();
    private volatile @Nullable FileStamp stamp;

    /** The identity in the file with this fingerprint. */
    public Unlocked(String fingerprint, String recipient, RecipientStanzaReader reader) {
        this.fingerprint = fingerprint;
        this.recipient = recipient;
        this.reader = reader;
    }

    /** Of the content of its file. */
    public String fingerprint() {
        return fingerprint;
    }

    /** The public key. */
    public String recipient() {
        return recipient;
    }

    /** What decrypts entries. */
    public RecipientStanzaReader reader() {
        return reader;
    }

    /** What it remembers, wiped with it. */
    public OpenedEntries entries() {
        return entries;
    }

    /** Notes how its file can be known again without reading it; null if it cannot. */
    public void foundIn(@Nullable FileStamp file) {
        stamp = file;
    }

    /** Whether a file with this stamp is its own for sure. */
    public boolean isIn(FileStamp file) {
        return file.equals(stamp);
    }
}
