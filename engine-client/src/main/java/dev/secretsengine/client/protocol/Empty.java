package dev.secretsengine.client.protocol;

import dev.secretsengine.client.protocol.codec.MessageType;

/** A message without fields: several requests and answers are such. */
public record Empty() {

    /** See {@link MessageType}. */
    public static final MessageType<Empty> TYPE = MessageType.of(Empty.class, _ -> new Empty());
}
