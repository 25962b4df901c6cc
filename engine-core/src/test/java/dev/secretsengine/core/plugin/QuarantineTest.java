package dev.secretsengine.core.plugin;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.secretsengine.core.bundle.DroppedJar;
import dev.secretsengine.core.bundle.PluginBundle;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.FutureTask;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class QuarantineTest {

    private static final String DIED = " times in a row while this bundle was at work; it is left off until ";

    @TempDir
    Path folder;

    private final PluginBundle one = bundle("one", "a");
    private final PluginBundle two = bundle("two", "a");

    private static PluginBundle bundle(String name, String facts) {
        return new PluginBundle("1", name, "1.0.0", false, List.of(), Optional.empty(),
                Optional.of(new DroppedJar("/x/" + name, facts, "")));
    }

    /** As the next engine sees it. */
    private Quarantine open() {
        return open("this boot");
    }

    private Quarantine open(String boot) {
        return new Quarantine(folder.resolve("quarantine"), boot);
    }

    private static boolean isOff(Quarantine quarantine, PluginBundle bundle) {
        return quarantine.reason(bundle).isPresent();
    }

    /** The work is not done when the engine dies. */
    private static void leaveAtWork(Quarantine quarantine, PluginBundle... bundles) {
        for (PluginBundle bundle : bundles) {
            assertTrue(quarantine.risk(bundle) != null);
        }
    }

    @Test
    void leavesOffWhatWasAtWorkWhenTwoEnginesDied() {
        Quarantine first = open();
        first.risk(two).close();
        leaveAtWork(first, one);
        Quarantine second = open();
        assertEquals(List.of(false, false), List.of(isOff(second, one), isOff(second, two)));
        leaveAtWork(second, one);
        Quarantine third = open();
        assertTrue(third.reason(one).orElse("").startsWith("the engine died 2" + DIED), third.reason(one).toString());
        assertTrue(third.left(one).compareTo(Duration.ofSeconds(50)) > 0);
        assertEquals(Optional.empty(), third.reason(bundle("one", "b")), "another jar");
        assertTrue(isOff(open(), one));
    }

    @Test
    void takesWhoWasAtWorkBothTimesForTheOne() {
        leaveAtWork(open(), one);
        leaveAtWork(open(), one, two);
        assertEquals(List.of(true, false), List.of(isOff(open(), one), isOff(open(), two)));
        leaveAtWork(open(), two);
        assertFalse(isOff(open(), two), "it was no suspect");
    }

    /** Whoever kills engines does not know what they are at. */
    @Test
    void leavesNothingOffThatAnswersBetweenTwoKills() {
        for (int kill = 0; kill < 5; kill++) {
            Quarantine engine = open();
            assertFalse(isOff(engine, one), "after " + kill);
            engine.risk(one).close();
            engine.answered(one);
            leaveAtWork(engine, one);
        }
    }

    @Test
    void neverLeavesAnythingOffForLongThatItDidNotSeeToEndTheEngine() {
        for (int kill = 0; kill < 9; kill++) {
            leaveAtWork(open(), one);
        }
        Duration left = open().left(one);
        assertTrue(left.compareTo(Duration.ofMinutes(50)) > 0, left.toString());
        assertTrue(left.compareTo(Duration.ofHours(1)) <= 0, left.toString());
    }

    @Test
    void suspectsNobodyWhenTheMachineWentDown() {
        leaveAtWork(open(), one);
        for (int crash = 0; crash < 3; crash++) {
            Quarantine next = open("boot " + crash);
            assertFalse(isOff(next, one));
            leaveAtWork(next, one);
        }
    }

    @Test
    void forgivesNoExitForAnAnswer() {
        open().blame(one, "it called System.exit");
        open().answered(one);
        assertTrue(isOff(open(), one));
        // Its time is up, it runs, and somebody kills the engine.
        leaveAtWork(open(), one);
        assertFalse(isOff(open(), one));
        open().answered(one);
        open().blame(one, "it called System.exit");
        assertTrue(open().left(one).compareTo(Duration.ofMinutes(9)) > 0, "for the second time");
    }

    @Test
    void hasSuspectsWorkOneAfterTheOtherToFindOutWhoItWas() throws Exception {
        leaveAtWork(open(), one, two);
        Quarantine second = open();
        assertEquals(List.of(false, false), List.of(isOff(second, one), isOff(second, two)));
        Quarantine.Risk first = second.risk(one);
        FutureTask<Boolean> other = new FutureTask<>(() -> {
            leaveAtWork(second, two);
            return true;
        });
        Thread.ofPlatform().daemon().start(other);
        assertThrows(TimeoutException.class, () -> other.get(100, TimeUnit.MILLISECONDS));
        first.close();
        assertTrue(other.get(30, TimeUnit.SECONDS));
        Quarantine third = open();
        assertEquals(List.of(false, true), List.of(isOff(third, one), isOff(third, two)));
    }

    @Test
    void blamesTheCulpritAloneAndLongerEachTime() {
        Quarantine first = open();
        leaveAtWork(first, one, two);
        first.blame(two, "it called System.exit");
        Quarantine next = open();
        assertTrue(next.reason(two).orElse("").startsWith("it called System.exit; it is left off until "));
        assertEquals(Optional.empty(), next.reason(one));
        next.blame(two, "it called System.exit");
        assertTrue(open().left(two).compareTo(Duration.ofMinutes(9)) > 0);
    }

    @Test
    void forgetsWhatTheUserWantsToTryAgain() {
        open().blame(one, "it called System.exit");
        open().release(one);
        assertEquals(Optional.empty(), open().reason(one));
    }

    @Test
    void blamesNobodyForAnEndInOrder() {
        Quarantine first = open();
        leaveAtWork(first, one);
        first.end();
        assertEquals(Optional.empty(), open().reason(one));
    }

    @Test
    void marksNoBundleOfTheEngineItself() {
        PluginBundle own = new PluginBundle("1", "own", "1.0.0", true, List.of(), Optional.empty());
        leaveAtWork(open(), own);
        assertEquals(Optional.empty(), open().reason(own));
    }

    @Test
    void ignoresADamagedMark() throws IOException {
        Files.createDirectories(folder.resolve("quarantine"));
        Files.write(folder.resolve("quarantine/z.running"), new byte[]{-1, -2});
        assertEquals(Optional.empty(), open().reason(one));
        try (var files = Files.list(folder.resolve("quarantine"))) {
            assertEquals(0, files.count());
        }
    }

    @Test
    void suspendsABundleWhoseRecordIsDamaged() throws IOException {
        open().blame(one, "it called System.exit");
        Path sentence;
        try (Stream<Path> files = Files.list(folder.resolve("quarantine"))) {
            sentence = files.findFirst().orElseThrow();
        }
        for (String content : List.of("", "\0\0\0", "9999999999999999999\n1\n0\nx\n")) {
            Files.writeString(sentence, content);
            String reason = open().reason(one).orElse("");
            assertTrue(reason.startsWith(sentence + " was damaged; "), reason);
        }
        assertTrue(isOff(open(), one), "what was written in its place");
        assertFalse(isOff(open(), two));
    }
}
