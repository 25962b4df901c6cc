package dev.secretsengine.launcher.format;

import dev.secretsengine.api.SecretValue;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.stream.Collectors;

/**
 * Rows in the form that {@code --format} asks for: {@code table}, {@code json} (one object a line), or a template, which
 * is a table with a heading after the prefix {@code "table "}. Rows map field names to text, flags, maps or a
 * {@link SecretValue}.
 */
public final class Listing {

    private static final String TABLE = "table";
    private static final String GAP = "   ";

    private final String format;
    private final List<String> fields;
    private final List<String> columns;

    /**
     * A listing.
     *
     * @param format what the user asked for
     * @param fields every field that a row has
     * @param columns those that a plain table shows
     * @throws IllegalArgumentException if the format is a template that does not parse
     */
    public Listing(String format, List<String> fields, List<String> columns) {
        this.format = format;
        this.fields = fields;
        this.columns = columns;
        if (isTemplate()) {
            template();
        }
    }

    private boolean isTemplate() {
        return !format.equals(TABLE) && !format.equals("json");
    }

    private boolean isTableTemplate() {
        return format.startsWith(TABLE + " ");
    }

    private Template template() {
        return new Template(isTableTemplate() ? format.substring(TABLE.length() + 1) : format, fields);
    }

    /** Writes the rows. */
    public void print(List<Map<String, Object>> rows, OutputStream out) throws IOException {
        if (format.equals(TABLE)) {
            List<List<String>> lines = new ArrayList<>();
            lines.add(columns.stream().map(Listing::heading).toList());
            for (Map<String, Object> row : rows) {
                List<String> line = new ArrayList<>();
                for (String column : columns) {
                    line.add(cell(row.getOrDefault(column, "")));
                }
                lines.add(line);
            }
            aligned(lines, out);
        } else if (format.equals("json")) {
            for (Map<String, Object> row : rows) {
                Json.write(row, out);
                out.write('\n');
            }
        } else if (isTableTemplate()) {
            tableTemplate(rows, out);
        } else {
            for (Map<String, Object> row : rows) {
                template().render(row, out);
                out.write('\n');
            }
        }
    }

    private void tableTemplate(List<Map<String, Object>> rows, OutputStream out) throws IOException {
        Template template = template();
        List<List<String>> lines = new ArrayList<>();
        lines.add(List.of(template.header().split("\t", -1)));
        for (Map<String, Object> row : rows) {
            try (WipedOutput line = new WipedOutput()) {
                template.render(row, line);
                lines.add(List.of(line.toString(StandardCharsets.UTF_8).split("\t", -1)));
            }
        }
        aligned(lines, out);
    }

    private static void aligned(List<List<String>> lines, OutputStream out) throws IOException {
        int columns = lines.stream().mapToInt(List::size).max().orElse(0);
        int[] widths = new int[columns];
        for (List<String> line : lines) {
            for (int i = 0; i < line.size(); i++) {
                widths[i] = Math.max(widths[i], width(line.get(i)));
            }
        }
        for (List<String> line : lines) {
            StringBuilder text = new StringBuilder();
            for (int i = 0; i < line.size(); i++) {
                String cell = line.get(i);
                text.append(cell);
                if (i + 1 < line.size()) {
                    text.append(" ".repeat(widths[i] - width(cell))).append(GAP);
                }
            }
            out.write((text.toString().stripTrailing() + "\n").getBytes(StandardCharsets.UTF_8));
        }
    }

    private static String cell(Object value) throws IOException {
        try (WipedOutput cell = new WipedOutput()) {
            plain(value, cell);
            return cell.toString(StandardCharsets.UTF_8);
        }
    }

    private static int width(String cell) {
        return cell.codePointCount(0, cell.length());
    }

    /** {@code CreatedAt} is {@code CREATED AT}. */
    static String heading(String field) {
        return spaced(field).toUpperCase(Locale.ROOT);
    }

    /** {@code CreatedAt} is {@code Created at}. */
    public static String words(String field) {
        String[] words = spaced(field).split(" ", 2);
        return words.length == 1 ? field : words[0] + " " + words[1].toLowerCase(Locale.ROOT);
    }

    private static String spaced(String field) {
        return field.replaceAll("(?<=[a-z])(?=[A-Z])", " ");
    }

    static void plain(Object value, OutputStream out) throws IOException {
        if (value instanceof SecretValue secret) {
            byte[] bytes = secret.copyBytes();
            out.write(bytes);
            Arrays.fill(bytes, (byte) 0);
        } else {
            out.write(text(value).getBytes(StandardCharsets.UTF_8));
        }
    }

    private static String text(Object value) {
        return value instanceof Map<?, ?> map
                ? map.entrySet().stream().map(entry -> entry.getKey() + "=" + entry.getValue()).sorted()
                        .collect(Collectors.joining(","))
                : value.toString();
    }
}
