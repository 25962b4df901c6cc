package dev.secretsengine.core.bundle;

/**
 * A jar from a drop folder.
 *
 * @param path where it lies
 * @param facts what tells it from the jar that lay there before: length and time of change
 * @param signer whose certificate its signature was checked against, empty if nobody has signed it
 */
public record DroppedJar(String path, String facts, String signer) {
}
