package dev.secretsengine.onepassword.op;

import dev.secretsengine.api.RequestContext;
import dev.secretsengine.api.SecretsException;
import dev.secretsengine.kit.CallerEnvironment;
import dev.secretsengine.kit.remote.RateLimit;
import dev.secretsengine.onepassword.item.Source;
import dev.secretsengine.onepassword.item.Sources;
import dev.secretsengine.onepassword.item.Token;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import org.jspecify.annotations.Nullable;

/** The ways of one plugin to call {@code op}. */
public final class Op implements Sources {

    private static final List<String> PROXIES = List.of("HTTP_PROXY", "HTTPS_PROXY", "ALL_PROXY", "NO_PROXY",
            "http_proxy", "https_proxy", "all_proxy", "no_proxy");
    /**
     * How to call it.
     *
     * @param program empty for the {@code op} on PATH
     * @param account which of the accounts that are signed in, empty for the default one
     * @param proxy URL, empty for what the environment says
     * @param environment the engine's
     */
    public record Options(Optional<Path> program, String account, String proxy, Map<String, String> environment) {
    }

    private final String plugin;
    private final Options options;
    private final @Nullable Token token;
    private final PromptGate gate = new PromptGate();
    private final RateLimit limit;

    /**
     * Nothing is called yet.
     *
     * @param token of a service account, null for the user's own account; closed with this
     */
    public Op(String plugin, Options options, @Nullable Token token) {
        this.plugin = plugin;
        this.options = options;
        this.token = token;
        this.limit = new RateLimit(plugin, "1Password");
    }

    @Override
    public Source of(RequestContext caller) throws SecretsException {
        CallerEnvironment environment = new CallerEnvironment(caller, options.environment());
        return new OpSource(this, program(environment), variables(environment));
    }

    private Path program(CallerEnvironment environment) throws SecretsException {
        Optional<Path> found = options.program().isPresent()
                ? options.program().filter(CallerEnvironment::isProgram)
                : environment.onPath("op").or(
                        () -> CallerEnvironment.onPath("op", options.environment().getOrDefault("PATH", "")));
        return found.orElseThrow(() -> new SecretsException.Unavailable(plugin,
                options.program().isPresent()
                        ? "there is no program at " + options.program().get() + ", the setting op of " + plugin
                        : "the 1Password CLI, op, is not on PATH",
                "install it, or set plugins." + plugin + ".op; then docker pass plugins enable " + plugin).fatal());
    }

    /** All that {@code op} sees but the token. Variables of Connect would win over the token, and are never among them. */
    private Map<String, String> variables(CallerEnvironment environment) {
        Map<String, String> variables = new TreeMap<>(environment.select(List.of("PATH", "HOME")));
        Set<String> xdg = new TreeSet<>(options.environment().keySet());
        xdg.removeIf(name -> !name.startsWith("XDG_"));
        xdg.add("XDG_RUNTIME_DIR");
        variables.putAll(environment.select(xdg));
        variables.putAll(environment.select(PROXIES));
        if (!options.proxy().isEmpty()) {
            variables.put("HTTP_PROXY", options.proxy());
            variables.put("HTTPS_PROXY", options.proxy());
        }
        return Map.copyOf(variables);
    }

    /** The environment of one call. */
    Map<String, String> environment(Map<String, String> variables) {
        Map<String, String> all = new HashMap<>(variables);
        if (token != null) {
            all.put("OP_SERVICE_ACCOUNT_TOKEN", token.text());
        }
        return all;
    }

    String plugin() {
        return plugin;
    }

    boolean hasToken() {
        return token != null;
    }

    String account() {
        return options.account();
    }

    PromptGate gate() {
        return gate;
    }

    RateLimit limit() {
        return limit;
    }

    @Override
    public void close() {
        if (token != null) {
            token.close();
        }
    }
}
