package dev.secretsengine.launcher.docker;

import java.io.IOException;
import java.util.List;
import java.util.Optional;
import java.util.function.BooleanSupplier;

/**
 * Starts the containers whose start was refused while the engine was down or locked: restart policies never try such a
 * start again.
 */
public final class Resume {

    /** What the wrapper's refusal ends with when it is worth another try; in a container's State.Error. */
    private static final String MARK = "docker pass engine start --resume";

    /** What the wrapper's messages begin with, behind what docker says. */
    private static final String OURS = "docker-pass: ";

    /** What containerd adds to a message. */
    private static final String UNKNOWN = ": unknown";

    private final Optional<DockerCli> docker;
    private final int uid;
    private final Lines out;
    private final BooleanSupplier givenUp;

    /** Where lines go. */
    @FunctionalInterface
    public interface Lines {

        /** Prints a line. */
        void print(String line) throws IOException;
    }

    /**
     * Containers of one user.
     *
     * @param docker whom to ask
     * @param uid containers of other users' runtimes are left alone
     * @param givenUp whether nobody waits for the rest any more
     */
    public Resume(Optional<DockerCli> docker, int uid, Lines out, BooleanSupplier givenUp) {
        this.docker = docker;
        this.uid = uid;
        this.out = out;
        this.givenUp = givenUp;
    }

    /** Starts them, the oldest first, a line each; answers 1 if one could not be started. Without docker there is nothing to do. */
    public int run() throws IOException {
        if (docker.isEmpty()) {
            out.print("There is no docker client on the PATH: no container was resumed");
            return 0;
        }
        List<DockerCli.Container> waiting;
        try {
            waiting = docker.get().containers().reversed().stream().filter(this::waits).toList();
        } catch (IOException e) {
            out.print("Docker does not answer, no container was resumed: " + e.getMessage());
            return 0;
        }
        int code = 0;
        for (DockerCli.Container container : waiting) {
            if (givenUp.getAsBoolean()) {
                return 1;
            }
            String complaint = docker.get().start(container);
            out.print(complaint.isEmpty()
                    ? "RESUMED: " + container.name()
                    : "ERR: " + container.name() + ": " + reason(complaint));
            code = complaint.isEmpty() ? code : 1;
        }
        return code;
    }

    private boolean waits(DockerCli.Container container) {
        String runtime = container.runtime();
        boolean anothers = runtime.matches("se-[0-9]+") && !runtime.equals("se-" + uid);
        boolean restarts = !container.restartPolicy().isEmpty() && !container.restartPolicy().equals("no");
        return !container.running() && restarts && !anothers && container.error().contains(MARK);
    }

    private static String reason(String complaint) {
        int ours = complaint.indexOf(OURS);
        String reason = ours < 0 ? complaint : complaint.substring(ours + OURS.length());
        return reason.endsWith(UNKNOWN) ? reason.substring(0, reason.length() - UNKNOWN.length()) : reason;
    }
}
