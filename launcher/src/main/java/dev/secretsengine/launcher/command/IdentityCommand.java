package dev.secretsengine.launcher.command;

import dev.secretsengine.api.IdentityStore;
import dev.secretsengine.api.SecretValue;
import dev.secretsengine.api.SecretsException;
import java.io.IOException;
import java.util.Arrays;
import java.util.Optional;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

/** {@code docker pass identity}. */
@Command(name = "identity", description = "The key that the age store encrypts to.", synopsisSubcommandLabel = "COMMAND")
final class IdentityCommand extends CommandGroup {

    private final CommandContext context;

    IdentityCommand(CommandContext context) {
        this.context = context;
    }

    /** The active store's identity. */
    static IdentityStore store(CommandContext context) throws SecretsException {
        if (context.engine().localStore(context.request()) instanceof IdentityStore store) {
            return store;
        }
        throw withoutIdentity(context);
    }

    static SecretsException withoutIdentity(CommandContext context) {
        return new SecretsException.Invalid("", "the " + context.engine().store().name().orElse("active")
                + " store has no identity of ours", "it is unlocked where it was made, by your desktop session");
    }

    @Command(name = "show", description = "Print the public key.")
    int show() throws IOException, SecretsException {
        context.print(store(context).recipient());
        return 0;
    }

    @Command(name = "backup", description = "Write a copy of the identity to standard output: keep it in a safe place.")
    int backup() throws IOException, SecretsException {
        try (SecretValue identity = store(context).backup()) {
            byte[] bytes = identity.copyBytes();
            context.session().out().write(bytes);
            Arrays.fill(bytes, (byte) 0);
        }
        return 0;
    }

    @Command(name = "passphrase", description = "Set or change the passphrase that protects the identity.", footer = {
            "", "Asked for on a terminal; otherwise standard input has the present passphrase, if there is one,",
            "and the new one, each on a line."})
    int passphrase(@Option(names = "--remove", description = "Take the protection away.") boolean remove)
            throws IOException, SecretsException {
        IdentityStore store = store(context);
        boolean isProtected = store.hasPassphrase();
        if (remove && !isProtected) {
            context.print("The identity has no passphrase");
            return 0;
        }
        try (PassphraseInput input = new PassphraseInput(context.session());
                SecretValue current = isProtected ? input.next("Present passphrase: ") : null;
                SecretValue replacement = remove ? null : input.nextTwice("New passphrase: ")) {
            store.changePassphrase(Optional.ofNullable(current), Optional.ofNullable(replacement));
        }
        context.print(remove ? "The passphrase is removed" : "The identity is under the new passphrase");
        return 0;
    }
}
