package dev.secretsengine.core.plugin;

import dev.secretsengine.api.LocalStore;
import dev.secretsengine.api.PluginProperties;
import dev.secretsengine.api.SecretPattern;
import dev.secretsengine.api.SecretsProvider;
import java.util.Optional;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/**
 * A provider that is registered right now.
 *
 * @param name its plugin
 * @param version the plugin's version
 * @param pattern the IDs it is asked for
 * @param store the local store it is, if it is one
 * @param ranking which store is tried first: the highest
 * @param provider the service itself
 */
public record ProviderEntry(String name, String version, SecretPattern pattern, Optional<String> store, int ranking,
        SecretsProvider provider) {

    /**
     * Reads the properties of a service.
     *
     * @throws IllegalArgumentException if one is missing, does not parse, or calls a store what is none
     */
    public static ProviderEntry of(Function<String, @Nullable Object> properties, SecretsProvider provider) {
        Object ranking = properties.apply("service.ranking");
        if (properties.apply(PluginProperties.STORE) != null && !(provider instanceof LocalStore)) {
            throw new IllegalArgumentException(
                    "its service has the property " + PluginProperties.STORE + " and is none");
        }
        return new ProviderEntry(required(properties, PluginProperties.NAME),
                required(properties, PluginProperties.VERSION),
                SecretPattern.parse(required(properties, PluginProperties.PATTERN)),
                Optional.ofNullable(properties.apply(PluginProperties.STORE)).map(Object::toString),
                ranking instanceof Integer number ? number : 0, provider);
    }

    private static String required(Function<String, @Nullable Object> properties, String property) {
        Object value = properties.apply(property);
        if (value == null) {
            throw new IllegalArgumentException("its service has no property " + property);
        }
        return value.toString();
    }
}
