package dev.secretsengine.launcher.format;

/** What was thrown, for a log or a debug output: classes and frames. Never a message, which may quote anything. */
public final class Trace {

    private Trace() {
    }

    /** The throwable and its causes, each class and frame on a line, without a line end behind the last. */
    public static String of(Throwable thrown) {
        StringBuilder text = new StringBuilder("  ").append(thrown.getClass().getName());
        for (StackTraceElement frame : thrown.getStackTrace()) {
            text.append("\n    at ").append(frame);
        }
        Throwable cause = thrown.getCause();
        if (cause != null) {
            text.append("\n  caused by\n").append(of(cause));
        }
        return text.toString();
    }
}
