package dev.secretsengine.core.wire;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import java.util.regex.Pattern;

/**
 * Where a process runs, by what /proc says of it: in a container, or where the user has put it. A namespace alone makes no
 * container: Flatpak and services of systemd have some, too.
 */
final class Origin {

    /** A control group that container runtimes make: its name says so, or is the ID of a container. */
    private static final Pattern CONTAINER = Pattern.compile(
            "/(docker|buildkit|lxc|kubepods|[0-9a-f]{64})(/|$)|/(docker|cri-containerd|nerdctl|machine)-[^/]+\\.scope"
                    + "|/(libpod|crio|buildah)[-_]|/(kubepods|lxc)[.-]|/systemd-nspawn@");

    /** In the flags of a process: it is ending, and some of what /proc says of it is gone. */
    private static final long PF_EXITING = 4;

    /** Which fields of its stat, behind the name. */
    private static final int FLAGS = 6;
    private static final int BEGIN = 19;

    private final Path proc;

    /** Reads this folder, {@code /proc} outside of tests. */
    Origin(Path proc) {
        this.proc = proc;
    }

    /** What speaks against a process as a peer; empty if it runs in no container. */
    Optional<String> objection(long pid) {
        Path self = proc.resolve("self");
        Path peer = proc.resolve(Long.toString(pid));
        try {
            String begin = begin(peer);
            boolean inContainer = Files.readAllLines(peer.resolve("cgroup")).stream()
                    .anyMatch(group -> CONTAINER.matcher(group).find());
            boolean nested = isNested(peer);
            boolean refused = (inContainer && (nested || isApart(self, peer)))
                    || (nested && hasUsersOfItsOwn(self, peer));
            if (begin.isEmpty() || !begin.equals(begin(peer))) {
                return Optional.of("it has ended");
            }
            return refused ? Optional.of("it runs in a container") : Optional.empty();
        } catch (IOException e) {
            return Optional.of("it cannot be seen from here");
        }
    }

    /** The kernel lists a process's numbers in all the namespaces that it is in. */
    private static boolean isNested(Path peer) throws IOException {
        return Files.readAllLines(peer.resolve("status")).stream().filter(line -> line.startsWith("NSpid:"))
                .anyMatch(line -> line.strip().split("\\s+").length > 2);
    }

    /** What may not be looked at is apart. */
    private static boolean isApart(Path self, Path peer) {
        try {
            Path user = Path.of("ns/user");
            return !Objects.equals(Files.readSymbolicLink(self.resolve(user)),
                    Files.readSymbolicLink(peer.resolve(user)))
                    || !Objects.equals(root(self), root(peer));
        } catch (IOException e) {
            return true;
        }
    }

    private static Object root(Path process) throws IOException {
        return List.of(Files.getAttribute(process.resolve("root"), "unix:dev"),
                Files.getAttribute(process.resolve("root"), "unix:ino"));
    }

    /**
     * Whether it has subordinate users, as in a container that a user's own podman has put into no control group. Sandboxes
     * have only their own user.
     */
    private static boolean hasUsersOfItsOwn(Path self, Path peer) throws IOException {
        List<String> users = Files.readAllLines(peer.resolve("uid_map"));
        return !users.equals(Files.readAllLines(self.resolve("uid_map")))
                && (users.size() > 1 || users.stream().anyMatch(line -> !line.strip().endsWith(" 1")));
    }

    /**
     * When it was started, empty if it is ending: asked before and after everything else, for the number may be another
     * process's in between.
     */
    private static String begin(Path peer) throws IOException {
        String stat = Files.readString(peer.resolve("stat"));
        String[] fields = stat.substring(stat.lastIndexOf(')') + 2).split(" ", -1);
        return (Long.parseLong(fields[FLAGS]) & PF_EXITING) == 0 ? fields[BEGIN] : "";
    }
}
