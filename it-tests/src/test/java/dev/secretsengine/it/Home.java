package dev.secretsengine.it;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import java.util.stream.Stream;

/** A user of our own: a home with the plugin for the docker client in it. Closing it stops its engine and removes it. */
final class Home implements AutoCloseable {

    private static final byte[] NOTHING = new byte[0];

    private final Installation installation;
    private final Path folder;
    private final Map<String, String> environment = new TreeMap<>();

    /** A home whose installation is this one. */
    Home(Installation installation) throws IOException {
        this(installation, Path.of(System.getProperty("java.io.tmpdir")));
    }

    private Home(Installation installation, Path parent) throws IOException {
        Tools.require("docker");
        this.installation = installation;
        // Short, for the sake of socket paths.
        folder = Files.createTempDirectory(parent, "se-it");
        for (String name : List.of(".docker/cli-plugins", "bin", "run", "tmp", ".config/secrets-engine")) {
            Files.createDirectories(folder.resolve(name),
                    PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rwx------")));
        }
        for (String link : List.of(".docker/cli-plugins/docker-pass", "bin/docker-pass")) {
            Files.createSymbolicLink(folder.resolve(link), installation.client());
        }
        environment.put("HOME", folder.toString());
        environment.put("XDG_RUNTIME_DIR", folder.resolve("run").toString());
        environment.put("TMPDIR", folder.resolve("tmp").toString());
        environment.put("PATH", folder.resolve("bin") + ":" + System.getenv("PATH"));
        environment.put("LANG", "C.UTF-8");
    }

    /** A home with the age store, without a session bus. */
    static Home withAge() throws IOException {
        return withAge(Installation.built());
    }

    static Home withAge(Installation installation) throws IOException {
        Home home = new Home(installation);
        home.chooseStore("age");
        return home;
    }

    /** The same in memory, for tests that store so much that they would wait for the disk. */
    static Home withAgeInMemory() throws IOException {
        Home home = new Home(Installation.built(), Path.of("/dev/shm"));
        home.chooseStore("age");
        return home;
    }

    /** A home whose session has this keyring. */
    static Home with(Keyring keyring) throws IOException {
        return with(keyring, Installation.built());
    }

    static Home with(Keyring keyring, Installation installation) throws IOException {
        Home home = new Home(installation);
        home.chooseStore("keychain");
        home.set("DBUS_SESSION_BUS_ADDRESS", keyring.address());
        return home;
    }

    void chooseStore(String store) throws IOException {
        Files.writeString(folder.resolve(".config/secrets-engine/config.toml"), "store = \"" + store + "\"\n");
    }

    Installation installation() {
        return installation;
    }

    Path folder() {
        return folder;
    }

    Path state() {
        return folder.resolve(".local/state/secrets-engine");
    }

    Path data() {
        return folder.resolve(".local/share/secrets-engine");
    }

    Path socket() {
        return folder.resolve("run/secrets-engine/cli.sock");
    }

    Map<String, String> environment() {
        return environment;
    }

    void set(String variable, String value) {
        environment.put(variable, value);
    }

    /** A process of this user, with nothing of the tests' own environment. */
    ProcessBuilder process(String... command) {
        ProcessBuilder builder = new ProcessBuilder(command).directory(folder.toFile());
        builder.environment().clear();
        builder.environment().putAll(environment);
        return builder;
    }

    /** What to put before a command on the shell's line, so that it is one of this user's. */
    String environmentLine() {
        StringBuilder line = new StringBuilder("env -i");
        environment.forEach((name, value) -> line.append(' ').append(name).append('=').append(value));
        assertFalse(line.toString().contains("'"), line::toString);
        return line.append(' ').toString();
    }

    /** Runs a command line of the shell, without input. */
    Outcome sh(String line) throws IOException {
        return sh(line, NOTHING);
    }

    Outcome sh(String line, byte[] input) throws IOException {
        return Outcome.of(process("sh", "-c", line), input);
    }

    /** Runs {@code docker pass}, as the user does. */
    Outcome pass(String... arguments) throws IOException {
        return passWith(NOTHING, arguments);
    }

    Outcome passWith(byte[] input, String... arguments) throws IOException {
        List<String> command = new ArrayList<>(List.of("docker", "pass"));
        command.addAll(List.of(arguments));
        return Outcome.of(process(command.toArray(String[]::new)), input);
    }

    /** Asks the running engine without a client process. */
    FrameClient direct() {
        return new FrameClient(socket(), environment);
    }

    /** The pids of this home's engines, by what /proc says of them. */
    List<Long> engines() {
        return processes().filter(process -> file(process, "cmdline").contains("launcher.host.Main"))
                .map(ProcessHandle::pid).toList();
    }

    /** Everything that runs with this home. */
    private Stream<ProcessHandle> processes() {
        return ProcessHandle.allProcesses()
                .filter(process -> ("\0" + file(process, "environ")).contains("\0HOME=" + folder + "\0"));
    }

    private static String file(ProcessHandle process, String name) {
        try {
            return Files.readString(Path.of("/proc", Long.toString(process.pid()), name),
                    StandardCharsets.ISO_8859_1);
        } catch (IOException e) {
            // It has ended, or is another user's.
            return "";
        }
    }

    /** Does nothing the second time. */
    @Override
    public void close() throws IOException {
        if (Files.notExists(folder)) {
            return;
        }
        try {
            Outcome.of(process(installation.client().toString(), "engine", "stop"), NOTHING);
            awaitEnd();
        } finally {
            processes().forEach(ProcessHandle::destroyForcibly);
            remove(folder);
        }
    }

    /** A stopped engine has given its lock back, and takes a moment more to end. */
    private void awaitEnd() {
        long begin = System.nanoTime();
        while (!engines().isEmpty() && System.nanoTime() - begin < TimeUnit.SECONDS.toNanos(5)) {
            LockSupport.parkNanos(TimeUnit.MILLISECONDS.toNanos(20));
        }
        assertEquals(List.of(), engines(), "engine stop left an engine behind");
    }

    static void remove(Path folder) throws IOException {
        Outcome.of(new ProcessBuilder("rm", "-rf", folder.toString()), NOTHING).ok();
    }
}
