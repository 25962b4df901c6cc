/** What commands print: lists as a table, JSON or a template. */
@NullMarked
package dev.secretsengine.launcher.format;

import org.jspecify.annotations.NullMarked;
