/** Who has signed a jar, and whether that is enough to start it. */
@NullMarked
package dev.secretsengine.launcher.signature;

import org.jspecify.annotations.NullMarked;
