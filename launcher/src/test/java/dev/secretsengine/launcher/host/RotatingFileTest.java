package dev.secretsengine.launcher.host;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.logging.Formatter;
import java.util.logging.Level;
import java.util.logging.LogRecord;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class RotatingFileTest {

    @TempDir
    Path folder;

    private Path file;

    @BeforeEach
    void nameTheFile() {
        file = folder.resolve("engine.log");
    }

    private RotatingFile open() throws Exception {
        RotatingFile log = new RotatingFile(file, 21);
        log.setFormatter(new Formatter() {

            @Override
            public String format(LogRecord record) {
                return record.getMessage() + "\n";
            }
        });
        return log;
    }

    private static void log(RotatingFile log, String line) {
        log.publish(new LogRecord(Level.INFO, line));
    }

    private List<String> older() throws Exception {
        return Files.readAllLines(folder.resolve("engine.log.1"));
    }

    @Test
    void keepsOneOlderFile() throws Exception {
        RotatingFile log = open();
        for (String line : List.of("line one", "line two", "line three", "line four", "line five")) {
            log(log, line);
        }
        assertEquals(List.of("line five"), Files.readAllLines(file));
        assertEquals(List.of("line three", "line four"), older());
        log.close();
    }

    @Test
    void goesOnWithWhatIsThere() throws Exception {
        Files.writeString(file, "of an earlier one\n");
        RotatingFile log = open();
        log(log, "1");
        assertEquals(List.of("of an earlier one", "1"), Files.readAllLines(file));
        log(log, "2");
        assertEquals(List.of("2"), Files.readAllLines(file));
        assertEquals(List.of("of an earlier one", "1"), older());
        log.close();
    }
}
