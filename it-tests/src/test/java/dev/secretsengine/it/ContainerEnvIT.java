package dev.secretsengine.it;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

/** Every way in which a variable of a new container gets its value. */
class ContainerEnvIT {

    private static ContainerStage stage;

    @BeforeAll
    static void open() throws Exception {
        Home home = Home.withAge();
        stage = ContainerStage.open(home,
                Map.of("no-fill", DockerDaemon.wrapper(Tools.uid(), home.socket(), "--se-no-fill")));
        stage.set("db/user", "alice");
        stage.set("db/password", "s3cr3t");
        stage.set("one/secret/here", "only");
        stage.set("GH_TOKEN", "123456789");
    }

    @AfterAll
    static void close() throws IOException {
        stage.close();
    }

    /** What a container prints. */
    private static String run(String... arguments) throws IOException {
        return stage.docker(Stream.concat(Stream.of("run", "--rm"), Stream.of(arguments)).toArray(String[]::new)).ok();
    }

    /** The environment of a container, sorted, as dockerd has no order. */
    private static Map<String, String> environment(String... options) throws IOException {
        Map<String, String> environment = new TreeMap<>();
        String all = run(Stream.concat(Stream.of(options), Stream.of("busybox", "cat", "/proc/self/environ"))
                .toArray(String[]::new));
        for (String variable : all.split("\0")) {
            int equals = variable.indexOf('=');
            environment.put(variable.substring(0, equals), variable.substring(equals + 1));
        }
        return environment;
    }

    @Test
    void optionsAndFilesAndPlainVariablesComeTogether() throws Exception {
        Files.writeString(stage.file("vars.env"), "P=se://db/password\nFILE=from a file\n# a comment\n");
        stage.home().set("T", "se://GH_TOKEN");
        assertEquals("alice s3cr3t 123456789 only plain from a file\n",
                run("-e", "U=se://db/user", "--env-file", stage.file("vars.env").toString(), "-e", "T", "-e",
                        "PATTERN=se://one/*/here/**", "-e", "N=plain", "busybox", "sh", "-c",
                        "echo $U $P $T $PATTERN $N $FILE"));
    }

    @Test
    void environmentIsOtherwiseAsItWouldBe() throws Exception {
        Map<String, String> plain = environment("--runtime", "runc", "--hostname", "h", "-e", "A=1", "-e", "X=s3cr3t",
                "-e", "B=", "-e", "Q=\"<&>\\'\n\u2028 é");
        assertEquals(plain, environment("--hostname", "h", "-e", "A=1", "-e", "X=se://db/password", "-e", "B=", "-e",
                "Q=\"<&>\\'\n\u2028 é"));
        assertEquals("s3cr3t", plain.get("X"));
    }

    @Test
    void imagesMayHaveReferences() throws Exception {
        stage.daemon().importImage("referring", "ENV X=se://db/password", "ENV Y=se://db/user");
        assertEquals("s3cr3t alice\n", run("referring", "sh", "-c", "echo $X $Y"));
        assertEquals("s3cr3t mine\n", run("-e", "Y=mine", "referring", "sh", "-c", "echo $X $Y"));
    }

    @Test
    void committedImagesKeepTheReference() throws Exception {
        stage.docker("run", "--name", "committed", "-e", "X=se://db/password", "busybox", "true").ok();
        stage.docker("commit", "--change", "ENV Y=se://db/user", "committed", "derived").ok();
        assertEquals("s3cr3t alice\n", run("derived", "sh", "-c", "echo $X $Y"));
        stage.docker("rm", "committed").ok();
    }

    @Test
    void valuesArriveByteForByte() throws Exception {
        Map<String, String> values = new TreeMap<>();
        values.put("QUOTES", "\"double\" 'single' `back` \\ \\\\ \\n \\u0041 $X ${X} $(id) %s");
        values.put("LINES", "first\nsecond\r\n\tthird\n\n");
        values.put("UTF8", "grüße 日本 \uD83D\uDD11 \u2028\u2029\uFEFF\u0085\u007F");
        values.put("CONTROL", "\u0001\u0002\b\f\u001b[31m\u001f");
        values.put("JSON", "\"],\"args\":[\"evil\"],\"x\":[\"");
        values.put("REFERENCE", "se://db/user");
        values.put("EQUALS", "a=b=c");
        values.put("SPACE", " ");
        values.put("LARGE", "é".repeat(60 * 1024));
        List<String> options = new ArrayList<>();
        for (Map.Entry<String, String> value : values.entrySet()) {
            stage.set("bytes/" + value.getKey(), value.getValue());
            options.addAll(List.of("-e", value.getKey() + "=se://bytes/" + value.getKey()));
        }
        Map<String, String> environment = environment(options.toArray(String[]::new));
        environment.keySet().retainAll(values.keySet());
        assertEquals(values, environment);
    }

    /** The kernel's limit for one string is 131,072 bytes with its NUL. */
    @Test
    void largestValueThatTheKernelTakesArrives() throws Exception {
        stage.set("largest", "x".repeat(131_071 - "X=".length()));
        assertEquals("131069\n", run("-e", "X=se://largest", "busybox", "sh", "-c", "echo ${#X}"));
    }

    @Test
    void hundredsOfReferencesArriveAtOnce() throws Exception {
        List<String> options = new ArrayList<>();
        for (int i = 0; i < 300; i++) {
            options.addAll(List.of("-e", "V" + i + (i % 2 == 0 ? "=se://db/user" : "=se://large")));
        }
        stage.set("large", "0123456789".repeat(800));
        Map<String, String> environment = environment(options.toArray(String[]::new));
        for (int i = 0; i < 300; i++) {
            assertEquals(i % 2 == 0 ? "alice" : "0123456789".repeat(800), environment.get("V" + i));
        }
    }

    /** The reference page's own example, word for word. */
    @Test
    void emptyVariableIsFilledFromTheSecretOfItsName() throws Exception {
        stage.docker("run", "-e", "GH_TOKEN=", "-dt", "--name", "demo", "busybox").ok();
        assertEquals("123456789\n", stage.sh("docker exec demo sh -c 'echo $GH_TOKEN'").ok());
        stage.docker("rm", "-f", "demo").ok();
        stage.docker("run", "-e", "GITHUB_TOKEN=se://GH_TOKEN", "-dt", "--name", "demo", "busybox").ok();
        assertEquals("123456789\n", stage.sh("docker exec demo sh -c 'echo $GITHUB_TOKEN'").ok());
        stage.docker("rm", "-f", "demo").ok();
    }

    @Test
    void emptyVariableWithoutASecretStaysEmpty() throws Exception {
        Path empty = Files.writeString(stage.file("empty.env"), "DEBUG=\na.b=\nbad//id=\n");
        for (Map.Entry<String, String> expected : Map.of("se GH_TOKEN=", "123456789", "no-fill GH_TOKEN=", "",
                "no-fill GH_TOKEN=se://db/password", "s3cr3t").entrySet()) {
            String[] choice = expected.getKey().split(" ");
            Map<String, String> environment = environment("--runtime", choice[0], "--env-file", empty.toString(), "-e",
                    choice[1]);
            assertEquals(expected.getValue(), environment.get("GH_TOKEN"), expected::toString);
            for (String name : List.of("DEBUG", "a.b", "bad//id")) {
                assertEquals("", environment.get(name), expected::toString);
            }
        }
    }

    @Test
    void emptyVariableIsNotLookedUpInBackends() throws Exception {
        new BundleJar("far", "1.2.3").writeTo(stage.home().data().resolve("runtime/far.jar"));
        Poll.until("the backend", () -> stage.home().direct().pass("get", "se://far/key").code() == 0);
        Map<String, String> environment = environment("-e", "far/key=", "-e", "X=se://far/key");
        assertEquals("1.2.3", environment.get("X"));
        assertEquals("", environment.get("far/key"));
    }

    @Test
    void referencesElsewhereThanInTheEnvironmentAreText() throws Exception {
        assertEquals("X=se://none s3cr3t a se://none\n",
                run("-e", "Y=se://db/password", "-e", "Z=a se://none", "--label", "X=se://none", "busybox", "sh", "-c",
                        "echo \"$0 $Y $Z\"", "X=se://none"));
        assertEquals("X=se://none\n", run("busybox", "echo", "X=se://none"));
    }

    @Test
    void otherOptionsOfTheContainerMakeNoDifference() throws Exception {
        for (List<String> options : List.of(List.of("--user", "65534:65534", "--cap-drop", "ALL"),
                List.of("--read-only", "--network", "none", "--workdir", "/bin"),
                List.of("-t", "--network", "host", "--env", "HOME=/x"))) {
            List<String> line = new ArrayList<>(options);
            line.addAll(List.of("-e", "X=se://db/password", "busybox", "sh", "-c", "printf %s $X"));
            assertEquals("s3cr3t", run(line.toArray(String[]::new)), options::toString);
        }
    }

    @Test
    void keychainServesContainersToo() throws Exception {
        try (Keyring keyring = Keyring.unlocked();
                ContainerStage other = ContainerStage.open(Home.with(keyring), Map.of())) {
            other.home().pass("set", "in/the/keyring=kept there").ok();
            assertEquals("kept there\n",
                    other.docker("run", "--rm", "-e", "X=se://in/the/keyring", "busybox", "sh", "-c", "echo $X").ok());
        }
    }
}
