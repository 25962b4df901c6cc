package dev.secretsengine.launcher.command;

import dev.secretsengine.api.SecretValue;
import dev.secretsengine.api.SecretsException;
import java.io.IOException;
import java.util.Arrays;
import org.jspecify.annotations.Nullable;

/** Passphrases: typed without echo, or the lines of standard input. Wiped on close. */
final class PassphraseInput implements AutoCloseable {

    private final Session session;
    private byte @Nullable [] lines;
    private int at;

    PassphraseInput(Session session) {
        this.session = session;
    }

    /** The next passphrase, which the caller closes. */
    SecretValue next(String question) throws IOException, SecretsException {
        return SecretValue.wrap(session.isTerminal(0) ? SecretInput.once(session, question) : line(question));
    }

    /** The next passphrase, asked for twice on a terminal. */
    SecretValue nextTwice(String question) throws IOException, SecretsException {
        return SecretValue.wrap(session.isTerminal(0) ? SecretInput.typed(session, question) : line(question));
    }

    private byte[] line(String question) throws IOException, SecretsException {
        byte[] all = lines;
        if (all == null) {
            all = SecretInput.all(session);
            lines = all;
        }
        int end = at;
        while (end < all.length && all[end] != '\n') {
            end++;
        }
        byte[] line = Arrays.copyOfRange(all, at, end > at && all[end - 1] == '\r' ? end - 1 : end);
        at = Math.min(end + 1, all.length);
        if (line.length == 0) {
            throw new SecretsException.Invalid("", "standard input has no line for \"" + question.strip() + "\"",
                    "nothing was changed");
        }
        return line;
    }

    @Override
    public void close() {
        if (lines != null) {
            Arrays.fill(lines, (byte) 0);
        }
    }
}
