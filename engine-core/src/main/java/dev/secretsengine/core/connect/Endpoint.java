package dev.secretsengine.core.connect;

import dev.secretsengine.client.protocol.Rpc;

/**
 * A procedure that is served.
 *
 * @param rpc its path and messages
 * @param procedure what it does
 */
public record Endpoint<Q, A>(Rpc<Q, A> rpc, Procedure<Q, A> procedure) {

    /** What a call does. */
    @FunctionalInterface
    public interface Procedure<Q, A> {

        /**
         * Answers a request; the caller wipes the answer if it is {@link AutoCloseable}.
         *
         * @throws CallException if the call ends in an error
         */
        A call(Q request, Call call) throws CallException;
    }
}
