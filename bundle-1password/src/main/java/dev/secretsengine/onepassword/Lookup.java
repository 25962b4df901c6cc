package dev.secretsengine.onepassword;

import dev.secretsengine.api.Envelope;
import dev.secretsengine.api.RequestContext;
import dev.secretsengine.api.SecretId;
import dev.secretsengine.api.SecretsException;
import dev.secretsengine.kit.Together;
import dev.secretsengine.kit.remote.RemoteCache;
import dev.secretsengine.onepassword.item.Field;
import dev.secretsengine.onepassword.item.FieldChoice;
import dev.secretsengine.onepassword.item.Item;
import dev.secretsengine.onepassword.item.ItemName;
import dev.secretsengine.onepassword.item.Names;
import dev.secretsengine.onepassword.item.Source;
import java.time.Instant;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/** One lookup: names first, then the items that are meant and no others. */
final class Lookup {

    /** Each item is a call, and calls are counted by 1Password. */
    private static final int MOST_ITEMS = 100;
    private static final int PARALLEL = 4;

    private final String plugin;
    private final Request request;
    private final Remembered remembered;
    private final Source source;
    private final RequestContext context;

    /** Guarded by this, as what follows. */
    private final List<Envelope> found = new ArrayList<>();
    private @Nullable SecretsException failure;
    private boolean hasAsked;

    Lookup(String plugin, Request request, Remembered remembered, Source source, RequestContext context) {
        this.plugin = plugin;
        this.request = request;
        this.remembered = remembered;
        this.source = source;
        this.context = context;
    }

    /** Whether everything was in memory. */
    synchronized boolean isRemembered() {
        return !hasAsked;
    }

    /**
     * The secrets that match; to be called once.
     *
     * @throws SecretsException if one of them cannot be read: without it another could pass for the only match
     */
    List<Envelope> answer() throws SecretsException {
        Map<String, ItemName> items = items();
        if (items.size() > MOST_ITEMS) {
            throw new SecretsException.Invalid(plugin, "the pattern matches " + items.size() + " items of 1Password",
                    "narrow it to " + MOST_ITEMS + " or fewer: each takes a call");
        }
        List<Runnable> steps = new ArrayList<>();
        items.forEach((id, item) -> steps.add(() -> fetch(id, item, items.size() == 1)));
        boolean isDone = false;
        try {
            Together.run(plugin, PARALLEL, steps);
            List<Envelope> answer = found();
            isDone = true;
            return answer;
        } finally {
            if (!isDone) {
                wipe();
            }
        }
    }

    private synchronized List<Envelope> found() throws SecretsException {
        if (failure != null) {
            throw failure;
        }
        return List.copyOf(found);
    }

    private synchronized void wipe() {
        found.forEach(Envelope::close);
    }

    /** What a list of some minutes ago does not have may be new. */
    private Map<String, ItemName> items() throws SecretsException {
        RemoteCache.Used<Names> names = noted(() -> remembered.names(source, false, context));
        Map<String, ItemName> items = request.items(names.result());
        return items.isEmpty() && names.remembered()
                ? request.items(noted(() -> remembered.names(source, true, context)).result())
                : items;
    }

    private void fetch(String id, ItemName name, boolean isOnly) {
        try {
            noted(() -> remembered.item(source, name, context, item -> {
                add(id, name, item, isOnly);
                return true;
            }));
        } catch (SecretsException.NotFound e) {
            // Gone since the names were listed, or one of many without such a field; of one item its fields are told.
            if (isOnly && request.hasFields()) {
                failed(e);
            }
        } catch (SecretsException e) {
            failed(e);
        }
    }

    private synchronized void failed(SecretsException e) {
        failure = failure == null ? e : failure;
    }

    /** A question, which counts as one unless it was answered from memory. */
    private interface Question<T> {

        RemoteCache.Used<T> ask() throws SecretsException;
    }

    private <T> RemoteCache.Used<T> noted(Question<T> question) throws SecretsException {
        boolean isKnown = false;
        try {
            RemoteCache.Used<T> used = question.ask();
            isKnown = used.remembered();
            return used;
        } finally {
            if (!isKnown) {
                synchronized (this) {
                    hasAsked = true;
                }
            }
        }
    }

    private void add(String id, ItemName name, Item item, boolean isOnly) throws SecretsException {
        // An item that was asked for by its ID alone has its fields under its vault.
        FieldChoice choice = new FieldChoice(id.contains("/") ? id : name.vaultId() + "/" + id, item);
        if (!request.hasFields()) {
            // Among many, one without a password is not a secret of that name.
            if (isOnly || choice.hasMain()) {
                add(id, name, item, choice.main());
            }
        } else if (request.isOneField()) {
            add(id + "/" + String.join("/", request.path()), name, item, choice.named(request.path()));
        } else {
            for (List<String> path : paths(item)) {
                if (request.field(id, path).isPresent()) {
                    add(request.field(id, path).get(), name, item, choice.named(path));
                }
            }
        }
    }

    private Set<List<String>> paths(Item item) {
        Set<List<String>> paths = new LinkedHashSet<>();
        for (Field field : item.fields()) {
            field.names().stream().limit(1).forEach(name -> {
                if (request.path().size() == 1) {
                    paths.add(List.of(name));
                } else {
                    field.sections().stream().limit(1).forEach(section -> paths.add(List.of(section, name)));
                }
            });
        }
        return paths;
    }

    private synchronized void add(String id, ItemName name, Item item, Field field) {
        String label = field.label().isEmpty() ? field.id() : field.label();
        Map<String, String> metadata = Map.of("vault", name.vaultName().isEmpty() ? name.vaultId() : name.vaultName(),
                "item", name.title(), "field", label, "category", name.category());
        found.add(new Envelope(SecretId.parse(id), field.value().copy(), "",
                item.version().isEmpty() ? name.version() : item.version(), null, Instant.now(), null, metadata));
    }
}
