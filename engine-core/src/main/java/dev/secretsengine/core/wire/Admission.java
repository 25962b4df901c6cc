package dev.secretsengine.core.wire;

import java.nio.file.Path;
import java.util.Optional;
import java.util.Set;

/**
 * Which processes a socket serves. Asked before a byte is read.
 *
 * @param users whose processes are
 * @param refusesContainers whether it serves none that runs in a container
 */
record Admission(Set<Long> users, boolean refusesContainers) {

    static final String FOREIGN = "it is another user's";

    private static final Origin ORIGIN = new Origin(Path.of("/proc"));

    /** Processes of these users. */
    static Admission ofUsers(Long... uids) {
        return new Admission(Set.of(uids), false);
    }

    /**
     * Of those, processes that run in no container: an abstract socket is open to every process of the host's network, and
     * a file may be mounted.
     */
    Admission outsideContainers() {
        return new Admission(users, true);
    }

    /** Whether it is a process of one of the users. */
    boolean isOfUsers(Peer peer) {
        return users.contains(peer.uid());
    }

    /** What speaks against such a process, for the log; empty if it is welcome. */
    Optional<String> objection(Peer peer) {
        return refusesContainers ? ORIGIN.objection(peer.pid()) : Optional.empty();
    }
}
