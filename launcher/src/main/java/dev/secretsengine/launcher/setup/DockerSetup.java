package dev.secretsengine.launcher.setup;

import dev.secretsengine.core.config.FolderTrust;
import dev.secretsengine.core.config.PrivateFiles;
import dev.secretsengine.launcher.docker.DaemonConfig;
import dev.secretsengine.launcher.format.UnifiedDiff;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;

/** {@code setup docker}: a runtime of the user's in {@code daemon.json}. */
final class DockerSetup {

    private static final String UNFILLED = "--se-no-fill";

    private final Scene scene;
    private final String runtime;

    /** Whether it is to be the runtime of every container. */
    private boolean standard;

    DockerSetup(Scene scene) {
        this.scene = scene;
        this.runtime = scene.user().runtime();
    }

    /** What is to be done to a file as it was when it was read. */
    private record Change(ConfigFile file, DaemonConfig old, DaemonConfig next, Wrapper wrapper) {

        boolean isNone() throws SetupException {
            return next.text().equals(file.text());
        }

        byte[] bytes() {
            return next.text().getBytes(StandardCharsets.UTF_8);
        }

        String digest() {
            return ConfigFile.digest(bytes());
        }
    }

    int run() throws SetupException, IOException {
        standard = wantsDefault(look().old());
        Change shown = look();
        if (scene.options().isSecondPart()) {
            Change written = write(shown, scene.options().value(Options.CONFIRMED));
            return scene.reload(written.next(), written.file().path()) ? 0 : SecondPart.NOT_RELOADED;
        }
        if (shown.isNone() && shown.wrapper().isReady()) {
            scene.say(shown.file().path() + " has the runtime " + runtime + " already");
            return new Proof(scene).run(false);
        }
        show(shown);
        if (scene.options().has(Options.DRY_RUN)) {
            scene.say("Nothing was changed: this was a dry run");
            return 0;
        }
        scene.confirm("Write this?");
        Optional<String> confirmed = scene.options().has(Options.YES)
                ? Optional.empty()
                : Optional.of(shown.digest());
        boolean reloaded;
        if (shown.file().isOwn(scene.ownUid())) {
            Change written = write(shown, confirmed);
            reloaded = scene.reload(written.next(), written.file().path());
        } else {
            int code = new SecondPart(scene).run(arguments(confirmed));
            if (code != 0 && code != SecondPart.NOT_RELOADED) {
                return code;
            }
            reloaded = code == 0;
        }
        sayHow(shown.next());
        return reloaded ? new Proof(scene).run(true) : 0;
    }

    private Change look() throws SetupException, IOException {
        ConfigFile file = ConfigFile.read(scene.daemonJson());
        DaemonConfig old = Scene.parse(file);
        FolderTrust trust = file.readerTrust(scene.ownUid());
        Wrapper wrapper = Wrapper.choose(scene.places(), trust, scene.ownUid() == 0 || !file.isOwn(scene.ownUid()));
        Wrapper.checked(wrapper.path());
        DaemonConfig next = old.with(runtime, entry(old, wrapper, new RealRuntime(scene, old, trust).wanted()));
        return new Change(file, old, standard ? next.withDefault(runtime) : next, wrapper);
    }

    private DaemonConfig.Entry entry(DaemonConfig old, Wrapper wrapper, Path real) throws SetupException {
        List<String> arguments = new ArrayList<>(List.of("--se-uid=" + scene.user().uid(),
                "--se-socket=" + Wrapper.checked(scene.user().socket()), RealRuntime.ARGUMENT + "=" + real));
        DaemonConfig.Entry known = old.runtimes().get(runtime);
        boolean unfilled = known != null && known.arguments().contains(UNFILLED);
        if (scene.options().has(Options.NO_FILL) || (unfilled && !scene.options().has(Options.FILL))) {
            arguments.add(UNFILLED);
        }
        return new DaemonConfig.Entry(wrapper.path().toString(), arguments);
    }

    private boolean wantsDefault(DaemonConfig old) {
        Optional<String> other = old.defaultRuntime().filter(name -> !name.equals("runc"));
        if (scene.options().has(Options.DEFAULT)) {
            return true;
        }
        return other.filter(runtime::equals).isEmpty() && !scene.options().isSecondPart()
                && scene.console().isTerminal()
                && scene.agrees("Make " + runtime + " the runtime of every container"
                        + other.map(name -> " instead of " + name).orElse("") + "?", other.isEmpty());
    }

    private void show(Change change) throws SetupException, IOException {
        ConfigFile file = change.file();
        String path = file.path().toString();
        scene.console().print(UnifiedDiff.of(file.bytes().isPresent() ? path : "/dev/null", file.text(), path,
                change.next().text()));
        if (!change.wrapper().isReady()) {
            scene.say("The wrapper is copied to " + change.wrapper().path() + ", which root alone can change");
        }
        switch (scene.dockerd().state(change.next())) {
            case RUNS -> scene.say("dockerd is told to reload it, containers that run stay as they are");
            case DOWN -> scene.say("No dockerd runs that reads " + path);
            case UNKNOWN -> scene.say(path + " names no pidfile: its dockerd has to be told by hand to reload it");
        }
    }

    /** The same command for root, with nothing left to be asked. */
    private List<String> arguments(Optional<String> confirmed) {
        List<String> arguments = new ArrayList<>();
        if (standard) {
            arguments.add(Options.DEFAULT);
        }
        Stream.of(Options.FILL, Options.NO_FILL).filter(scene.options()::has).forEach(arguments::add);
        scene.options().value(Options.RUNTIME).ifPresent(path -> arguments.add(Options.RUNTIME + "=" + path));
        arguments.add(Options.AS_SOCKET + "=" + scene.user().socket());
        confirmed.ifPresent(digest -> arguments.add(Options.CONFIRMED + "=" + digest));
        return arguments;
    }

    /** Looks again, now that no other setup writes, and writes what comes of it if that is what was agreed to. */
    private Change write(Change shown, Optional<String> confirmed) throws SetupException, IOException {
        try (ConfigLock _ = ConfigLock.of(shown.file())) {
            Change now = look();
            if (!now.file().path().equals(shown.file().path())
                    || confirmed.filter(digest -> !digest.equals(now.digest())).isPresent()) {
                throw shown.file().changed();
            }
            now.wrapper().install();
            if (!now.isNone()) {
                validate(now);
                now.file().requireUnchanged();
                SetupRecord record = record(now);
                record.write(now.file(), runtime);
                now.file().write(now.bytes());
                scene.say("Wrote " + now.file().path()
                        + record.backup().map(name -> ", what was there before is in " + name).orElse(""));
            }
            return now;
        }
    }

    private void validate(Change change) throws SetupException, IOException {
        ConfigFile file = change.file();
        Path temporary = PrivateFiles.beside(file.path(), change.bytes());
        try {
            Optional<String> objection = scene.dockerd().objection(temporary);
            if (objection.isPresent()) {
                throw new SetupException("dockerd would not take the new " + file.path() + ", nothing was changed: "
                        + objection.get().replace(temporary.toString(), file.path().toString()));
            }
        } finally {
            Files.deleteIfExists(temporary);
        }
    }

    /** A repair goes on with the record of the first setup: only that one knows what was there before. */
    private SetupRecord record(Change change) throws IOException {
        ConfigFile file = change.file();
        DaemonConfig old = change.old();
        Optional<SetupRecord> known = old.runtimes().containsKey(runtime)
                ? SetupRecord.read(file, runtime)
                : Optional.empty();
        if (known.isPresent()) {
            return known.get().isOf(file) ? known.get().withWritten(change.bytes()) : known.get().withoutWritten();
        }
        Optional<String> backup = file.bytes().isPresent()
                ? Optional.of(file.backUp(SetupRecord.BACKUP).getFileName().toString())
                : Optional.empty();
        return new SetupRecord(change.digest(), backup,
                old.defaultRuntime().filter(name -> !name.equals(runtime)), old.hasEmptyRuntimes());
    }

    private void sayHow(DaemonConfig next) {
        scene.say(next.defaultRuntime().filter(runtime::equals).isPresent()
                ? "Every new container is started by " + runtime + ": docker run -e NAME=se://ID IMAGE"
                : "Containers that name it are started by " + runtime + ": docker run --runtime " + runtime
                        + " -e NAME=se://ID IMAGE; docker pass setup docker --default makes it the runtime of all");
    }
}
