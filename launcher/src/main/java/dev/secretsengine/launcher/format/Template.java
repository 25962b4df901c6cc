package dev.secretsengine.launcher.format;

import java.io.IOException;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;

/**
 * The part of Go's templates that docker users type: {@code {{.Field}}}, {@code {{json .}}}, {@code {{json .Field}}},
 * text, and the escapes for tab and newline.
 */
final class Template {

    /** A piece of the template: text, or a field, or JSON of a field or of the whole row (an empty name). */
    private record Part(boolean isText, boolean isJson, String text) {
    }

    private final List<Part> parts = new ArrayList<>();

    /**
     * Parses a template.
     *
     * @param fields the names that it may use
     * @throws IllegalArgumentException if it uses another one, which lists the names, or breaks the syntax
     */
    Template(String template, List<String> fields) {
        String source = template.replace("\\t", "\t").replace("\\n", "\n");
        int at = 0;
        while (at < source.length()) {
            int open = source.indexOf("{{", at);
            if (open < 0) {
                parts.add(new Part(true, false, source.substring(at)));
                break;
            }
            if (open > at) {
                parts.add(new Part(true, false, source.substring(at, open)));
            }
            int close = source.indexOf("}}", open);
            if (close < 0) {
                throw new IllegalArgumentException("the template has a {{ without a }}");
            }
            parts.add(action(source.substring(open + 2, close).strip(), fields));
            at = close + 2;
        }
    }

    private static Part action(String action, List<String> fields) {
        boolean json = action.startsWith("json ");
        String operand = json ? action.substring("json ".length()).strip() : action;
        if (json && operand.equals(".")) {
            return new Part(false, true, "");
        }
        String field = operand.startsWith(".") ? operand.substring(1) : "";
        if (!fields.contains(field)) {
            throw new IllegalArgumentException("the template does not know {{" + action + "}}: the fields are "
                    + fields.stream().map(name -> "." + name).collect(Collectors.joining(", ")));
        }
        return new Part(false, json, field);
    }

    /** Writes one row, without a line end. */
    void render(Map<String, Object> row, OutputStream out) throws IOException {
        for (Part part : parts) {
            if (part.isText()) {
                out.write(part.text().getBytes(StandardCharsets.UTF_8));
            } else if (part.isJson()) {
                if (part.text().isEmpty()) {
                    Json.write(row, out);
                } else {
                    Json.writeField(row.getOrDefault(part.text(), ""), out);
                }
            } else {
                Listing.plain(row.getOrDefault(part.text(), ""), out);
            }
        }
    }

    /** The column heads of a table: text as it stands, fields in capitals. */
    String header() {
        return parts.stream().map(part -> part.isText() ? part.text() : Listing.heading(part.text()))
                .collect(Collectors.joining());
    }
}
