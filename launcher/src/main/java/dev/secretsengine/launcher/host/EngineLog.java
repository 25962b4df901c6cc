package dev.secretsengine.launcher.host;

import dev.secretsengine.core.config.PrivateFiles;
import dev.secretsengine.launcher.format.Trace;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.logging.Formatter;
import java.util.logging.Handler;
import java.util.logging.Level;
import java.util.logging.LogManager;
import java.util.logging.LogRecord;
import java.util.logging.Logger;

/** The engine's log file: of bounded size, one older file kept. */
final class EngineLog {

    /** An engine begins another file beyond this, and goes on with another one beyond the limit. */
    private static final int ROTATE_AT = 1 << 20;
    private static final int LIMIT = 10 << 20;

    /** A logger that nobody holds is collected, and its level with it. */
    private static final List<Logger> KEPT = new ArrayList<>();

    private EngineLog() {
    }

    /** Sends everything that is logged into a file. */
    static void open(Path file) throws IOException {
        PrivateFiles.folderOf(file);
        if (Files.exists(file) && Files.size(file) > ROTATE_AT) {
            RotatingFile.rotate(file);
        }
        LogManager.getLogManager().reset();
        Handler handler = new RotatingFile(file, LIMIT);
        handler.setFormatter(new Line());
        Logger root = Logger.getLogger("");
        root.addHandler(handler);
        root.setLevel(Level.WARNING);
        level("dev.secretsengine", Level.INFO);
        // Prints a stack trace whenever a bus ends, which bundle-keychain handles.
        level("org.freedesktop.dbus.connections.base.IncomingMessageThread", Level.OFF);
    }

    private static void level(String name, Level level) {
        Logger logger = Logger.getLogger(name);
        logger.setLevel(level);
        KEPT.add(logger);
    }

    /** Time, level, short name of the logger, message; what was thrown as its class and frames. */
    private static final class Line extends Formatter {

        @Override
        public String format(LogRecord record) {
            String name = record.getLoggerName();
            StringBuilder line = new StringBuilder().append(record.getInstant()).append(' ').append(record.getLevel())
                    .append(' ').append(name == null ? "" : name.substring(name.lastIndexOf('.') + 1)).append(' ')
                    .append(formatMessage(record).replace('\n', ' ')).append('\n');
            if (record.getThrown() != null) {
                line.append(Trace.of(record.getThrown())).append('\n');
            }
            return line.toString();
        }
    }
}
