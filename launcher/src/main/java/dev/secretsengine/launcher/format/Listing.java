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
    private static final int GAP = 3;

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
        if (format.equals(TABLE) || isTableTemplate()) {
            List<List<byte[]>> lines = new ArrayList<>();
            try {
                lines(rows, lines);
                aligned(lines, out);
            } finally {
                lines.forEach(line -> line.forEach(cell -> Arrays.fill(cell, (byte) 0)));
            }
            return;
        }
        for (Map<String, Object> row : rows) {
            if (format.equals("json")) {
                Json.write(row, out);
            } else {
                template().render(row, out);
            }
            out.write('\n');
        }
    }

    private void lines(List<Map<String, Object>> rows, List<List<byte[]>> lines) throws IOException {
        if (format.equals(TABLE)) {
            lines.add(columns.stream().map(column -> heading(column).getBytes(StandardCharsets.UTF_8)).toList());
            for (Map<String, Object> row : rows) {
                List<byte[]> line = new ArrayList<>();
                lines.add(line);
                for (String column : columns) {
                    try (WipedOutput cell = new WipedOutput()) {
                        plain(row.getOrDefault(column, ""), cell);
                        line.add(cell.toByteArray());
                    }
                }
            }
        } else {
            Template template = template();
            lines.add(cells(template.header().getBytes(StandardCharsets.UTF_8)));
            for (Map<String, Object> row : rows) {
                try (WipedOutput line = new WipedOutput()) {
                    template.render(row, line);
                    lines.add(cells(line.toByteArray()));
                }
            }
        }
    }

    /** What stands between the tabs of a line, which is wiped. */
    private static List<byte[]> cells(byte[] line) {
        List<byte[]> cells = new ArrayList<>();
        int start = 0;
        for (int i = 0; i <= line.length; i++) {
            if (i == line.length || line[i] == '\t') {
                cells.add(Arrays.copyOfRange(line, start, i));
                start = i + 1;
            }
        }
        Arrays.fill(line, (byte) 0);
        return cells;
    }

    private static void aligned(List<List<byte[]>> lines, OutputStream out) throws IOException {
        int[] widths = new int[lines.stream().mapToInt(List::size).max().orElse(0)];
        for (List<byte[]> line : lines) {
            for (int i = 0; i < line.size(); i++) {
                widths[i] = Math.max(widths[i], width(line.get(i)));
            }
        }
        for (List<byte[]> line : lines) {
            int blanks = 0;
            for (int i = 0; i < line.size(); i++) {
                byte[] cell = line.get(i);
                if (cell.length > 0) {
                    out.write(" ".repeat(blanks).getBytes(StandardCharsets.US_ASCII));
                    out.write(cell);
                    blanks = 0;
                }
                blanks += widths[i] - width(cell) + GAP;
            }
            out.write('\n');
        }
    }

    /** In characters, each of which has one byte that continues no other. */
    private static int width(byte[] cell) {
        int width = 0;
        for (byte b : cell) {
            width += (b & 0xC0) == 0x80 ? 0 : 1;
        }
        return width;
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
            try {
                out.write(bytes);
            } finally {
                Arrays.fill(bytes, (byte) 0);
            }
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
