/** Connect RPC for clients and plugins of the Go SDK, over HTTP/1.1. */
@NullMarked
package dev.secretsengine.core.connect;

import org.jspecify.annotations.NullMarked;
