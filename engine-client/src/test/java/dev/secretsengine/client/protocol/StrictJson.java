package dev.secretsengine.client.protocol;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonToken;
import com.fasterxml.jackson.core.StreamReadFeature;
import java.io.IOException;
import java.io.StringReader;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.time.DateTimeException;
import java.time.OffsetDateTime;
import java.util.Set;
import java.util.regex.Pattern;

/** Says of a text that protobuf-java takes and ours does not, whether that is how it should be. */
final class StrictJson {

    private static final JsonFactory ANY = new JsonFactory();

    private static final JsonFactory STRICT = JsonFactory.builder()
            .enable(StreamReadFeature.STRICT_DUPLICATE_DETECTION).build();

    private static final Pattern TIME = Pattern
            .compile("\\d{4}-\\d\\d-\\d\\dT\\d\\d:\\d\\d:\\d\\d(\\.\\d{1,9})?(Z|[+-]\\d\\d:\\d\\d)");
    private static final Pattern SPAN = Pattern.compile("-?\\d{1,12}(\\.\\d{1,9})?s");
    private static final Pattern BASE64 = Pattern
            .compile("([\\w-]{4})*([\\w-]{2,3}|[\\w-]{2}==|[\\w-]{3}=)?|([A-Za-z0-9+/]{4})*"
                    + "([A-Za-z0-9+/]{2,3}|[A-Za-z0-9+/]{2}==|[A-Za-z0-9+/]{3}=)?");

    private static final Set<String> BOOLS = Set.of("disabled", "external", "configurable", "signedByDocker",
            "signed_by_docker");
    private static final Set<String> ENUMS = Set.of("decision", "runStatus", "run_status");

    private StrictJson() {
    }

    /** Whether it is JSON at all, as another parser has it: UTF-8, nothing behind it. */
    static boolean isJson(byte[] json) {
        return walk(json, false);
    }

    /**
     * Whether no key is there twice, and all its values are of the type that a field of that name has. Protobuf-java takes times by guessing,
     * numbers that do not fit for the unknown value of an enum, and numbers and words for strings.
     */
    static boolean isStrict(byte[] json) {
        return walk(json, true);
    }

    private static boolean walk(byte[] json, boolean strict) {
        try (JsonParser parser = (strict ? STRICT : ANY).createParser(new StringReader(
                StandardCharsets.UTF_8.newDecoder().decode(ByteBuffer.wrap(json)).toString()))) {
            int depth = 0;
            int values = 0;
            for (JsonToken token = parser.nextToken(); token != null; token = parser.nextToken()) {
                values += depth == 0 ? 1 : 0;
                depth += token.isStructStart() ? 1 : token.isStructEnd() ? -1 : 0;
                if (strict && token.isScalarValue() && token != JsonToken.VALUE_NULL
                        && !fits(String.valueOf(parser.currentName()), token, parser.getText())) {
                    return false;
                }
            }
            return values == 1;
        } catch (IOException e) {
            return false;
        }
    }

    private static boolean fits(String name, JsonToken token, String text) {
        boolean string = token == JsonToken.VALUE_STRING;
        if (BOOLS.contains(name)) {
            return token.isBoolean();
        }
        if (ENUMS.contains(name) || name.equals("pid")) {
            return string != (!name.equals("pid") && isInt(text)) && (string || isInt(text));
        }
        if (!string) {
            return false;
        }
        return switch (name) {
            case "createdAt", "created_at", "resolvedAt", "resolved_at", "expiresAt", "expires_at" -> isTime(text);
            case "requestTimeout", "request_timeout" -> SPAN.matcher(text).matches();
            case "value" -> BASE64.matcher(text).matches();
            default -> true;
        };
    }

    private static boolean isInt(String text) {
        try {
            Integer.parseInt(text);
            return true;
        } catch (NumberFormatException e) {
            return false;
        }
    }

    private static boolean isTime(String text) {
        try {
            return TIME.matcher(text).matches() && OffsetDateTime.parse(text).getYear() > 0;
        } catch (DateTimeException e) {
            return false;
        }
    }
}
