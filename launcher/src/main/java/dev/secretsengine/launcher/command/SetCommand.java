package dev.secretsengine.launcher.command;

import dev.secretsengine.api.SecretId;
import dev.secretsengine.api.SecretValue;
import dev.secretsengine.api.SecretsException;
import java.io.IOException;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** {@code docker pass set}. */
@Command(name = "set", aliases = {"store", "save"}, description = "Set a secret.", footer = {"",
        "Without =VALUE the value is read from standard input: asked for twice on a terminal, otherwise",
        "all of it but one final line end. JSON {\"secret\":\"...\",\"metadata\":{...}} sets both.", "",
        "  docker pass set GH_TOKEN=123456789",
        "  echo my_val | docker pass set myapp/db/password --metadata owner=alice"})
final class SetCommand implements Callable<Integer> {

    private final CommandContext context;

    @Parameters(paramLabel = "ID[=VALUE]", description = "Where to store it, and what.")
    private String assignment = "";

    @Option(names = "--metadata", paramLabel = "KEY=VALUE", description = "Attach a note to the secret; repeatable.")
    private List<String> metadata = List.of();

    @Option(names = "--raw", description = "Keep every byte of standard input, the final line end included.")
    private boolean raw;

    SetCommand(CommandContext context) {
        this.context = context;
    }

    @Option(names = {"-f",
            "--force"}, description = "Accepted for compatibility: a secret that is there is replaced either way.")
    void force(boolean ignored) {
        // Replacing is what set does anyway.
    }

    @Override
    public Integer call() throws IOException, SecretsException {
        int equals = assignment.indexOf('=');
        SecretId id = CommandContext.id(equals < 0 ? assignment : assignment.substring(0, equals));
        Map<String, String> given = metadata();
        try (SecretInput input = equals < 0
                ? SecretInput.read(context.session(), id, raw)
                : SecretInput.of(new Arguments(context.session()).value(assignment))) {
            Map<String, String> all = new LinkedHashMap<>(input.metadata());
            all.putAll(given);
            try (SecretValue value = input.take()) {
                context.engine().localStore(context.request()).set(id, value, all, context.request());
            }
        }
        return 0;
    }

    private Map<String, String> metadata() {
        Map<String, String> parsed = new LinkedHashMap<>();
        for (String argument : metadata) {
            String pair = new Arguments(context.session()).text("--metadata", argument);
            int equals = pair.indexOf('=');
            if (equals < 1) {
                throw new UsageException("--metadata takes KEY=VALUE, not \"" + pair + "\"");
            }
            parsed.put(pair.substring(0, equals), pair.substring(equals + 1));
        }
        return parsed;
    }
}
