package dev.secretsengine.launcher.command;

import dev.secretsengine.api.RequestContext;
import dev.secretsengine.api.SecretValue;
import dev.secretsengine.api.SecretsException;
import dev.secretsengine.api.Setting;
import dev.secretsengine.client.protocol.codec.JsonScanner;
import dev.secretsengine.client.protocol.codec.MalformedException;
import dev.secretsengine.core.PluginCandidate;
import java.io.IOException;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * The values of a plugin's secret settings on their way from the user: typed without echo, or standard input, which is
 * the value if there is one such setting and a JSON object of values by name if there are several. Wiped on close.
 */
final class PluginSecrets implements AutoCloseable {

    private final PluginCandidate candidate;
    private final Session session;
    private final RequestContext context;
    private final List<String> names;
    private final Map<String, SecretValue> values = new LinkedHashMap<>();

    /** A setting that was given without a value, if there is one. */
    private String empty = "";

    private PluginSecrets(PluginCandidate candidate, Session session, RequestContext context) {
        this.candidate = candidate;
        this.session = session;
        this.context = context;
        this.names = candidate.settings().stream().filter(Setting::secret).map(Setting::name).toList();
    }

    /**
     * Asks for all of them. What is left empty on a terminal stays as it is. On a pipe it is more likely the end of a
     * program that failed than somebody's wish, and refused unless there is a plain setting to change.
     *
     * @param hasPlain whether there is one
     */
    static PluginSecrets read(PluginCandidate candidate, boolean hasPlain, Session session, RequestContext context)
            throws IOException, SecretsException {
        PluginSecrets secrets = new PluginSecrets(candidate, session, context);
        try {
            if (secrets.names.isEmpty()) {
                return secrets;
            }
            if (session.isTerminal(0)) {
                secrets.type();
            } else if (secrets.names.size() == 1) {
                secrets.put(secrets.names.get(0), SecretInput.withoutLineEnd(SecretInput.all(session)));
            } else {
                secrets.parse(SecretInput.all(session));
            }
            if (!hasPlain && !session.isTerminal(0)) {
                secrets.requireInput();
            }
            secrets.requireOne();
            return secrets;
        } catch (IOException | SecretsException | RuntimeException e) {
            secrets.close();
            throw e;
        }
    }

    /** What was given, by name. */
    Map<String, SecretValue> values() {
        return values;
    }

    private void type() throws IOException, SecretsException {
        for (String name : names) {
            String keep = candidate.isStored(name, context) ? " (empty keeps the one that is stored)" : "";
            Optional<byte[]> answer = session.prompt(name + keep + ": ", true);
            // The terminal did not echo the line end either.
            session.err().write('\n');
            put(name, answer.orElseThrow(() -> new SecretsException.Invalid(candidate.plugin(), "nothing was typed",
                    "nothing was changed")));
        }
    }

    private void put(String name, byte[] value) throws SecretsException {
        if (value.length == 0) {
            empty = names.contains(name) ? name : empty;
            return;
        }
        if (!names.contains(name)) {
            Arrays.fill(value, (byte) 0);
            throw invalid("standard input has a value that is none of the secret settings " + String.join(", ", names));
        }
        SecretValue before = values.put(name, SecretValue.wrap(value));
        if (before != null) {
            before.close();
        }
    }

    private void parse(byte[] input) throws SecretsException {
        JsonScanner json = new JsonScanner(input);
        String name = "";
        try {
            if (json.atEnd()) {
                return;
            }
            json.expect('{');
            for (boolean first = true; json.more(first, '}'); first = false) {
                name = json.string();
                json.expect(':');
                put(name, json.secretBytes());
            }
        } catch (MalformedException e) {
            boolean isValue = e.isText() && names.contains(name);
            throw invalid(isValue
                    ? "the value of " + name
                            + " in the JSON of standard input is not valid UTF-8 or has half of a surrogate pair"
                    : "standard input is no JSON object with texts for " + String.join(", ", names));
        } finally {
            Arrays.fill(input, (byte) 0);
        }
    }

    private SecretsException invalid(String what) {
        return new SecretsException.Invalid(candidate.plugin(), what, "nothing was changed");
    }

    private void requireInput() throws SecretsException {
        if (!values.isEmpty() && empty.isEmpty()) {
            return;
        }
        String what = values.isEmpty()
                ? "standard input was empty"
                : "standard input had no value for " + empty;
        throw new SecretsException.Invalid(candidate.plugin(), what + " and nothing was changed",
                "pipe the value of " + String.join(", ", names) + " in, or type it on a terminal");
    }

    /** With none at all, now or before, there is nothing that a check could be asked about. */
    private void requireOne() throws SecretsException {
        boolean any = !values.isEmpty();
        for (String name : names) {
            any = any || candidate.isStored(name, context);
        }
        if (!any) {
            throw new SecretsException.Invalid(candidate.plugin(), "no value was given for " + String.join(", ", names),
                    "type it at the prompt, or pipe it in; nothing was changed");
        }
    }

    @Override
    public void close() {
        values.values().forEach(SecretValue::close);
    }
}
