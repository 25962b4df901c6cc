package dev.secretsengine.launcher.protocol;

import java.nio.charset.StandardCharsets;

/** One frame of docs/protocol.md: a type and its bytes. */
public final class Frame {

    /** The version that both sides speak. */
    public static final String VERSION = "1";

    /** The greatest length of a payload: a value and its name. */
    public static final int MAX_LENGTH = 1_114_112;

    /** The most bytes of one piece of stdin, stdout or a file. */
    public static final int CHUNK = 65_536;

    public static final char HELLO = 'H';
    public static final char ARGUMENT = 'A';
    public static final char ENVIRONMENT = 'E';
    public static final char DIRECTORY = 'D';
    public static final char TERMINAL = 'T';
    public static final char GO = 'G';
    public static final char INPUT = 'I';
    public static final char LINE = 'L';
    public static final char NONE = 'N';
    public static final char BYTES = 'B';
    public static final char CANCEL = 'C';

    public static final char ENGINE_HELLO = 'h';
    public static final char STDOUT = 'o';
    public static final char STDERR = 'e';
    public static final char READ = 'r';
    public static final char PROMPT = 'p';
    public static final char FILE = 'f';
    public static final char VARIABLE = 'v';
    public static final char BECOME = 'b';
    public static final char EXIT = 'x';

    private final char type;
    private final byte[] payload;

    /** A frame of one of the types above; the array is taken over. */
    public Frame(char type, byte[] payload) {
        this.type = type;
        this.payload = payload;
    }

    /** One of the constants. */
    public char type() {
        return type;
    }

    /** The bytes themselves: whoever reads the frame wipes them. */
    public byte[] payload() {
        return payload;
    }

    /** The payload as UTF-8 text. */
    public String text() {
        return new String(payload, StandardCharsets.UTF_8);
    }

    /** The type only: a payload may be a secret. */
    @Override
    public String toString() {
        return "Frame[" + type + "]";
    }
}
