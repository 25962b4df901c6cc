package dev.secretsengine.launcher.command;

import dev.secretsengine.api.SecretsException;
import dev.secretsengine.core.PluginReport;
import dev.secretsengine.core.bundle.DroppedJar;
import dev.secretsengine.core.plugin.PluginHealth;
import dev.secretsengine.launcher.format.Listing;
import java.io.IOException;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** {@code docker pass plugins inspect}. */
@Command(name = "inspect", description = "Show where a plugin comes from, how it is configured and how it does.", footer = {
        "", "Counts are since the engine was started. A secret setting is shown as set or not set."})
final class PluginInspectCommand implements Callable<Integer> {

    private static final List<String> FIELDS = List.of("Name", "Group", "Version", "Pattern", "Configurable",
            "External", "Bundle", "BundleVersion", "Jar", "Signer", "Status", "Message", "Settings", "LastSuccess",
            "LastError", "LastErrorAt", "Calls", "Failures", "CacheHits", "CacheMisses");

    private final CommandContext context;

    @Parameters(paramLabel = "NAME", description = "The plugin.")
    private String name = "";

    @Option(names = "--format", paramLabel = "FORMAT", description = "json or a template such as '{{.Calls}}'.", defaultValue = "")
    private String format = "";

    PluginInspectCommand(CommandContext context) {
        this.context = context;
    }

    @Override
    public Integer call() throws IOException, SecretsException {
        Listing listing = CommandContext.listing(format.isEmpty() ? "table" : format, FIELDS, FIELDS);
        Map<String, Object> facts = facts(context.engine().inspect(name, context.request()));
        if (!format.isEmpty()) {
            context.print(listing, List.of(facts));
            return 0;
        }
        context.print(text(facts));
        return 0;
    }

    private static String text(Map<String, Object> facts) {
        StringBuilder text = new StringBuilder();
        for (String field : FIELDS) {
            Object value = facts.getOrDefault(field, "");
            if (value instanceof Map<?, ?> settings) {
                settings.forEach((setting, set) -> line(text, "Setting " + setting,
                        set.toString().isEmpty() ? "not set" : set));
            } else {
                line(text, Listing.words(field), value);
            }
        }
        return text.toString().stripTrailing();
    }

    private static void line(StringBuilder text, String name, Object value) {
        if (!value.toString().isEmpty()) {
            text.append(name).append(": ").append(value).append('\n');
        }
    }

    private static Map<String, Object> facts(PluginReport report) {
        Map<String, Object> facts = new LinkedHashMap<>();
        facts.put("Name", report.row().name());
        facts.put("Group", report.group());
        facts.put("Version", report.row().version());
        facts.put("Pattern", report.row().pattern());
        facts.put("Configurable", report.row().configurable());
        facts.put("External", report.row().external());
        facts.put("Bundle", report.row().bundle());
        report.bundle().ifPresent(bundle -> {
            facts.put("BundleVersion", bundle.version());
            facts.put("Jar", bundle.jar().map(DroppedJar::path).orElse("(part of the engine)"));
            facts.put("Signer", bundle.jar().map(DroppedJar::signer).orElse(""));
        });
        facts.put("Status", report.row().status().text());
        facts.put("Message", report.row().message());
        facts.put("Settings", report.settings());
        PluginHealth health = report.health();
        health.lastSuccess().ifPresent(at -> facts.put("LastSuccess", seconds(at)));
        health.lastError().ifPresent(mishap -> {
            facts.put("LastError", mishap.text());
            facts.put("LastErrorAt", seconds(mishap.at()));
        });
        facts.put("Calls", health.calls());
        facts.put("Failures", health.failures());
        facts.put("CacheHits", report.hits());
        facts.put("CacheMisses", report.misses());
        return facts;
    }

    private static Instant seconds(Instant at) {
        return at.truncatedTo(ChronoUnit.SECONDS);
    }
}
