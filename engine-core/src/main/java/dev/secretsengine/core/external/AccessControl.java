package dev.secretsengine.core.external;

import dev.secretsengine.api.RequestContext;
import dev.secretsengine.client.protocol.AccessMessages.Linux;
import dev.secretsengine.client.protocol.AccessMessages.Requester;
import dev.secretsengine.client.protocol.Decision;
import dev.secretsengine.client.protocol.ResolverMessages.AuthorizeResponse;
import dev.secretsengine.client.protocol.codec.Timestamp;
import dev.secretsengine.core.wire.Peer;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * Asks the modules of access control that have registered: all have to allow. Without any, everybody who may connect is
 * allowed. Thread-safe.
 */
public final class AccessControl {

    private final Supplier<Optional<List<AccessModule>>> modules;

    /** Control by these modules; nothing is allowed where there is no list. */
    AccessControl(Supplier<Optional<List<AccessModule>>> modules) {
        this.modules = modules;
    }

    /** Whether a process may look this up. */
    public boolean allows(String pattern, Peer peer, RequestContext context) {
        Optional<List<AccessModule>> asked = modules.get();
        if (asked.isEmpty() || asked.get().isEmpty()) {
            return asked.isPresent();
        }
        Requester requester = requester(peer);
        return asked.get().stream().allMatch(module -> module.allows(pattern, requester, context));
    }

    /** Until when a process may look these up; empty if it may not, and the end of time if nobody sets a limit. */
    public Optional<Instant> authorize(List<String> patterns, Peer peer, RequestContext context) {
        Optional<List<AccessModule>> asked = modules.get();
        if (asked.isEmpty()) {
            return Optional.empty();
        }
        Requester requester = requester(peer);
        Instant until = Instant.MAX;
        for (AccessModule module : asked.get()) {
            AuthorizeResponse answer = module.authorize(patterns, requester, context);
            Instant limit = instant(answer.expiresAt());
            // A limit that is no time is no permission.
            if (!Decision.ALLOW.equals(answer.decision()) || (limit == null && answer.expiresAt() != null)) {
                return Optional.empty();
            }
            until = limit != null && limit.isBefore(until) ? limit : until;
        }
        return Optional.of(until);
    }

    private static @Nullable Instant instant(@Nullable Timestamp timestamp) {
        return timestamp == null ? null : timestamp.instant().orElse(null);
    }

    /** Who asks, as far as the kernel says. */
    private static Requester requester(Peer peer) {
        String executable = "";
        try {
            executable = Files.readSymbolicLink(Path.of("/proc", Long.toString(peer.pid()), "exe")).toString();
        } catch (IOException e) {
            // It has ended, or is somebody else's: a module may deny what it cannot name.
            executable = "";
        }
        return new Requester((int) peer.pid(), executable.substring(executable.lastIndexOf('/') + 1), executable, false,
                new Linux());
    }
}
