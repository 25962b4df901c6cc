package dev.secretsengine.core.external;

import dev.secretsengine.api.RequestContext;
import dev.secretsengine.client.protocol.AccessMessages.AuthorizeAccessRequest;
import dev.secretsengine.client.protocol.AccessMessages.CheckAccessRequest;
import dev.secretsengine.client.protocol.AccessMessages.Requester;
import dev.secretsengine.client.protocol.Decision;
import dev.secretsengine.client.protocol.ResolverMessages.AuthorizeResponse;
import dev.secretsengine.client.protocol.Rpc;
import dev.secretsengine.core.external.PluginChannel.RemoteException;
import java.io.IOException;
import java.util.List;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * A module of access control in a process of its own. One that does not answer denies.
 *
 * @param name the module
 * @param version its version
 * @param channel to its process
 */
record AccessModule(String name, String version, PluginChannel channel) implements Member {

    private static final Logger LOG = LoggerFactory.getLogger(AccessModule.class);

    private static final AuthorizeResponse DENIED = new AuthorizeResponse(Decision.DENY, null);

    @Override
    public String servedPattern() {
        return "";
    }

    boolean allows(String pattern, Requester requester, RequestContext context) {
        try {
            return Decision.ALLOW.equals(
                    channel.call(Rpc.CHECK_ACCESS, new CheckAccessRequest(pattern, requester), context).decision());
        } catch (IOException | RemoteException e) {
            LOG.warn("the access control module {} did not decide: {}", name, e.getMessage());
            return false;
        }
    }

    /** The same ahead of lookups; whether it holds, and until when. */
    AuthorizeResponse authorize(List<String> patterns, Requester requester, RequestContext context) {
        try {
            return channel.call(Rpc.AUTHORIZE_ACCESS, new AuthorizeAccessRequest(patterns, requester), context);
        } catch (IOException | RemoteException e) {
            LOG.warn("the access control module {} did not decide: {}", name, e.getMessage());
            return DENIED;
        }
    }
}
