package dev.secretsengine.onepassword;

import dev.secretsengine.api.Caching;
import dev.secretsengine.api.Configurable;
import dev.secretsengine.api.Envelope;
import dev.secretsengine.api.RequestContext;
import dev.secretsengine.api.SecretPattern;
import dev.secretsengine.api.SecretsException;
import dev.secretsengine.api.SecretsProvider;
import dev.secretsengine.api.Setting;
import java.util.List;
import java.util.Map;
import java.util.concurrent.atomic.LongAdder;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/** One of the two plugins. It answers nothing before it is configured. */
final class OnePasswordProvider implements SecretsProvider, Configurable, Caching, AutoCloseable {

    static final String CLI = "1password-cli";
    static final String SDK = "1password-sdk";

    private final String name;
    private final Map<String, String> engineEnvironment;
    private final Consumer<String> pattern;
    private final LongAdder hits = new LongAdder();
    private final LongAdder misses = new LongAdder();

    /** Guarded by this; null before the first configuration and after close. */
    private @Nullable Remembered remembered;
    private boolean isClosed;

    /**
     * A plugin that is not configured yet.
     *
     * @param name {@link #CLI}, or {@link #SDK}, which has a token
     * @param engineEnvironment used for what a caller did not send
     * @param pattern told of the plugin's pattern whenever it is configured
     */
    OnePasswordProvider(String name, Map<String, String> engineEnvironment, Consumer<String> pattern) {
        this.name = name;
        this.engineEnvironment = Map.copyOf(engineEnvironment);
        this.pattern = pattern;
    }

    @Override
    public List<Envelope> getSecrets(SecretPattern asked, RequestContext context) throws SecretsException {
        Remembered current = current();
        Request request = new Request(asked, current.setup().pattern());
        if (!request.isPossible()) {
            return List.of();
        }
        Lookup lookup = new Lookup(name, request, current, current.setup().sources().of(context), context);
        try {
            return lookup.answer();
        } finally {
            (lookup.isRemembered() ? hits : misses).increment();
        }
    }

    private synchronized Remembered current() throws SecretsException {
        if (remembered == null) {
            throw new SecretsException.Unavailable(name, "the plugin " + name + " is not set up",
                    "docker pass plugins 1password setup");
        }
        return remembered;
    }

    @Override
    public List<Setting> settings() {
        return Setup.settings(hasToken());
    }

    private boolean hasToken() {
        return name.equals(SDK);
    }

    @Override
    public void configure(Values values) throws SecretsException {
        Remembered next = new Remembered(name, Setup.read(name, hasToken(), values, engineEnvironment));
        Remembered last;
        synchronized (this) {
            last = isClosed ? next : remembered;
            remembered = isClosed ? null : next;
        }
        if (last != null) {
            last.close();
        }
        if (last != next) {
            pattern.accept(next.setup().pattern().toString());
        }
    }

    @Override
    public void check(Values values, RequestContext context) throws SecretsException {
        try (Remembered tried = new Remembered(name, Setup.read(name, hasToken(), values, engineEnvironment))) {
            tried.setup().sources().of(context).check(context);
        } catch (SecretsException e) {
            throw e.isFatal() ? whileSetUp(e) : e;
        }
    }

    /** Nothing has stopped yet that would have to be enabled again. */
    private SecretsException whileSetUp(SecretsException fatal) {
        String what = String.valueOf(fatal.getMessage());
        return fatal instanceof SecretsException.Denied
                ? new SecretsException.Denied(name, what, "run this again")
                : new SecretsException.Unavailable(name, what, "install it, or give its path by --op");
    }

    @Override
    public long hits() {
        return hits.sum();
    }

    @Override
    public long misses() {
        return misses.sum();
    }

    @Override
    public void forget() {
        Remembered current;
        synchronized (this) {
            current = remembered;
        }
        if (current != null) {
            current.forget();
        }
    }

    /** Wipes everything, the token included. */
    @Override
    public void close() {
        Remembered last;
        synchronized (this) {
            isClosed = true;
            last = remembered;
            remembered = null;
        }
        if (last != null) {
            last.close();
        }
    }
}
