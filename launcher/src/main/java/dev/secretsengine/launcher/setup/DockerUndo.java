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
    private static final String ONCE_RELOADED = "run this again once dockerd has reloaded the file";

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

        boolean isLike(Plan other) {
            return viaKept == other.viaKept && toEnd == other.toEnd;
        }
    }

    int run() throws SetupException, IOException {
        Undoing shown = Undoing.read(scene);
        if (!shown.isNamed()) {
            return sayNothingToUndo(shown);
        }
        if (scene.options().isSecondPart()) {
            return write(shown, scene.options().value(Options.CONFIRMED), Optional.empty());
        }
        Plan plan = plan(shown);
        show(shown.file(), plan.toEnd() ? shown.end() : Optional.of(bytes(shown.kept())));
        if (scene.options().has(Options.DRY_RUN)) {
            sayWhy(plan);
            scene.say("Nothing was changed: this was a dry run");
            return 0;
        }
        if (!plan.toEnd() && shown.kept().text().equals(shown.file().text())) {
            sayWhy(plan);
            return 0;
        }
        scene.confirm("Write this?");
        boolean asked = !scene.options().has(Options.YES);
        Optional<String> confirmed = asked ? Optional.of(digest(shown.file())) : Optional.empty();
        if (!shown.file().isOwn(scene.ownUid())) {
            List<String> more = confirmed.map(digest -> List.of(Options.CONFIRMED + "=" + digest)).orElse(List.of());
            return new SecondPart(scene).run(more) == 0 ? 0 : SetupException.FAILED;
        }
        return write(shown, confirmed, asked ? Optional.of(plan) : Optional.empty());
    }

    /** Looks again, now that no other setup writes, and does it if that is what was agreed to. */
    private int write(Undoing shown, Optional<String> confirmed, Optional<Plan> agreed)
            throws SetupException, IOException {
        try (ConfigLock _ = ConfigLock.of(shown.file())) {
            Undoing now = Undoing.read(scene);
            if (!now.file().path().equals(shown.file().path())
                    || confirmed.filter(digest -> !digest.equals(digest(now.file()))).isPresent()) {
                throw shown.file().changed();
            }
            if (!now.isNamed()) {
                return sayNothingToUndo(now);
            }
            Plan plan = plan(now);
            if (agreed.filter(shownPlan -> !shownPlan.isLike(plan)).isPresent()) {
                throw new SetupException("dockerd or its containers have changed since this was shown: run this again");
            }
            apply(now, plan);
            sayWhy(plan);
            return 0;
        }
    }

    private int sayNothingToUndo(Undoing undoing) {
        scene.say(undoing.file().path() + " does not name " + runtime + ": there is nothing to undo");
        return 0;
    }

    private static String digest(ConfigFile file) {
        return ConfigFile.digest(file.bytes().orElse(new byte[0]));
    }

    private static byte[] bytes(DaemonConfig config) {
        return config.text().getBytes(StandardCharsets.UTF_8);
    }

    private void sayWhy(Plan plan) {
        if (!plan.toEnd()) {
            scene.say(runtime + " stays as another name of the real runtime: " + plan.why());
        }
    }

    private static Plan keep(String why) {
        return new Plan(true, false, why);
    }

    private Plan plan(Undoing undoing) throws IOException {
        Dockerd dockerd = scene.dockerd();
        Dockerd.State state = dockerd.state(undoing.config());
        if (state == Dockerd.State.DOWN) {
            return dockerd.isAbsent()
                    ? new Plan(false, true, "")
                    : keep("dockerd does not run, so nobody can say which containers need it; start dockerd, then run"
                            + " this again");
        }
        Optional<DockerCli.Runtimes> known = known();
        Optional<List<String>> users = known.isPresent() ? users() : Optional.empty();
        if (users.isEmpty()) {
            return unasked(undoing, state, known.isPresent());
        }
        if (!users.get().isEmpty()) {
            return keep("these containers were made with it: " + String.join(", ", users.get())
                    + "; make them anew, then run this again");
        }
        boolean isDefault = undoing.isDefault() || known.orElseThrow().defaultRuntime().equals(runtime);
        return isDefault && state == Dockerd.State.UNKNOWN ? keep(ONCE_RELOADED) : new Plan(isDefault, true, "");
    }

    /** Where nobody knows the daemon, the user has to be believed that it has reloaded what the first step left. */
    private Plan unasked(Undoing undoing, Dockerd.State state, boolean known) {
        if (state == Dockerd.State.UNKNOWN && !known) {
            return undoing.isFirstStep() ? new Plan(false, true, "") : keep(ONCE_RELOADED);
        }
        return keep("docker could not be asked which containers need it (" + silence + "), so "
                + (known ? "" : "set DOCKER_HOST to that daemon's socket and ") + "run this again");
    }

    /** The containers that recorded our runtime, if docker knows all of them. */
    private Optional<List<String>> users() {
        try {
            return Optional.of(docker.orElseThrow().containers().stream()
                    .filter(container -> container.runtime().equals(runtime)).map(DockerCli.Container::name).toList());
        } catch (IOException e) {
            silence = String.valueOf(e.getMessage());
            return Optional.empty();
        }
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
        if (!Files.exists(scene.daemonJson()) && scene.dockerd().state(config) == Dockerd.State.RUNS) {
            scene.say("dockerd forgets " + runtime + " when it is started anew");
        } else {
            scene.reload(config, scene.daemonJson());
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
