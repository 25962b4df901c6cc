/** The engine as one object, for the commands and servers around it. */
@NullMarked
package dev.secretsengine.core;

import org.jspecify.annotations.NullMarked;
