package dev.secretsengine.core.sdk;

import dev.secretsengine.api.SecretsException;
import dev.secretsengine.client.protocol.ConnectCode;
import dev.secretsengine.client.protocol.Empty;
import dev.secretsengine.client.protocol.PluginMessages.AccessControlModule;
import dev.secretsengine.client.protocol.PluginMessages.ListPluginsResponse;
import dev.secretsengine.client.protocol.PluginMessages.Plugin;
import dev.secretsengine.client.protocol.PluginMessages.PluginRequest;
import dev.secretsengine.client.protocol.PluginMessages.RunStatus;
import dev.secretsengine.client.protocol.PluginMessages.SecretsProvider;
import dev.secretsengine.core.Engine;
import dev.secretsengine.core.connect.Call;
import dev.secretsengine.core.connect.CallException;
import dev.secretsengine.core.plugin.PluginRow;
import dev.secretsengine.core.plugin.PluginStatus;
import java.util.List;

/** The plugins: listing them, switching them on and off. */
final class PluginService {

    private final Engine engine;

    PluginService(Engine engine) {
        this.engine = engine;
    }

    ListPluginsResponse list(Empty request, Call call) throws CallException {
        try {
            return new ListPluginsResponse(engine.rows(call.request()).stream().map(PluginService::message).toList());
        } catch (SecretsException e) {
            throw new CallException(ConnectCode.INTERNAL, e.advice());
        }
    }

    private static Plugin message(PluginRow row) {
        // The Go client drops a plugin without a version; that of a store is known once it is chosen.
        String version = row.version().isEmpty() ? "0.0.0" : row.version();
        return new Plugin(row.name(), "v" + version, row.status() == PluginStatus.DISABLED, row.external(),
                row.configurable(), status(row.status()), row.message(),
                row.external() && row.pattern().isEmpty()
                        ? new AccessControlModule()
                        : new SecretsProvider(row.pattern()));
    }

    private static RunStatus status(PluginStatus status) {
        return switch (status) {
            case RUNNING -> RunStatus.RUNNING;
            case STOPPED, DISABLED -> RunStatus.STOPPED;
            case CRASHED -> RunStatus.CRASHED;
            case RETRIES_EXCEEDED -> RunStatus.RETRIES_EXCEEDED;
        };
    }

    Empty enable(PluginRequest request, Call call) throws CallException {
        return change(request, true, call);
    }

    Empty disable(PluginRequest request, Call call) throws CallException {
        return change(request, false, call);
    }

    private Empty change(PluginRequest request, boolean on, Call call) throws CallException {
        String name = request.name() == null ? "" : request.name();
        try {
            List<PluginRow> rows = engine.rows(call.request());
            PluginRow row = rows.stream().filter(candidate -> candidate.name().equals(name)).findFirst()
                    .orElseThrow(() -> new CallException(ConnectCode.NOT_FOUND, "plugin not found"));
            if (!row.configurable()) {
                throw new CallException(ConnectCode.FAILED_PRECONDITION, "plugin is not configurable");
            }
            engine.enable(name, on, call.request());
            return new Empty();
        } catch (SecretsException e) {
            throw new CallException(ConnectCode.INTERNAL, e.advice());
        }
    }
}
