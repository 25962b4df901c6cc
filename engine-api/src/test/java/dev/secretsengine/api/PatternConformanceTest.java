package dev.secretsengine.api;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Consumer;
import org.junit.jupiter.api.Test;

/** The whole truth table of identifiers, patterns, matching and intersection. */
class PatternConformanceTest {

    @Test
    void agreesWithTheTruthTable() throws IOException {
        List<String> wrong = new ArrayList<>();
        int rows = 0;
        try (var in = PatternConformanceTest.class.getResourceAsStream("/patterns.tsv");
                var reader = new BufferedReader(new InputStreamReader(in, StandardCharsets.UTF_8))) {
            for (String line = reader.readLine(); line != null; line = reader.readLine()) {
                String[] column = line.split("\t", -1);
                boolean expected = Boolean.parseBoolean(column[column.length - 1]);
                boolean actual = switch (column[0]) {
                    case "id" -> parses(SecretId::parse, unquote(column[1]));
                    case "pattern" -> parses(SecretPattern::parse, unquote(column[1]));
                    case "match" -> SecretPattern.parse(column[1]).matches(SecretId.parse(column[2]));
                    case "intersect" -> intersects(column[1], column[2]);
                    default -> throw new IllegalStateException(line);
                };
                rows++;
                if (actual != expected) {
                    wrong.add(line);
                }
            }
        }
        assertTrue(rows > 3000, "rows read: " + rows);
        assertEquals(List.of(), wrong);
    }

    private static boolean intersects(String a, String b) {
        boolean result = SecretPattern.parse(a).intersects(SecretPattern.parse(b));
        assertEquals(result, SecretPattern.parse(b).intersects(SecretPattern.parse(a)), a + " and " + b);
        return result;
    }

    private static boolean parses(Consumer<String> parser, String text) {
        try {
            parser.accept(text);
            return true;
        } catch (IllegalArgumentException e) {
            assertTrue(e.getMessage().contains("invalid"), e.getMessage());
            assertEquals(1, e.getMessage().lines().count(), "one line");
            return false;
        }
    }

    /** Undoes the Go and JSON string escapes of the table. */
    private static String unquote(String quoted) {
        StringBuilder text = new StringBuilder();
        for (int i = 1; i < quoted.length() - 1; i++) {
            char c = quoted.charAt(i);
            if (c != '\\') {
                text.append(c);
                continue;
            }
            char escape = quoted.charAt(++i);
            switch (escape) {
                case 'n' -> text.append('\n');
                case 't' -> text.append('\t');
                case 'r' -> text.append('\r');
                case 'u' -> {
                    text.append((char) Integer.parseInt(quoted.substring(i + 1, i + 5), 16));
                    i += 4;
                }
                case 'x' -> {
                    text.append((char) Integer.parseInt(quoted.substring(i + 1, i + 3), 16));
                    i += 2;
                }
                default -> text.append(escape);
            }
        }
        return text.toString();
    }
}
