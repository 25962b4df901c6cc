/** Ties the engine to the OSGi framework. */
@NullMarked
package dev.secretsengine.core.osgi;

import org.jspecify.annotations.NullMarked;
