package dev.secretsengine.launcher.setup;

import dev.secretsengine.launcher.docker.DaemonConfig;
import dev.secretsengine.launcher.docker.Dockerd;
import java.io.IOException;
import java.nio.file.Path;
import java.util.Map;
import java.util.Optional;

/**
 * What a setup works with.
 *
 * @param environment the caller's
 * @param ownUid of this process
 * @param user whose engine is meant
 */
record Scene(Options options, Map<String, String> environment, int ownUid, EngineUser user, Places places,
        Console console) {

    /** Prints a line. */
    void say(String line) {
        console.print(line + "\n");
    }

    /** The {@code daemon.json} that is meant. */
    Path daemonJson() {
        return options.value(Options.CONFIG).map(path -> Path.of(path).toAbsolutePath().normalize())
                .orElse(places.daemonJson());
    }

    /** The dockerd that reads it. */
    Dockerd dockerd() {
        return new Dockerd(places.programs(), daemonJson().equals(places.daemonJson()), places.dockerPid());
    }

    /** Has dockerd take in what was written, or says who is to do that. Answers whether it was reloaded. */
    boolean reload(DaemonConfig written, Path path) throws IOException {
        Dockerd dockerd = dockerd();
        switch (dockerd.state(written)) {
            case RUNS -> {
                say("Reloaded dockerd: " + dockerd.reload(written));
                return true;
            }
            case DOWN -> say("No dockerd runs that reads " + path + ": it takes this in when it starts");
            case UNKNOWN -> say("Now tell the dockerd that reads " + path + ": kill -HUP <pid of that dockerd>");
        }
        return false;
    }

    /**
     * What a file says.
     *
     * @throws SetupException if dockerd would not take it either
     */
    static DaemonConfig parse(ConfigFile file) throws SetupException {
        try {
            return DaemonConfig.parse(file.text());
        } catch (IllegalArgumentException e) {
            throw new SetupException(file.path() + " " + e.getMessage() + ": mend it first, nothing was changed");
        }
    }

    /**
     * Has the user agree to what was shown.
     *
     * @throws SetupException if he does not
     */
    void confirm(String question) throws SetupException {
        if (options.has(Options.YES)) {
            return;
        }
        if (!console.isTerminal()) {
            throw new SetupException("nothing was changed, as nobody is there to confirm it: say --yes");
        }
        if (!agrees(question, false)) {
            throw new SetupException("nothing was changed");
        }
    }

    /** Asks; an empty answer counts as the given one. */
    boolean agrees(String question, boolean otherwise) {
        Optional<String> answer = console.ask(question + (otherwise ? " [Y/n] " : " [y/N] ")).map(String::strip);
        return answer.filter(text -> !text.isEmpty())
                .map(text -> text.equalsIgnoreCase("y") || text.equalsIgnoreCase("yes"))
                .orElse(otherwise && answer.isPresent());
    }
}
