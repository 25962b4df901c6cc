/** The commands, run inside the warm engine. */
@NullMarked
package dev.secretsengine.launcher.command;

import org.jspecify.annotations.NullMarked;
