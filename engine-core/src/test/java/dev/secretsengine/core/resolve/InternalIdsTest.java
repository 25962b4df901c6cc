package dev.secretsengine.core.resolve;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.secretsengine.api.SecretId;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class InternalIdsTest {

    @ParameterizedTest
    @CsvSource({"docker/secrets-engine, true", "docker/secrets-engine/plugins/vault/token, true",
            "docker/secrets-engine-2, false", "docker/secrets, false", "x/docker/secrets-engine/y, false",
            "docker/Secrets-Engine/y, false"})
    void containsWhatLiesInTheEnginesRealm(String id, boolean internal) {
        assertEquals(internal, InternalIds.contains(SecretId.parse(id)));
    }

    @ParameterizedTest
    @CsvSource({"vault, token", "1password, service-account"})
    void keepsSettingsInIt(String plugin, String setting) {
        SecretId id = InternalIds.ofSetting(plugin, "0a1b2c3d", setting);
        assertEquals("docker/secrets-engine/plugins/" + plugin + "/0a1b2c3d/" + setting, id.toString());
        assertTrue(InternalIds.contains(id));
        assertTrue(InternalIds.ofSet(plugin, "0a1b2c3d").matches(id));
        assertFalse(InternalIds.ofSet(plugin, "00000000").matches(id));
        assertTrue(InternalIds.ofPlugin(plugin).matches(id));
    }
}
