package dev.secretsengine.it;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStream;
import java.io.InputStreamReader;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.security.MessageDigest;
import java.util.ArrayList;
import java.util.Base64;
import java.util.HexFormat;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/**
 * A program on the libraries of the Go SDK, from the module in go/: clients, plugins and peers of yamux. It is built
 * once, when the first test wants it. Closing a running one kills it.
 */
final class GoPeer implements AutoCloseable {

    private static @Nullable Path program;

    private final Process process;
    private final StringBuffer output = new StringBuffer();
    private final StringBuffer errors = new StringBuffer();
    private final List<Thread> readers = new ArrayList<>();

    private GoPeer(Process process) throws IOException {
        this.process = process;
        process.getOutputStream().close();
        readers.add(read(process.getInputStream(), output));
        readers.add(read(process.getErrorStream(), errors));
    }

    /** The built program: plugins that an engine starts are links to it, or scripts that run it. */
    static synchronized Path program() throws IOException {
        if (program == null) {
            Path module = Path.of(System.getProperty("basedir", "")).toAbsolutePath();
            Path built = Files.createDirectories(module.resolve("target/go")).resolve("sdk");
            ProcessBuilder build = new ProcessBuilder(go(), "build", "-trimpath", "-buildvcs=false", "-o",
                    built.toString(), ".").directory(module.resolve("go").toFile());
            Outcome outcome = Outcome.of(build, new byte[0]);
            if (outcome.code() != 0) {
                throw new AssertionError("it-tests/go cannot be built; the first time it downloads Go modules\n"
                        + outcome);
            }
            program = built;
        }
        return program;
    }

    private static String go() {
        for (String folder : (System.getenv("PATH") + ":/usr/local/go/bin").split(":")) {
            Path candidate = Path.of(folder, "go");
            if (Files.isExecutable(candidate)) {
                return candidate.toString();
            }
        }
        throw new AssertionError(
                "the program go is missing: install Go 1.26 or newer, these tests talk to Go programs");
    }

    /** Runs it to its end, at most two minutes. */
    static Outcome run(String... arguments) throws IOException {
        return Outcome.of(command(arguments), new byte[0]);
    }

    /** Starts it. */
    static GoPeer start(String... arguments) throws IOException {
        return new GoPeer(command(arguments).start());
    }

    /** Where clients and plugins find the engine of a home. */
    static Path socket(Home home) {
        return home.folder().resolve(".cache/docker-secrets-engine/engine.sock");
    }

    /** What the engine of a home answers a client; at most two minutes. */
    static Outcome client(Home home, String... arguments) throws IOException {
        return run(with("client", home, arguments));
    }

    /** Starts a plugin that connects to the engine of a home, and waits until it can be asked. */
    static GoPeer plugin(Home home, String name, String... arguments) throws Exception {
        return registered(home, name, with("plugin", home, arguments));
    }

    /** The same with a module of access control. */
    static GoPeer module(Home home, String name, String... arguments) throws Exception {
        return registered(home, name, with("acm", home, arguments));
    }

    private static GoPeer registered(Home home, String name, String... arguments) throws Exception {
        List<String> named = new ArrayList<>(List.of(arguments));
        named.addAll(1, List.of("-name", name));
        GoPeer peer = start(named.toArray(String[]::new));
        try {
            peer.await("registered with secrets-engine v");
            Poll.until("the row of " + name, () -> row(home, name).startsWith("running|"));
            return peer;
        } catch (Exception | AssertionError e) {
            peer.close();
            throw e;
        }
    }

    private static String[] with(String command, Home home, String... arguments) {
        List<String> all = new ArrayList<>(List.of(command, "-address", socket(home).toString()));
        all.addAll(List.of(arguments));
        return all.toArray(String[]::new);
    }

    /** The status of a plugin, its message, version and pattern with bars between them; empty if there is none. */
    static String row(Home home, String name) throws IOException {
        return home.direct()
                .pass("plugins", "ls", "--format", "{{.Name}}|{{.Status}}|{{.Message}}|{{.Version}}|{{.Pattern}}").ok()
                .lines().filter(line -> line.startsWith(name + "|")).map(line -> line.substring(name.length() + 1))
                .findFirst().orElse("");
    }

    /**
     * Makes an executable that the next engine of a home launches. Its pid goes to the home's file NAME.pid, a line each
     * time, and what it prints to NAME.out.
     */
    static void install(Home home, String name, String... arguments) throws IOException {
        Path folder = Files.createDirectories(home.folder().resolve(".config/docker-secrets-engine/plugins"),
                PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rwx------")));
        Path started = home.folder().resolve(name);
        String script = "#!/bin/sh\necho $$ >> " + started + ".pid\n[ ! -e " + started + ".broken ] || exit 1\nexec "
                + program() + " '" + String.join("' '", arguments) + "' >> " + started + ".out\n";
        Path executable = Files.writeString(folder.resolve(name), script);
        Files.setPosixFilePermissions(executable, PosixFilePermissions.fromString("rwx------"));
    }

    /** The pids of what was launched by a name, the latest at the end. */
    static List<Long> launched(Home home, String name) throws IOException {
        Path file = home.folder().resolve(name + ".pid");
        return Files.exists(file) ? Files.readAllLines(file).stream().map(Long::valueOf).toList() : List.of();
    }

    /** The hash of the one value in a client's answer, as {@code plugin} prints that of big. */
    static String hash(Outcome answer) throws Exception {
        String[] parts = answer.ok().split("\"value\":\"|\",\"provider");
        assertEquals(3, parts.length, "one value");
        byte[] value = Base64.getDecoder().decode(parts[1]);
        return "big: " + value.length + " bytes, sha256 "
                + HexFormat.of().formatHex(MessageDigest.getInstance("SHA-256").digest(value)) + "\n";
    }

    private static ProcessBuilder command(String... arguments) throws IOException {
        List<String> command = new ArrayList<>(List.of(program().toString()));
        command.addAll(List.of(arguments));
        return new ProcessBuilder(command);
    }

    private static Thread read(InputStream stream, StringBuffer into) {
        return Thread.ofPlatform().daemon().name("go-peer").start(() -> {
            try (BufferedReader lines = new BufferedReader(new InputStreamReader(stream, StandardCharsets.UTF_8))) {
                for (String line = lines.readLine(); line != null; line = lines.readLine()) {
                    into.append(line).append('\n');
                }
            } catch (IOException e) {
                // It was killed.
            }
        });
    }

    /** Waits until it has said this on standard output. */
    void await(String text) throws Exception {
        Poll.until(text, () -> {
            if (!process.isAlive() && !output().contains(text)) {
                throw new AssertionError("it has ended without saying " + text + "\n" + this);
            }
            return output().contains(text);
        });
    }

    /** Its lines on standard output so far. */
    String output() {
        return output.toString();
    }

    /** Its lines on standard error so far. */
    String errors() {
        return errors.toString();
    }

    long pid() {
        return process.pid();
    }

    /** Waits for its end; answers its exit code. */
    int exit() throws InterruptedException {
        if (!process.waitFor(60, TimeUnit.SECONDS)) {
            throw new AssertionError("still running\n" + this);
        }
        for (Thread reader : readers) {
            reader.join(TimeUnit.SECONDS.toMillis(10));
        }
        return process.exitValue();
    }

    /** As kill -9 does it. */
    void kill() throws InterruptedException {
        process.destroyForcibly();
        exit();
    }

    @Override
    public void close() {
        process.destroyForcibly();
    }

    @Override
    public String toString() {
        return "stdout: " + output() + "stderr: " + errors();
    }
}
