package dev.secretsengine.api;

/**
 * The names a bundle and the engine know each other by: properties of a {@link SecretsProvider} service, the capability
 * in a bundle's manifest that declares the same before the bundle is started, and the folders handed to bundles as
 * framework properties.
 *
 * <pre>
 * Provide-Capability: dev.secretsengine.plugin;name="vault";version="1.0.0";pattern="vault/**";configurable="true"
 * </pre>
 *
 * Further attributes of the capability: {@code group} (a name that set-up commands take for several plugins),
 * {@code store} (see {@link #STORE}), {@code enabled="false"} (off until the user enables it), {@code hint} (one line
 * shown while it is off).
 */
public final class PluginProperties {

    /** Service property, a String: the plugin's name, {@code [a-z0-9][a-z0-9-]*}. */
    public static final String NAME = "secrets.plugin.name";

    /** Service property, a String: the plugin's version. */
    public static final String VERSION = "secrets.plugin.version";

    /** Service property, a String: the pattern of the IDs it is asked for. It wins over the manifest. */
    public static final String PATTERN = "secrets.plugin.pattern";

    /** Service property, a Boolean or String: whether the user may disable it. */
    public static final String CONFIGURABLE = "secrets.plugin.configurable";

    /**
     * Service property, a String: the name of this {@link LocalStore} among those that can serve the plugin. Only the
     * active one answers.
     */
    public static final String STORE = "secrets.plugin.store";

    /** The name space of the capability in a bundle's manifest. */
    public static final String CAPABILITY = "dev.secretsengine.plugin";

    /** Framework property: the folder of the configuration, of mode 0700. */
    public static final String CONFIG_FOLDER = "dev.secretsengine.folder.config";

    /** Framework property: the folder of the user's data, of mode 0700. */
    public static final String DATA_FOLDER = "dev.secretsengine.folder.data";

    /**
     * Framework property: the folder of what may be lost without harm, of mode 0700. What a plugin keeps there belongs into
     * {@code plugin/<its name>/}, which {@code plugins NAME purge} deletes.
     */
    public static final String STATE_FOLDER = "dev.secretsengine.folder.state";

    private PluginProperties() {
    }
}
