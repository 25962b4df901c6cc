package dev.secretsengine.client.protocol;

import dev.secretsengine.client.protocol.codec.EnumType;
import dev.secretsengine.client.protocol.codec.Field;
import dev.secretsengine.client.protocol.codec.MessageType;
import dev.secretsengine.client.protocol.codec.ProtoEnum;
import dev.secretsengine.client.protocol.codec.TimeSpan;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** The messages of plugins.v1. */
public final class PluginMessages {

    private PluginMessages() {
    }

    /** What a plugin is. */
    public sealed interface Role {
    }

    /**
     * It answers lookups.
     *
     * @param pattern of the secrets that it has
     */
    public record SecretsProvider(@Nullable String pattern) implements Role {

        /** See {@link MessageType}. */
        public static final MessageType<SecretsProvider> TYPE = MessageType.of(SecretsProvider.class,
                v -> new SecretsProvider(v.at(0, String.class)),
                Field.string(1, "pattern", SecretsProvider::pattern));
    }

    /** It decides who may read what. */
    public record AccessControlModule() implements Role {

        /** See {@link MessageType}. */
        public static final MessageType<AccessControlModule> TYPE = MessageType.of(AccessControlModule.class,
                _ -> new AccessControlModule());
    }

    /**
     * Whether a plugin runs.
     *
     * @param number on the wire
     */
    public record RunStatus(int number) implements ProtoEnum {

        /** It answers. */
        public static final RunStatus RUNNING = new RunStatus(1);

        /** It is disabled, or not started. */
        public static final RunStatus STOPPED = new RunStatus(2);

        /** It has failed. */
        public static final RunStatus CRASHED = new RunStatus(3);

        /** It has failed so often that it is not started again. */
        public static final RunStatus RETRIES_EXCEEDED = new RunStatus(4);

        /** See {@link EnumType}. */
        public static final EnumType<RunStatus> TYPE = EnumType.of(RunStatus::new, "RUN_STATUS_UNSPECIFIED",
                "RUN_STATUS_RUNNING", "RUN_STATUS_STOPPED", "RUN_STATUS_CRASHED", "RUN_STATUS_RETRIES_EXCEEDED");
    }

    /**
     * One plugin.
     *
     * @param name unique in the engine
     * @param version semantic, with a leading v: the Go client drops a plugin with another
     * @param disabled by the user
     * @param external a process of its own
     * @param configurable whether it can be enabled and disabled
     * @param runStatus whether it runs
     * @param statusMessage why it does not
     * @param role what it is
     */
    public record Plugin(@Nullable String name, @Nullable String version, @Nullable Boolean disabled,
            @Nullable Boolean external, @Nullable Boolean configurable, @Nullable RunStatus runStatus,
            @Nullable String statusMessage, @Nullable Role role) {

        /** See {@link MessageType}. */
        public static final MessageType<Plugin> TYPE = MessageType.of(Plugin.class,
                v -> new Plugin(v.at(0, String.class), v.at(1, String.class), v.at(2, Boolean.class),
                        v.at(3, Boolean.class), v.at(4, Boolean.class), v.at(5, RunStatus.class),
                        v.at(6, String.class), v.at(7, Role.class)),
                Field.string(1, "name", Plugin::name),
                Field.string(2, "version", Plugin::version),
                Field.bool(3, "disabled", Plugin::disabled),
                Field.bool(4, "external", Plugin::external),
                Field.bool(5, "configurable", Plugin::configurable),
                Field.enumeration(6, "run_status", RunStatus.TYPE, Plugin::runStatus),
                Field.string(7, "status_message", Plugin::statusMessage),
                Field.alternative(8, "secrets_provider", SecretsProvider.TYPE, Plugin::role),
                Field.alternative(9, "access_control_module", AccessControlModule.TYPE, Plugin::role));
    }

    /**
     * All plugins.
     *
     * @param plugins may be empty
     */
    public record ListPluginsResponse(List<Plugin> plugins) {

        /** See {@link MessageType}. */
        public static final MessageType<ListPluginsResponse> TYPE = MessageType.of(ListPluginsResponse.class,
                v -> new ListPluginsResponse(v.list(0, Plugin.class)),
                Field.messages(1, "plugins", Plugin.TYPE, ListPluginsResponse::plugins));

        /** Copies the list. */
        public ListPluginsResponse {
            plugins = List.copyOf(plugins);
        }
    }

    /**
     * Asks to enable or disable a plugin.
     *
     * @param name which
     */
    public record PluginRequest(@Nullable String name) {

        /** See {@link MessageType}. */
        public static final MessageType<PluginRequest> TYPE = MessageType.of(PluginRequest.class,
                v -> new PluginRequest(v.at(0, String.class)),
                Field.string(1, "name", PluginRequest::name));
    }

    /**
     * An external plugin says who it is.
     *
     * @param name of the plugin
     * @param version semantic, with a leading v
     * @param role what it is
     */
    public record RegisterPluginRequest(@Nullable String name, @Nullable String version, @Nullable Role role) {

        /** See {@link MessageType}. */
        public static final MessageType<RegisterPluginRequest> TYPE = MessageType.of(RegisterPluginRequest.class,
                v -> new RegisterPluginRequest(v.at(0, String.class), v.at(1, String.class), v.at(2, Role.class)),
                Field.string(1, "name", RegisterPluginRequest::name),
                Field.string(2, "version", RegisterPluginRequest::version),
                Field.alternative(3, "secrets_provider", SecretsProvider.TYPE, RegisterPluginRequest::role),
                Field.alternative(4, "access_control_module", AccessControlModule.TYPE, RegisterPluginRequest::role));
    }

    /**
     * The engine has taken a plugin in.
     *
     * @param engineName of the engine
     * @param engineVersion semantic, with a leading v
     * @param requestTimeout how long the engine waits for an answer
     */
    public record RegisterPluginResponse(@Nullable String engineName, @Nullable String engineVersion,
            @Nullable TimeSpan requestTimeout) {

        /** See {@link MessageType}. */
        public static final MessageType<RegisterPluginResponse> TYPE = MessageType.of(RegisterPluginResponse.class,
                v -> new RegisterPluginResponse(v.at(0, String.class), v.at(1, String.class), v.at(2, TimeSpan.class)),
                Field.string(1, "engine_name", RegisterPluginResponse::engineName),
                Field.string(2, "engine_version", RegisterPluginResponse::engineVersion),
                Field.duration(3, "request_timeout", RegisterPluginResponse::requestTimeout));
    }
}
