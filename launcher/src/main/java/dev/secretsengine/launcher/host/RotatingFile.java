package dev.secretsengine.launcher.host;

import java.io.FileOutputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.logging.ErrorManager;
import java.util.logging.Handler;
import java.util.logging.LogRecord;

/** A log file of bounded size: what it held before is kept beside it, in one older file. */
final class RotatingFile extends Handler {

    private final Path file;
    private final long limit;
    private FileOutputStream out;
    private long size;

    /** Goes on with the file if it is there. */
    RotatingFile(Path file, long limit) throws IOException {
        this.file = file;
        this.limit = limit;
        this.out = new FileOutputStream(file.toFile(), true);
        this.size = Files.size(file);
    }

    /** Keeps a file as the older one. */
    static void rotate(Path file) throws IOException {
        Files.move(file, file.resolveSibling(file.getFileName() + ".1"), StandardCopyOption.REPLACE_EXISTING);
    }

    @Override
    public synchronized void publish(LogRecord record) {
        try {
            byte[] line = getFormatter().format(record).getBytes(StandardCharsets.UTF_8);
            if (size > 0 && size + line.length > limit) {
                // What is open stays open until there is another one.
                rotate(file);
                FileOutputStream before = out;
                out = new FileOutputStream(file.toFile(), true);
                size = 0;
                before.close();
            }
            out.write(line);
            size += line.length;
        } catch (IOException | RuntimeException e) {
            reportError("cannot write to " + file, e, ErrorManager.WRITE_FAILURE);
        }
    }

    @Override
    public void flush() {
        // Nothing is held back.
    }

    @Override
    public synchronized void close() {
        try {
            out.close();
        } catch (IOException e) {
            reportError("cannot close " + file, e, ErrorManager.CLOSE_FAILURE);
        }
    }
}
