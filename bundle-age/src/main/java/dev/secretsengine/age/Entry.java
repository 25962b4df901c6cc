package dev.secretsengine.age;

import com.exceptionfactory.jagged.RecipientStanza;
import com.exceptionfactory.jagged.RecipientStanzaReader;
import com.exceptionfactory.jagged.x25519.X25519RecipientStanzaWriterFactory;
import dev.secretsengine.age.file.AgeFile;
import dev.secretsengine.api.LocalStore;
import dev.secretsengine.api.SecretId;
import dev.secretsengine.api.SecretInfo;
import dev.secretsengine.api.SecretValue;
import dev.secretsengine.api.SecretsException;
import java.net.URLDecoder;
import java.net.URLEncoder;
import java.nio.charset.StandardCharsets;
import java.security.GeneralSecurityException;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.time.Instant;
import java.util.Arrays;
import java.util.HashMap;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.function.Consumer;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/**
 * One secret as a file. The name: no two IDs share one, not even where the file system ignores case, and none is
 * hidden, so that names starting with a dot are free for locks and temporary files. The content: an age file of exactly
 * the value, with one more stanza that tells what is known without the value; age ignores stanzas of types it does not
 * know, and the header's MAC covers them. docs/age-format.md has the details.
 */
final class Entry {

    private static final String SUFFIX = ".age";
    private static final int MAX_NAME = 255;
    private static final char HASHED = '=';
    private static final char ESCAPE = '+';
    private static final char SLASH = ',';
    private static final char COLON = '@';

    private static final String STANZA = "secretsengine.dev/entry";
    private static final String METADATA = "x_";

    /** What remains of age's header is ample for the other stanzas. */
    private static final int MAX_BODY = 40 << 10;

    private Entry() {
    }

    /** The one file name of an ID. */
    static String name(SecretId id) {
        String text = id.toString();
        StringBuilder name = new StringBuilder(text.length() + 16);
        for (int i = 0; i < text.length(); i++) {
            char c = text.charAt(i);
            switch (c) {
                case '/' -> name.append(SLASH);
                case ':' -> name.append(COLON);
                default -> {
                    boolean upper = c >= 'A' && c <= 'Z';
                    if (upper || (c == '.' && i == 0)) {
                        name.append(ESCAPE);
                    }
                    name.append(upper ? (char) (c - 'A' + 'a') : c);
                }
            }
        }
        return name.length() + SUFFIX.length() <= MAX_NAME ? name + SUFFIX : HASHED + sha256(text) + SUFFIX;
    }

    private static String sha256(String text) {
        try {
            byte[] hash = MessageDigest.getInstance("SHA-256").digest(text.getBytes(StandardCharsets.US_ASCII));
            return HexFormat.of().formatHex(hash);
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException(e);
        }
    }

    /** Whether a file can be an entry at all. */
    static boolean isName(String fileName) {
        return fileName.endsWith(SUFFIX) && !fileName.startsWith(".");
    }

    /** Whether the name stands for an ID too long for a name; the file's header tells which. */
    static boolean isHashed(String fileName) {
        return fileName.charAt(0) == HASHED;
    }

    /** The ID that a name spells out, empty if it is hashed or nobody's name. */
    static Optional<SecretId> idOf(String fileName) {
        String name = fileName.substring(0, fileName.length() - SUFFIX.length());
        StringBuilder text = new StringBuilder(name.length());
        boolean escaped = false;
        for (int i = 0; i < name.length(); i++) {
            char c = name.charAt(i);
            if (escaped) {
                text.append(c >= 'a' && c <= 'z' ? (char) (c - 'a' + 'A') : c);
                escaped = false;
            } else if (c == ESCAPE) {
                escaped = true;
            } else {
                text.append(c == SLASH ? '/' : c == COLON ? ':' : c);
            }
        }
        try {
            SecretId id = SecretId.parse(text.toString());
            // Only the one spelling counts, else two files could claim one ID.
            return name(id).equals(fileName) ? Optional.of(id) : Optional.empty();
        } catch (IllegalArgumentException e) {
            return Optional.empty();
        }
    }

    /** Encrypts a value; it stays the caller's. */
    static byte[] seal(SecretInfo info, SecretValue value, String recipient) throws SecretsException {
        RecipientStanza stanza = AgeFile.stanza(STANZA, List.of(), body(info));
        byte[] plain = value.copyBytes();
        try {
            return AgeFile.encrypt(plain,
                    List.of(X25519RecipientStanzaWriterFactory.newRecipientStanzaWriter(recipient),
                            fileKey -> List.of(stanza)));
        } catch (GeneralSecurityException | IllegalArgumentException e) {
            throw new SecretsException.Failed(info.id().toString(), "cannot encrypt to the age identity",
                    "docker pass identity show tells whether it is sound").causedBy(e);
        } finally {
            Arrays.fill(plain, (byte) 0);
        }
    }

    /**
     * Decrypts a value.
     *
     * @param opened is told what decrypted it, which is wiped afterwards
     */
    static SecretValue open(SecretId id, byte[] file, RecipientStanzaReader identity, Consumer<AgeFile.Opened> opened)
            throws SecretsException {
        if (file.length > AgeFile.MAX_LENGTH) {
            throw invalid(id, "holds more than 1 MiB");
        }
        try (AgeFile.Opened payload = AgeFile.open(file, identity)) {
            SecretValue value = SecretValue.wrap(payload.decrypt());
            if (value.length() > LocalStore.MAX_VALUE_LENGTH) {
                value.close();
                throw invalid(id, "holds more than 1 MiB");
            }
            opened.accept(payload);
            return value;
        } catch (GeneralSecurityException e) {
            throw invalid(id, "is damaged, or encrypted to another identity").causedBy(e);
        }
    }

    /**
     * What a file tells without its value, not authenticated until it is opened; of a file that age itself wrote, no
     * more than its name does.
     *
     * @param start the file, or the first bytes of it
     */
    static SecretInfo info(SecretId id, byte[] start) throws SecretsException {
        SecretInfo info;
        try {
            info = info(start).orElse(new SecretInfo(id, null, null, Map.of()));
        } catch (GeneralSecurityException | RuntimeException e) {
            throw invalid(id, "is damaged").causedBy(e);
        }
        if (!info.id().equals(id)) {
            throw invalid(id, "holds another secret");
        }
        return info;
    }

    private static SecretsException invalid(SecretId id, String what) {
        return new SecretsException.Invalid(id.toString(), "the file of " + id + " " + what, "set it again");
    }

    /** The ID in the header of a file with a hashed name, empty if it is not the one hashed. */
    static Optional<SecretId> hashedId(String fileName, byte[] start) {
        try {
            return info(start).map(SecretInfo::id).filter(id -> name(id).equals(fileName));
        } catch (GeneralSecurityException | RuntimeException e) {
            return Optional.empty();
        }
    }

    private static byte[] body(SecretInfo info) throws SecretsException {
        Map<String, String> fields = new TreeMap<>();
        fields.put("id", info.id().toString());
        putTime(fields, "created", info.createdAt());
        putTime(fields, "modified", info.modifiedAt());
        info.metadata().forEach((key, value) -> fields.put(METADATA + key, value));
        byte[] body = fields.entrySet().stream().map(field -> encode(field.getKey()) + "=" + encode(field.getValue()))
                .collect(Collectors.joining("&")).getBytes(StandardCharsets.US_ASCII);
        if (body.length > MAX_BODY) {
            throw new SecretsException.Invalid(info.id().toString(),
                    "the ID and its metadata are longer than " + (MAX_BODY >> 10) + " KiB", "shorten the metadata");
        }
        return body;
    }

    private static void putTime(Map<String, String> fields, String key, @Nullable Instant time) {
        if (time != null) {
            fields.put(key, time.toString());
        }
    }

    /** Throws any RuntimeException if the stanza is malformed. */
    private static Optional<SecretInfo> info(byte[] start) throws GeneralSecurityException {
        List<RecipientStanza> ours = AgeFile.stanzas(start).stream().filter(stanza -> stanza.getType().equals(STANZA))
                .toList();
        if (ours.size() > 1) {
            throw new GeneralSecurityException("more than one " + STANZA);
        }
        return ours.stream().findFirst().map(stanza -> read(stanza.getBody()));
    }

    private static SecretInfo read(byte[] body) {
        Map<String, String> fields = new HashMap<>();
        Map<String, String> metadata = new HashMap<>();
        for (String field : new String(body, StandardCharsets.US_ASCII).split("&", -1)) {
            int equals = field.indexOf('=');
            String key = decode(field.substring(0, equals));
            String value = decode(field.substring(equals + 1));
            if (key.startsWith(METADATA)) {
                metadata.put(key.substring(METADATA.length()), value);
            } else {
                fields.put(key, value);
            }
        }
        return new SecretInfo(SecretId.parse(fields.getOrDefault("id", "")), time(fields.get("created")),
                time(fields.get("modified")), metadata);
    }

    private static @Nullable Instant time(@Nullable String text) {
        return text == null ? null : Instant.parse(text);
    }

    private static String encode(String text) {
        return URLEncoder.encode(text, StandardCharsets.UTF_8);
    }

    private static String decode(String text) {
        return URLDecoder.decode(text, StandardCharsets.UTF_8);
    }
}
