/** From a pattern or an environment full of references to secrets. */
@NullMarked
package dev.secretsengine.core.resolve;

import org.jspecify.annotations.NullMarked;
