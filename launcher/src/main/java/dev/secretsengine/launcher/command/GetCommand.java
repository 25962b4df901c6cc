package dev.secretsengine.launcher.command;

import dev.secretsengine.api.Envelope;
import dev.secretsengine.api.LocalStore;
import dev.secretsengine.api.SecretId;
import dev.secretsengine.api.SecretInfo;
import dev.secretsengine.api.SecretPattern;
import dev.secretsengine.api.SecretsException;
import dev.secretsengine.core.resolve.References;
import dev.secretsengine.core.store.ActiveStore;
import dev.secretsengine.launcher.format.Listing;
import dev.secretsengine.launcher.format.WipedOutput;
import java.io.IOException;
import java.time.Instant;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Callable;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** {@code docker pass get}. */
@Command(name = "get", description = "Get a secret from the local store, or what a se:// reference stands for.", footer = {
        "", "  docker pass get GH_TOKEN", "  docker pass get --reveal myapp/db/password",
        "  docker pass get se://docker/auth/hub/alice --format json"})
final class GetCommand implements Callable<Integer> {

    private static final String MASK = "**********";
    private static final Pattern JSON_OF_ALL = Pattern.compile("\\{\\{\\s*json\\s+\\.\\s*}}");
    private static final List<String> FIELDS = List.of("ID", "Value", "Plugin", "Version", "CreatedAt", "ModifiedAt",
            "Metadata");

    private final CommandContext context;

    @Parameters(paramLabel = "ID|se://REF", description = "The secret.")
    private String name = "";

    @Option(names = "--reveal", description = "Show the value.")
    private boolean reveal;

    @Option(names = {"-q", "--quiet"}, description = "Print the ID only.")
    private boolean quiet;

    @Option(names = "--format", paramLabel = "FORMAT", description = "table, json or a template such as '{{.ID}}'.")
    private @Nullable String format;

    GetCommand(CommandContext context) {
        this.context = context;
    }

    @Override
    public Integer call() throws IOException, SecretsException {
        Listing listing = format == null ? null : CommandContext.listing(format, FIELDS, FIELDS);
        if (name.startsWith(References.SCHEME)) {
            CommandContext.pattern(name.substring(References.SCHEME.length()));
            try (Envelope found = context.engine().references().single(name, context.request())) {
                print(found.id(), found, row(found, null), listing);
            }
            return 0;
        }
        SecretId id = CommandContext.id(name);
        LocalStore store = context.engine().localStore(context.request());
        SecretInfo info = store.describe(id, context.request()).orElseThrow(() -> missing(id));
        if (reveal) {
            try (Envelope found = store.get(id, context.request()).orElseThrow(() -> missing(id))) {
                print(id, found, row(found, info), listing);
            }
        } else {
            print(id, null, row(info), listing);
        }
        context.noteOtherCollections(SecretPattern.of(id), List.of(id));
        return 0;
    }

    private SecretsException missing(SecretId id) {
        return context.engine().store().missing(id, context.request())
                .orElseGet(() -> new SecretsException.NotFound(id.toString(), "there is no secret " + id,
                        "docker pass ls lists them, docker pass set " + id + " stores one"));
    }

    private void print(SecretId id, @Nullable Envelope found, Map<String, Object> row, @Nullable Listing listing)
            throws IOException {
        if (quiet) {
            context.print(id.toString());
        } else if (listing != null) {
            context.print(listing, List.of(row));
        } else if (reveal && found != null) {
            reveal(found);
        } else {
            context.print("ID: " + id + "\nValue: " + MASK);
        }
    }

    private void reveal(Envelope found) throws IOException {
        byte[] value = found.value().copyBytes();
        try (WipedOutput line = new WipedOutput()) {
            line.writeBytes(value);
            if (context.session().isTerminal(1)) {
                line.write('\n');
            }
            line.writeTo(context.session().out());
        } finally {
            Arrays.fill(value, (byte) 0);
        }
    }

    private Map<String, Object> row(Envelope found, @Nullable SecretInfo info) {
        Map<String, Object> row = new LinkedHashMap<>();
        row.put("ID", found.id());
        row.put("Plugin", info == null ? found.provider() : ActiveStore.PLUGIN);
        row.put("Version", info == null ? found.version() : context.engine().store().version());
        times(row, found.createdAt(), info == null ? null : info.modifiedAt());
        row.put("Metadata", found.metadata());
        if (reveal) {
            row.put("Value", found.value());
        } else {
            maskFor(row);
        }
        return row;
    }

    private Map<String, Object> row(SecretInfo info) {
        Map<String, Object> row = new LinkedHashMap<>();
        row.put("ID", info.id());
        row.put("Plugin", ActiveStore.PLUGIN);
        row.put("Version", context.engine().store().version());
        times(row, info.createdAt(), info.modifiedAt());
        row.put("Metadata", info.metadata());
        maskFor(row);
        return row;
    }

    /** JSON says nothing of a value that it does not reveal. */
    private void maskFor(Map<String, Object> row) {
        if (format != null && !format.equals("json") && !JSON_OF_ALL.matcher(format).find()) {
            row.put("Value", MASK);
        }
    }

    private static void times(Map<String, Object> row, @Nullable Instant created, @Nullable Instant modified) {
        if (created != null) {
            row.put("CreatedAt", created);
        }
        if (modified != null) {
            row.put("ModifiedAt", modified);
        }
    }
}
