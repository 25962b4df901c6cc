package dev.secretsengine.core.bundle;

import dev.secretsengine.api.PluginProperties;
import dev.secretsengine.api.SecretPattern;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.regex.Pattern;

/**
 * A plugin as its bundle's manifest declares it, known before the bundle is started.
 *
 * @param name {@code [a-z0-9][a-z0-9-]*}, none of the words of {@code docker pass plugins}
 * @param version its version, as text
 * @param pattern the IDs it is asked for, unless its service says otherwise
 * @param configurable whether the user may disable it
 * @param store the local store it is, if it is one
 * @param enabled whether it runs until the user decides otherwise
 * @param hint what to do to use it, one line or empty
 * @param group the name that set-up commands take for several plugins, itself one like a plugin's; empty for none
 */
public record PluginDeclaration(String name, String version, SecretPattern pattern, boolean configurable,
        Optional<String> store, boolean enabled, String hint, String group) {

    private static final Pattern NAME = Pattern.compile("[a-z0-9][a-z0-9-]*");
    private static final Set<String> RESERVED = Set.of("ls", "enable", "disable", "inspect", "setup", "purge", "new");

    /**
     * Reads the attributes of a {@code dev.secretsengine.plugin} capability.
     *
     * @throws IllegalArgumentException if an attribute is missing or makes no sense; the message is one line
     */
    public static PluginDeclaration of(Map<String, Object> attributes) {
        String name = required(attributes, "name");
        if (!isName(name)) {
            throw new IllegalArgumentException("the plugin name \"" + name + "\" is not allowed");
        }
        String group = String.valueOf(attributes.getOrDefault("group", ""));
        if (!group.isEmpty() && !isName(group)) {
            throw new IllegalArgumentException("the group \"" + group + "\" is not allowed");
        }
        return new PluginDeclaration(name, required(attributes, "version"),
                SecretPattern.parse(required(attributes, "pattern")), flag(attributes, "configurable", true),
                Optional.ofNullable(attributes.get("store")).map(Object::toString), flag(attributes, "enabled", true),
                String.valueOf(attributes.getOrDefault("hint", "")), group);
    }

    private static boolean isName(String name) {
        return NAME.matcher(name).matches() && !RESERVED.contains(name);
    }

    private static String required(Map<String, Object> attributes, String attribute) {
        Object value = attributes.get(attribute);
        if (value == null || value.toString().isEmpty()) {
            throw new IllegalArgumentException(
                    "its capability " + PluginProperties.CAPABILITY + " has no attribute \"" + attribute + "\"");
        }
        return value.toString();
    }

    private static boolean flag(Map<String, Object> attributes, String attribute, boolean otherwise) {
        Object value = attributes.get(attribute);
        return value == null ? otherwise : Boolean.parseBoolean(value.toString());
    }
}
