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
import java.util.List;

/** What one plugin remembers of 1Password. Thread-safe. */
final class Remembered implements AutoCloseable {

    /** For so long a list that does not have a name is the last word on it. */
    static final Duration MISSES = Duration.ofSeconds(30);

    /** Time enough for an authorization prompt, which 1Password takes away after two minutes. */
    private static final Duration CALL = Duration.ofSeconds(150);

    private final Setup setup;
    private final RemoteCache<Object, Names> names;
    private final RemoteCache<Question, Item> items;

    /** The last list that was made because an item contradicted the one before. */
    private volatile Names checked = new Names(List.of());

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

    /**
     * All names, after an item contradicted the ones that were remembered. A list that was made for this reason is not made
     * again while it is nearly new: what is still wrong then is not the list's age.
     */
    RemoteCache.Used<Names> names(Source source, Names wrong, RequestContext context) throws SecretsException {
        RemoteCache.Used<Names> now = names(source, true, context);
        if (now.remembered() && now.result().equals(wrong) && !wrong.equals(checked)) {
            now = names.get(source.account(), Duration.ZERO, context, source::names, all -> all);
        }
        if (!now.remembered()) {
            checked = now.result();
        }
        return now;
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
