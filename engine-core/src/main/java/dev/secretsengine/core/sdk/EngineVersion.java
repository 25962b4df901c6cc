package dev.secretsengine.core.sdk;

/**
 * Which engine this is.
 *
 * @param version semantic, with a leading v
 * @param date of its build, RFC 3339
 * @param commit of its sources
 */
public record EngineVersion(String version, String date, String commit) {
}
