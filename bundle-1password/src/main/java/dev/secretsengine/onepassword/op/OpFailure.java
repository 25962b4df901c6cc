package dev.secretsengine.onepassword.op;

import java.time.Duration;
import java.util.EnumMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** Why {@code op} failed, by what it writes to standard error; that text itself goes nowhere. */
enum OpFailure {

    /** The token is none, or is not accepted. */
    BAD_TOKEN,
    /** The user said no, or nothing for a minute or two. */
    DISMISSED,
    /** The desktop app is not running, or not set up for the command line. */
    UNREACHABLE,
    /** There is nobody to ask as. */
    NOT_SIGNED_IN,
    /** Too many requests. */
    LIMITED,
    /** The vault, the item or the field is not there, or not to be seen. */
    MISSING,
    /** There is no way to 1Password, as programs written in Go say it. */
    OFFLINE,
    /** Anything else. */
    OTHER;

    /** In lower case; the first kind with a text that is found wins. */
    private static final Map<OpFailure, List<String>> TEXTS = new EnumMap<>(Map.of(BAD_TOKEN,
            List.of("decodesacredentials", "service account token", "(401)", "401 unauthorized"), DISMISSED,
            List.of("authorization prompt dismissed"), UNREACHABLE, List.of("connecting to desktop app"), NOT_SIGNED_IN,
            List.of("not currently signed in", "account is not signed in", "session expired", "no accounts configured"),
            LIMITED, List.of("(429)", "too many requests"), MISSING,
            List.of("isn't an item", "isn't a vault", "does not have a field"), OFFLINE,
            List.of("dial tcp", "no such host", "network is unreachable", "i/o timeout")));

    private static final Duration UNSAID = Duration.ofMinutes(1);
    private static final Pattern RETRY = Pattern.compile("retry in ([0-9]{1,6}) (second|minute|hour)");

    /** The kind of a failure. */
    static OpFailure of(String stderr) {
        String text = stderr.toLowerCase(Locale.ROOT).replace('\u2019', '\'');
        return TEXTS.entrySet().stream().filter(kind -> kind.getValue().stream().anyMatch(text::contains))
                .map(Map.Entry::getKey).findFirst().orElse(OTHER);
    }

    /** How long to leave it alone after too many requests; a minute if it does not say. */
    static Duration retryAfter(String stderr) {
        Matcher matcher = RETRY.matcher(stderr.toLowerCase(Locale.ROOT));
        if (!matcher.find()) {
            return UNSAID;
        }
        long number = Long.parseLong(matcher.group(1));
        return switch (matcher.group(2)) {
            case "second" -> Duration.ofSeconds(number);
            case "minute" -> Duration.ofMinutes(number);
            default -> Duration.ofHours(number);
        };
    }
}
