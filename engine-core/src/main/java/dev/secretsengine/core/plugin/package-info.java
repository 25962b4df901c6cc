/** Which plugins there are, which of them run, and who serves what. */
@NullMarked
package dev.secretsengine.core.plugin;

import org.jspecify.annotations.NullMarked;
