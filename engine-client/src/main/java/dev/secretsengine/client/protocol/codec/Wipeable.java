package dev.secretsengine.client.protocol.codec;

/** A message that holds secrets. Whoever holds it last closes it. */
public interface Wipeable extends AutoCloseable {

    /** Wipes them. May be called more than once. */
    @Override
    void close();
}
