package dev.secretsengine.launcher.command;

import dev.secretsengine.api.RequestContext;
import dev.secretsengine.api.SecretId;
import dev.secretsengine.api.SecretPattern;
import dev.secretsengine.api.SecretsException;
import dev.secretsengine.core.Engine;
import dev.secretsengine.core.resolve.InternalIds;
import dev.secretsengine.launcher.format.Listing;
import dev.secretsengine.launcher.format.WipedOutput;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Function;

/** What every command works with. */
final class CommandContext {

    /** Time enough for somebody to find the unlock dialog and type into it. */
    private static final Duration PATIENCE = Duration.ofSeconds(100);

    private final Engine engine;
    private final Session session;
    private final EngineControl control;

    CommandContext(Engine engine, Session session, EngineControl control) {
        this.engine = engine;
        this.session = session;
        this.control = control;
    }

    Engine engine() {
        return engine;
    }

    Session session() {
        return session;
    }

    EngineControl control() {
        return control;
    }

    /** A context with the caller's environment, cancelled when the client goes. */
    RequestContext request() {
        return RequestContext.of(PATIENCE, session.cancellation(), session.environment());
    }

    void print(String line) throws IOException {
        write(session.out(), line);
    }

    void printError(String line) throws IOException {
        write(session.err(), line);
    }

    private static void write(OutputStream stream, String line) throws IOException {
        stream.write((line + "\n").getBytes(StandardCharsets.UTF_8));
    }

    /** Has the client set a variable; the value stays the caller's, who wipes it. */
    void variable(String name, byte[] value) throws IOException {
        byte[] prefix = (name + "=").getBytes(StandardCharsets.UTF_8);
        byte[] variable = Arrays.copyOf(prefix, prefix.length + value.length);
        System.arraycopy(value, 0, variable, prefix.length, value.length);
        try {
            session.variable(variable);
        } finally {
            Arrays.fill(variable, (byte) 0);
        }
    }

    /** Tells once that a fallback was chosen. */
    void announce() throws IOException {
        Optional<String> announcement = session.cancellation().isCancelled()
                ? Optional.empty()
                : engine.store().takeAnnouncement();
        if (announcement.isPresent()) {
            printError("docker-pass: " + announcement.get());
        }
    }

    /** Tells of secrets that the pattern matches in collections of the store which are not used. */
    void noteOtherCollections(SecretPattern pattern, List<SecretId> shown) throws IOException, SecretsException {
        for (String note : engine.store().elsewhere(pattern, request()).notes(shown)) {
            printError("docker-pass: note: " + note);
        }
    }

    /** Prints rows in the user's format. */
    void print(Listing listing, List<Map<String, Object>> rows) throws IOException {
        try (WipedOutput text = new WipedOutput()) {
            listing.print(rows, text);
            text.writeTo(session.out());
        }
    }

    static Listing listing(String format, List<String> fields, List<String> columns) {
        try {
            return new Listing(format, fields, columns);
        } catch (IllegalArgumentException e) {
            throw new UsageException(String.valueOf(e.getMessage()));
        }
    }

    /** The ID of one of the user's own secrets. */
    static SecretId id(String text) throws SecretsException {
        SecretId id = parsed(text, SecretId::parse);
        if (InternalIds.contains(id)) {
            throw new SecretsException.Denied(text, text + " belongs to the engine itself", "choose another realm");
        }
        return id;
    }

    static SecretPattern pattern(String text) {
        return parsed(text, SecretPattern::parse);
    }

    private static <T> T parsed(String text, Function<String, T> parser) {
        try {
            return parser.apply(text);
        } catch (IllegalArgumentException e) {
            int equals = text.indexOf('=');
            if (equals >= 0 && equals + 1 < text.length()) {
                // Somebody took this command for set: what follows is a value, and no message's business.
                return parsed(text.substring(0, equals + 1), parser);
            }
            throw new UsageException(String.valueOf(e.getMessage()));
        }
    }
}
