/** {@code docker pass setup}: registers the runtime wrapper with container engines, and takes it out again. */
@NullMarked
package dev.secretsengine.launcher.setup;

import org.jspecify.annotations.NullMarked;
