/** The frames between client and engine, and what both sides must agree on. */
@NullMarked
package dev.secretsengine.launcher.protocol;

import org.jspecify.annotations.NullMarked;
