package dev.secretsengine.core.wire;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Optional;
import java.util.Set;

/** Who is served by a socket. Asked before a byte is read. */
@FunctionalInterface
public interface Admission {

    /** What speaks against a peer, for the log; empty if it is welcome. */
    Optional<String> objection(Peer peer);

    /** Processes of these users. */
    static Admission ofUsers(Set<Long> uids) {
        return peer -> uids.contains(peer.uid()) ? Optional.empty() : Optional.of("it is another user's");
    }

    /**
     * Of those, processes that run in no container: an abstract socket is open to every process of the host's network, and
     * a file may be mounted. The kernel lists a process's IDs in all the namespaces that it is in.
     */
    default Admission outsideContainers() {
        return peer -> {
            Optional<String> objection = objection(peer);
            if (objection.isPresent()) {
                return objection;
            }
            try (var lines = Files.lines(Path.of("/proc", Long.toString(peer.pid()), "status"))) {
                boolean nested = lines.filter(line -> line.startsWith("NSpid:"))
                        .anyMatch(line -> line.strip().split("\\s+").length > 2);
                return nested ? Optional.of("it runs in a container") : Optional.empty();
            } catch (IOException e) {
                return Optional.of("it cannot be seen from here");
            }
        };
    }
}
