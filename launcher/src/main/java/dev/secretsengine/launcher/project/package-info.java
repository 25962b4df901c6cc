/** Writing a ready project for a plugin. */
@NullMarked
package dev.secretsengine.launcher.project;

import org.jspecify.annotations.NullMarked;
