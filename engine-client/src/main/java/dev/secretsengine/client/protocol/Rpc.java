package dev.secretsengine.client.protocol;

import dev.secretsengine.client.protocol.AccessMessages.AuthorizeAccessRequest;
import dev.secretsengine.client.protocol.AccessMessages.CheckAccessRequest;
import dev.secretsengine.client.protocol.AccessMessages.CheckAccessResponse;
import dev.secretsengine.client.protocol.HealthMessages.GetVersionResponse;
import dev.secretsengine.client.protocol.PluginMessages.ListPluginsResponse;
import dev.secretsengine.client.protocol.PluginMessages.PluginRequest;
import dev.secretsengine.client.protocol.PluginMessages.RegisterPluginRequest;
import dev.secretsengine.client.protocol.PluginMessages.RegisterPluginResponse;
import dev.secretsengine.client.protocol.ResolverMessages.AuthorizeRequest;
import dev.secretsengine.client.protocol.ResolverMessages.AuthorizeResponse;
import dev.secretsengine.client.protocol.ResolverMessages.GetSecretsRequest;
import dev.secretsengine.client.protocol.ResolverMessages.GetSecretsResponse;
import dev.secretsengine.client.protocol.codec.MessageType;

/**
 * A remote procedure.
 *
 * @param path of the HTTP request: {@code /package.Service/Method}
 * @param request what goes there
 * @param response what comes back
 */
public record Rpc<Q, A>(String path, MessageType<Q> request, MessageType<A> response) {

    /** Looks secrets up: asked of the engine by clients, of plugins by the engine. */
    public static final Rpc<GetSecretsRequest, GetSecretsResponse> GET_SECRETS = new Rpc<>(
            "/resolver.v1.ResolverService/GetSecrets", GetSecretsRequest.TYPE, GetSecretsResponse.TYPE);

    /** Asks the engine whether the caller may look secrets up. */
    public static final Rpc<AuthorizeRequest, AuthorizeResponse> AUTHORIZE = new Rpc<>(
            "/resolver.v1.AuthorizerService/Authorize", AuthorizeRequest.TYPE, AuthorizeResponse.TYPE);

    /** Lists the plugins. */
    public static final Rpc<Empty, ListPluginsResponse> LIST_PLUGINS = new Rpc<>(
            "/plugins.v1.PluginManagementService/ListPlugins", Empty.TYPE, ListPluginsResponse.TYPE);

    /** Enables a plugin. */
    public static final Rpc<PluginRequest, Empty> ENABLE_PLUGIN = new Rpc<>(
            "/plugins.v1.PluginManagementService/EnablePlugin", PluginRequest.TYPE, Empty.TYPE);

    /** Disables a plugin. */
    public static final Rpc<PluginRequest, Empty> DISABLE_PLUGIN = new Rpc<>(
            "/plugins.v1.PluginManagementService/DisablePlugin", PluginRequest.TYPE, Empty.TYPE);

    /** Tells the engine's version. */
    public static final Rpc<Empty, GetVersionResponse> GET_VERSION = new Rpc<>(
            "/health.v1.VersionService/GetVersion", Empty.TYPE, GetVersionResponse.TYPE);

    /** An external plugin registers with the engine. */
    public static final Rpc<RegisterPluginRequest, RegisterPluginResponse> REGISTER_PLUGIN = new Rpc<>(
            "/plugins.v1.RegisterService/RegisterPlugin", RegisterPluginRequest.TYPE, RegisterPluginResponse.TYPE);

    /** The engine tells an external plugin to end. */
    public static final Rpc<Empty, Empty> SHUTDOWN = new Rpc<>("/plugins.v1.PluginService/Shutdown", Empty.TYPE,
            Empty.TYPE);

    /** The engine asks a module of access control about a lookup. */
    public static final Rpc<CheckAccessRequest, CheckAccessResponse> CHECK_ACCESS = new Rpc<>(
            "/accesscontrol.v1.AccessControlService/CheckAccess", CheckAccessRequest.TYPE, CheckAccessResponse.TYPE);

    /** The engine asks a module of access control ahead of lookups. */
    public static final Rpc<AuthorizeAccessRequest, AuthorizeResponse> AUTHORIZE_ACCESS = new Rpc<>(
            "/accesscontrol.v1.AccessControlService/Authorize", AuthorizeAccessRequest.TYPE, AuthorizeResponse.TYPE);
}
