package dev.secretsengine.it;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import java.util.TreeMap;

/** Root in a sandbox, with an age store and an engine of its own, whose home is in the sandbox's folder. */
final class RootUser implements AutoCloseable {

    private final Sandbox sandbox;
    private final Installation installation;
    private final Map<String, String> environment = new TreeMap<>();

    RootUser(Sandbox sandbox) throws IOException {
        this.sandbox = sandbox;
        installation = Installation.built();
        Path home = sandbox.folder().resolve("home");
        String settings = home + "/.config/secrets-engine";
        sandbox.inside("sh", "-c",
                "umask 077; mkdir -p " + settings + " " + home + "/run " + home + "/bin && echo 'store = \"age\"' > "
                        + settings + "/config.toml && ln -s " + installation.client() + " " + home + "/bin/docker-pass")
                .ok();
        set("HOME", home.toString());
        set("XDG_RUNTIME_DIR", home + "/run");
        set("PATH", home + "/bin:/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin");
        set("LANG", "C.UTF-8");
    }

    void set(String variable, String value) {
        environment.put(variable, value);
    }

    Path home() {
        return sandbox.folder().resolve("home");
    }

    Outcome sh(String line) throws IOException {
        return sandbox.inside(environment, "sh", "-c", line);
    }

    Outcome run(String... command) throws IOException {
        return sandbox.inside(environment, command);
    }

    Installation installation() {
        return installation;
    }

    @Override
    public void close() throws IOException {
        sh("docker-pass engine stop");
    }
}
