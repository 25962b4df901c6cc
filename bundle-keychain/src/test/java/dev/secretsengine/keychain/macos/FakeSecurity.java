package dev.secretsengine.keychain.macos;

import dev.secretsengine.keychain.macos.Attribute.Constant;
import dev.secretsengine.keychain.system.Keychain;
import java.time.Instant;
import java.util.ArrayList;
import java.util.EnumMap;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.concurrent.CountDownLatch;

/**
 * The keychain file of a Mac in memory. It takes the rules of the real one from its documentation: an item is told from
 * others by class, account and service, whatever its access group; data comes with single items only.
 */
public final class FakeSecurity implements Security {

    private static final Set<Attribute> COMPARED = Set.of(Attribute.CLASS, Attribute.ACCOUNT, Attribute.SERVICE);
    private static final Set<Attribute> QUESTIONS = Set.of(Attribute.LIMIT, Attribute.RETURN_ATTRIBUTES,
            Attribute.RETURN_DATA);
    private static final int PARAM = -50;

    final List<Map<Attribute, Object>> items = new ArrayList<>();
    final List<String> calls = new ArrayList<>();

    /** What a function answers instead of doing anything. */
    private final Map<String, Integer> failing = new HashMap<>();
    private CountDownLatch prompt = new CountDownLatch(0);

    /** A keychain over it. */
    public Keychain keychain() {
        return new MacKeychain(() -> this);
    }

    /** From now on it is locked, and may ask nobody. */
    public void lock() {
        fail("find", OsStatus.INTERACTION_NOT_ALLOWED);
    }

    /** Ends that. */
    public void unlock() {
        failing.clear();
    }

    void fail(String function, int status) {
        failing.put(function, status);
    }

    /** From now on every call waits for somebody who never comes. */
    public CountDownLatch ask() {
        prompt = new CountDownLatch(1);
        return prompt;
    }

    private Integer called(String function) {
        try {
            prompt.await();
        } catch (InterruptedException e) {
            throw new IllegalStateException(e);
        }
        calls.add(function);
        return failing.get(function);
    }

    private static boolean matches(Map<Attribute, Object> query, Map<Attribute, Object> item) {
        return COMPARED.stream().allMatch(
                key -> !query.containsKey(key) || Objects.equals(query.get(key), item.get(key)));
    }

    @Override
    public synchronized int add(Map<Attribute, Object> item) {
        Integer failure = called("add");
        if (failure != null) {
            return failure;
        }
        if (item.keySet().stream().anyMatch(QUESTIONS::contains)) {
            return PARAM;
        }
        if (items.stream().anyMatch(present -> matches(item, present))) {
            return OsStatus.DUPLICATE_ITEM;
        }
        Map<Attribute, Object> added = copy(item);
        added.put(Attribute.CREATED, Instant.now());
        added.put(Attribute.MODIFIED, Instant.now());
        items.add(added);
        return OsStatus.SUCCESS;
    }

    /** The caller wipes its own data. */
    private static Map<Attribute, Object> copy(Map<Attribute, Object> item) {
        Map<Attribute, Object> copy = new EnumMap<>(Attribute.class);
        item.forEach((key, value) -> copy.put(key, value instanceof byte[] bytes ? bytes.clone() : value));
        return copy;
    }

    @Override
    public synchronized int update(Map<Attribute, Object> query, Map<Attribute, Object> changes) {
        Integer failure = called("update");
        if (failure != null) {
            return failure;
        }
        if (query.keySet().stream().anyMatch(QUESTIONS::contains) || changes.containsKey(Attribute.CLASS)) {
            return PARAM;
        }
        List<Map<Attribute, Object>> found = items.stream().filter(item -> matches(query, item)).toList();
        found.forEach(item -> {
            item.putAll(copy(changes));
            item.put(Attribute.MODIFIED, Instant.now());
        });
        return found.isEmpty() ? OsStatus.ITEM_NOT_FOUND : OsStatus.SUCCESS;
    }

    @Override
    public synchronized int delete(Map<Attribute, Object> query) {
        Integer failure = called("delete");
        if (failure != null) {
            return failure;
        }
        if (query.keySet().stream().anyMatch(QUESTIONS::contains)) {
            return PARAM;
        }
        return items.removeIf(item -> matches(query, item)) ? OsStatus.SUCCESS : OsStatus.ITEM_NOT_FOUND;
    }

    @Override
    public synchronized int find(Map<Attribute, Object> query, List<Map<Attribute, Object>> found) {
        Integer failure = called("find");
        if (failure != null) {
            return failure;
        }
        boolean data = query.containsKey(Attribute.RETURN_DATA);
        if (data && query.get(Attribute.LIMIT) == Constant.ALL) {
            return PARAM;
        }
        int limit = query.get(Attribute.LIMIT) == Constant.ALL ? Integer.MAX_VALUE : 1;
        items.stream().filter(item -> matches(query, item)).limit(limit).forEach(item -> {
            Map<Attribute, Object> answer = copy(item);
            if (!data) {
                answer.remove(Attribute.DATA);
            }
            // The access group is no attribute of items in a keychain file.
            answer.remove(Attribute.ACCESS_GROUP);
            found.add(answer);
        });
        return found.isEmpty() ? OsStatus.ITEM_NOT_FOUND : OsStatus.SUCCESS;
    }
}
