/** The one store that serves the user's own secrets. */
@NullMarked
package dev.secretsengine.core.store;

import org.jspecify.annotations.NullMarked;
