package dev.secretsengine.it;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** The native client and engines that are none, or go in the middle of an answer: one line, nothing started. */
class NativeClientFaultsIT {

    private static final byte[] HELLO = FakeEngine.frame('h', "1\0000.0\0ok");
    private static final byte[] RUN_IT = FakeEngine.frame('b', "2");

    private Home home;
    private FakeEngine engine;

    @BeforeEach
    void makeHome() throws IOException {
        home = Home.withAge();
        Files.createDirectories(home.socket().getParent());
        engine = new FakeEngine(home.socket());
    }

    @AfterEach
    void removeHome() throws IOException {
        engine.close();
        home.close();
    }

    /** Neither starts a command nor says more than a line. */
    private void refuses(String why, byte[]... answer) throws IOException {
        engine.answer(answer);
        Outcome run = home.sh("docker-pass run -- touch started");
        assertTrue(run.failed(125).contains(why), run::toString);
        assertFalse(Files.exists(home.folder().resolve("started")));
        Outcome get = home.sh("docker-pass get a");
        assertTrue(get.failed(4).contains(why), get::toString);
    }

    @Test
    void engineThatGoesIsNamed() throws Exception {
        refuses("the engine ended before it answered");
        refuses("the engine died: docker pass engine logs says more", HELLO);
        refuses("the engine died", HELLO, FakeEngine.frame('v', "A=1"));
        refuses("the connection to the engine broke", HELLO, FakeEngine.frame('v', "A=1", 9));
        refuses("the connection to the engine broke", new byte[]{'h', 0, 0});
    }

    @Test
    void anotherProtocolIsNamed() throws Exception {
        for (String hello : List.of("", "1", "2\0000.0\0ok", "1\0", "1\0000.0", "12\0000.0\0ok")) {
            refuses("the engine speaks another protocol: docker pass engine restart", FakeEngine.frame('h', hello));
        }
        refuses("the engine speaks another protocol", FakeEngine.frame('x', "0"));
    }

    @Test
    void answersThatAreNoneAreRefused() throws Exception {
        for (byte[] frame : List.of(FakeEngine.frame('z', "what"), FakeEngine.frame('h', "again"),
                FakeEngine.frame('x', ""), FakeEngine.frame('x', "-1"), FakeEngine.frame('x', "9999999999"),
                FakeEngine.frame('o', "", 1_114_113), FakeEngine.frame('o', "", -1), FakeEngine.frame('p', ""),
                FakeEngine.frame('v', "NAME"), FakeEngine.frame('v', "=VALUE"), FakeEngine.frame('v', ""),
                FakeEngine.frame('v', "A=1\0002"), FakeEngine.frame('b', ""), FakeEngine.frame('b', "4"),
                FakeEngine.frame('b', "999999999"), FakeEngine.frame('b', "-1"), FakeEngine.frame('\u00e9', ""))) {
            refuses("the connection to the engine broke", HELLO, frame, RUN_IT);
        }
    }

    @Test
    void commandIsStartedWithTheVariablesOfTheAnswer() throws Exception {
        engine.answer(HELLO, FakeEngine.frame('v', "A=1"), FakeEngine.frame('v', "HOME=/=x"),
                FakeEngine.frame('v', "L=" + "x".repeat(100_000)), RUN_IT);
        Outcome outcome = home.sh("A=0 docker-pass run -- sh -c 'echo $A $HOME ${#L}'");
        assertEquals("1 /=x 100000\n", outcome.ok());
    }

    /** The same seeds every time, so that what fails can be tried again. */
    @Test
    void noAnswerWhateverMakesItCrash() throws Exception {
        for (int seed = 0; seed < 150; seed++) {
            Random random = new Random(seed);
            ByteArrayOutputStream answer = new ByteArrayOutputStream();
            answer.writeBytes(HELLO);
            for (int frames = random.nextInt(8); frames > 0; frames--) {
                byte[] payload = new byte[random.nextInt(5) == 0 ? 70_000 : random.nextInt(20)];
                random.nextBytes(payload);
                char type = "oerpfvbxhv".charAt(random.nextInt(10));
                answer.writeBytes(FakeEngine.frame(type, new String(payload, StandardCharsets.ISO_8859_1)));
            }
            byte[] all = answer.toByteArray();
            all[random.nextInt(all.length)] ^= (byte) (1 << random.nextInt(8));
            engine.answer(all);
            // Without a terminal to ask on.
            Outcome outcome = home.sh("setsid -w docker-pass run -- /no/such/command");
            int code = outcome.code();
            assertTrue(code == 125 || code == 127 || code < 64, "seed " + seed + ": " + outcome);
        }
    }

    @Test
    void anotherUsersSocketIsToldNothing() throws Exception {
        Tools.require("python3");
        try (OtherUser other = new OtherUser()) {
            Path socket = other.home().resolve("squatted.sock");
            Path record = other.home().resolve("record");
            Path script = Files.copy(Path.of(getClass().getResource("/squatter.py").toURI()),
                    other.place().resolve("squatter.py"));
            Process squatter = other.process("python3", script.toString(), socket.toString(), record.toString())
                    .start();
            try {
                assertEquals("ready", squatter.inputReader(StandardCharsets.US_ASCII).readLine());
                other.letEverybodyIn();
                engine.close();
                Files.delete(home.socket());
                Files.createSymbolicLink(home.socket(), socket);
                Outcome set = home.sh("docker-pass set secret=value");
                assertTrue(set.failed(4).contains("is another user's, who was told nothing"), set::toString);
                assertEquals(125, home.sh("X=se://secret docker-pass run -- touch started").code());
                assertFalse(Files.exists(home.folder().resolve("started")));
                assertEquals(1, Sandbox.root("test", "-s", record.toString()).code(), "it was told something");
                Files.delete(home.socket());
            } finally {
                Sandbox.root("kill", Long.toString(squatter.pid()));
            }
        }
    }
}
