package dev.secretsengine.launcher.setup;

import dev.secretsengine.core.config.FolderTrust;
import dev.secretsengine.launcher.docker.DaemonConfig;
import dev.secretsengine.launcher.docker.Dockerd;
import dev.secretsengine.launcher.format.UnifiedDiff;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/** {@code setup docker}: a runtime of the user's in {@code daemon.json}. */
final class DockerSetup {

    private final Scene scene;
    private final String runtime;

    DockerSetup(Scene scene) {
        this.scene = scene;
        this.runtime = scene.user().runtime();
    }

    int run() throws SetupException, IOException {
        ConfigFile file = ConfigFile.read(scene.daemonJson());
        DaemonConfig old = Scene.parse(file);
        boolean own = file.isOwn(scene.ownUid());
        Wrapper wrapper = wrapper(own);
        DaemonConfig next = old.with(runtime, entry(old, wrapper));
        if (wantsDefault(old)) {
            next = next.withDefault(runtime);
        }
        if (scene.options().isSecondPart()) {
            return secondPart(file, old, next, wrapper);
        }
        if (next.text().equals(file.text()) && wrapper.isReady()) {
            scene.say(file.path() + " has the runtime " + runtime + " already");
            return new Proof(scene).run(false);
        }
        show(file, next, wrapper);
        if (scene.options().has(Options.DRY_RUN)) {
            scene.say("Nothing was changed: this was a dry run");
            return 0;
        }
        scene.confirm("Write this?");
        boolean reloaded;
        if (own) {
            reloaded = apply(file, old, next, wrapper);
        } else {
            int code = new SecondPart(scene).run(arguments(next));
            if (code != 0 && code != SecondPart.NOT_RELOADED) {
                return code;
            }
            reloaded = code == 0;
        }
        sayHow(next);
        return reloaded ? new Proof(scene).run(true) : 0;
    }

    /** Root's dockerd trusts root only; a dockerd of the user's, whose file is his own, trusts him as well. */
    private Wrapper wrapper(boolean own) throws SetupException, IOException {
        boolean users = own && scene.ownUid() != 0;
        Wrapper wrapper = Wrapper.choose(scene.places(),
                users ? FolderTrust.ofThisProcess() : new FolderTrust(0, 0), !users);
        Wrapper.checked(wrapper.path());
        return wrapper;
    }

    private DaemonConfig.Entry entry(DaemonConfig old, Wrapper wrapper) throws SetupException {
        List<String> arguments = new ArrayList<>(List.of("--se-uid=" + scene.user().uid(),
                "--se-socket=" + Wrapper.checked(scene.user().socket()),
                RealRuntime.ARGUMENT + "=" + RealRuntime.of(scene, old)));
        if (scene.options().has(Options.NO_FILL)) {
            arguments.add("--se-no-fill");
        }
        return new DaemonConfig.Entry(wrapper.path().toString(), arguments);
    }

    private boolean wantsDefault(DaemonConfig old) {
        Optional<String> standard = old.defaultRuntime().filter(name -> !name.equals("runc"));
        if (scene.options().has(Options.DEFAULT) || standard.filter(runtime::equals).isPresent()) {
            return true;
        }
        return !scene.options().isSecondPart() && scene.console().isTerminal()
                && scene.agrees("Make " + runtime + " the runtime of every container"
                        + standard.map(name -> " instead of " + name).orElse("") + "?", standard.isEmpty());
    }

    private void show(ConfigFile file, DaemonConfig next, Wrapper wrapper) throws SetupException, IOException {
        String path = file.path().toString();
        scene.console().print(UnifiedDiff.of(file.bytes().isPresent() ? path : "/dev/null", file.text(), path,
                next.text()));
        if (!wrapper.isReady()) {
            scene.say("The wrapper is copied to " + wrapper.path() + ", which root alone can change");
        }
        switch (scene.dockerd().state(next)) {
            case RUNS -> scene.say("dockerd is told to reload it, containers that run stay as they are");
            case DOWN -> scene.say("No dockerd runs that reads " + path);
            case UNKNOWN -> scene.say(path + " names no pidfile: its dockerd has to be told by hand to reload it");
        }
    }

    /** The same command for root, with nothing left to be asked. */
    private List<String> arguments(DaemonConfig next) {
        List<String> arguments = new ArrayList<>();
        for (String flag : List.of(Options.DEFAULT, Options.NO_FILL)) {
            boolean set = flag.equals(Options.DEFAULT)
                    ? next.defaultRuntime().filter(runtime::equals).isPresent()
                    : scene.options().has(flag);
            if (set) {
                arguments.add(flag);
            }
        }
        scene.options().value(Options.RUNTIME).ifPresent(path -> arguments.add(Options.RUNTIME + "=" + path));
        arguments.add(Options.AS_SOCKET + "=" + scene.user().socket());
        arguments.add(Options.CONFIRMED + "=" + ConfigFile.digest(bytes(next)));
        return arguments;
    }

    private static byte[] bytes(DaemonConfig config) {
        return config.text().getBytes(StandardCharsets.UTF_8);
    }

    private int secondPart(ConfigFile file, DaemonConfig old, DaemonConfig next, Wrapper wrapper)
            throws SetupException, IOException {
        if (scene.options().value(Options.CONFIRMED).filter(ConfigFile.digest(bytes(next))::equals).isEmpty()) {
            throw new SetupException(file.path() + " has changed since you confirmed: run this again");
        }
        return apply(file, old, next, wrapper) ? 0 : SecondPart.NOT_RELOADED;
    }

    /** Writes and reloads; answers whether it was reloaded. */
    private boolean apply(ConfigFile file, DaemonConfig old, DaemonConfig next, Wrapper wrapper)
            throws SetupException, IOException {
        wrapper.install();
        if (!next.text().equals(file.text())) {
            file.makeFolder();
            validate(file, next);
            SetupRecord record = record(file, old, next);
            record.write(file, runtime);
            file.write(bytes(next));
            scene.say("Wrote " + file.path()
                    + record.backup().map(name -> ", what was there before is in " + name).orElse(""));
        }
        Dockerd dockerd = scene.dockerd();
        switch (dockerd.state(next)) {
            case RUNS -> {
                scene.say("Reloaded dockerd: " + dockerd.reload(next));
                return true;
            }
            case DOWN -> scene.say("No dockerd runs that reads " + file.path() + ": it takes this in when it starts");
            case UNKNOWN -> scene.say("Now tell the dockerd that reads " + file.path()
                    + ": kill -HUP <pid of that dockerd>");
        }
        return false;
    }

    private void validate(ConfigFile file, DaemonConfig next) throws SetupException, IOException {
        Path temporary = ConfigFile.temporary(file.path(), bytes(next));
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
    private SetupRecord record(ConfigFile file, DaemonConfig old, DaemonConfig next) throws IOException {
        Optional<SetupRecord> known = old.runtimes().containsKey(runtime)
                ? SetupRecord.read(file, runtime)
                : Optional.empty();
        if (known.isPresent()) {
            return known.get().isOf(file) ? known.get().withWritten(bytes(next)) : known.get().withoutWritten();
        }
        Optional<String> backup = file.bytes().isPresent()
                ? Optional.of(file.backUp(SetupRecord.BACKUP).getFileName().toString())
                : Optional.empty();
        return new SetupRecord(ConfigFile.digest(bytes(next)), backup,
                old.defaultRuntime().filter(name -> !name.equals(runtime)), old.hasEmptyRuntimes());
    }

    private void sayHow(DaemonConfig next) {
        scene.say(next.defaultRuntime().filter(runtime::equals).isPresent()
                ? "Every new container is started by " + runtime + ": docker run -e NAME=se://ID IMAGE"
                : "Containers that name it are started by " + runtime + ": docker run --runtime " + runtime
                        + " -e NAME=se://ID IMAGE; docker pass setup docker --default makes it the runtime of all");
    }
}
