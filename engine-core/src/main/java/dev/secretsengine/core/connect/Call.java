package dev.secretsengine.core.connect;

import dev.secretsengine.api.RequestContext;
import dev.secretsengine.core.wire.Peer;

/**
 * One call of a procedure.
 *
 * @param peer who calls
 * @param request its deadline and cancellation
 */
public record Call(Peer peer, RequestContext request) {
}
