package dev.secretsengine.core.resolve;

import dev.secretsengine.api.SecretId;
import dev.secretsengine.api.SecretPattern;

/** The IDs under which the engine keeps what belongs to plugins: no client sees or touches them. */
public final class InternalIds {

    private static final SecretPattern REALM = SecretPattern.parse("docker/secrets-engine/**");

    private static final String ROOT = "docker/secrets-engine/plugins/";

    private InternalIds() {
    }

    /** Whether a client must not see this secret. */
    public static boolean contains(SecretId id) {
        return REALM.matches(id);
    }

    /** Where the value of a plugin's secret setting is kept, as one of a set. */
    public static SecretId ofSetting(String plugin, String set, String setting) {
        return SecretId.parse(ROOT + plugin + "/" + set + "/" + setting);
    }

    /** All values of a set. */
    public static SecretPattern ofSet(String plugin, String set) {
        return SecretPattern.parse(ROOT + plugin + "/" + set + "/*");
    }

    /** All that is kept for a plugin. */
    public static SecretPattern ofPlugin(String plugin) {
        return SecretPattern.parse(ROOT + plugin + "/**");
    }
}
