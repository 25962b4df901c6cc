package dev.secretsengine.client;

/**
 * Which engine answers.
 *
 * @param version semantic, with a leading v
 * @param date of its build, may be empty
 * @param commit of its sources, may be empty
 */
public record EngineVersion(String version, String date, String commit) {
}
