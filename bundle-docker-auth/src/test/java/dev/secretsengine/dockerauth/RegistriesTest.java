package dev.secretsengine.dockerauth;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.secretsengine.api.SecretId;
import dev.secretsengine.api.SecretPattern;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class RegistriesTest {

    @ParameterizedTest
    @ValueSource(strings = {"https://index.docker.io/v1/", "https://index.docker.io/v1", "index.docker.io",
            "docker.io", "registry-1.docker.io", "https://registry-1.docker.io/v2/", "http://Docker.IO/"})
    void foldsTheNamesOfDockerHub(String server) {
        assertEquals(Optional.of("docker/auth/hub"), Registries.realm(server));
    }

    @ParameterizedTest
    @CsvSource({"ghcr.io,ghcr.io", "https://ghcr.io/,ghcr.io", "HTTPS://GHCR.io/v2/,ghcr.io",
            "registry:5000,registry:5000", "http://localhost:5000/v1/,localhost:5000", "127.0.0.1,127.0.0.1"})
    void dropsSchemeAndApiPathAndKeepsThePort(String server, String host) {
        assertEquals(Optional.of("docker/auth/registry/" + host), Registries.realm(server));
    }

    @ParameterizedTest
    @ValueSource(strings = {"", "/", "https://", "https://index.docker.io/v1/access-token",
            "https://index.docker.io/v1/refresh-token", "quay.io/team", "ssh://host", "https://user:pw@host",
            "https://[::1]:5000", "*.example.com", "a b", "host\n", "host/v2//", "h\u00f6st.example"})
    void hasNoRealmForAnAddressThatIsNotAWholeRegistry(String server) {
        assertEquals(Optional.empty(), Registries.realm(server));
    }

    @ParameterizedTest
    @CsvSource({"alice,alice", "AWS,AWS", "_json_key,_json_key", "a.b-c:d,a.b-c:d", "<token>,token"})
    void namesTheUserInTheId(String user, String component) {
        assertEquals(Optional.of(SecretId.parse("docker/auth/hub/" + component)),
                Registries.id("docker/auth/hub", user));
    }

    @ParameterizedTest
    @ValueSource(strings = {"", "bob@example.com", "team+robot", "robot$ci", "a b", "a/b", "*", "**", "<other>"})
    void hasNoIdForAUserOutsideTheAlphabet(String user) {
        assertEquals(Optional.empty(), Registries.id("docker/auth/hub", user));
    }

    @Test
    void knowsWhichPatternsItMayHold() {
        assertTrue(Registries.mayHold(SecretPattern.parse("**")));
        assertTrue(Registries.mayHold(SecretPattern.parse("docker/auth/hub/alice")));
        assertTrue(Registries.mayHold(SecretPattern.parse("docker/auth/registry/*/bob")));
        assertFalse(Registries.mayHold(SecretPattern.parse("docker/auth/hub")));
        assertFalse(Registries.mayHold(SecretPattern.parse("docker/auth/registry/ghcr.io")));
        assertFalse(Registries.mayHold(SecretPattern.parse("myapp/**")));
    }

    @Test
    void prefersTheAddressDockerUses() {
        String hub = "https://index.docker.io/v1/";
        assertEquals(hub, Registries.better("docker.io", hub));
        assertEquals(hub, Registries.better(hub, "docker.io"));
        assertEquals("ghcr.io", Registries.better("https://ghcr.io", "ghcr.io"));
        assertEquals("ghcr.io", Registries.better("ghcr.io", "https://ghcr.io"));
    }

    @ParameterizedTest
    @CsvSource({"https://user:pw@host.example/path,host.example", "https://user:p/w?@host:5000,host:5000",
            "ssh://host/x?token=y,host", "https://[::1]:5000/,[::1]:5000"})
    void showsNothingButTheHost(String server, String shown) {
        assertEquals(shown, Registries.shown(server));
    }
}
