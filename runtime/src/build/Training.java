import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;

/** Runs the linked modules: for the help files, and so that the AOT caches know what engine and client load. */
final class Training {

    final Path image;
    final Path log;

    Training(Path image, Path log) {
        this.image = image;
        this.log = log;
    }

    /** Has the commands describe themselves, for the clients. */
    void writeHelp() throws Exception {
        java(Assemble.ENGINE_FLAGS, "host", "--help-files", image.resolve("lib/help").toString());
    }

    /** Runs engine and client once through their work. */
    void train() throws Exception {
        Path home = Files.createTempDirectory("docker-pass-train");
        try {
            Files.createDirectories(home.resolve("data/runtime"));
            Map<String, String> environment = Map.of("SECRETS_ENGINE_HOME", home.toString(), "HOME", home.toString(),
                    "PATH", System.getenv("PATH"), "LC_ALL", "C.UTF-8", "A", "se://a/b", "B", "se://c", "C", "se://d");
            Process engine = process(environment, "engine", Assemble.ENGINE_FLAGS, "host").start();
            await(home.resolve("run/cli.sock"), engine);
            List<String> plain = List.of("get", "a/b");
            for (List<String> command : List.of(List.of("set", "a/b=1"), List.of("set", "c=2"), List.of("set", "d=3"),
                    plain, List.of("get", "--reveal", "a/b"), List.of("ls"), List.of("ls", "--format", "json"),
                    List.of("plugins", "ls"), List.of("plugins", "disable", "docker-auth"),
                    List.of("plugins", "enable", "docker-auth"), List.of("get", "se://a/b"),
                    List.of("engine", "status"), List.of("run", "--", "true"))) {
                client(environment, null, command);
            }
            client(environment, "client", List.of("run", "--", "true"));
            client(environment, null, List.of("rm", "--all"));
            client(environment, null, List.of("engine", "stop"));
            check("the engine", engine);
        } finally {
            Assemble.delete(home);
        }
    }

    void client(Map<String, String> environment, String cache, List<String> command) throws Exception {
        check("docker pass " + command,
                process(environment, cache, Assemble.CLIENT_FLAGS, "client", command.toArray(String[]::new)).start());
    }

    void java(List<String> flags, String main, String... args) throws Exception {
        check(main, process(Map.of("PATH", System.getenv("PATH")), null, flags, main, args).start());
    }

    ProcessBuilder process(Map<String, String> environment, String cache, List<String> flags, String main,
            String... args) {
        List<String> line = new ArrayList<>();
        line.add(image.resolve("lib/jre/bin/java").toString());
        if (cache != null) {
            line.add("-XX:AOTCacheOutput=" + image.resolve("lib/aot").resolve(cache + ".aot"));
        }
        line.addAll(flags);
        line.add("-Dorg.newsclub.net.unix.library.override=" + image.resolve("lib/native/libjunixsocket.so"));
        line.add("-Ddev.secretsengine.image=" + image);
        line.add("-m");
        line.add("dev.secretsengine.launcher/dev.secretsengine.launcher." + main + ".Main");
        line.addAll(List.of(args));
        ProcessBuilder builder = new ProcessBuilder(line).redirectErrorStream(true)
                .redirectOutput(ProcessBuilder.Redirect.appendTo(log.toFile()));
        builder.environment().clear();
        builder.environment().putAll(environment);
        return builder;
    }

    static void await(Path socket, Process engine) throws InterruptedException {
        for (int i = 0; i < 600 && engine.isAlive() && !Files.exists(socket); i++) {
            Thread.sleep(50);
        }
    }

    void check(String what, Process process) throws Exception {
        if (!process.waitFor(120, TimeUnit.SECONDS) || process.exitValue() != 0) {
            process.destroyForcibly();
            throw new IllegalStateException(what + " failed, see " + log);
        }
    }
}
