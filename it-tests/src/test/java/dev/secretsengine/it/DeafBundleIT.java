package dev.secretsengine.it;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

/** A provider that hears neither deadlines nor interrupts, and never returns. */
class DeafBundleIT {

    private static void drop(Home home, BundleJar jar, String name) throws Exception {
        Path built = home.folder().resolve(name + ".jar");
        jar.writeTo(built);
        Files.move(built, home.data().resolve("runtime").resolve(name + ".jar"));
        Poll.until(name + " to run", () -> row(home, name).startsWith("running"));
    }

    /** Status and message. */
    private static String row(Home home, String plugin) throws Exception {
        return home.direct().pass("plugins", "ls", "--format", "{{.Name}} {{.Status}} {{.Message}}").out().lines()
                .filter(line -> line.startsWith(plugin + " ")).map(line -> line.substring(plugin.length() + 1))
                .findFirst().orElse("");
    }

    private static void othersAnswer(Home home) throws Exception {
        assertEquals("1", home.pass("get", "--reveal", "own").ok());
        assertEquals("1.0.0", home.pass("get", "--reveal", "se://good/key").ok());
        assertEquals("good/key\n", home.pass("get", "-q", "se://*/key").out(), "and where it was to be asked as well");
    }

    @Test
    void deafProviderIsLeftAloneAndHoldsUpNobody() throws Exception {
        try (Home home = Home.withAge()) {
            home.pass("set", "own=1").ok();
            drop(home, new BundleJar("good", "1.0.0"), "good");
            drop(home, new BundleJar("deaf", "1.0.0").onLookup(BundleJar.FOR_EVER), "deaf");
            List<Process> clients = new ArrayList<>();
            for (int i = 0; i < 3; i++) {
                clients.add(home.process(home.installation().client().toString(), "get", "se://deaf/key").start());
            }
            Poll.until("three lookups", () -> home.direct()
                    .pass("plugins", "inspect", "deaf", "--format", "{{.Calls}}").out().equals("3\n"));
            assertEquals("1.0.0", home.pass("get", "--reveal", "se://good/key").ok(), "while it hangs");
            for (Process client : clients) {
                assertTrue(client.isAlive(), "it is still waited for");
                client.destroyForcibly().waitFor();
            }
            Poll.until("the engine to give it up", () -> row(home, "deaf").startsWith("crashed"));
            assertTrue(
                    row(home, "deaf").matches("crashed it did not answer in time 3 times in a row, and is asked again"
                            + " in \\d+ s"),
                    row(home, "deaf"));
            assertTrue(home.pass("get", "se://deaf/key").failed(4).contains("is left alone"));
            othersAnswer(home);

            assertEquals("Plugin deaf is disabled\n", home.pass("plugins", "disable", "deaf").ok());
            assertEquals("disabled docker pass plugins enable deaf", row(home, "deaf"));
            othersAnswer(home);
            home.pass("engine", "stop").ok();
            Poll.until("the end of the engine", () -> home.engines().isEmpty());
        }
    }
}
