package dev.secretsengine.launcher.setup;

import dev.secretsengine.launcher.docker.DaemonConfig;
import dev.secretsengine.launcher.docker.DockerCli;
import dev.secretsengine.launcher.docker.Dockerd;
import dev.secretsengine.launcher.format.UnifiedDiff;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;

/**
 * {@code setup docker --undo}. A name that a container has recorded cannot go: without it the container can neither be
 * started nor stopped. And dockerd 20.10 crashes when the name goes while it is the default.
 */
final class DockerUndo {

    private static final int RELOAD_TRIES = 25;

    private final Scene scene;
    private final String runtime;
    private final Optional<DockerCli> docker;

    /** Why docker's answer does not count. */
    private String silence = "";

    DockerUndo(Scene scene) {
        this.scene = scene;
        this.runtime = scene.user().runtime();
        this.docker = DockerCli.find(scene.environment());
    }

    /** What is to be done, and why if the name has to stay. */
    private record Plan(boolean viaKept, boolean toEnd, String why) {
    }

    int run() throws SetupException, IOException {
        ConfigFile file = ConfigFile.read(scene.daemonJson());
        DaemonConfig config = Scene.parse(file);
        if (!config.runtimes().containsKey(runtime) && config.defaultRuntime().filter(runtime::equals).isEmpty()) {
            scene.say(file.path() + " does not name " + runtime + ": there is nothing to undo");
            return 0;
        }
        Undoing undoing = new Undoing(file, config, runtime, scene);
        Plan plan = plan(config);
        if (!scene.options().isSecondPart()) {
            Optional<byte[]> target = plan.toEnd() ? undoing.end() : Optional.of(bytes(undoing.kept()));
            show(file, target);
            if (scene.options().has(Options.DRY_RUN)) {
                sayWhy(plan);
                scene.say("Nothing was changed: this was a dry run");
                return 0;
            }
            if (!plan.toEnd() && undoing.kept().text().equals(file.text())) {
                sayWhy(plan);
                return 0;
            }
            scene.confirm("Write this?");
            if (!file.isOwn(scene.ownUid())) {
                return new SecondPart(scene).run(List.of()) == 0 ? 0 : SetupException.FAILED;
            }
        }
        apply(undoing, plan);
        sayWhy(plan);
        return 0;
    }

    private static byte[] bytes(DaemonConfig config) {
        return config.text().getBytes(StandardCharsets.UTF_8);
    }

    private void sayWhy(Plan plan) {
        if (!plan.toEnd()) {
            scene.say(runtime + " stays as another name of the real runtime: " + plan.why());
        }
    }

    private Plan plan(DaemonConfig config) throws IOException {
        Dockerd.State state = scene.dockerd().state(config);
        if (state == Dockerd.State.DOWN) {
            return new Plan(false, true, "");
        }
        boolean inFile = config.defaultRuntime().filter(runtime::equals).isPresent();
        Optional<DockerCli.Runtimes> known = known();
        if (known.isEmpty()) {
            String why = state == Dockerd.State.RUNS
                    ? "docker could not be asked which containers need it (" + silence + "), so set DOCKER_HOST to that"
                            + " daemon's socket and run this again"
                    : "run this again once dockerd has reloaded the file";
            boolean end = state == Dockerd.State.UNKNOWN && !inFile;
            return new Plan(!end, end, end ? "" : why);
        }
        List<String> users = docker.orElseThrow().containers().stream()
                .filter(container -> container.runtime().equals(runtime)).map(DockerCli.Container::name).toList();
        if (!users.isEmpty()) {
            return new Plan(true, false, "these containers were made with it: " + String.join(", ", users)
                    + "; make them anew, then run this again");
        }
        boolean isDefault = inFile || known.get().defaultRuntime().equals(runtime);
        return isDefault && state == Dockerd.State.UNKNOWN
                ? new Plan(true, false, "run this again once dockerd has reloaded the file")
                : new Plan(isDefault, true, "");
    }

    /** The runtimes of the daemon that knows ours; another daemon's containers say nothing. */
    private Optional<DockerCli.Runtimes> known() {
        try {
            silence = docker.isPresent() ? "docker info does not list " + runtime : "there is no docker client";
            return docker.isPresent()
                    ? Optional.of(docker.get().runtimes()).filter(runtimes -> runtimes.names().contains(runtime))
                    : Optional.empty();
        } catch (IOException e) {
            silence = String.valueOf(e.getMessage());
            return Optional.empty();
        }
    }

    private void show(ConfigFile file, Optional<byte[]> target) throws SetupException {
        String path = file.path().toString();
        scene.console().print(UnifiedDiff.of(path, file.text(), target.isPresent() ? path : "/dev/null",
                new String(target.orElse(new byte[0]), StandardCharsets.UTF_8)));
    }

    private void apply(Undoing undoing, Plan plan) throws SetupException, IOException {
        Undoing step = undoing;
        if (plan.viaKept()) {
            step = undoing.writeKept();
            scene.say("Wrote " + step.file().path());
            reload(step.config());
            if (plan.toEnd()) {
                awaitOtherDefault();
            }
        }
        if (plan.toEnd()) {
            DaemonConfig before = step.config();
            Optional<ConfigFile> restored = step.writeEnd();
            scene.say(restored.isPresent()
                    ? "Wrote " + restored.get().path()
                    : "Removed " + step.file().path() + ", which was not there before");
            removeWrapper(restored);
            // The old text says where the pid is even if the file has gone.
            reload(restored.isPresent() ? Scene.parse(restored.get()) : before);
        }
    }

    private void removeWrapper(Optional<ConfigFile> restored) throws SetupException, IOException {
        Path usual = scene.places().daemonJson();
        ConfigFile other = ConfigFile.read(usual);
        if (Wrapper.removeUnused(scene.places(), restored.orElse(other), other)) {
            scene.say("Removed " + scene.places().rootWrapper());
        }
    }

    private void reload(DaemonConfig config) throws IOException {
        Dockerd dockerd = scene.dockerd();
        switch (dockerd.state(config)) {
            case RUNS -> {
                boolean gone = !Files.exists(scene.daemonJson());
                scene.say(gone
                        ? "dockerd forgets " + runtime + " when it is started anew"
                        : "Reloaded dockerd: " + dockerd.reload(config));
            }
            case DOWN -> scene.say("No dockerd runs that reads " + scene.daemonJson());
            case UNKNOWN -> scene.say("Now tell the dockerd that reads " + scene.daemonJson()
                    + ": kill -HUP <pid of that dockerd>");
        }
    }

    /** What comes next would crash a dockerd that still has ours as its default. */
    private void awaitOtherDefault() throws SetupException, IOException {
        for (int i = 0; i < RELOAD_TRIES; i++) {
            if (known().filter(runtimes -> !runtimes.defaultRuntime().equals(runtime)).isPresent()) {
                return;
            }
            Proof.pause();
        }
        throw new SetupException("dockerd was told to reload, and its default runtime still is " + runtime
                + ": look into its log, then run docker pass setup docker --undo again");
    }
}
