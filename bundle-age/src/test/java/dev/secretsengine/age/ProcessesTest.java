package dev.secretsengine.age;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.BufferedReader;
import java.io.InputStreamReader;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Stores of several processes on one folder, and of one that dies. */
class ProcessesTest {

    private static final int WRITES = 60;

    @TempDir
    Path temp;

    @Test
    void loseNothingOfEachOther() throws Exception {
        Home home = new Home(temp);
        List<Process> others = new ArrayList<>();
        for (String name : List.of("p", "q")) {
            others.add(new ProcessBuilder(StoreProcess.command(home, name, "" + WRITES)).inheritIO()
                    .redirectOutput(ProcessBuilder.Redirect.DISCARD).start());
        }
        // Two instances in one process as well: a lock on a file does not tell those apart.
        AgeStore one = home.store();
        AgeStore two = home.store();
        for (int i = 0; i < WRITES; i++) {
            Home.set(i % 2 == 0 ? one : two, "own/" + i, "value " + i);
        }
        for (Process other : others) {
            assertTrue(other.waitFor(60, TimeUnit.SECONDS));
        }
        assertEquals(3 * WRITES + 1, Home.list(one).size());
        for (String name : List.of("p", "q", "own")) {
            for (int i = 0; i < WRITES; i++) {
                assertEquals("value " + i, Home.get(one, name + "/" + i));
            }
        }
        assertEquals("value " + (WRITES - 1), Home.get(one, "same"));
    }

    @Test
    void keepWhatAKilledOneHadAcknowledged() throws Exception {
        Home home = new Home(temp);
        Process other = new ProcessBuilder(StoreProcess.command(home, "p", "100000")).inheritIO()
                .redirectOutput(ProcessBuilder.Redirect.PIPE).start();
        List<String> acknowledged = new ArrayList<>();
        try (BufferedReader out = new BufferedReader(
                new InputStreamReader(other.getInputStream(), StandardCharsets.US_ASCII))) {
            for (int i = 0; i < 100; i++) {
                acknowledged.add(out.readLine());
            }
            // Not through the Process, which would close the pipe as well.
            other.toHandle().destroyForcibly();
            out.lines().forEach(acknowledged::add);
        }
        other.waitFor();
        AgeStore store = home.store();
        for (String id : acknowledged) {
            assertEquals("value " + id.substring(2), Home.get(store, id));
        }
        assertTrue(Home.list(store).containsAll(acknowledged));
        Home.set(store, "next", "just works");
        assertFalse(Files.exists(home.secrets().resolve(".tmp")));
    }

    @Test
    void keepTheOldValueWhenTheNewOneCannotBeWritten() throws Exception {
        Home home = new Home(temp);
        Home.set(home.store(), "a", "old");
        List<String> before = Home.names(home.secrets());
        // The kernel refuses a write past the limit of the process: a write that fails half-way.
        List<String> limited = new ArrayList<>(List.of("bash", "-c", "ulimit -f 64; exec \"$@\"", "limited"));
        limited.addAll(StoreProcess.command(home, "largest", "a"));
        String said = new String(Home.run(new byte[0], limited.toArray()), StandardCharsets.UTF_8);
        assertEquals("Failed cannot write to " + home.secrets()
                + ": check that the folder and its files are yours and writable\n", said);
        assertEquals("old", Home.get(home.store(), "a"));
        assertEquals(before, Home.names(home.secrets()));
    }
}
