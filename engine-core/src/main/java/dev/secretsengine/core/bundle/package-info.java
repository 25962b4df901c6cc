/** Bundles and the plugins they declare, before any of their code runs. */
@NullMarked
package dev.secretsengine.core.bundle;

import org.jspecify.annotations.NullMarked;
