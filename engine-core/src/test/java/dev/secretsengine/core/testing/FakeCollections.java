package dev.secretsengine.core.testing;

import dev.secretsengine.api.CollectionStore;
import dev.secretsengine.api.RequestContext;
import dev.secretsengine.api.SecretId;
import dev.secretsengine.api.SecretPattern;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.concurrent.atomic.AtomicReference;

/** A store with collections, which knows where each secret is. */
public final class FakeCollections extends FakeStore implements CollectionStore {

    private final AtomicReference<String> preferred;
    private final String used;
    private final Map<SecretId, String> places;
    private final Set<String> lost;

    public FakeCollections(String preferred) {
        this(new AtomicReference<>(preferred), "", new HashMap<>(), new HashSet<>());
    }

    private FakeCollections(AtomicReference<String> preferred, String used, Map<SecretId, String> places,
            Set<String> lost) {
        super(State.READY, "");
        this.lost = lost;
        this.preferred = preferred;
        this.used = used;
        this.places = places;
    }

    /** Which collection it would choose from now on. */
    public void prefer(String collection) {
        preferred.set(collection);
    }

    /** There is none of this name. */
    public void lose(String collection) {
        lost.add(collection);
    }

    @Override
    public Probe probe(RequestContext context) {
        return lost.contains(used) ? new Probe(State.ABSENT, "it is not there") : super.probe(context);
    }

    public void put(String id, String collection) {
        places.put(SecretId.parse(id), collection);
    }

    @Override
    public String collection(RequestContext context) {
        return used.isEmpty() ? preferred.get() : used;
    }

    @Override
    public CollectionStore in(String collection) {
        return new FakeCollections(preferred, collection, places, lost);
    }

    @Override
    public Map<SecretId, List<String>> elsewhere(SecretPattern pattern, RequestContext context) {
        Map<SecretId, List<String>> others = new TreeMap<>();
        places.forEach((id, place) -> {
            if (pattern.matches(id) && !place.equals(collection(context))) {
                others.put(id, List.of(place));
            }
        });
        return others;
    }
}
