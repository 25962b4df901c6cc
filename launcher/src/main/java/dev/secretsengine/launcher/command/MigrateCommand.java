package dev.secretsengine.launcher.command;

import dev.secretsengine.api.IdentityStore;
import dev.secretsengine.api.LocalStore;
import dev.secretsengine.api.SecretId;
import dev.secretsengine.api.SecretInfo;
import dev.secretsengine.api.SecretPattern;
import dev.secretsengine.api.SecretsException;
import dev.secretsengine.core.resolve.InternalIds;
import dev.secretsengine.core.store.ActiveStore;
import dev.secretsengine.core.store.StoreLease;
import dev.secretsengine.core.store.StoreMove;
import dev.secretsengine.core.store.StoreName;
import java.io.IOException;
import java.util.List;
import java.util.Set;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** {@code docker pass migrate}. */
@Command(name = "migrate", description = "Move secrets from one store to another.", footer = {"",
        "Each secret is written to the new store, read back and compared, and only then removed from the old one. Run it",
        "again after an interruption: what was moved stays moved. Which store is active does not change: config.toml",
        "says that. Without PATTERN, what plugins keep in the store is moved as well.", "",
        "  docker pass migrate --from keychain --to age"})
final class MigrateCommand implements Callable<Integer> {

    private static final String EVERYTHING = "**";

    private final CommandContext context;

    @Option(names = "--from", paramLabel = "STORE", required = true, description = "The store they are in: keychain, keychain:COLLECTION or age.")
    private String from = "";

    @Option(names = "--to", paramLabel = "STORE", required = true, description = "The store to move them to.")
    private String to = "";

    @Parameters(paramLabel = "PATTERN", arity = "0..1", description = "Only these IDs, such as 'myapp/**'.")
    private String pattern = EVERYTHING;

    @Option(names = "--dry-run", description = "Only say what would be moved.")
    private boolean dryRun;

    @Option(names = {"-f", "--force"}, description = "Replace what the new store has under the same ID.")
    private boolean force;

    @Option(names = {"-q", "--quiet"}, description = "Print failures only.")
    private boolean quiet;

    MigrateCommand(CommandContext context) {
        this.context = context;
    }

    @Override
    public Integer call() throws IOException, SecretsException {
        SecretPattern asked = CommandContext.pattern(pattern);
        ActiveStore stores = context.engine().store();
        Set<String> names = stores.names(context.request());
        StoreName origin = StoreName.parse(from);
        StoreName destination = StoreName.parse(to);
        for (StoreName name : List.of(origin, destination)) {
            if (!names.contains(name.store())) {
                throw new UsageException("there is no such store: take one of " + String.join(", ", names));
            }
        }
        if (origin.equals(destination)) {
            throw new UsageException("--from and --to name the same store");
        }
        try (StoreLease source = stores.lease(origin, context.request());
                StoreLease target = stores.lease(destination, context.request())) {
            if (source.name().equals(target.name())) {
                throw new UsageException("--from and --to name the same collection, " + source.name());
            }
            requireUsable(source);
            requireUsable(target);
            List<SecretId> ids = source.store().list(asked, context.request()).stream().map(SecretInfo::id)
                    .filter(id -> pattern.equals(EVERYTHING) || !InternalIds.contains(id)).sorted().toList();
            return move(ids, new StoreMove(source, target, force, context::request));
        }
    }

    /** A keychain asks its user by itself. */
    private void requireUsable(StoreLease lease) throws SecretsException {
        LocalStore.Probe probe = lease.store().probe(context.request());
        String name = lease.name().store();
        if (probe.state() == LocalStore.State.ABSENT || probe.state() == LocalStore.State.UNKNOWN) {
            throw new SecretsException.Unavailable(name, "the store " + name + " cannot be used", probe.message());
        }
        if (lease.store() instanceof IdentityStore store && store.isLocked()) {
            boolean active = context.engine().store().name().filter(name::equals).isPresent();
            throw new SecretsException.Unavailable(name, "the store " + name + " is locked",
                    active
                            ? "docker pass unlock"
                            : "set store = \"" + name
                                    + "\" in config.toml, then docker pass unlock");
        }
    }

    private int move(List<SecretId> ids, StoreMove work) throws IOException, SecretsException {
        Progress progress = new Progress(context, dryRun ? "looked at" : "moved", ids.size());
        boolean good = true;
        boolean moved = false;
        try {
            for (SecretId id : ids) {
                String line = "";
                try {
                    if (dryRun ? work.isDue(id) : work.move(id)) {
                        moved = true;
                        line = quiet ? "" : (dryRun ? "MOVE: " : "MOVED: ") + id;
                    }
                } catch (SecretsException.Unavailable | SecretsException.Denied e) {
                    // The store, or its user: the next ones would only wait for the same, or be refused too.
                    throw e;
                } catch (SecretsException e) {
                    good = false;
                    line = "ERR: " + id + ": " + e.advice();
                }
                progress.step(line);
            }
        } finally {
            progress.end();
            conclude(ids.isEmpty(), moved);
        }
        return good ? 0 : 1;
    }

    private void conclude(boolean nothing, boolean moved) throws IOException {
        if (quiet) {
            return;
        }
        if (nothing) {
            context.printError("docker-pass: there is nothing to move in " + from);
        }
        if (moved && !dryRun && !context.engine().store().isActive(StoreName.parse(to))) {
            context.printError(
                    "docker-pass: what was moved is found once " + to + " is the active store: set store = \""
                            + to + "\" in config.toml");
        }
    }
}
