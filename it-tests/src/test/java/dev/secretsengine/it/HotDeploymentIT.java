package dev.secretsengine.it;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.ArrayList;
import java.util.List;
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** Bundles that are replaced, switched and removed while lookups come at 200 a second. */
class HotDeploymentIT {

    private static final int REPLACEMENTS = 20;
    private static final int SWITCHES = 100;
    private static final long PATIENCE_NANOS = TimeUnit.SECONDS.toNanos(30);

    private final ScheduledExecutorService clock = Executors.newScheduledThreadPool(4);
    private final AtomicInteger asked = new AtomicInteger();

    /** What went wrong with lookups that a bundle nobody touched could answer. */
    private final Queue<String> failures = new ConcurrentLinkedQueue<>();

    /** What came of lookups in the bundle that comes and goes. */
    private final Queue<String> strange = new ConcurrentLinkedQueue<>();

    private Path place;
    private Home home;
    private Path folder;

    @BeforeEach
    void startEngine() throws Exception {
        place = Files.createTempDirectory("se-image");
        Installation copy = Installation.built().copyTo(place.resolve("image"));
        Path engine = copy.engine();
        // A heap dump is taken through the door that an engine keeps shut.
        Files.writeString(engine, Files.readString(engine).replace("-XX:+DisableAttachMechanism", ""));
        home = Home.withAge(copy);
        home.pass("set", "own=1").ok();
        folder = home.data().resolve("runtime");
        drop("steady", "1.0.0");
        drop("changing", "1.0.0");
        soon("steady", "1.0.0");
        soon("changing", "1.0.0");
    }

    @AfterEach
    void stop() throws Exception {
        clock.shutdownNow();
        home.close();
        Home.remove(place);
    }

    private void drop(String name, String version) throws IOException {
        Path built = home.folder().resolve(name + ".jar");
        new BundleJar(name, version).writeTo(built);
        Files.move(built, folder.resolve(name + ".jar"), StandardCopyOption.ATOMIC_MOVE,
                StandardCopyOption.REPLACE_EXISTING);
    }

    private Outcome get(String name) throws IOException {
        return home.direct().pass("get", "--reveal", "se://" + name + "/key");
    }

    private void soon(String name, String expected) throws Exception {
        long begin = System.nanoTime();
        while (!get(name).out().equals(expected) && System.nanoTime() - begin < PATIENCE_NANOS) {
            Thread.sleep(5);
        }
        assertEquals(expected, get(name).out());
    }

    private void lookUp(boolean steady) {
        try {
            asked.incrementAndGet();
            Outcome outcome = get(steady ? "steady" : "changing");
            boolean answered = outcome.code() == 0;
            if (steady && !(answered && outcome.out().equals("1.0.0"))) {
                failures.add(outcome.toString());
            }
            // There and then gone, or gone already: an answer, or one line that says so.
            if (!steady && !(answered ? outcome.out().matches("\\d+\\.0\\.0") : outcome.err().lines().count() == 1)) {
                strange.add(outcome.toString());
            }
        } catch (IOException e) {
            failures.add(e.toString());
        }
    }

    @Test
    void othersAreAnsweredAndNothingIsLeftBehind() throws Exception {
        long engine = home.engines().get(0);
        clock.scheduleAtFixedRate(() -> lookUp(true), 0, 10, TimeUnit.MILLISECONDS);
        clock.scheduleAtFixedRate(() -> lookUp(false), 5, 10, TimeUnit.MILLISECONDS);
        for (int i = 2; i < REPLACEMENTS + 2; i++) {
            drop("changing", i + ".0.0");
            soon("changing", i + ".0.0");
        }
        for (int i = 0; i < SWITCHES; i++) {
            home.direct().pass("plugins", i % 2 == 0 ? "disable" : "enable", "changing").ok();
        }
        Files.delete(folder.resolve("changing.jar"));
        soon("changing", "");
        drop("changing", "99.0.0");
        soon("changing", "99.0.0");
        clock.shutdown();
        assertTrue(clock.awaitTermination(10, TimeUnit.SECONDS));
        assertEquals(List.of(), new ArrayList<>(failures), "of " + asked);
        assertEquals(List.of(), new ArrayList<>(strange), "of " + asked);
        assertEquals(List.of(engine), home.engines());
        assertEquals(2, classLoaders(engine), "one for each bundle that is there");
    }

    /** How many class loaders of the tests' bundles are alive, by a heap dump's own count of their activator's class. */
    private int classLoaders(long engine) throws Exception {
        long begin = System.nanoTime();
        int count = count(engine);
        while (count != 2 && System.nanoTime() - begin < PATIENCE_NANOS) {
            // What the framework still has of a revision goes with the next refresh of its wiring.
            Thread.sleep(1000);
            count = count(engine);
        }
        return count;
    }

    private int count(long engine) throws IOException {
        Path dump = home.folder().resolve("heap-" + System.nanoTime() + ".hprof");
        HeapDump.of(engine, dump);
        return HeapDump.classesNamed(dump, "test/changing/Plugin") + HeapDump.classesNamed(dump, "test/steady/Plugin");
    }
}
