/**
 * What a backend sees of the secrets engine: identifiers, patterns, values, the provider interfaces and the sealed
 * family of failures. Compatibility is semantic and checked by bnd-baseline.
 */
@NullMarked
package dev.secretsengine.api;

import org.jspecify.annotations.NullMarked;
