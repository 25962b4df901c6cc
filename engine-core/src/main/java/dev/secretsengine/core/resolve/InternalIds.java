package dev.secretsengine.core.resolve;

import dev.secretsengine.api.SecretId;
import dev.secretsengine.api.SecretPattern;

/** The IDs under which the engine keeps what belongs to plugins: no client sees or touches them. */
public final class InternalIds {

    private static final SecretPattern REALM = SecretPattern.parse("docker/secrets-engine/**");

    private InternalIds() {
    }

    /** Whether a client must not see this secret. */
    public static boolean contains(SecretId id) {
        return REALM.matches(id);
    }

    /** Where the value of a plugin's secret setting is kept. */
    public static SecretId ofSetting(String plugin, String setting) {
        return SecretId.parse("docker/secrets-engine/plugins/" + plugin + "/" + setting);
    }
}
