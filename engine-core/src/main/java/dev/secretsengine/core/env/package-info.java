/** Environments: dotenv files. */
@NullMarked
package dev.secretsengine.core.env;

import org.jspecify.annotations.NullMarked;
