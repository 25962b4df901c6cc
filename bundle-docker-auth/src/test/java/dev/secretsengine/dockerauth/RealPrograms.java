package dev.secretsengine.dockerauth;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.util.Map;
import java.util.concurrent.TimeUnit;

/** Runs installed programs for a test; one that is missing fails the test. */
final class RealPrograms {

    /** Values of all kinds that JSON and shells stumble over, by server and user. */
    static final Map<String, String> SECRETS = Map.of("https://index.docker.io/v1/ alice",
            "s3cr\"\\et <&> \u00e9\ud83d\ude00",
            "registry:5000 bob", "two words", "https://ghcr.io <token>", "tok.en-1");
    static final Map<String, byte[]> IDS = Map.of("docker/auth/hub/alice", bytes("https://index.docker.io/v1/ alice"),
            "docker/auth/registry/registry:5000/bob", bytes("registry:5000 bob"),
            "docker/auth/registry/ghcr.io/token", bytes("https://ghcr.io <token>"));

    private RealPrograms() {
    }

    private static byte[] bytes(String key) {
        return SECRETS.get(key).getBytes(StandardCharsets.UTF_8);
    }

    /** Has a helper store {@link #SECRETS}, as docker login does. */
    static void storeAll(String helper, Map<String, String> environment) throws Exception {
        for (Map.Entry<String, String> secret : SECRETS.entrySet()) {
            String[] names = secret.getKey().split(" ", 2);
            String escaped = secret.getValue().replace("\\", "\\\\").replace("\"", "\\\"");
            run(environment,
                    "{\"ServerURL\":\"%s\",\"Username\":\"%s\",\"Secret\":\"%s\"}".formatted(names[0], names[1],
                            escaped),
                    helper, "store");
        }
    }

    /** What a program prints; it must succeed. */
    static String run(Map<String, String> environment, String input, String... command) throws Exception {
        Process process = start(environment, command);
        try (OutputStream in = process.getOutputStream()) {
            in.write(input.getBytes(StandardCharsets.UTF_8));
        }
        String output = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
        assertEquals(true, process.waitFor(60, TimeUnit.SECONDS), command[0] + " ends");
        assertEquals(0, process.exitValue(), command[0] + " " + command[1] + ": " + output);
        return output;
    }

    static Process start(Map<String, String> environment, String... command) throws Exception {
        ProcessBuilder builder = new ProcessBuilder(command).redirectErrorStream(true);
        builder.environment().clear();
        builder.environment().putAll(environment);
        return builder.start();
    }
}
