package dev.secretsengine.onepassword;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.secretsengine.api.SecretsException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** How often {@code op} is called, with which arguments and which environment. */
class OpCallsTest {

    private static final String LIST = "item list --format json";
    private static final String GET_API = "item get " + Vaults.API + " --vault " + Vaults.WORK + " --format json";
    private static final String GET_GITHUB = "item get " + Vaults.GITHUB + " --vault " + Vaults.WORK + " --format json";

    @TempDir
    private Path folder;
    private FakeOp op;
    private Map<String, String> caller;
    private final ExecutorService pool = Executors.newCachedThreadPool();
    private final List<OnePasswordProvider> open = new ArrayList<>();

    @BeforeEach
    void install() throws IOException {
        op = new FakeOp(folder, Vaults.usual());
        caller = Map.of("PATH", op.bin().toString(), "HOME", "/home/alice", "XDG_RUNTIME_DIR", "/run/user/7",
                "DOCKER_CONFIG", "/home/alice/.docker", "DBUS_SESSION_BUS_ADDRESS", "unix:path=/bus");
    }

    @AfterEach
    void close() {
        pool.shutdownNow();
        open.forEach(OnePasswordProvider::close);
    }

    private OnePasswordProvider provider(Given given) throws SecretsException {
        OnePasswordProvider provider = given.provider();
        open.add(provider);
        return provider;
    }

    private String value(OnePasswordProvider provider, String id) throws SecretsException {
        return Given.ask(provider, id, caller).get(id);
    }

    /** An engine whose environment has what must not get to op. */
    private static Given crowded(Given given) {
        return given.engine("PATH", "/usr/bin").engine("HOME", "/root").engine("XDG_CONFIG_HOME", "/home/alice/.cfg")
                .engine("https_proxy", "http://proxy:1").engine("NO_PROXY", "localhost")
                .engine("OP_CONNECT_HOST", "http://other").engine("OP_CONNECT_TOKEN", "other")
                .engine("OP_SERVICE_ACCOUNT_TOKEN", "other").engine("OP_SESSION_my", "other")
                .engine("LD_PRELOAD", "/x.so").engine("LANG", "C.UTF-8");
    }

    @Test
    void theUsersOpSeesTheseVariablesAndNoOthers() throws Exception {
        assertEquals("key-123", value(provider(crowded(Given.cli())), "work-eu/api-key"));
        assertEquals(List.of("HOME=/home/alice", "NO_PROXY=localhost", "PATH=" + op.bin(),
                "XDG_CONFIG_HOME=/home/alice/.cfg", "XDG_RUNTIME_DIR=/run/user/7", "https_proxy=http://proxy:1"),
                op.environment());
        assertEquals(List.of(LIST, GET_API), op.calls());
    }

    @Test
    void aTokenIsInTheEnvironmentAndNowhereElse() throws Exception {
        OnePasswordProvider provider = provider(crowded(Given.sdk()).set("proxy", "http://own:3128"));
        assertEquals("key-123", value(provider, "work-eu/api-key"));
        assertEquals(List.of("HOME=/home/alice", "HTTPS_PROXY=http://own:3128", "HTTP_PROXY=http://own:3128",
                "NO_PROXY=localhost", "OP_SERVICE_ACCOUNT_TOKEN=" + Given.TOKEN, "PATH=" + op.bin(),
                "XDG_CONFIG_HOME=/home/alice/.cfg", "XDG_RUNTIME_DIR=/run/user/7", "https_proxy=http://proxy:1"),
                op.environment());
        assertEquals(List.of(LIST, GET_API), op.calls());
    }

    @Test
    void anAccountIsNamedIfThereAreSeveral() throws Exception {
        assertEquals("key-123", value(provider(Given.cli().set("account", "my.1password.com")), "work-eu/api-key"));
        assertEquals(List.of(LIST + " --account my.1password.com", GET_API + " --account my.1password.com"),
                op.calls());
    }

    @Test
    void whatCannotBeAnItemCostsNoCall() throws Exception {
        OnePasswordProvider provider = provider(Given.cli());
        for (String asked : List.of("GH_TOKEN", "a/b/c/d/e", "docker/auth/hub/**", "no-realm/of/yours/at/*")) {
            assertEquals(Map.of(), Given.ask(provider, asked, caller), asked);
        }
        assertEquals(List.of(), op.calls());
        assertEquals(0, provider.hits() + provider.misses());
    }

    @Test
    void namesAreRememberedAndValuesAreNot() throws Exception {
        OnePasswordProvider provider = provider(Given.cli());
        assertEquals("key-123", value(provider, "work-eu/api-key"));
        assertEquals("key-123", value(provider, "work-eu/api-key"));
        assertEquals(List.of(LIST, GET_API, GET_API), op.calls());
        assertEquals(Map.of(), Given.ask(provider, "work-eu/unknown", caller));
        assertEquals(3, op.calls().size(), "a list this new is the last word on what there is");
        assertEquals(List.of(1L, 2L), List.of(provider.hits(), provider.misses()));
    }

    @Test
    void aLookupThatNeedsNothingNewCostsNoCall() throws Exception {
        OnePasswordProvider provider = provider(Given.cli().set("cache", "5m"));
        for (int i = 0; i < 3; i++) {
            assertEquals("key-123", value(provider, "work-eu/api-key"));
            assertEquals("bot", value(provider, "work-eu/api-key/username"), "another field of the same item");
        }
        assertEquals(List.of(LIST, GET_API), op.calls());
        assertEquals(List.of(5L, 1L), List.of(provider.hits(), provider.misses()));
        provider.forget();
        assertEquals("key-123", value(provider, "work-eu/api-key"));
        assertEquals(4, op.calls().size());
    }

    @Test
    void nothingIsRememberedIfThatIsWhatTheUserWants() throws Exception {
        OnePasswordProvider provider = provider(Given.cli().set("names", "0"));
        assertEquals("key-123", value(provider, "work-eu/api-key"));
        assertEquals(Map.of(), Given.ask(provider, "work-eu/unknown", caller));
        assertEquals(List.of(LIST, GET_API, LIST), op.calls());
    }

    @Test
    void anItemThatIsGoneIsAMissForAWhile() throws Exception {
        OnePasswordProvider provider = provider(Given.cli());
        op.remove(Vaults.WORK, Vaults.API);
        for (int i = 0; i < 3; i++) {
            assertEquals(Map.of(), Given.ask(provider, "work-eu/api-key", caller));
        }
        assertEquals(List.of(LIST, GET_API, LIST), op.calls(), "one more list, which has it still, is enough");
    }

    @Test
    void equalLookupsAtOnceShareTheirCalls() throws Exception {
        OnePasswordProvider provider = provider(Given.cli());
        op.holding();
        List<Future<String>> answers = new ArrayList<>();
        for (int i = 0; i < 16; i++) {
            answers.add(pool.submit(() -> value(provider, "work-eu/api-key")));
        }
        eventually(() -> op.calls().size() == 1 && inside("RemoteCache") == 16);
        op.well();
        for (Future<String> answer : answers) {
            assertEquals("key-123", answer.get());
        }
        long gets = op.calls().stream().filter(GET_API::equals).count();
        assertEquals(1, op.calls().stream().filter(LIST::equals).count());
        // Those that were the last to get the names may have come too late for the first call.
        assertTrue(gets < 16, "calls: " + gets);
    }

    /** How many threads wait in a class. */
    private static long inside(String type) {
        return Thread.getAllStackTraces().values().stream().filter(stack -> List.of(stack).stream()
                .anyMatch(frame -> frame.getClassName().endsWith("." + type) && frame.getMethodName().equals("await")))
                .count();
    }

    /** Something that becomes true. */
    private interface Condition {

        boolean holds() throws Exception;
    }

    private static void eventually(Condition condition) throws Exception {
        long patience = System.nanoTime() + 10_000_000_000L;
        while (!condition.holds() && System.nanoTime() < patience) {
            Thread.sleep(5);
        }
        assertTrue(condition.holds());
    }

    /** Lookups of users who are not the same to op, and do not share a call. */
    private List<Future<String>> lookups(OnePasswordProvider provider, int count) {
        List<Future<String>> answers = new ArrayList<>();
        for (int i = 0; i < count; i++) {
            Map<String, String> home = Map.of("PATH", op.bin().toString(), "HOME", "/home/" + i);
            answers.add(
                    pool.submit(() -> Given.ask(provider, "work-eu/api-key", home).get("work-eu/api-key")));
        }
        return answers;
    }

    @Test
    void thereIsOnePromptWhileNobodyHasAuthorizedAnything() throws Exception {
        OnePasswordProvider provider = provider(Given.cli());
        op.holding();
        List<Future<String>> answers = lookups(provider, 6);
        eventually(() -> op.calls().size() == 1 && callThreads() == 6);
        assertEquals(List.of(LIST), op.calls(), "the others wait");
        op.well();
        for (Future<String> answer : answers) {
            assertEquals("key-123", answer.get());
        }
        assertEquals(12, op.calls().size());
        assertEquals("1", op.concurrent().getFirst());
        assertTrue(op.concurrent().stream().allMatch(count -> Integer.parseInt(count) <= 4), "a few at a time");
    }

    private static long callThreads() {
        return Thread.getAllStackTraces().keySet().stream().filter(thread -> thread.getName().endsWith("-call"))
                .count();
    }

    @Test
    void whoeverWaitedForADismissedPromptIsNotPromptedAgain() throws Exception {
        OnePasswordProvider provider = provider(Given.cli());
        op.holding().failing("error initializing client: authorization prompt dismissed, please try again");
        List<Future<String>> answers = lookups(provider, 6);
        eventually(() -> op.calls().size() == 1 && callThreads() == 6);
        Files.delete(folder.resolve("hold"));
        for (Future<String> answer : answers) {
            SecretsException failure = (SecretsException) assertThrows(ExecutionException.class, answer::get)
                    .getCause();
            assertEquals(SecretsException.Denied.class, failure.getClass());
            assertTrue(failure.isFatal());
        }
        assertEquals(1, op.calls().size());
        op.well();
        assertEquals("key-123", value(provider, "work-eu/api-key"), "enabled again, it asks again");
    }

    @Test
    void aRateLimitIsHonouredWithoutACall() throws Exception {
        OnePasswordProvider provider = provider(Given.sdk().set("cache", "5m"));
        assertEquals("key-123", value(provider, "work-eu/api-key"));
        op.failing("error initializing client: (429) Too Many Requests: quota exceeded, retry in 58 minutes");
        for (int i = 0; i < 3; i++) {
            SecretsException failure = assertThrows(SecretsException.Unavailable.class,
                    () -> value(provider, "work-eu/github-_-co"));
            assertEquals("1Password was asked too often and wants to be left alone: try again in 58 minutes",
                    failure.advice());
            assertFalse(failure.isFatal());
        }
        assertEquals(List.of(LIST, GET_API, GET_GITHUB), op.calls());
        assertEquals("key-123", value(provider, "work-eu/api-key"), "what is remembered is answered");
    }

    @Test
    void opIsTakenFromTheCallersPathThenFromTheEngines() throws Exception {
        assertEquals("key-123", value(provider(Given.cli().engine("PATH", "/nonexistent")), "work-eu/api-key"));
        caller = Map.of("PATH", "relative:/nonexistent");
        assertEquals("key-123",
                value(provider(Given.cli().engine("PATH", op.bin().toString())), "work-eu/api-key"));
        assertEquals("key-123", value(provider(Given.cli().set("op", op.program().toString())), "work-eu/api-key"));
    }

    @Test
    void withoutOpThePluginStops() throws Exception {
        caller = Map.of("PATH", "/nonexistent");
        SecretsException failure = assertThrows(SecretsException.Unavailable.class,
                () -> value(provider(Given.cli()), "work-eu/api-key"));
        assertEquals("the 1Password CLI, op, is not on PATH: install it, or set plugins.1password-cli.op; then docker "
                + "pass plugins enable 1password-cli", failure.advice());
        assertTrue(failure.isFatal());
        failure = assertThrows(SecretsException.Unavailable.class,
                () -> value(provider(Given.sdk().set("op", "/nonexistent/op")), "work-eu/api-key"));
        assertTrue(failure.isFatal() && failure.advice().startsWith("there is no program at /nonexistent/op"));
    }

    @Test
    void aCheckTriesTheTokenAndLeavesNothingBehind() throws Exception {
        OnePasswordProvider provider = Given.sdk().unconfigured();
        provider.check(Given.sdk(), Given.context(caller));
        assertEquals(List.of("vault list --format json"), op.calls());
        op.failing("You are not currently signed in. Please run `op signin --help` for instructions");
        SecretsException failure = assertThrows(SecretsException.Denied.class,
                () -> provider.check(Given.sdk(), Given.context(caller)));
        assertEquals("1Password does not accept the service account's token: docker pass plugins 1password setup takes "
                + "a new one", failure.advice());
        assertThrows(SecretsException.Unavailable.class, () -> value(provider, "work-eu/api-key"), "not set up");
    }

    @Test
    void afterCloseNothingIsAnswered() throws Exception {
        OnePasswordProvider provider = provider(Given.sdk().set("cache", "5m"));
        value(provider, "work-eu/api-key");
        provider.close();
        assertThrows(SecretsException.Unavailable.class, () -> value(provider, "work-eu/api-key"));
        provider.configure(Given.sdk());
        assertThrows(SecretsException.Unavailable.class, () -> value(provider, "work-eu/api-key"));
        eventually(() -> Thread.getAllStackTraces().keySet().stream()
                .noneMatch(thread -> thread.getName().startsWith("1password")));
    }
}
