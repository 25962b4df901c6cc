package dev.secretsengine.it;

import java.io.IOException;
import java.io.OutputStream;
import java.lang.ProcessBuilder.Redirect;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.Objects;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/** A session bus of our own with a real gnome-keyring on it. Closing it ends both. */
final class Keyring implements AutoCloseable {

    /** No service folders: nobody but the keyring below ever appears on this bus. */
    private static final String CONFIGURATION = """
            <busconfig>
              <type>session</type>
              <listen>unix:path=%s/bus</listen>
              <auth>EXTERNAL</auth>
              <policy context="default">
                <allow send_destination="*" eavesdrop="true"/>
                <allow eavesdrop="true"/>
                <allow own="*"/>
              </policy>
            </busconfig>
            """;

    private final Path folder;
    private @Nullable Process bus;
    private @Nullable Process daemon;

    private Keyring(boolean locked) throws Exception {
        Tools.require("dbus-daemon", "dbus-send", "gnome-keyring-daemon");
        folder = Files.createTempDirectory("se-kr");
        Files.createDirectories(folder.resolve(".local/share/keyrings"),
                PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rwx------")));
        Path configuration = Files.writeString(folder.resolve("bus.conf"), CONFIGURATION.formatted(folder));
        try {
            bus = start("dbus-daemon", "--config-file=" + configuration, "--nofork", "--nopidfile");
            Poll.until("the session bus", () -> Files.exists(folder.resolve("bus")));
            // The first one to come up makes the keyring.
            daemon = keyring("--unlock", "pw\n");
            Poll.until("the keyring", () -> isLocked(false));
            if (locked) {
                daemon.destroyForcibly().waitFor();
                daemon = keyring("--start", "");
                Poll.until("the locked keyring", () -> isLocked(true));
            }
        } catch (Exception | AssertionError e) {
            close();
            throw e;
        }
    }

    private Process keyring(String mode, String password) throws IOException {
        Process process = start("gnome-keyring-daemon", "--foreground", mode, "--components=secrets");
        try (OutputStream input = process.getOutputStream()) {
            input.write(password.getBytes(StandardCharsets.UTF_8));
        }
        return process;
    }

    /** Unlocked, as after a login with a password. */
    static Keyring unlocked() throws Exception {
        return new Keyring(false);
    }

    /** Locked, as after a login without one. */
    static Keyring locked() throws Exception {
        return new Keyring(true);
    }

    /** The value of DBUS_SESSION_BUS_ADDRESS. */
    String address() {
        return "unix:path=" + folder.resolve("bus");
    }

    private Process start(String... command) throws IOException {
        return command(command).redirectOutput(Redirect.DISCARD).redirectError(Redirect.DISCARD).start();
    }

    private ProcessBuilder command(String... command) {
        ProcessBuilder builder = new ProcessBuilder(command);
        builder.environment().clear();
        builder.environment().put("PATH", System.getenv("PATH"));
        builder.environment().put("HOME", folder.toString());
        builder.environment().put("XDG_RUNTIME_DIR", folder.toString());
        builder.environment().put("DBUS_SESSION_BUS_ADDRESS", address());
        return builder;
    }

    private boolean isLocked(boolean expected) throws Exception {
        Outcome answer = Outcome.of(command("dbus-send", "--session", "--print-reply=literal",
                "--dest=org.freedesktop.secrets", "/org/freedesktop/secrets/collection/login",
                "org.freedesktop.DBus.Properties.Get", "string:org.freedesktop.Secret.Collection", "string:Locked"),
                new byte[0]);
        return answer.out().contains("boolean " + expected);
    }

    @Override
    public void close() throws IOException {
        Stream.of(daemon, bus).filter(Objects::nonNull).forEach(process -> process.destroyForcibly().onExit().join());
        Home.remove(folder);
    }
}
