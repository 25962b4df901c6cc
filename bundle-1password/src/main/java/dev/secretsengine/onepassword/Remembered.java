package dev.secretsengine.onepassword;

import dev.secretsengine.api.RequestContext;
import dev.secretsengine.api.SecretsException;
import dev.secretsengine.kit.remote.Limits;
import dev.secretsengine.kit.remote.RemoteCache;
import dev.secretsengine.onepassword.item.Item;
import dev.secretsengine.onepassword.item.ItemName;
import dev.secretsengine.onepassword.item.Names;
import dev.secretsengine.onepassword.item.Source;
import java.time.Duration;

/** What one plugin remembers of 1Password. Thread-safe. */
final class Remembered implements AutoCloseable {

    /** For so long a list that does not have a name is the last word on it. */
    static final Duration MISSES = Duration.ofSeconds(30);

    /** Time enough for an authorization prompt, which 1Password takes away after two minutes. */
    private static final Duration CALL = Duration.ofSeconds(150);

    private final Setup setup;
    private final RemoteCache<Object, Names> names;
    private final RemoteCache<Question, Item> items;

    Remembered(String plugin, Setup setup) {
        this.setup = setup;
        this.names = new RemoteCache<>(plugin,
                new Limits(setup.keepNames(), Duration.ZERO, 4, 16 << 20, CALL));
        this.items = new RemoteCache<>(plugin,
                new Limits(setup.keepValues(), MISSES, 256, 8 << 20, CALL));
    }

    /** The fields of one item, as one account sees them. */
    private record Question(Object account, String vault, String item) {
    }

    Setup setup() {
        return setup;
    }

    /**
     * All names.
     *
     * @param isNew whether they have to be nearly new
     */
    RemoteCache.Used<Names> names(Source source, boolean isNew, RequestContext context) throws SecretsException {
        return names.get(source.account(), isNew ? MISSES : setup.keepNames(), context, source::names, all -> all);
    }

    /** Takes something out of an item, which must not be kept. */
    <T> RemoteCache.Used<T> item(Source source, ItemName name, RequestContext context, RemoteCache.Use<Item, T> use)
            throws SecretsException {
        return items.get(new Question(source.account(), name.vaultId(), name.id()), setup.keepValues(), context,
                call -> source.item(name, call), use);
    }

    void forget() {
        names.forget();
        items.forget();
    }

    @Override
    public void close() {
        names.close();
        items.close();
        setup.sources().close();
    }
}
