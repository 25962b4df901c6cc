package dev.secretsengine.launcher.command;

import dev.secretsengine.launcher.protocol.Invocation;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Set;

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

    /** What the user asked for. */
    Invocation invocation() {
        List<String> line = raw.stream().map(bytes -> new String(bytes, StandardCharsets.UTF_8)).toList();
        Invocation plain = Invocation.of(List.of(masked(line)));
        boolean sets = !plain.arguments().isEmpty() && SETTERS.contains(plain.arguments().get(0));
        return sets ? plain : Invocation.of(line);
    }

    private static String[] masked(List<String> line) {
        List<String> masked = new ArrayList<>();
        for (int i = 0; i < line.size(); i++) {
            String argument = line.get(i);
            int equals = argument.indexOf('=');
            masked.add(equals > 0 && !argument.startsWith("-")
                    ? argument.substring(0, equals + 1) + MARK + i
                    : argument);
        }
        return masked.toArray(String[]::new);
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

    /** An argument as the user typed it. */
    String text(String argument) {
        int mark = argument.indexOf(MARK);
        return mark < 0
                ? argument
                : new String(raw.get(Integer.parseInt(argument.substring(mark + 1))), StandardCharsets.UTF_8);
    }
}
