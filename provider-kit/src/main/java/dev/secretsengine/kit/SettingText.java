package dev.secretsengine.kit;

import dev.secretsengine.api.Configurable;
import dev.secretsengine.api.SecretPattern;
import dev.secretsengine.api.SecretsException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** Settings of one plugin as what they stand for. Each method throws Invalid, with the setting's name, for anything else. */
public final class SettingText {

    private static final Pattern DURATION = Pattern.compile("([0-9]{1,6})([smhd])");
    private static final Duration LONGEST = Duration.ofDays(7);

    private final String plugin;
    private final Configurable.Values values;

    /** Reads these values. */
    public SettingText(String plugin, Configurable.Values values) {
        this.plugin = plugin;
        this.values = values;
    }

    /** The text as it is, empty if it is not set. */
    public String text(String name) throws SecretsException {
        return values.text(name).strip();
    }

    /** A number and s, m, h or d; or 0. A week at most. */
    public Duration duration(String name) throws SecretsException {
        String text = text(name);
        Matcher matcher = DURATION.matcher(text);
        if (text.equals("0")) {
            return Duration.ZERO;
        }
        if (!matcher.matches()) {
            throw invalid(name, "is no duration", "write a number and s, m, h or d, such as 5m; or 0");
        }
        long number = Long.parseLong(matcher.group(1));
        Duration duration = switch (matcher.group(2)) {
            case "s" -> Duration.ofSeconds(number);
            case "m" -> Duration.ofMinutes(number);
            case "h" -> Duration.ofHours(number);
            default -> Duration.ofDays(number);
        };
        if (duration.compareTo(LONGEST) > 0) {
            throw invalid(name, "is longer than 7 days", "give a shorter time");
        }
        return duration;
    }

    /** A pattern of IDs. */
    public SecretPattern pattern(String name) throws SecretsException {
        try {
            return SecretPattern.parse(text(name));
        } catch (IllegalArgumentException e) {
            throw invalid(name, "is no pattern of IDs", "write one such as 'work/**'");
        }
    }

    /** An absolute path, empty if it is not set. */
    public Optional<Path> path(String name) throws SecretsException {
        String text = text(name);
        Optional<Path> path = CallerEnvironment.absolute(text);
        if (path.isEmpty() && !text.isEmpty()) {
            throw invalid(name, "is not an absolute path", "give the full path");
        }
        return path;
    }

    /** What to throw for a value that makes no sense. */
    public SecretsException.Invalid invalid(String name, String what, String hint) {
        return new SecretsException.Invalid(plugin, "the setting " + name + " of " + plugin + " " + what, hint);
    }
}
