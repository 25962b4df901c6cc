package dev.secretsengine.dockerauth;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.secretsengine.api.SecretValue;
import dev.secretsengine.api.SecretsException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class DockerConfigTest {

    private static final String CANARY = "canary-9d2e4a";

    @TempDir
    private Path folder;

    private DockerConfig read(String json) throws Exception {
        Path file = folder.resolve("config.json");
        Files.writeString(file, json);
        return DockerConfig.read(file);
    }

    private static String secret(Credential credential) {
        return new String(credential.secret().copyBytes(), StandardCharsets.UTF_8);
    }

    @Test
    void readsAFileAsDockerWritesIt() throws Exception {
        try (DockerConfig config = read("""
                {
                	"auths": {
                		"https://index.docker.io/v1/": {},
                		"registry:5000": {
                			"auth": "Ym9iOnAlOiDDqQ=="
                		}
                	},
                	"HttpHeaders": {"User-Agent": "Docker-Client/25 (linux)"},
                	"psFormat": "table {{.ID}}\\t{{.Names}}",
                	"credsStore": "secretservice",
                	"credHelpers": {"ghcr.io": "pass", "quay.io": ""},
                	"plugins": {"x": {"hooks": "run"}},
                	"experimental": "enabled"
                }
                """)) {
            assertEquals("secretservice", config.credsStore());
            assertEquals(Map.of("ghcr.io", "pass", "quay.io", ""), config.credHelpers());
            assertEquals(Set.of("registry:5000"), config.auths().keySet());
            Credential credential = config.auths().get("registry:5000");
            assertEquals("bob", credential.username());
            assertEquals("p%: \u00e9", secret(credential));
            assertEquals("config.json", credential.source());
        }
    }

    @Test
    void readsEveryFormOfAnEntry() throws Exception {
        try (DockerConfig config = read("""
                {"auths":{
                  "fields":{"username":"u","password":"p","email":"e"},
                  "both":{"username":"x","password":"y","auth":"dTpw"},
                  "token":{"auth":"dTpw","identitytoken":"t"},
                  "no password":{"auth":"dTo="},
                  "twice":{"auth":"dTpw"}, "twice":{"auth":"djpx"}
                }}""")) {
            assertEquals(Set.of("fields", "both", "token", "twice"), config.auths().keySet());
            assertEquals("u p", both(config, "fields"));
            assertEquals("u p", both(config, "both"));
            assertEquals("<token> t", both(config, "token"));
            assertEquals("v q", both(config, "twice"));
            assertEquals(Set.of(), config.broken());
        }
    }

    private static String both(DockerConfig config, String server) {
        return config.auths().get(server).username() + " " + secret(config.auths().get(server));
    }

    @Test
    void setsAsideEntriesThatMakeNoSense() throws Exception {
        try (DockerConfig config = read(
                """
                        {"auths":{"a":{"auth":"%%%"},"b":{"auth":"bm9jb2xvbg=="},"c":{"auth":"OnA="},"d":{"auth":"dTpw"}}}""")) {
            assertEquals(Set.of("a", "b", "c"), config.broken());
            assertEquals(Set.of("d"), config.auths().keySet());
        }
    }

    @Test
    void wipesItsSecretsOnClose() throws Exception {
        DockerConfig config = read("{\"auths\":{\"a\":{\"auth\":\"dTpw\"}}}");
        SecretValue secret = config.auths().get("a").secret();
        config.close();
        assertThrows(IllegalStateException.class, secret::copyBytes);
    }

    @ParameterizedTest
    @ValueSource(strings = {"canary-9d2e4a", "{\"auths\":{\"h\":{\"password\":\"canary-9d2e4a", "{\"auths\":[]}",
            "{\"credsStore\":1}", "{\"auths\":{\"h\":{\"password\":canary-9d2e4a}}}", "[]", "\"canary-9d2e4a\""})
    void namesABrokenFileAndNoneOfItsContent(String json) {
        SecretsException failure = assertThrows(SecretsException.Invalid.class, () -> read(json));
        String start = folder.resolve("config.json") + " is not a Docker configuration: malformed at byte ";
        assertTrue(failure.getMessage().startsWith(start), failure.getMessage());
        assertFalse(failure.advice().contains(CANARY));
    }

    @Test
    void refusesWhatIsNoFileOrTooLarge() throws Exception {
        Files.createDirectories(folder.resolve("folder/config.json"));
        SecretsException failure = assertThrows(SecretsException.Invalid.class,
                () -> DockerConfig.read(folder.resolve("folder/config.json")));
        assertTrue(failure.getMessage().endsWith("config.json is not a Docker configuration: not a file"));
        failure = assertThrows(SecretsException.Invalid.class, () -> read(" ".repeat((4 << 20) + 1)));
        assertTrue(failure.getMessage().endsWith("larger than 4 MiB"));
        assertEquals("", read(" ".repeat(4 << 20)).credsStore());
    }
}
