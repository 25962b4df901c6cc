package dev.secretsengine.it;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/** A user with another uid, an age store, and a copy of the installation that it may read. */
final class OtherUser implements AutoCloseable {

    static final int UID = 65534;

    private final Path place;
    private final Path home;
    private final Installation installation;

    OtherUser() throws IOException {
        this(Installation.built());
    }

    /** The same with this client. */
    OtherUser(Installation original) throws IOException {
        Tools.require("setpriv");
        place = Files.createTempDirectory("se-other");
        installation = original.copyTo(place.resolve("image"));
        Outcome.of(new ProcessBuilder("chmod", "go+rx", place.toString()), new byte[0]).ok();
        home = Files.createDirectory(place.resolve("home"));
        Path settings = Files.createDirectories(home.resolve(".config/secrets-engine"));
        Files.writeString(settings.resolve("config.toml"), "store = \"age\"\n");
        Sandbox.root("chown", "-R", UID + ":" + UID, home.toString()).ok();
    }

    /** A process of this user. */
    ProcessBuilder process(String... command) throws IOException {
        List<String> line = new ArrayList<>(List.of("setpriv", "--reuid", Integer.toString(UID), "--regid",
                Integer.toString(UID), "--clear-groups", "env", "-i", "PATH=/usr/local/bin:/usr/bin:/bin",
                "HOME=" + home, "XDG_RUNTIME_DIR=" + home));
        line.addAll(Arrays.asList(command));
        return Sandbox.asRoot(line.toArray(String[]::new));
    }

    Outcome pass(String... arguments) throws IOException {
        List<String> line = new ArrayList<>(List.of(installation.client().toString()));
        line.addAll(Arrays.asList(arguments));
        return Outcome.of(process(line.toArray(String[]::new)), new byte[0]);
    }

    /** A folder that this user may read. */
    Path place() {
        return place;
    }

    Installation installation() {
        return installation;
    }

    Path home() {
        return home;
    }

    Path socket() {
        return home.resolve("secrets-engine/cli.sock");
    }

    /** Lets file modes hide the socket from nobody. */
    void letEverybodyIn() throws IOException {
        Sandbox.root("chmod", "-R", "a+rwX", home.toString()).ok();
    }

    @Override
    public void close() throws IOException {
        try {
            pass("engine", "stop");
        } finally {
            Sandbox.root("rm", "-rf", place.toString()).ok();
        }
    }
}
