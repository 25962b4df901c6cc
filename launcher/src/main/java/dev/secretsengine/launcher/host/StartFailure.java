package dev.secretsengine.launcher.host;

import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;
import org.osgi.framework.BundleException;

/** Why a bundle does not start, in one line. */
final class StartFailure {

    private static final Pattern PACKAGE = Pattern.compile("\\(osgi\\.wiring\\.package=([^)]+)\\)");
    private static final Pattern LEAST = Pattern.compile("[^!]\\(version>=([^)]+)\\)");
    private static final Pattern BELOW = Pattern.compile("\\(!\\(version>=([^)]+)\\)\\)");
    private static final Pattern JAVA = Pattern.compile("osgi\\.ee.*\\(version=([0-9.]+)\\)");
    private static final int LONGEST = 200;

    private StartFailure() {
    }

    /**
     * Says it.
     *
     * @param apiVersion of the api that this engine exports
     */
    static String describe(@Nullable Throwable failure, String apiVersion) {
        if (failure == null) {
            return "it failed";
        }
        String message = String.valueOf(failure.getMessage());
        if (failure instanceof BundleException bundle && bundle.getType() == BundleException.RESOLVE_ERROR) {
            Matcher missing = PACKAGE.matcher(message);
            if (missing.find() && missing.group(1).equals(ApiVersion.PACKAGE)) {
                return "it is built for version " + range(message) + " of " + ApiVersion.PACKAGE
                        + ", and this engine has " + apiVersion;
            }
            if (missing.hasMatch()) {
                return "it imports the package " + missing.group(1) + ", which nobody exports in that version";
            }
            Matcher java = JAVA.matcher(message);
            return java.find()
                    ? "it needs Java " + java.group(1)
                    : "it needs something that is not here: " + line(message);
        }
        Throwable cause = failure.getCause();
        if (failure instanceof BundleException && cause != null) {
            String reason = String.valueOf(cause.getMessage());
            return "its activator failed: " + cause.getClass().getSimpleName()
                    + (cause.getMessage() == null ? "" : ": " + line(reason));
        }
        return line(message);
    }

    /** {@code [2.0.0,3.0.0)} out of a filter. */
    private static String range(String filter) {
        Matcher least = LEAST.matcher(filter);
        Matcher below = BELOW.matcher(filter);
        String from = least.find() ? least.group(1) : "0";
        return below.find() ? "[" + from + "," + below.group(1) + ")" : from;
    }

    private static String line(String text) {
        String first = text.lines().findFirst().orElse("").strip();
        return first.length() > LONGEST ? first.substring(0, LONGEST) + "..." : first;
    }
}
