/** A caller, a store and bundles that exist in memory only. */
@NullMarked
package dev.secretsengine.launcher.testing;

import org.jspecify.annotations.NullMarked;
