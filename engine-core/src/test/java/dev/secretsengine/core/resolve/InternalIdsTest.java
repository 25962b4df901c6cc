package dev.secretsengine.core.resolve;

import static org.junit.jupiter.api.Assertions.assertEquals;
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
        SecretId id = InternalIds.ofSetting(plugin, setting);
        assertEquals("docker/secrets-engine/plugins/" + plugin + "/" + setting, id.toString());
        assertTrue(InternalIds.contains(id));
    }
}
