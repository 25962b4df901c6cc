package dev.secretsengine.dockerauth;

import static dev.secretsengine.dockerauth.DockerHome.auth;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.secretsengine.api.Configurable;
import dev.secretsengine.api.Envelope;
import dev.secretsengine.api.RequestContext;
import dev.secretsengine.api.SecretPattern;
import dev.secretsengine.api.SecretValue;
import dev.secretsengine.api.SecretsException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.FutureTask;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class DockerAuthProviderTest {

    private static final String HUB = "https://index.docker.io/v1/";

    @TempDir
    private Path folder;
    private DockerHome home;

    @BeforeEach
    void makeHome() throws Exception {
        home = new DockerHome(folder);
    }

    private record Folder(String config) implements Configurable.Values {

        @Override
        public String text(String setting) {
            return setting.equals("config") ? config : "";
        }

        @Override
        public Optional<SecretValue> secret(String setting) {
            return Optional.empty();
        }
    }

    @Test
    void prefersTheHelperOfARegistryToTheStoreAndTheStoreToConfigJson() throws Exception {
        home.helper("own", Map.of("ghcr.io", "alice=own", "quay.io", "alice=unasked"));
        home.helper("store", Map.of(HUB, "alice=store", "https://ghcr.io/v2/", "alice=store"));
        home.config("""
                {"credsStore":"store","credHelpers":{"ghcr.io":"own"},
                 "auths":{"docker.io":%s,"ghcr.io":%s,"quay.io":%s}}"""
                .formatted(auth("alice:plain"), auth("other:plain"), auth("alice:plain")));
        assertEquals(Map.of("docker/auth/hub/alice", "store", "docker/auth/registry/ghcr.io/alice", "own",
                "docker/auth/registry/quay.io/alice", "plain"), home.ask("docker/auth/**"));
    }

    @Test
    void takesAnEmptyHelperForConfigJson() throws Exception {
        home.helper("store", Map.of("ghcr.io", "alice=store", "quay.io", "alice=store"));
        home.config("""
                {"credsStore":"store","credHelpers":{"ghcr.io":""},"auths":{"ghcr.io":%s}}"""
                .formatted(auth("alice:plain")));
        assertEquals(Map.of("docker/auth/registry/ghcr.io/alice", "plain", "docker/auth/registry/quay.io/alice",
                "store"), home.ask("docker/auth/**"));
    }

    @Test
    void fetchesNoSecretButThoseAskedFor() throws Exception {
        home.helper("store", Map.of(HUB, "alice=1", "docker.io", "bob=2", "ghcr.io", "alice=3", "r:5000", "bob=4"));
        home.helper("own", Map.of("quay.io", "alice=5"));
        home.config("{\"credsStore\":\"store\",\"credHelpers\":{\"quay.io\":\"own\"}}");
        assertEquals(Map.of("docker/auth/registry/r:5000/bob", "4"), home.ask("docker/auth/registry/r:5000/bob"));
        assertEquals(List.of("store get r:5000", "store list"), home.calls());
        Files.delete(folder.resolve("calls"));
        assertEquals(Map.of(), home.ask("docker/auth/registry/quay.io/bob"));
        assertEquals(List.of("own list"), home.calls());
        Files.delete(folder.resolve("calls"));
        assertEquals(Map.of("docker/auth/registry/quay.io/alice", "5"), home.ask("docker/auth/registry/quay.io/*"));
        assertEquals(List.of("own get quay.io", "own list"), home.calls());
        Files.delete(folder.resolve("calls"));
        assertEquals(Map.of("docker/auth/hub/alice", "1", "docker/auth/hub/bob", "2"), home.ask("docker/auth/hub/*"));
        assertEquals(List.of("store get docker.io", "store get " + HUB, "store list"), home.calls());
        Files.delete(folder.resolve("calls"));
        assertEquals(Map.of(), home.ask("myapp/**"));
        assertEquals(List.of(), home.calls());
    }

    @Test
    void answersOneIdOnceAndFromTheAddressDockerUses() throws Exception {
        home.helper("store", Map.of("docker.io", "alice=old", HUB, "alice=new", "http://r/", "bob=old", "r",
                "bob=new"));
        home.config("{\"credsStore\":\"store\",\"auths\":{\"https://q\":%s,\"q\":%s}}".formatted(auth("a:old"),
                auth("a:new")));
        assertEquals(Map.of("docker/auth/hub/alice", "new", "docker/auth/registry/q/a", "new",
                "docker/auth/registry/r/bob", "new"), home.ask("**"));
        assertEquals(3, home.calls().size());
    }

    @Test
    void asksAHelperWithoutListForItsRegistry() throws Exception {
        home.helper("cloud", """
                if [ "$1" = list ]; then echo 'not implemented'; exit 1; fi
                [ "$(cat)" = r.example ] && echo '{"Username":"AWS","Secret":"s"}'""");
        home.config("{\"credHelpers\":{\"r.example\":\"cloud\"}}");
        assertEquals(Map.of("docker/auth/registry/r.example/AWS", "s"), home.ask("docker/auth/registry/*/AWS"));
        assertEquals(Map.of(), home.ask("docker/auth/registry/r.example/bob"));
    }

    @Test
    void believesTheUserThatComesWithTheSecret() throws Exception {
        home.helper("store", """
                [ "$1" = list ] && echo '{"r":"alice"}' || echo '{"Username":"bob","Secret":"of bob"}'""");
        home.config("{\"credsStore\":\"store\"}");
        assertEquals(Map.of(), home.ask("docker/auth/registry/r/alice"));
        assertEquals(Map.of("docker/auth/registry/r/bob", "of bob"), home.ask("docker/auth/registry/**"));
    }

    @Test
    void answersIdentityTokensAsToken() throws Exception {
        home.helper("store", Map.of("a.example", "\\u003ctoken\\u003e=t1"));
        home.config("""
                {"CREDSSTORE":"store","auths":{"b.example":{"auth":"Ym9iOg==","identitytoken":"t2"}}}""");
        assertEquals(Map.of("docker/auth/registry/a.example/token", "t1", "docker/auth/registry/b.example/token",
                "t2"), home.ask("docker/auth/**"));
    }

    @Test
    void leavesOutWhatHasNoIdAndLogsItsHostAlone() throws Exception {
        home.helper("store", Map.of(HUB + "access-token", "alice=canary1", "https://u:canary2@r/x", "alice=canary3",
                "r", "team+robot=canary4", "s", "alice=5"));
        home.config("{\"credsStore\":\"store\"}");
        try (LogLines log = new LogLines()) {
            assertEquals(Map.of("docker/auth/registry/s/alice", "5"), home.ask("docker/auth/**"));
            assertEquals(List.of("INFO A credential of index.docker.io has no ID: its address cannot be part of one",
                    "INFO A credential of r has no ID: its address cannot be part of one",
                    "INFO A credential of r has no ID: its user name cannot be part of one"),
                    log.lines().stream().sorted().toList());
            assertEquals(Map.of("docker/auth/registry/s/alice", "5"), home.ask("docker/auth/registry/s/alice"));
            assertEquals(3, log.lines().size());
        }
        assertFalse(home.calls().stream().anyMatch(call -> call.endsWith("access-token")));
    }

    @Test
    void answersNothingWithoutConfiguration() throws Exception {
        assertEquals(Map.of(), home.ask("**"));
        for (String nothing : List.of("", " \n", "{}", "null", "{\"auths\":null,\"credsStore\":\"\"}",
                "{\"auths\":{\"ghcr.io\":{},\"quay.io\":null}}")) {
            home.config(nothing);
            assertEquals(Map.of(), home.ask("**"), nothing);
        }
    }

    @Test
    void answersWhatItHasWhenOneHelperFails() throws Exception {
        home.helper("good", Map.of("a", "alice=1"));
        home.helper("bad", "echo canary; exit 1");
        home.config("""
                {"credsStore":"bad","credHelpers":{"a":"good","b":"bad","c":"missing"},"auths":{"d":%s}}"""
                .formatted(auth("alice:2")));
        try (LogLines log = new LogLines()) {
            assertEquals(Map.of("docker/auth/registry/a/alice", "1", "docker/auth/registry/d/alice", "2"),
                    home.ask("docker/auth/**"));
            assertTrue(log.lines().stream().anyMatch(line -> line.startsWith("WARNING")
                    && line.contains("docker-credential-missing is not on PATH")), log.lines().toString());
            assertFalse(log.lines().toString().contains("canary"));
        }
    }

    @Test
    void failsWhenNothingMatchedAndAHelperFailed() throws Exception {
        home.helper("good", Map.of("a", "alice=1"));
        home.helper("bad", "exit 1");
        home.config("{\"credsStore\":\"bad\",\"credHelpers\":{\"a\":\"good\",\"b\":\"missing\"}}");
        assertThrows(SecretsException.Unavailable.class, () -> home.ask("docker/auth/registry/e/alice"));
        SecretsException failure = assertThrows(SecretsException.Unavailable.class,
                () -> home.ask("docker/auth/registry/b/alice"));
        assertTrue(failure.advice().contains("docker-credential-missing is not on PATH"), failure.advice());
        assertEquals(Map.of(), home.ask("docker/auth/registry/a/bob"), "the failing helpers have no say here");
    }

    @Test
    void answersWhatItHasBeforeTheDeadlineWhenHelpersHang() throws Exception {
        home.helper("good", Map.of("a", "alice=1"));
        home.helper("store", Map.of("b", "alice=2"));
        StringBuilder hanging = new StringBuilder();
        for (int i = 0; i < 6; i++) {
            home.helper("hang" + i, "exec sleep 60");
            hanging.append("\"h").append(i).append("\":\"hang").append(i).append("\",");
        }
        home.config("{\"credsStore\":\"store\",\"credHelpers\":{%s\"a\":\"good\"},\"auths\":{\"d\":%s}}"
                .formatted(hanging, auth("alice:3")));
        RequestContext context = RequestContext.of(Duration.ofSeconds(8));
        try (LogLines log = new LogLines()) {
            assertEquals(Map.of("docker/auth/registry/a/alice", "1", "docker/auth/registry/b/alice", "2",
                    "docker/auth/registry/d/alice", "3"),
                    DockerHome.values(home.provider(), "docker/auth/**", context));
            assertFalse(context.isOver());
            assertTrue(log.lines().contains("WARNING Not all of Docker's credentials: credential helper"
                    + " docker-credential-hang5 did not answer in time: try again, or see what it waits for"),
                    log.lines().toString());
        }
    }

    @Test
    void answersTheOtherSecretsOfAHelperThatHangsOnOne() throws Exception {
        home.helper("store", """
                [ "$1" = list ] && exec printf '{"a":"u","b":"u","c":"u"}'
                url=$(cat); [ $url = b ] && exec sleep 60
                printf '{"Username":"u","Secret":"of %s"}' $url""");
        home.config("{\"credsStore\":\"store\"}");
        assertEquals(Map.of("docker/auth/registry/a/u", "of a", "docker/auth/registry/c/u", "of c"),
                DockerHome.values(home.provider(), "docker/auth/**", RequestContext.of(Duration.ofSeconds(8))));
    }

    @Test
    void leavesTimeForTheSecretOfAHelperWhoseListHangs() throws Exception {
        home.helper("own", """
                [ "$1" = list ] && exec sleep 60
                echo '{"Username":"u","Secret":"s"}'""");
        home.config("{\"credHelpers\":{\"a\":\"own\"}}");
        assertEquals(Map.of("docker/auth/registry/a/u", "s"), DockerHome.values(home.provider(),
                "docker/auth/registry/a/u", RequestContext.of(Duration.ofSeconds(8))));
    }

    @Test
    void namesTheHelperThatHangsBeforeTheDeadline() throws Exception {
        home.helper("store", "exec sleep 60");
        home.config("{\"credsStore\":\"store\"}");
        RequestContext context = RequestContext.of(Duration.ofSeconds(5));
        SecretsException failure = assertThrows(SecretsException.Unavailable.class,
                () -> DockerHome.values(home.provider(), "docker/auth/hub/alice", context));
        assertFalse(context.isOver());
        assertEquals("credential helper docker-credential-store did not answer in time", failure.getMessage());
    }

    @Test
    void leavesNoThreadBehind() throws Exception {
        home.helper("store", Map.of("a", "u=1", "b", "u=2", "c", "u=3", "d", "u=4", "e", "u=5", "f", "u=6"));
        home.config("{\"credsStore\":\"store\"}");
        assertEquals(6, home.ask("docker/auth/**").size());
        // A pool that is closed may have a thread on its way out.
        long patience = System.nanoTime() + Duration.ofSeconds(10).toNanos();
        while (!threads().isEmpty() && System.nanoTime() < patience) {
            Thread.sleep(5);
        }
        assertEquals(List.of(), threads());
    }

    private static List<String> threads() {
        return Thread.getAllStackTraces().keySet().stream().map(Thread::getName)
                .filter(name -> name.startsWith("docker-auth")).toList();
    }

    @Test
    void comesBackWhenTheCallerIsInterrupted() throws Exception {
        home.helper("store", "echo $$ >$H/pid; exec sleep 60");
        home.helper("own", "exec sleep 60");
        home.config("{\"credsStore\":\"store\",\"credHelpers\":{\"a\":\"own\"}}");
        for (String asked : List.of("docker/auth/hub/alice", "docker/auth/**")) {
            FutureTask<Boolean> lookup = new FutureTask<>(() -> {
                assertThrows(SecretsException.Unavailable.class, () -> home.ask(asked));
                return Thread.currentThread().isInterrupted();
            });
            Thread caller = Thread.ofPlatform().start(lookup);
            while (!Files.exists(folder.resolve("pid"))) {
                Thread.sleep(10);
            }
            caller.interrupt();
            assertTrue(lookup.get(10, TimeUnit.SECONDS));
            Files.delete(folder.resolve("pid"));
        }
    }

    @Test
    void namesTheDamagedEntryThatWasAskedFor() throws Exception {
        home.config("{\"auths\":{\"a\":{\"auth\":\"%%%%\"},\"b\":%s}}".formatted(auth("u:1")));
        assertEquals(Map.of("docker/auth/registry/b/u", "1"), home.ask("docker/auth/**"));
        assertEquals(Map.of(), home.ask("docker/auth/registry/b/other"));
        SecretsException failure = assertThrows(SecretsException.Invalid.class,
                () -> home.ask("docker/auth/registry/a/u"));
        assertEquals("the entry of a in " + folder.resolve(".docker/config.json") + " is damaged: run docker login for"
                + " that registry again", failure.advice());
    }

    @Test
    void tellsUserServerAndSource() throws Exception {
        home.helper("store", Map.of(HUB, "alice=1"));
        home.config("{\"credsStore\":\"store\",\"auths\":{\"https://r\":%s}}".formatted(auth("bob:2:3")));
        RequestContext context = RequestContext.of(Duration.ofSeconds(20));
        List<Envelope> answer = home.provider().getSecrets(SecretPattern.parse("docker/auth/**"), context);
        assertEquals(Map.of("username", "alice", "server", HUB, "source", "docker-credential-store"),
                answer.get(0).metadata());
        assertEquals(Map.of("username", "bob", "server", "https://r", "source", "config.json"),
                answer.get(1).metadata());
        assertEquals(Map.of("docker/auth/registry/r/bob", "2:3"), home.ask("docker/auth/registry/**"));
        answer.forEach(Envelope::close);
    }

    @Test
    void readsTheConfigurationOfTheCallerUnlessOneIsSet() throws Exception {
        home.config("{\"auths\":{\"r\":%s}}".formatted(auth("u:engine")));
        Path callers = Files.createDirectories(folder.resolve("callers/.docker"));
        Files.writeString(callers.resolve("config.json"), "{\"auths\":{\"r\":%s}}".formatted(auth("u:caller")));
        Path named = Files.createDirectories(folder.resolve("named"));
        Files.writeString(named.resolve("config.json"), "{\"auths\":{\"r\":%s}}".formatted(auth("u:named")));
        DockerAuthProvider provider = home.provider();
        Map<String, String> caller = Map.of("HOME", folder.resolve("callers").toString());
        Map<String, String> naming = Map.of("HOME", caller.get("HOME"), "DOCKER_CONFIG", named.toString());
        assertEquals("engine", value(provider, Map.of()));
        assertEquals("engine", value(provider, Map.of("DOCKER_CONFIG", "")));
        assertEquals("caller", value(provider, caller));
        assertEquals("named", value(provider, naming));
        provider.configure(new Folder(folder.resolve(".docker").toString()));
        assertEquals("engine", value(provider, naming));
        provider.configure(new Folder(""));
        assertEquals("named", value(provider, naming));
    }

    private static String value(DockerAuthProvider provider, Map<String, String> caller) throws SecretsException {
        return DockerHome.values(provider, "docker/auth/registry/r/u", caller).get("docker/auth/registry/r/u");
    }

    @Test
    void refusesAFolderThatDependsOnAWorkingDirectory() {
        DockerAuthProvider provider = home.provider();
        SecretsException caller = assertThrows(SecretsException.Invalid.class,
                () -> DockerHome.values(provider, "docker/auth/**", Map.of("DOCKER_CONFIG", "conf")));
        assertEquals("DOCKER_CONFIG is not an absolute path", caller.getMessage());
        SecretsException setting = assertThrows(SecretsException.Invalid.class,
                () -> provider.configure(new Folder("~/x")));
        assertEquals("the setting config of docker-auth is not an absolute path", setting.getMessage());
    }

    @Test
    void declaresItsSetting() {
        assertEquals(List.of("config"), home.provider().settings().stream().map(setting -> setting.name()).toList());
        assertEquals("", home.provider().settings().get(0).defaultValue());
    }
}
