package dev.secretsengine.launcher.docker;

import com.fasterxml.jackson.core.io.JsonStringEncoder;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/**
 * New JSON text in the layout of an old one.
 *
 * @param unit what one level is indented by
 * @param end the end of a line
 */
record JsonWriter(String unit, String end) {

    /**
     * The text of a String, List or Map.
     *
     * @param indent of the line that it begins on, null for a single line
     */
    String write(Object value, @Nullable String indent) {
        String inner = indent == null ? null : indent + unit;
        return switch (value) {
            case Map<?, ?> map -> enclosed("{", "}", indent, map.entrySet().stream()
                    .map(entry -> quoted(entry.getKey().toString()) + ": " + write(entry.getValue(), inner)).toList());
            case List<?> list -> enclosed("[", "]", indent,
                    list.stream().map(element -> write(element, inner)).toList());
            default -> quoted(value.toString());
        };
    }

    private String enclosed(String open, String close, @Nullable String indent, List<String> parts) {
        if (indent == null || parts.isEmpty()) {
            return open + String.join(", ", parts) + close;
        }
        return parts.stream().map(part -> end + indent + unit + part).collect(Collectors.joining(",", open, ""))
                + end + indent + close;
    }

    static String quoted(String text) {
        return '"' + new String(JsonStringEncoder.getInstance().quoteAsString(text)) + '"';
    }
}
