/** Looking after what may take too long. */
@NullMarked
package dev.secretsengine.core.watch;

import org.jspecify.annotations.NullMarked;
