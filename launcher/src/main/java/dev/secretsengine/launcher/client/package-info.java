/** The portable client: small, without picocli, one process a command. */
@NullMarked
package dev.secretsengine.launcher.client;

import org.jspecify.annotations.NullMarked;
