/** What the Go SDK asks of an engine. */
@NullMarked
package dev.secretsengine.core.sdk;

import org.jspecify.annotations.NullMarked;
