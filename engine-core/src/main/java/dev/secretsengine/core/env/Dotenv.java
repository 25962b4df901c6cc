package dev.secretsengine.core.env;

import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * A dotenv file: {@code NAME=value} lines with comments, {@code export}, single quotes (literal but for {@code \'}), double
 * quotes (escapes), both over several lines. Values stay bytes. Nothing is expanded: {@code $NAME} is text.
 *
 * <p>
 * Own code, since the libraries for it work on Strings, skip what they do not understand, and know no line numbers.
 */
public final class Dotenv {

    private final String name;
    private final byte[] content;
    private int at;
    private int line = 1;

    private Dotenv(String name, byte[] content) {
        this.name = name;
        this.content = content;
    }

    /** A file that breaks the syntax; the message is {@code file:line: what}. */
    public static final class SyntaxException extends Exception {

        private static final long serialVersionUID = 1L;

        SyntaxException(String message) {
            super(message);
        }
    }

    /**
     * Parses a file.
     *
     * @param name what the file is called in an error
     * @param content its bytes, which stay the caller's
     * @return the variables in order, a later one of the same name in place of the earlier; the caller wipes the values
     * @throws SyntaxException at the first line that breaks the syntax
     */
    public static Map<String, byte[]> parse(String name, byte[] content) throws SyntaxException {
        return new Dotenv(name, content).parse();
    }

    private Map<String, byte[]> parse() throws SyntaxException {
        Map<String, byte[]> variables = new LinkedHashMap<>();
        if (content.length >= 3 && content[0] == (byte) 0xEF && content[1] == (byte) 0xBB
                && content[2] == (byte) 0xBF) {
            at = 3;
        }
        try {
            while (at < content.length) {
                skipBlanks();
                if (atLineEnd()) {
                    nextLine();
                } else if (peek() == '#') {
                    skipLine();
                } else {
                    String variable = variable();
                    wipe(variables.put(variable, value(variable)));
                }
            }
            return variables;
        } catch (SyntaxException e) {
            variables.values().forEach(Dotenv::wipe);
            throw e;
        }
    }

    private static void wipe(byte @Nullable [] value) {
        if (value != null) {
            Arrays.fill(value, (byte) 0);
        }
    }

    private String variable() throws SyntaxException {
        String word = word();
        if (word.equals("export") && (peek() == ' ' || peek() == '\t')) {
            skipBlanks();
            word = word();
        }
        skipBlanks();
        if (word.isEmpty()) {
            throw broken("no variable name (A-Z a-z 0-9 _ . -): write NAME=value, or # before a comment");
        }
        if (peek() != '=') {
            // Not quoted: it may be a line of a value that lacks its quotes.
            throw broken("no '=' after the name: write NAME=value, and a value of several lines in double quotes");
        }
        if (Character.isDigit(word.charAt(0))) {
            throw broken("a variable name cannot start with a digit: rename it");
        }
        at++;
        return word;
    }

    private String word() {
        int start = at;
        while (isNamePart(peek())) {
            at++;
        }
        return new String(content, start, at - start, StandardCharsets.US_ASCII);
    }

    private static boolean isNamePart(int c) {
        return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '_' || c == '.'
                || c == '-';
    }

    private byte[] value(String variable) throws SyntaxException {
        skipBlanks();
        int quote = peek();
        if (quote != '"' && quote != '\'') {
            return unquoted();
        }
        int opened = line;
        at++;
        try (Wiped value = new Wiped()) {
            while (peek() != quote) {
                if (peek() < 0) {
                    line = opened;
                    throw broken("the quote of " + variable
                            + " is not closed: close it, and write a value that ends in a backslash as \"...\\\\\"");
                }
                if (quote == '\'' && peek() == '\\' && at + 1 < content.length) {
                    // As Compose has it: a quote goes without its backslash, whatever else follows keeps it.
                    int backslash = literal();
                    if (peek() != quote) {
                        value.write(backslash);
                    }
                }
                value.write(quote == '"' && peek() == '\\' ? escape(variable) : literal());
            }
            at++;
            skipBlanks();
            if (!atLineEnd() && !isComment()) {
                throw broken("text follows the closing quote of " + variable
                        + ": put all of the value into the quotes, and a blank before the # of a comment");
            }
            skipLine();
            return value.copy();
        }
    }

    private int literal() {
        if (peek() == '\n') {
            line++;
        }
        return content[at++];
    }

    private int escape(String variable) throws SyntaxException {
        at++;
        int escaped = peek();
        at++;
        return switch (escaped) {
            case 'n' -> '\n';
            case 'r' -> '\r';
            case 't' -> '\t';
            case '"', '\\', '$' -> escaped;
            default -> throw broken("unknown escape in the value of " + variable
                    + ": write \\\\ for a backslash in double quotes, or use single quotes");
        };
    }

    private byte[] unquoted() {
        int start = at;
        int end = at;
        while (!atLineEnd() && !isComment()) {
            if (!isBlank(peek())) {
                end = at + 1;
            }
            at++;
        }
        byte[] value = Arrays.copyOfRange(content, start, end);
        skipLine();
        return value;
    }

    /** Within a line: a {@code #} begins one only after a blank. */
    private boolean isComment() {
        return peek() == '#' && isBlank(content[at - 1]);
    }

    private void skipBlanks() {
        while (isBlank(peek())) {
            at++;
        }
    }

    private static boolean isBlank(int c) {
        return c == ' ' || c == '\t';
    }

    private boolean atLineEnd() {
        return peek() < 0 || peek() == '\n'
                || (peek() == '\r' && (at + 1 == content.length || content[at + 1] == '\n'));
    }

    private void skipLine() {
        while (!atLineEnd()) {
            at++;
        }
    }

    private void nextLine() {
        if (peek() == '\r') {
            at++;
        }
        at++;
        line++;
    }

    /** The next byte as 0 to 255, -1 at the end. */
    private int peek() {
        return at < content.length ? content[at] & 0xFF : -1;
    }

    private SyntaxException broken(String what) {
        return new SyntaxException(name + ":" + line + ": " + what);
    }

    /** A buffer that leaves nothing behind, neither when it grows nor when the syntax breaks. */
    private static final class Wiped implements AutoCloseable {

        private byte[] bytes = new byte[64];
        private int length;

        void write(int b) {
            if (length == bytes.length) {
                byte[] full = bytes;
                bytes = Arrays.copyOf(full, 2 * length);
                wipe(full);
            }
            bytes[length++] = (byte) b;
        }

        byte[] copy() {
            return Arrays.copyOf(bytes, length);
        }

        @Override
        public void close() {
            wipe(bytes);
        }
    }
}
