package dev.secretsengine.kit;

import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.regex.Pattern;

/**
 * Reads the first JSON value (RFC 8259) of some bytes, field by field; what follows that value is not looked at, as the
 * docker client does. A text comes as bytes, so that a secret is never a {@code String}; a JSON null stands for an empty
 * text and for an object without fields. For one thread.
 */
public final class JsonReader {

    private static final int MAX_DEPTH = 64;
    private static final Pattern LITERAL = Pattern
            .compile("true|false|null|-?(0|[1-9][0-9]*)(\\.[0-9]+)?([eE][+-]?[0-9]+)?");

    private final byte[] json;
    private final int end;
    private int at;
    private int depth;

    /**
     * A reader at the start of the bytes, which it neither copies nor changes.
     *
     * @param length how many of them count
     */
    public JsonReader(byte[] json, int length) {
        this.json = json;
        this.end = length;
    }

    /** Takes the value of a field: it must read that value, or skip it. */
    @FunctionalInterface
    public interface Field {

        /** Called at the value of the field of that name. */
        void read(String name) throws Malformed;
    }

    /** Takes an element of an array: it must read that value, or skip it. */
    @FunctionalInterface
    public interface Element {

        /** Called at the element. */
        void read() throws Malformed;
    }

    /** The bytes are not JSON, or not of the expected shape. The message is a position, never content. */
    public static final class Malformed extends Exception {

        private static final long serialVersionUID = 1L;

        private final int position;

        /** At this byte, from 0. */
        public Malformed(int position) {
            super("malformed at byte " + position);
            this.position = position;
        }

        /** The byte, from 0. */
        public int position() {
            return position;
        }
    }

    /** Whether nothing but white space is left. */
    public boolean isBlank() {
        return peek() < 0;
    }

    /**
     * Reads an object.
     *
     * @throws Malformed if there is none
     */
    public void object(Field field) throws Malformed {
        if (takeNull()) {
            return;
        }
        open('{');
        if (peek() == '}') {
            at++;
        } else {
            do {
                String name = decoded(string());
                take(':');
                field.read(name);
            } while (comma('}'));
        }
        depth--;
    }

    /** Reads an array; a JSON null stands for an empty one. */
    public void array(Element element) throws Malformed {
        if (takeNull()) {
            return;
        }
        open('[');
        if (peek() == ']') {
            at++;
        } else {
            do {
                element.read();
            } while (comma(']'));
        }
        depth--;
    }

    /** Reads a text as UTF-8, which the caller wipes if it is secret. */
    public byte[] text() throws Malformed {
        return takeNull() ? new byte[0] : string();
    }

    /**
     * Reads a text that is no secret; empty for a JSON null.
     *
     * @throws Malformed if there is none, or it is not UTF-8
     */
    public String plainText() throws Malformed {
        return takeNull() ? "" : decoded(string());
    }

    /**
     * Reads a text, a number or a truth value that is no secret; empty for a JSON null.
     *
     * @throws Malformed if there is none, or it is not UTF-8
     */
    public String plain() throws Malformed {
        if (peek() == '"' || peek() == 'n') {
            return plainText();
        }
        int start = at;
        literal();
        return new String(json, start, at - start, StandardCharsets.US_ASCII);
    }

    private String decoded(byte[] text) throws Malformed {
        try {
            return StandardCharsets.UTF_8.newDecoder().decode(ByteBuffer.wrap(text)).toString();
        } catch (CharacterCodingException e) {
            throw new Malformed(at);
        }
    }

    /** Passes over a value of any kind. */
    public void skip() throws Malformed {
        switch (peek()) {
            case '{' -> object(name -> skip());
            case '[' -> array(this::skip);
            case '"' -> Arrays.fill(string(), (byte) 0);
            default -> literal();
        }
    }

    private void open(char bracket) throws Malformed {
        take(bracket);
        if (++depth > MAX_DEPTH) {
            throw new Malformed(at);
        }
    }

    private boolean comma(char bracket) throws Malformed {
        if (peek() == ',') {
            at++;
            return true;
        }
        take(bracket);
        return false;
    }

    private void take(char expected) throws Malformed {
        if (peek() != expected) {
            throw new Malformed(at);
        }
        at++;
    }

    private int peek() {
        while (at < end && (json[at] == ' ' || json[at] == '\n' || json[at] == '\r' || json[at] == '\t')) {
            at++;
        }
        return at < end ? json[at] : -1;
    }

    private boolean takeNull() throws Malformed {
        if (peek() != 'n') {
            return false;
        }
        literal();
        return true;
    }

    private void literal() throws Malformed {
        int start = at;
        while (at < end && (Character.isLetterOrDigit(json[at]) || "+-.".indexOf(json[at]) >= 0)) {
            at++;
        }
        if (!LITERAL.matcher(new String(json, start, at - start, StandardCharsets.US_ASCII)).matches()) {
            throw new Malformed(start);
        }
    }

    private byte[] string() throws Malformed {
        take('"');
        int close = closingQuote();
        // No escape is shorter than the UTF-8 it stands for.
        byte[] decoded = new byte[close - at];
        try {
            int length = 0;
            while (at < close) {
                byte next = json[at++];
                if (next == '\\') {
                    length = escape(decoded, length);
                } else {
                    decoded[length++] = next;
                }
            }
            at++;
            return Arrays.copyOf(decoded, length);
        } finally {
            Arrays.fill(decoded, (byte) 0);
        }
    }

    private int closingQuote() throws Malformed {
        int i = at;
        while (i < end && json[i] != '"') {
            // Bytes of UTF-8 beyond ASCII are negative.
            if (json[i] >= 0 && json[i] < ' ') {
                throw new Malformed(i);
            }
            i += json[i] == '\\' ? 2 : 1;
        }
        if (i >= end) {
            throw new Malformed(end);
        }
        return i;
    }

    private int escape(byte[] out, int length) throws Malformed {
        byte kind = json[at++];
        if (kind == 'u') {
            return utf8(codePoint(), out, length);
        }
        int index = "\"\\/bfnrt".indexOf(kind);
        if (index < 0) {
            throw new Malformed(at - 1);
        }
        out[length] = (byte) "\"\\/\b\f\n\r\t".charAt(index);
        return length + 1;
    }

    private int codePoint() throws Malformed {
        char first = hex();
        if (!Character.isSurrogate(first)) {
            return first;
        }
        if (at + 1 < end && json[at] == '\\' && json[at + 1] == 'u') {
            at += 2;
            char second = hex();
            if (Character.isSurrogatePair(first, second)) {
                return Character.toCodePoint(first, second);
            }
        }
        throw new Malformed(at);
    }

    private char hex() throws Malformed {
        int value = 0;
        for (int i = 0; i < 4; i++) {
            int digit = at < end ? Character.digit(json[at], 16) : -1;
            if (digit < 0) {
                throw new Malformed(at);
            }
            value = value * 16 + digit;
            at++;
        }
        return (char) value;
    }

    private static int utf8(int codePoint, byte[] out, int length) {
        int n = length;
        if (codePoint < 0x80) {
            out[n++] = (byte) codePoint;
            return n;
        }
        int following = codePoint < 0x800 ? 1 : codePoint < 0x10000 ? 2 : 3;
        // As many leading ones as there are bytes.
        out[n++] = (byte) ((0xff00 >> (following + 1)) | (codePoint >> (6 * following)));
        for (int i = following - 1; i >= 0; i--) {
            out[n++] = (byte) (0x80 | ((codePoint >> (6 * i)) & 0x3f));
        }
        return n;
    }
}
