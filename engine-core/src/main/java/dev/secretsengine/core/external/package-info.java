/** Plugins that are processes of their own. */
@NullMarked
package dev.secretsengine.core.external;

import org.jspecify.annotations.NullMarked;
