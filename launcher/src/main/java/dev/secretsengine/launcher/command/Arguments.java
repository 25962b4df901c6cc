package dev.secretsengine.launcher.command;

import dev.secretsengine.client.protocol.codec.Utf8;
import dev.secretsengine.launcher.protocol.Invocation;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.List;
import java.util.Set;
import java.util.stream.IntStream;

/**
 * The command line as text, except for the values of {@code set ID=VALUE}: those stay bytes, and the text has a mark in
 * their place.
 */
final class Arguments {

    /** No argument can hold a NUL, so this is never the user's. */
    private static final String MARK = "\0";

    private static final Set<String> SETTERS = Set.of("set", "store", "save");

    private final List<byte[]> raw;

    Arguments(Session session) {
        raw = session.arguments();
    }

    /**
     * What the user asked for.
     *
     * @throws UsageException if an argument that a command takes as text is not UTF-8
     */
    Invocation invocation() {
        Invocation plain = Invocation.of(IntStream.range(0, raw.size()).mapToObj(this::masked).toList());
        String command = plain.arguments().isEmpty() ? "" : plain.arguments().get(0);
        boolean sets = SETTERS.contains(command);
        // Arguments of a child are its own, and only their places count.
        if (CommandTree.has(command) && !command.equals("run")) {
            for (int i = plain.offset(); i < raw.size(); i++) {
                requireText("argument " + (i - plain.offset()) + " of " + command,
                        Arrays.copyOf(raw.get(i), sets ? textLength(raw.get(i)) : raw.get(i).length));
            }
        }
        return sets
                ? plain
                : Invocation.of(raw.stream().map(bytes -> new String(bytes, StandardCharsets.UTF_8)).toList());
    }

    private String masked(int index) {
        byte[] argument = raw.get(index);
        int length = textLength(argument);
        boolean isAssignment = length > 1 && argument[length - 1] == '=' && argument[0] != '-';
        return new String(argument, 0, length, StandardCharsets.UTF_8) + (isAssignment ? MARK + index : "");
    }

    /** How much of an argument is text in any case: all of an option or a word, an assignment up to its equals sign. */
    private static int textLength(byte[] argument) {
        int length = 0;
        while (length < argument.length && (argument[length] != '=' || argument[0] == '-')) {
            length++;
        }
        return length == 0 ? argument.length : Math.min(length + 1, argument.length);
    }

    private static void requireText(String what, byte[] argument) {
        if (!Utf8.isValid(argument)) {
            throw new UsageException(what + " is not valid UTF-8, and nothing was done: type it in a UTF-8 locale");
        }
    }

    /** The bytes behind the first equals sign of a marked argument; the caller wipes them. */
    byte[] value(String marked) {
        byte[] bytes = raw.get(Integer.parseInt(marked.substring(marked.indexOf(MARK) + 1)));
        int at = 0;
        while (bytes[at] != '=') {
            at++;
        }
        return Arrays.copyOfRange(bytes, at + 1, bytes.length);
    }

    /**
     * An argument of an option as the user typed it.
     *
     * @throws UsageException if it is not UTF-8
     */
    String text(String option, String argument) {
        int mark = argument.indexOf(MARK);
        if (mark < 0) {
            return argument;
        }
        byte[] bytes = raw.get(Integer.parseInt(argument.substring(mark + 1)));
        requireText("the value of " + option, bytes);
        return new String(bytes, StandardCharsets.UTF_8);
    }
}
