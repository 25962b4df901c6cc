/** What an unlocked identity remembers between lookups: keys and ciphertexts of entries, never a value. */
@NullMarked
package dev.secretsengine.age.memory;

import org.jspecify.annotations.NullMarked;
