/** Requests of HTTP/1.1 that come in on a connection. */
@NullMarked
package dev.secretsengine.core.http;

import org.jspecify.annotations.NullMarked;
