/** Bundles, hosts and stores that exist in memory only. */
@NullMarked
package dev.secretsengine.core.testing;

import org.jspecify.annotations.NullMarked;
