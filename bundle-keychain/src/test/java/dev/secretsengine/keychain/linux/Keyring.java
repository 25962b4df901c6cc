package dev.secretsengine.keychain.linux;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.io.File;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;

/** A private session bus with a real gnome-keyring on it, in a folder of its own. Ends with everything it started. */
public final class Keyring {

    public static final String LOGIN = "/org/freedesktop/secrets/collection/login";

    private static final String BUS = """
            <!DOCTYPE busconfig PUBLIC "-//freedesktop//DTD D-Bus Bus Configuration 1.0//EN"
             "http://www.freedesktop.org/standards/dbus/1.0/busconfig.dtd">
            <busconfig>
              <type>session</type>
              <listen>unix:path=%s</listen>
              <servicedir>%s</servicedir>
              <auth>EXTERNAL</auth>
              <policy context="default">
                <allow send_destination="*" eavesdrop="true"/>
                <allow eavesdrop="true"/>
                <allow own="*"/>
              </policy>
            </busconfig>
            """;

    private final Path folder;
    private final Process bus;
    private Process daemon;

    /** Starts a bus on which nobody provides a Secret Service. */
    public Keyring() throws Exception {
        folder = Files.createTempDirectory("keyring");
        for (String name : List.of("run", "services", "home/.local/share/keyrings")) {
            Files.createDirectories(folder.resolve(name),
                    PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rwx------")));
        }
        Path configuration = Files.writeString(folder.resolve("bus.conf"),
                BUS.formatted(socket(), folder.resolve("services")));
        bus = start("dbus-daemon", "--config-file=" + configuration, "--nofork", "--print-address=1");
        await(() -> Files.exists(socket()));
    }

    /** A bus with an unlocked keyring. */
    public static Keyring unlocked() throws Exception {
        Keyring keyring = new Keyring();
        keyring.startUnlocked();
        return keyring;
    }

    public Path socket() {
        return folder.resolve("bus");
    }

    /** An empty folder that nobody else uses. */
    public Path home() {
        return folder.resolve("home");
    }

    /** What a process of this session has in its environment. */
    public Map<String, String> environment() {
        return Map.of("DBUS_SESSION_BUS_ADDRESS", "unix:path=" + socket(), "XDG_RUNTIME_DIR",
                folder.resolve("run").toString(), "HOME", home().toString(), "XDG_DATA_HOME",
                home().resolve(".local/share").toString());
    }

    public void startUnlocked() throws Exception {
        daemon = start("gnome-keyring-daemon", "--foreground", "--unlock", "--components=secrets");
        try (OutputStream password = daemon.getOutputStream()) {
            password.write("pw\n".getBytes(StandardCharsets.UTF_8));
        }
        await(() -> isLocked().equals(Optional.of(false)));
    }

    /** The keyring as after a login without a password: it is there, and was never unlocked. */
    public void startLocked() throws Exception {
        daemon = start("gnome-keyring-daemon", "--foreground", "--start", "--components=secrets");
        await(() -> isLocked().equals(Optional.of(true)));
    }

    /** A login keyring on the disk, and no daemon. */
    public void makeLogin() throws Exception {
        startUnlocked();
        stopDaemon();
    }

    public void stopDaemon() throws Exception {
        end(daemon);
    }

    public void stopBus() throws Exception {
        end(bus);
    }

    /** The bus takes connections and says nothing. */
    public void freezeBus() throws Exception {
        run("kill", "-STOP", String.valueOf(bus.pid()));
    }

    /** Tells the bus how to start a service. */
    public void offer(String name, String command) throws Exception {
        Files.writeString(folder.resolve("services").resolve(name + ".service"),
                "[D-BUS Service]\nName=" + name + "\nExec=" + command + "\n");
        run("dbus-send", "--session", "--print-reply", "--dest=org.freedesktop.DBus", "/org/freedesktop/DBus",
                "org.freedesktop.DBus.ReloadConfig");
    }

    public void lock() throws Exception {
        service("/org/freedesktop/secrets", "org.freedesktop.Secret.Service.Lock", "array:objpath:" + LOGIN);
        assertEquals(Optional.of(true), isLocked());
    }

    public String service(String path, String member, String... arguments) throws Exception {
        List<String> command = new ArrayList<>(
                List.of("dbus-send", "--session", "--print-reply=literal", "--dest=org.freedesktop.secrets", path));
        command.add(member);
        command.addAll(List.of(arguments));
        return run(command.toArray(String[]::new));
    }

    private Optional<Boolean> isLocked() throws Exception {
        String answer = service(LOGIN, "org.freedesktop.DBus.Properties.Get",
                "string:org.freedesktop.Secret.Collection", "string:Locked");
        return answer.contains("boolean") ? Optional.of(answer.contains("true")) : Optional.empty();
    }

    /** Stores an item as another program would: attributes as name, value, name, value. */
    public void store(String label, String value, String... attributes) throws Exception {
        List<String> command = new ArrayList<>(List.of("secret-tool", "store", "--label=" + label));
        command.addAll(List.of(attributes));
        Process process = start(command.toArray(String[]::new));
        try (OutputStream input = process.getOutputStream()) {
            input.write(value.getBytes(StandardCharsets.UTF_8));
        }
        assertEquals(0, process.waitFor(), "secret-tool store");
    }

    public String secretTool(String... arguments) throws Exception {
        String[] command = new String[arguments.length + 1];
        command[0] = "secret-tool";
        System.arraycopy(arguments, 0, command, 1, arguments.length);
        return run(command);
    }

    private String run(String... command) throws Exception {
        Process process = start(command);
        process.getOutputStream().close();
        String output = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
        process.waitFor();
        return output;
    }

    private Process start(String... command) throws IOException {
        ProcessBuilder builder = new ProcessBuilder(Arrays.asList(command)).redirectErrorStream(true);
        builder.environment().keySet().removeIf(name -> name.startsWith("XDG_") || name.equals("DISPLAY"));
        builder.environment().putAll(environment());
        if (command[0].endsWith("-daemon")) {
            builder.redirectOutput(new File("/dev/null"));
        }
        return builder.start();
    }

    /** A condition that may not hold yet. */
    private interface Condition {

        boolean holds() throws Exception;
    }

    private static void await(Condition condition) throws Exception {
        for (int i = 0; i < 500 && !condition.holds(); i++) {
            Thread.sleep(10);
        }
        assertEquals(true, condition.holds(), "gnome-keyring and dbus-daemon have to be installed and to start");
    }

    private static void end(Process process) throws Exception {
        if (process != null) {
            process.descendants().forEach(ProcessHandle::destroyForcibly);
            process.destroyForcibly();
            assertEquals(true, process.waitFor(10, TimeUnit.SECONDS));
        }
    }

    public void close() throws Exception {
        end(daemon);
        end(bus);
        try (Stream<Path> files = Files.walk(folder)) {
            for (Path file : files.sorted(Comparator.reverseOrder()).toList()) {
                Files.deleteIfExists(file);
            }
        }
    }
}
