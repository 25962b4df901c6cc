package dev.secretsengine.keychain;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.secretsengine.api.Configurable;
import dev.secretsengine.api.Envelope;
import dev.secretsengine.api.LocalStore;
import dev.secretsengine.api.LocalStore.State;
import dev.secretsengine.api.SecretId;
import dev.secretsengine.api.SecretInfo;
import dev.secretsengine.api.SecretPattern;
import dev.secretsengine.api.SecretValue;
import dev.secretsengine.api.SecretsException;
import dev.secretsengine.api.SecretsProvider;
import dev.secretsengine.api.Setting;
import dev.secretsengine.api.contract.LocalStoreContract;
import dev.secretsengine.api.contract.Situation;
import dev.secretsengine.keychain.linux.Keyring;
import dev.secretsengine.keychain.linux.SecretService;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** The store's contract on a real gnome-keyring. Every test has a service group of its own. */
class KeychainStoreTest extends LocalStoreContract {

    private static Keyring keyring;
    private static SecretService service;
    private static int tests;

    private final List<AutoCloseable> closing = new ArrayList<>();
    private String group;
    private KeychainStore store;

    @BeforeAll
    static void start() throws Exception {
        keyring = Keyring.unlocked();
        service = new SecretService(keyring.environment());
    }

    @AfterAll
    static void stop() throws Exception {
        service.close();
        keyring.close();
    }

    @BeforeEach
    void isolate() throws Exception {
        group = "test-" + tests++;
        store = store(service, group);
    }

    private static KeychainStore store(SecretService service, String group) throws Exception {
        KeychainStore made = new KeychainStore(service);
        made.configure(values(Map.of("group", group, "name", "docker-pass-cli")));
        return made;
    }

    @Override
    protected LocalStore store() {
        return store;
    }

    @Override
    protected SecretsProvider restarted() throws Exception {
        SecretService next = new SecretService(keyring.environment());
        closing.add(next::close);
        return store(next, group);
    }

    @Override
    protected Situation unavailable() throws Exception {
        set("a", "1");
        keyring.stopDaemon();
        return Situation.of(store, "a").endedBy(keyring::startUnlocked);
    }

    @Override
    protected Situation hanging() throws Exception {
        Keyring frozen = Keyring.unlocked();
        closing.add(frozen::close);
        SecretService asleep = new SecretService(frozen.environment());
        closing.add(asleep::close);
        KeychainStore hanging = store(asleep, group);
        assertEquals(State.READY, hanging.probe(context()).state());
        frozen.freezeBus();
        return Situation.of(hanging, "a");
    }

    @AfterEach
    void closeOthers() throws Exception {
        for (AutoCloseable other : closing.reversed()) {
            other.close();
        }
    }

    @Test
    void declaresWhereItemsLie() {
        assertEquals(List.of("com.docker.pass.shared", "docker-pass-cli"),
                store.settings().stream().map(Setting::defaultValue).toList());
        assertEquals(List.of("group", "name"), store.settings().stream().map(Setting::name).toList());
    }

    @Test
    void refusesAnEmptySetting() {
        assertThrows(SecretsException.Invalid.class,
                () -> store.configure(values(Map.of("group", " ", "name", "docker-pass-cli"))));
    }

    @Test
    void seesOnlyTheItemsOfItsGroup() throws Exception {
        set("one", "1");
        store.configure(values(Map.of("group", "another", "name", "docker-pass-cli")));
        assertEquals(Optional.empty(), store.get(SecretId.parse("one"), context()));
        assertEquals(List.of(), store.list(SecretPattern.parse("**"), context()));
    }

    @Test
    void isReadyWhenTheKeyringIsUnlocked() {
        assertEquals(new LocalStore.Probe(LocalStore.State.READY, ""), store.probe(context()));
    }

    @Test
    void tellsWhenAnItemWasStored() throws Exception {
        Instant before = Instant.now().minus(Duration.ofSeconds(2));
        set("timed", "1");
        SecretInfo info = store.describe(SecretId.parse("timed"), context()).orElseThrow();
        assertNotNull(info.createdAt());
        assertNotNull(info.modifiedAt());
        assertTrue(info.createdAt().isAfter(before) && info.createdAt().isBefore(Instant.now().plusSeconds(2)));
        assertFalse(info.modifiedAt().isBefore(info.createdAt()));
        try (Envelope envelope = store.get(SecretId.parse("timed"), context()).orElseThrow()) {
            assertEquals(info.modifiedAt(), envelope.createdAt());
        }
    }

    @Test
    void answersMoreSecretsThanFitIntoOneRequest() throws Exception {
        for (int i = 0; i < 150; i++) {
            set("bulk/" + i, "value " + i);
        }
        List<Envelope> all = store.getSecrets(SecretPattern.parse("bulk/*"), context());
        assertEquals(150, all.size());
        for (Envelope envelope : all) {
            try (envelope) {
                String number = envelope.id().components().get(1);
                assertArrayEquals(("value " + number).getBytes(StandardCharsets.UTF_8), envelope.value().copyBytes());
            }
        }
    }

    @Test
    void refusesMetadataThatNoKeychainCanHold() throws Exception {
        try (SecretValue value = SecretValue.copyOf(new byte[]{1})) {
            assertThrows(SecretsException.Invalid.class,
                    () -> store.set(SecretId.parse("nul"), value, Map.of("key", "a\0b"), context()));
        }
        assertEquals(Optional.empty(), store.describe(SecretId.parse("nul"), context()));
    }

    private void set(String id, String text) throws Exception {
        try (SecretValue value = SecretValue.wrap(text.getBytes(StandardCharsets.UTF_8))) {
            store.set(SecretId.parse(id), value, Map.of(), context());
        }
    }

    private static Configurable.Values values(Map<String, String> texts) {
        return new Configurable.Values() {
            @Override
            public String text(String setting) {
                return texts.get(setting);
            }

            @Override
            public Optional<SecretValue> secret(String setting) {
                return Optional.empty();
            }
        };
    }
}
