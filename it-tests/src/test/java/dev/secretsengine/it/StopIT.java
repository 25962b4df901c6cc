package dev.secretsengine.it;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** The end of an engine: within two seconds, whatever it is waiting for. */
class StopIT {

    private static final String STOPPING = "docker-pass: the engine is stopping: run the command again";

    private Home home;

    @BeforeEach
    void makeHome() throws Exception {
        home = Home.withAge();
    }

    @AfterEach
    void removeHome() throws IOException {
        home.close();
    }

    private void drop(BundleJar jar, String name) throws Exception {
        Path built = home.folder().resolve(name + ".jar");
        jar.writeTo(built);
        home.pass("engine", "start").ok();
        Files.move(built, home.data().resolve("runtime").resolve(name + ".jar"));
        Poll.until(name + " to run", () -> home.direct().pass("plugins", "ls").out().lines()
                .anyMatch(line -> line.matches(name + " .* running.*")));
    }

    private void stopsSoon() throws Exception {
        long begin = System.nanoTime();
        Outcome stop = Outcome.of(home.process(home.installation().client().toString(), "engine", "stop"),
                new byte[0]);
        long millis = TimeUnit.NANOSECONDS.toMillis(System.nanoTime() - begin);
        assertEquals("The engine has stopped\n", stop.ok());
        assertTrue(millis < 2000, () -> "it took " + millis + " ms");
        Poll.until("the end of the engine", () -> home.engines().isEmpty());
    }

    @ParameterizedTest
    @ValueSource(strings = {"docker-pass get se://deaf/key", "X=se://deaf/key docker-pass run -- echo started",
            "X=se://deaf/key docker-pass-portable run -- echo started"})
    void commandThatWaitsIsCutOffAndToldWhy(String line) throws Exception {
        Files.createSymbolicLink(home.folder().resolve("bin/docker-pass-portable"),
                Installation.portable().client());
        drop(new BundleJar("deaf", "1.0.0").onLookup(BundleJar.FOR_EVER), "deaf");
        Process client = home.process("sh", "-c", line).start();
        Poll.until("the lookup", () -> home.direct()
                .pass("plugins", "inspect", "deaf", "--format", "{{.Calls}}").out().equals("1\n"));
        stopsSoon();
        assertTrue(client.waitFor(5, TimeUnit.SECONDS));
        assertEquals("", new String(client.getInputStream().readAllBytes(), StandardCharsets.UTF_8));
        assertEquals(STOPPING, new String(client.getErrorStream().readAllBytes(), StandardCharsets.UTF_8).strip());
        assertEquals(line.contains(" run ") ? 125 : 4, client.exitValue());
    }

    @Test
    void callOfTheSdkThatWaitsIsAnsweredAsUnavailable() throws Exception {
        Tools.require("curl");
        drop(new BundleJar("deaf", "1.0.0").onLookup(BundleJar.FOR_EVER), "deaf");
        Process client = home.process("curl", "-s", "--unix-socket",
                home.folder() + "/.cache/docker-secrets-engine/engine.sock", "-H", "Content-Type: application/json",
                "-d", "{\"pattern\":\"deaf/key\"}", "http://unix/resolver.v1.ResolverService/GetSecrets").start();
        Poll.until("the lookup", () -> home.direct()
                .pass("plugins", "inspect", "deaf", "--format", "{{.Calls}}").out().equals("1\n"));
        stopsSoon();
        assertEquals("{\"code\":\"unavailable\",\"message\":\"the engine is stopping\"}",
                new String(client.getInputStream().readAllBytes(), StandardCharsets.UTF_8));
    }

    @Test
    void bundleThatDoesNotStopIsNotWaitedFor() throws Exception {
        drop(new BundleJar("stuck", "1.0.0").onStop(BundleJar.FOR_EVER), "stuck");
        assertEquals("1.0.0", home.pass("get", "--reveal", "se://stuck/key").ok());
        stopsSoon();
        assertEquals("1.0.0", home.pass("get", "--reveal", "se://stuck/key").ok(), "nor is it blamed for the end");
    }

    @Test
    void launchedPluginThatDoesNotEndIsKilled() throws Exception {
        Path folder = Files.createDirectories(home.folder().resolve(".config/docker-secrets-engine/plugins"),
                PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rwx------")));
        Path plugin = Files.writeString(folder.resolve("stubborn"),
                "#!/bin/sh\ntrap '' TERM\necho $$ > " + home.folder() + "/pid\nwhile :; do sleep 600; done\n");
        Files.setPosixFilePermissions(plugin, PosixFilePermissions.fromString("rwx------"));
        home.pass("engine", "start").ok();
        Path pid = home.folder().resolve("pid");
        Poll.until("the plugin", () -> Files.exists(pid) && !Files.readString(pid).isBlank());
        stopsSoon();
        long number = Long.parseLong(Files.readString(pid).strip());
        Poll.until("the plugin's end", () -> ProcessHandle.of(number).isEmpty());
    }

    /** It has a terminal's user to wait for. */
    @Test
    void followerOfTheLogDoesNotHoldItUp() throws Exception {
        home.pass("engine", "start").ok();
        Process follower = home.process(home.installation().client().toString(), "engine", "logs", "-f").start();
        assertEquals(List.of(), List.of(follower.inputReader().readLine()).stream().filter(String::isEmpty).toList());
        stopsSoon();
        assertTrue(follower.waitFor(5, TimeUnit.SECONDS));
    }
}
