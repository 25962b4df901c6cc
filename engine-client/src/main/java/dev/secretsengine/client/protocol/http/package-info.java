/** HTTP/1.1 on a pair of streams, for both sides. */
@NullMarked
package dev.secretsengine.client.protocol.http;

import org.jspecify.annotations.NullMarked;
