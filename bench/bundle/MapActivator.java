import dev.secretsengine.api.Envelope;
import dev.secretsengine.api.PluginProperties;
import dev.secretsengine.api.SecretId;
import dev.secretsengine.api.SecretValue;
import dev.secretsengine.api.SecretsProvider;
import java.nio.charset.StandardCharsets;
import java.util.Dictionary;
import java.util.Hashtable;
import java.util.List;
import java.util.Map;
import org.osgi.framework.BundleActivator;
import org.osgi.framework.BundleContext;

/** The bundle that is compared with the Go server: secrets in a map, and nothing else. */
public final class MapActivator implements BundleActivator {

    private final Map<String, byte[]> values = Map.of("map/1", "value1".getBytes(StandardCharsets.UTF_8));

    @Override
    public void start(BundleContext context) {
        SecretsProvider provider = (pattern, request) -> {
            byte[] value = values.get(pattern.toString());
            return value == null
                    ? List.of()
                    : List.of(Envelope.of(SecretId.parse(pattern.toString()), SecretValue.copyOf(value)));
        };
        Dictionary<String, Object> properties = new Hashtable<>();
        properties.put(PluginProperties.NAME, "map");
        properties.put(PluginProperties.VERSION, "1.0.0");
        properties.put(PluginProperties.PATTERN, "map/**");
        context.registerService(SecretsProvider.class, provider, properties);
    }

    @Override
    public void stop(BundleContext context) {
        // The framework withdraws the service.
    }
}
