/** The container engines of this machine: their programs, their daemon and its configuration file. */
@NullMarked
package dev.secretsengine.launcher.docker;

import org.jspecify.annotations.NullMarked;
