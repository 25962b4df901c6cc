package dev.secretsengine.api;

/**
 * A provider that remembers what a remote backend has answered, within bounds and for a limited time. Thread-safe.
 */
public interface Caching {

    /** How many lookups were answered from memory since the provider was made. */
    long hits();

    /** How many were not. */
    long misses();

    /** Wipes and forgets all of it. Called when the plugin is disabled while its bundle runs on for another one. */
    void forget();
}
