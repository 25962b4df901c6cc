package dev.secretsengine.onepassword;

import dev.secretsengine.api.SecretsProvider;
import dev.secretsengine.api.contract.SecretsProviderContract;
import dev.secretsengine.api.contract.Situation;
import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.io.TempDir;

/** What both plugins have in common, by {@code op}. */
abstract class OpContract extends SecretsProviderContract {

    @TempDir
    private Path folder;
    private FakeOp op;
    private final List<OnePasswordProvider> open = new ArrayList<>();

    /** The plugin's settings, without the path of {@code op}. */
    abstract Given given();

    FakeOp op() throws Exception {
        if (op == null) {
            op = new FakeOp(folder, Vaults.usual());
        }
        return op;
    }

    OnePasswordProvider made() throws Exception {
        OnePasswordProvider provider = given().set("op", op().program().toString()).provider();
        open.add(provider);
        return provider;
    }

    @AfterEach
    void close() {
        open.forEach(OnePasswordProvider::close);
    }

    @Override
    protected SecretsProvider provider() throws Exception {
        return made();
    }

    @Override
    protected SecretsProvider restarted() throws Exception {
        close();
        return made();
    }

    @Override
    protected Map<String, byte[]> holds() {
        return secrets();
    }

    /** Those of the usual vaults that need no field, and one that does. */
    static Map<String, byte[]> secrets() {
        return Map.of("work-eu/github-_-co", bytes("gh-\u00e9\"\\-pw"), "work-eu/api-key", bytes("key-123"),
                "home/db/read-only/token", bytes("ro-token"));
    }

    private static byte[] bytes(String text) {
        return text.getBytes(StandardCharsets.UTF_8);
    }

    /** Fields are not listed by {@code **}. */
    @Override
    protected Set<String> listed() {
        Set<String> listed = new HashSet<>(holds().keySet());
        listed.remove("home/db/read-only/token");
        return listed;
    }

    @Override
    protected String pattern() {
        return "**";
    }

    /** The value as text, if it is one. */
    static Optional<String> text(byte[] value) {
        try {
            return Optional.of(StandardCharsets.UTF_8.newDecoder().decode(ByteBuffer.wrap(value)).toString());
        } catch (CharacterCodingException e) {
            return Optional.empty();
        }
    }

    static final String NO_BYTES = "a field of 1Password is text, and a file is no field";

    @Override
    protected Situation holding(byte[] value) throws Exception {
        Optional<String> text = text(value);
        if (text.isEmpty()) {
            return Situation.impossible(NO_BYTES);
        }
        op().vaults().add("itemnewggggggggggggggggggg", "new", Vaults.HOME, "LOGIN",
                Vaults.field("p", "password", "CONCEALED", "PASSWORD", text.get()));
        op().write();
        return Situation.of(made(), "home/new");
    }

    @Override
    protected Situation unavailable() throws Exception {
        op().failing("connecting to desktop app: read: connection reset, make sure the app is running");
        return Situation.of(made(), "work-eu/api-key").endedBy(() -> op().well());
    }

    @Override
    protected Situation hanging() throws Exception {
        op().holding();
        return Situation.of(made(), "work-eu/api-key").endedBy(() -> op().well());
    }

    @Override
    protected Situation rateLimited() throws Exception {
        op().failing("(429) Too Many Requests: You have reached the rate limit. Please retry in 3 seconds");
        SecretsProvider provider = made();
        return Situation.of(provider, "work-eu/api-key").counting(this::calls).endedBy(() -> op().well());
    }

    private long calls() {
        try {
            return op().calls().size();
        } catch (Exception e) {
            throw new IllegalStateException(e);
        }
    }
}
