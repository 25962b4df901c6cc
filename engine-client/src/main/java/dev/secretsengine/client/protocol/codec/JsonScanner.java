package dev.secretsengine.client.protocol.codec;

import java.nio.charset.StandardCharsets;
import java.util.Arrays;

/** Reads the tokens of strict JSON in UTF-8. Values go from bytes to bytes. */
public final class JsonScanner {

    private static final int MAX_NUMBER = 64;

    private final byte[] bytes;
    private int at;

    /** A scanner at the start of the bytes, which it neither copies nor changes. */
    public JsonScanner(byte[] bytes) {
        this.bytes = bytes;
    }

    MalformedException malformed(String what) {
        return new MalformedException("not the JSON of the message: " + what, at);
    }

    private MalformedException noText(String what) {
        return new MalformedException("not the JSON of the message: " + what, at, true);
    }

    /** The first byte of the next token, 0 at the end. */
    public char peek() {
        while (at < bytes.length) {
            byte b = bytes[at];
            if (b != ' ' && b != '\n' && b != '\r' && b != '\t') {
                return (char) (b & 0xff);
            }
            at++;
        }
        return 0;
    }

    /** Takes this character, if it comes next. */
    boolean take(char c) {
        if (at < bytes.length && peek() == c && at < bytes.length) {
            at++;
            return true;
        }
        return false;
    }

    /** Takes this character. */
    public void expect(char c) throws MalformedException {
        if (!take(c)) {
            throw malformed("no " + c + " where one has to be");
        }
    }

    /** Whether another element of an object or array comes: takes the comma, or the closing bracket. */
    public boolean more(boolean first, char bracket) throws MalformedException {
        if (take(bracket)) {
            return false;
        }
        if (!first) {
            expect(',');
        }
        return true;
    }

    /** Whether nothing but blanks is left. */
    public boolean atEnd() {
        peek();
        return at == bytes.length;
    }

    /** Takes this word, if it comes next. */
    public boolean takeWord(String word) {
        peek();
        if (bytes.length - at < word.length()) {
            return false;
        }
        for (int i = 0; i < word.length(); i++) {
            if (bytes[at + i] != word.charAt(i)) {
                return false;
            }
        }
        at += word.length();
        return true;
    }

    /** A number, as it is written. */
    public String number() throws MalformedException {
        peek();
        int start = at;
        takeByte('-');
        if (!takeByte('0') && digits() == 0) {
            throw malformed("no value");
        }
        if (takeByte('.') && digits() == 0) {
            throw malformed("no number");
        }
        if (takeByte('e') || takeByte('E')) {
            if (!takeByte('-')) {
                takeByte('+');
            }
            if (digits() == 0) {
                throw malformed("no number");
            }
        }
        if (at - start > MAX_NUMBER) {
            throw malformed("a number too long");
        }
        return new String(bytes, start, at - start, StandardCharsets.ISO_8859_1);
    }

    private boolean takeByte(char c) {
        if (at < bytes.length && bytes[at] == c) {
            at++;
            return true;
        }
        return false;
    }

    private int digits() {
        int start = at;
        while (at < bytes.length && bytes[at] >= '0' && bytes[at] <= '9') {
            at++;
        }
        return at - start;
    }

    /** A string. */
    public String string() throws MalformedException {
        byte[] utf8 = stringBytes();
        String text = ProtoReader.text(utf8, 0, utf8.length);
        if (text == null) {
            throw noText("text that is not UTF-8");
        }
        return text;
    }

    /** A string that may be a secret, in UTF-8; the caller wipes it. */
    public byte[] secretBytes() throws MalformedException {
        byte[] utf8 = stringBytes();
        if (!Utf8.isValid(utf8)) {
            Arrays.fill(utf8, (byte) 0);
            throw noText("text that is not UTF-8");
        }
        return utf8;
    }

    /** What a string holds, in UTF-8 if it was; the caller wipes it. */
    public byte[] stringBytes() throws MalformedException {
        expect('"');
        int start = at;
        while (at < bytes.length && bytes[at] != '"' && bytes[at] != '\\' && (bytes[at] >= ' ' || bytes[at] < 0)) {
            at++;
        }
        if (at < bytes.length && bytes[at] == '"') {
            return Arrays.copyOfRange(bytes, start, at++);
        }
        return escaped(start);
    }

    private byte[] escaped(int start) throws MalformedException {
        byte[] text = new byte[unescapedMax(start)];
        int length = at - start;
        System.arraycopy(bytes, start, text, 0, length);
        try {
            while (at < bytes.length && bytes[at] != '"') {
                byte b = bytes[at++];
                if (b == '\\') {
                    length = ProtoWriter.putUtf8(escape(), text, length);
                } else if (b >= 0 && b < ' ') {
                    throw malformed("a control character");
                } else {
                    text[length++] = b;
                }
            }
            if (at == bytes.length) {
                throw malformed("truncated");
            }
            at++;
            return Arrays.copyOf(text, length);
        } finally {
            Arrays.fill(text, (byte) 0);
        }
    }

    /** At least the length of the string from here on: nothing gets longer when it is unescaped. */
    private int unescapedMax(int start) {
        int end = at;
        while (end < bytes.length && bytes[end] != '"') {
            end += bytes[end] == '\\' ? 2 : 1;
        }
        return Math.min(end, bytes.length) - start;
    }

    /** The character, or pair, behind a backslash. */
    private String escape() throws MalformedException {
        if (at == bytes.length) {
            throw malformed("truncated");
        }
        char c = (char) (bytes[at++] & 0xff);
        if (c == 'u') {
            return unicode();
        }
        int index = "\"\\/bfnrt".indexOf(c);
        if (index < 0) {
            throw malformed("an unknown escape");
        }
        return "\"\\/\b\f\n\r\t".substring(index, index + 1);
    }

    private String unicode() throws MalformedException {
        char first = hex();
        if (!Character.isSurrogate(first)) {
            return String.valueOf(first);
        }
        if (takeByte('\\') && takeByte('u')) {
            char second = hex();
            if (Character.isSurrogatePair(first, second)) {
                return new String(new char[]{first, second});
            }
        }
        throw noText("half of a surrogate pair");
    }

    private char hex() throws MalformedException {
        int value = 0;
        for (int i = 0; i < 4; i++) {
            int digit = at < bytes.length ? Character.digit((char) (bytes[at] & 0xff), 16) : -1;
            if (digit < 0) {
                throw malformed("an unknown escape");
            }
            value = value << 4 | digit;
            at++;
        }
        return (char) value;
    }
}
