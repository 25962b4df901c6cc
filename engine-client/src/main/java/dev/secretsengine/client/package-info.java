/** The client of the secrets engine for programs on a JVM. */
@NullMarked
package dev.secretsengine.client;

import org.jspecify.annotations.NullMarked;
