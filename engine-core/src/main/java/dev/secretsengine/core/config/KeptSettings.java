package dev.secretsengine.core.config;

import java.util.Map;
import java.util.TreeMap;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * What set-up keeps for a plugin. Written as a whole, so that values which were checked together are used together.
 *
 * @param texts plain settings by name
 * @param secrets the name of the set of values in the local store that goes with them; empty for none
 * @param stale the name of a set of which something may be left there although nobody reads it; empty for none
 */
public record KeptSettings(Map<String, String> texts, String secrets, String stale) {

    /** Of a plugin that was never set up. */
    public static final KeptSettings NONE = new KeptSettings(Map.of(), "", "");

    /** No setting has such a name. */
    private static final String SECRETS = "_secrets";
    private static final String STALE = "_stale";

    private static final Pattern SET = Pattern.compile("[0-9a-f]{8}");

    /** See the class. */
    public KeptSettings {
        texts = Map.copyOf(texts);
    }

    /** Reads the table of a plugin. Names of sets that make no sense, after an edit by hand, are none. */
    static KeptSettings of(Map<String, String> table) {
        Map<String, String> texts = new TreeMap<>(table);
        String secrets = texts.remove(SECRETS);
        String stale = texts.remove(STALE);
        return new KeptSettings(texts, set(secrets), set(stale));
    }

    private static String set(@Nullable String name) {
        return name != null && SET.matcher(name).matches() ? name : "";
    }

    /** The table of a plugin. */
    Map<String, String> table() {
        Map<String, String> table = new TreeMap<>(texts);
        Map.of(SECRETS, secrets, STALE, stale).forEach((key, set) -> {
            if (!set.isEmpty()) {
                table.put(key, set);
            }
        });
        return table;
    }

    /** The same with other plain settings; those that are not named stay. */
    public KeptSettings with(Map<String, String> changed) {
        Map<String, String> all = new TreeMap<>(texts);
        all.putAll(changed);
        return new KeptSettings(all, secrets, stale);
    }

    /** The same with other sets of secrets. */
    public KeptSettings with(String used, String unused) {
        return new KeptSettings(texts, used, unused);
    }
}
