package dev.secretsengine.api;

/**
 * One setting that a plugin declares.
 *
 * @param name lower case with hyphens, unique in its plugin; the key in {@code [plugins.<plugin>]} of the configuration
 * @param secret whether the value is kept in the local store instead of the configuration file
 * @param defaultValue used where nothing is configured; empty for none, always empty for a secret
 * @param help one line on what it does
 */
public record Setting(String name, boolean secret, String defaultValue, String help) {
}
