package dev.secretsengine.kit.remote;

import java.time.Duration;

/**
 * How much a {@link RemoteCache} remembers.
 *
 * @param keep how long an answer may be kept; zero for not at all
 * @param misses how long it is remembered that there is no answer
 * @param entries how many answers, at most
 * @param bytes how much they may weigh together
 * @param call how long a call may take, at most
 */
public record Limits(Duration keep, Duration misses, int entries, long bytes, Duration call) {
}
