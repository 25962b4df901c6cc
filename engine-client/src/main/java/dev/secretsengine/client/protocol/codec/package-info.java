/** One description a message, read and written as protobuf's binary format and as its canonical JSON. */
@NullMarked
package dev.secretsengine.client.protocol.codec;

import org.jspecify.annotations.NullMarked;
