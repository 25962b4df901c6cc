package dev.secretsengine.it;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** Far more secrets than anybody has. */
class ManySecretsIT {

    private Home home;

    @BeforeEach
    void makeHome() throws IOException {
        home = Home.withAgeInMemory();
    }

    @AfterEach
    void removeHome() throws IOException {
        home.close();
    }

    @Test
    void tenThousandSecretsAreAsGoodAsTen() throws Exception {
        home.pass("engine", "start").ok();
        store(0, 10);
        long few = medianOfGet();
        store(10, 10_000);
        long many = medianOfGet();
        assertEquals(10_000, home.direct().pass("ls").ok().lines().count());
        // Only to see that nobody reads them all for each: what it takes exactly is for the bench to say.
        assertTrue(many < 10 * few + TimeUnit.MILLISECONDS.toNanos(20), () -> few + " ns became " + many + " ns");
        assertEquals("value-7777", home.pass("get", "--reveal", "many/77/7777").ok());

        assertEquals(10_000,
                home.pass("rm", "--all").ok().lines().filter(line -> line.startsWith("RM: many/")).count());
        assertEquals("", home.pass("ls").ok());
    }

    private void store(int from, int to) throws Exception {
        List<Thread> writers = new ArrayList<>();
        List<String> failures = new ArrayList<>();
        for (int first = from; first < from + 4; first++) {
            int start = first;
            writers.add(Thread.ofPlatform().start(() -> {
                try {
                    for (int i = start; i < to; i += 4) {
                        home.direct().pass("set", "many/" + i / 100 + "/" + i + "=value-" + i).ok();
                    }
                } catch (IOException | AssertionError e) {
                    synchronized (failures) {
                        failures.add(e.toString());
                    }
                }
            }));
        }
        for (Thread writer : writers) {
            writer.join();
        }
        assertEquals(List.of(), failures);
    }

    private long medianOfGet() throws IOException {
        List<Long> times = new ArrayList<>();
        for (int i = 0; i < 51; i++) {
            long begin = System.nanoTime();
            home.direct().pass("get", "--reveal", "many/0/5").ok();
            times.add(System.nanoTime() - begin);
        }
        return times.stream().sorted().skip(times.size() / 2).findFirst().orElseThrow();
    }
}
