package dev.secretsengine.age;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.secretsengine.api.Envelope;
import dev.secretsengine.api.RequestContext;
import dev.secretsengine.api.SecretId;
import dev.secretsengine.api.SecretPattern;
import dev.secretsengine.api.SecretValue;
import dev.secretsengine.api.SecretsException;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;

/** The folders of one user in a test, and what is done with them. */
record Home(Path path) {

    /** Low, so that a passphrase costs milliseconds. */
    static final int WORK_FACTOR = 8;

    Path config() {
        return path.resolve("config");
    }

    Path secrets() {
        return path.resolve("data/secrets");
    }

    Path identity() {
        return config().resolve("identity.txt");
    }

    Path entry(String id) {
        return secrets().resolve(Entry.name(SecretId.parse(id)));
    }

    /** A store as a newly started engine has it. */
    AgeStore store() {
        return store(null, WORK_FACTOR, Duration.ZERO);
    }

    AgeStore store(Path credentials, int workFactor, Duration cacheTime) {
        Folder entries = new Folder(secrets(), ".");
        Identity identity = new Identity(new IdentityFile(config(), credentials), entries, workFactor, cacheTime);
        return new AgeStore(entries, identity, new EntryReader(entries, identity, InstantSource.system()));
    }

    /** The parts of a store by whose clock files are an hour older than they are, old enough to be remembered. */
    Parts later() {
        return later(null);
    }

    /** The same with a folder of systemd's. */
    Parts later(Path credentials) {
        InstantSource clock = () -> Instant.now().plus(Duration.ofHours(1));
        Folder entries = new Folder(secrets(), ".");
        Identity identity = new Identity(new IdentityFile(config(), credentials, clock), entries, WORK_FACTOR,
                Duration.ZERO);
        return new Parts(identity, new AgeStore(entries, identity, new EntryReader(entries, identity, clock)));
    }

    /** A store and the identity within it. */
    record Parts(Identity identity, AgeStore store) {
    }

    static RequestContext context() {
        return RequestContext.of(Duration.ofSeconds(30));
    }

    static void set(AgeStore store, String id, byte[] value) throws SecretsException {
        try (SecretValue secret = SecretValue.copyOf(value)) {
            store.set(SecretId.parse(id), secret, Map.of(), context());
        }
    }

    static void set(AgeStore store, String id, String value) throws SecretsException {
        set(store, id, value.getBytes(StandardCharsets.UTF_8));
    }

    static String get(AgeStore store, String id) throws SecretsException {
        try (Envelope envelope = store.get(SecretId.parse(id), context()).orElseThrow()) {
            return new String(envelope.value().copyBytes(), StandardCharsets.UTF_8);
        }
    }

    static List<String> list(AgeStore store) throws SecretsException {
        return store.list(SecretPattern.parse("**"), context()).stream().map(info -> info.id().toString()).sorted()
                .toList();
    }

    static SecretValue passphrase(String text) {
        return SecretValue.wrap(text.getBytes(StandardCharsets.UTF_8));
    }

    static List<String> names(Path folder) throws IOException {
        try (var files = Files.list(folder)) {
            return files.map(file -> file.getFileName().toString()).sorted().toList();
        }
    }

    /** Runs a command that must succeed; its standard output. */
    static byte[] run(byte[] input, Object... command) throws Exception {
        Path errors = Files.createTempFile("errors", ".txt");
        List<String> words = new ArrayList<>();
        for (Object word : command) {
            words.add(word.toString());
        }
        Process process = new ProcessBuilder(words).redirectError(errors.toFile()).start();
        try (OutputStream out = process.getOutputStream()) {
            out.write(input);
        }
        byte[] output = process.getInputStream().readAllBytes();
        assertTrue(process.waitFor(60, TimeUnit.SECONDS), words.get(0));
        assertEquals(0, process.exitValue(), () -> words.get(0) + ": " + read(errors));
        Files.delete(errors);
        return output;
    }

    private static String read(Path file) {
        try {
            return Files.readString(file);
        } catch (IOException e) {
            return e.toString();
        }
    }
}
