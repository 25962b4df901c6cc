package dev.secretsengine.it;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Base64;
import java.util.HexFormat;
import java.util.List;
import java.util.Set;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** A secret that is planted, and looked for where it must not be: raw, in base64 and in hexadecimal. */
class CanaryIT {

    private final Canary planted = new Canary();
    private final String canary = planted.text();
    private final byte[] value = planted.bytes();
    private final CanarySearch search = new CanarySearch(planted);
    private final Set<String> found = search.found();
    private Home home;

    @BeforeEach
    void makeHome() throws IOException {
        home = Home.withAge();
        home.pass("engine", "start").ok();
    }

    @AfterEach
    void removeHome() throws IOException {
        home.close();
    }

    private void use() throws IOException {
        home.passWith(value, "set", "canary").ok();
        home.passWith(value, "set", "raw", "--raw", "--metadata", "a=b").ok();
        home.passWith(("{\"secret\":\"" + canary + "\",\"metadata\":{\"a\":\"b\"}}").getBytes(StandardCharsets.UTF_8),
                "set", "json").ok();
        assertEquals(canary, home.pass("get", "--reveal", "canary").ok());
        assertEquals(canary, home.pass("get", "--reveal", "se://json").ok());
        home.sh("X=se://canary docker pass run -- sleep 0.3").ok();
        home.pass("ls", "--format", "json").ok();
        home.pass("get", "canary", "--format", "json").ok();
        home.pass("rm", "raw").ok();
        home.pass("plugins", "ls").ok();
    }

    /** Whatever goes wrong with it, it is not quoted. */
    private void misuse() throws IOException {
        Path dotenv = Files.writeString(home.folder().resolve("bad.env"), "A=\"" + canary + "\n");
        List<Outcome> outcomes = List.of(home.passWith(value, "set", "bad//id"),
                home.passWith((canary + "\0").getBytes(StandardCharsets.UTF_8), "set", "nul"),
                home.sh("X=se://nul docker pass run -- true"),
                home.passWith(canary.repeat(40_000).getBytes(StandardCharsets.UTF_8), "set", "large"),
                home.passWith(
                        ("{\"secret\":\"" + canary + "\",\"metadata\":{\"a\":[]}}").getBytes(StandardCharsets.UTF_8),
                        "set", "json"),
                home.pass("run", "--env-file", dotenv.toString(), "--", "true"),
                home.passWith(value, "identity", "passphrase", "--nonsense"),
                home.passWith(value, "unlock"));
        Files.delete(dotenv);
        for (Outcome outcome : outcomes) {
            search.lookInto("the output of a failed command",
                    (outcome.out() + outcome.err()).getBytes(StandardCharsets.UTF_8));
        }
    }

    @Test
    void secretIsNowhereButInTheEncryptedStore() throws Exception {
        search.lookAtProcessesDuring("sleep", () -> {
            use();
            misuse();
        });
        search.lookEverywhere(home);
        assertEquals(Set.of(), found);
    }

    @Test
    void valueOnTheCommandLineIsInNoMessageAndNoLog() throws Exception {
        List<Outcome> outcomes = List.of(home.pass("set", "good=" + canary), home.pass("set", "bad//id=" + canary),
                home.pass("set", "a=" + canary, "b=" + canary), home.pass("set", "--nonsense", "a=" + canary),
                home.pass("sett", "a=" + canary),
                home.pass("--debug", "set", "b//d=" + canary));
        for (Outcome outcome : outcomes.subList(1, outcomes.size())) {
            assertTrue(outcome.code() != 0, outcome::toString);
            search.lookInto(outcome.err().replace(canary, "CANARY"), outcome.err().getBytes(StandardCharsets.UTF_8));
        }
        search.lookBelow(home.folder(), Integer.MAX_VALUE);
        assertEquals(Set.of(), found);
    }

    /** The looking itself: it would find the canary in each of its forms. */
    @Test
    void canaryIsFoundWhereItIs() throws Exception {
        for (String form : List.of(canary,
                Base64.getEncoder().encodeToString(("x" + canary + "y").getBytes(StandardCharsets.US_ASCII)),
                Base64.getEncoder().encodeToString(("xy" + canary).getBytes(StandardCharsets.US_ASCII)),
                HexFormat.of().formatHex(value))) {
            found.clear();
            Files.writeString(home.folder().resolve("leak"), "before " + form + " after");
            search.lookBelow(home.folder(), Integer.MAX_VALUE);
            assertFalse(found.isEmpty(), form);
        }
        found.clear();
        Process leaking = home.process("sh", "-c", "sleep 5; true", canary).start();
        try {
            search.lookAtProcesses("sleep");
        } finally {
            leaking.descendants().forEach(ProcessHandle::destroyForcibly);
            leaking.destroyForcibly();
        }
        assertFalse(found.isEmpty());
    }
}
