package dev.secretsengine.keychain.macos;

import java.util.List;
import java.util.Map;

/**
 * The four functions of the Security framework that we use. Each may wait for its user, without a limit. The answer is
 * an OSStatus, 0 for success. Thread-safe.
 */
interface Security {

    /** SecItemAdd. */
    int add(Map<Attribute, Object> item);

    /** SecItemUpdate: changes every item that the query finds. */
    int update(Map<Attribute, Object> query, Map<Attribute, Object> changes);

    /** SecItemDelete. */
    int delete(Map<Attribute, Object> query);

    /**
     * SecItemCopyMatching.
     *
     * @param found takes the items, each with what we know of its attributes; values in it are the caller's to wipe
     */
    int find(Map<Attribute, Object> query, List<Map<Attribute, Object>> found);
}
