package dev.secretsengine.launcher.docker;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.core.JsonToken;
import com.fasterxml.jackson.core.StreamReadFeature;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/**
 * A JSON object as text. An edit changes the characters of one member only and follows the layout of its neighbours;
 * everything else stays as it was written.
 *
 * @param text the text
 * @param root its value
 */
public record JsonText(String text, Value root) {

    private static final JsonFactory FACTORY = JsonFactory.builder()
            .enable(StreamReadFeature.STRICT_DUPLICATE_DETECTION).build();

    private static final String USUAL_INDENT = "    ";

    /**
     * A value and the characters that it consists of.
     *
     * @param start the first of them
     * @param end the one behind the last
     * @param kind what begins there
     * @param content the text of a scalar, strings without quotes
     * @param members of an object
     * @param elements of an array
     */
    public record Value(int start, int end, JsonToken kind, String content, List<Member> members,
            List<Value> elements) {

        /** Whether it is an object. */
        public boolean isObject() {
            return kind == JsonToken.START_OBJECT;
        }

        /** The member of this name. */
        public Optional<Value> member(String name) {
            return members.stream().filter(member -> member.name().equals(name)).map(Member::value).findFirst();
        }
    }

    /**
     * A member of an object.
     *
     * @param start the first character, which is the quote before the name
     */
    public record Member(String name, int start, Value value) {
    }

    /**
     * Reads a text.
     *
     * @throws IllegalArgumentException if it is no JSON, has more than one value, no object, or a name twice; the message
     *     says what and where
     */
    public static JsonText parse(String text) {
        try (JsonParser parser = FACTORY.createParser(text)) {
            if (parser.nextToken() != JsonToken.START_OBJECT) {
                throw new IllegalArgumentException("is no JSON object");
            }
            JsonText json = new JsonText(text, value(parser));
            if (parser.nextToken() != null) {
                throw new IllegalArgumentException("goes on behind its JSON object");
            }
            return json;
        } catch (JsonProcessingException e) {
            throw new IllegalArgumentException("is no valid JSON: "
                    + e.getOriginalMessage().lines().findFirst().orElse("") + ", line " + e.getLocation().getLineNr(),
                    e);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private static Value value(JsonParser parser) throws IOException {
        JsonToken kind = parser.currentToken();
        int start = (int) parser.currentTokenLocation().getCharOffset();
        List<Member> members = new ArrayList<>();
        List<Value> elements = new ArrayList<>();
        String content = "";
        if (kind == JsonToken.START_OBJECT) {
            while (parser.nextToken() != JsonToken.END_OBJECT) {
                String name = parser.currentName();
                int at = (int) parser.currentTokenLocation().getCharOffset();
                parser.nextToken();
                members.add(new Member(name, at, value(parser)));
            }
        } else if (kind == JsonToken.START_ARRAY) {
            while (parser.nextToken() != JsonToken.END_ARRAY) {
                elements.add(value(parser));
            }
        } else {
            // Only now is a string read to its end.
            content = parser.getText();
        }
        return new Value(start, (int) parser.currentLocation().getCharOffset(), kind, content, members, elements);
    }

    /** Gives a member of the object at this path a value: String, List or Map. */
    public JsonText put(List<String> path, String name, Object value) {
        Value object = at(path);
        Optional<Member> old = find(object, name);
        boolean lines = isLaidOutInLines(object);
        if (old.isPresent()) {
            Value replaced = old.get().value();
            return spliced(replaced.start(), replaced.end(),
                    new JsonWriter(unit(), end()).write(value, lines ? indentAt(old.get().start()) : null));
        }
        String indent = object.members().isEmpty()
                ? indentAt(object.start()) + unit()
                : indentAt(
                        object.members().getLast().start());
        String member = (lines ? end() + indent : "") + JsonWriter.quoted(name) + ": "
                + new JsonWriter(unit(), end()).write(value, lines ? indent : null);
        if (object.members().isEmpty()) {
            return spliced(object.start() + 1, object.end() - 1,
                    lines ? member + end() + indentAt(object.start()) : member);
        }
        int last = object.members().getLast().value().end();
        return spliced(last, last, (lines ? "," : ", ") + member);
    }

    /** Takes a member of the object at this path out; nothing happens where there is none. */
    public JsonText remove(List<String> path, String name) {
        Value object = at(path);
        Optional<Member> gone = find(object, name);
        if (gone.isEmpty()) {
            return this;
        }
        List<Member> members = object.members();
        int index = members.indexOf(gone.get());
        if (members.size() == 1) {
            return spliced(object.start() + 1, object.end() - 1, "");
        }
        return index == 0
                ? spliced(gone.get().start(), members.get(1).start(), "")
                : spliced(members.get(index - 1).value().end(), gone.get().value().end(), "");
    }

    private Value at(List<String> path) {
        Value object = root;
        for (String name : path) {
            object = object.member(name).orElseThrow();
        }
        return object;
    }

    private static Optional<Member> find(Value object, String name) {
        return object.members().stream().filter(member -> member.name().equals(name)).findFirst();
    }

    private JsonText spliced(int start, int end, String replacement) {
        return parse(text.substring(0, start) + replacement + text.substring(end));
    }

    /** Whether members stand on lines of their own; an empty object goes with the whole text. */
    private boolean isLaidOutInLines(Value object) {
        if (!object.members().isEmpty()) {
            return text.substring(object.start(), object.members().getFirst().start()).contains("\n");
        }
        return root.members().isEmpty() || isLaidOutInLines(root);
    }

    /** What one level is indented by. */
    private String unit() {
        return root.members().isEmpty() || !isLaidOutInLines(root)
                ? USUAL_INDENT
                : indentAt(root.members().getFirst().start());
    }

    /** The white space that the line of this character begins with. */
    private String indentAt(int position) {
        int begin = text.lastIndexOf('\n', position - 1) + 1;
        int end = begin;
        while (end < text.length() && (text.charAt(end) == ' ' || text.charAt(end) == '\t')) {
            end++;
        }
        return text.substring(begin, end);
    }

    private String end() {
        return text.contains("\r\n") ? "\r\n" : "\n";
    }
}
