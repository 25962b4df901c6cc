package dev.secretsengine.api;

import java.util.ArrayList;
import java.util.List;

/** The grammar shared by identifiers and patterns: components of {@code A-Za-z0-9.-_:} joined by {@code /}. */
final class Components {

    private Components() {
    }

    /**
     * Splits and checks a text.
     *
     * @param kind what the text is called in an error, {@code identifier} or {@code pattern}
     * @param wildcards whether a component may be {@code *} or {@code **}
     * @throws IllegalArgumentException if a rule is broken; the message says which, and at which position (from 1)
     */
    static List<String> parse(String text, String kind, boolean wildcards) {
        if (text.isEmpty()) {
            throw new IllegalArgumentException("invalid " + kind + ": it is empty");
        }
        List<String> components = new ArrayList<>();
        int start = 0;
        for (int i = 0; i <= text.length(); i++) {
            if (i == text.length() || text.charAt(i) == '/') {
                components.add(component(text, start, i, kind, wildcards));
                start = i + 1;
            }
        }
        return List.copyOf(components);
    }

    private static String component(String text, int start, int end, String kind, boolean wildcards) {
        if (start == end) {
            if (start > 0 && end == text.length()) {
                throw broken(text, kind, "trailing '/'", start - 1);
            }
            throw broken(text, kind, start == 0 ? "leading '/'" : "empty component", start);
        }
        String component = text.substring(start, end);
        if (wildcards && (component.equals("*") || component.equals("**"))) {
            return component;
        }
        for (int i = start; i < end; i++) {
            char c = text.charAt(i);
            if (c == '*') {
                throw broken(text, kind,
                        wildcards ? "a wildcard must be a whole component" : "'*' is allowed in patterns only", i);
            }
            if (!allowed(c)) {
                throw broken(text, kind, shown(text.codePointAt(i)) + " is not one of A-Z a-z 0-9 . - _ :", i);
            }
        }
        return component;
    }

    private static boolean allowed(char c) {
        boolean letter = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
        boolean digit = c >= '0' && c <= '9';
        return letter || digit || ".-_:".indexOf(c) >= 0;
    }

    private static String shown(int codePoint) {
        // A control character must not reach the terminal of whoever reads the message.
        return Character.isISOControl(codePoint) || !Character.isDefined(codePoint)
                ? String.format("U+%04X", codePoint)
                : "'" + Character.toString(codePoint) + "'";
    }

    private static IllegalArgumentException broken(String text, String kind, String rule, int index) {
        StringBuilder quoted = new StringBuilder();
        text.codePoints().limit(200)
                .forEach(c -> quoted.append(Character.isISOControl(c) ? "?" : Character.toString(c)));
        return new IllegalArgumentException(
                "invalid " + kind + " \"" + quoted + "\": " + rule + " at position " + (index + 1));
    }
}
