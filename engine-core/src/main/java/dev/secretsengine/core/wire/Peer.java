package dev.secretsengine.core.wire;

/**
 * Who is at the other end of a socket, as the kernel says.
 *
 * @param uid the user
 * @param pid the process
 */
public record Peer(long uid, long pid) {
}
