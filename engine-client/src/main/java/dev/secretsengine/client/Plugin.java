package dev.secretsengine.client;

import dev.secretsengine.client.protocol.PluginMessages;
import dev.secretsengine.client.protocol.PluginMessages.RunStatus;
import dev.secretsengine.client.protocol.PluginMessages.SecretsProvider;
import java.util.Objects;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * One plugin of the engine.
 *
 * @param name unique in the engine
 * @param version semantic, with a leading v
 * @param disabled by the user
 * @param external a process of its own, not a part of the engine's
 * @param configurable whether it can be enabled and disabled
 * @param status whether it runs
 * @param statusMessage why it does not, may be empty
 * @param pattern of the secrets that it has; empty for one that only controls access
 */
public record Plugin(String name, String version, boolean disabled, boolean external, boolean configurable,
        Status status, String statusMessage, Optional<String> pattern) {

    /** Whether a plugin runs. */
    public enum Status {
        /** The engine does not say. */
        UNKNOWN,
        /** It answers. */
        RUNNING,
        /** It is disabled, or not started. */
        STOPPED,
        /** It has failed. */
        CRASHED,
        /** It has failed so often that it is not started again. */
        RETRIES_EXCEEDED
    }

    static Plugin of(PluginMessages.Plugin plugin) {
        return new Plugin(text(plugin.name()), text(plugin.version()), is(plugin.disabled()), is(plugin.external()),
                is(plugin.configurable()), status(plugin.runStatus()), text(plugin.statusMessage()),
                plugin.role() instanceof SecretsProvider provider
                        ? Optional.of(text(provider.pattern()))
                        : Optional.empty());
    }

    private static String text(@Nullable String text) {
        return Objects.requireNonNullElse(text, "");
    }

    private static boolean is(@Nullable Boolean flag) {
        return flag != null && flag;
    }

    private static Status status(@Nullable RunStatus status) {
        int number = status == null ? 0 : status.number();
        Status[] known = Status.values();
        return number > 0 && number < known.length ? known[number] : Status.UNKNOWN;
    }
}
