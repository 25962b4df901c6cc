package dev.secretsengine.launcher.command;

import dev.secretsengine.api.IdentityStore;
import dev.secretsengine.api.SecretValue;
import dev.secretsengine.api.SecretsException;
import java.io.IOException;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;

/** {@code docker pass unlock}. */
@Command(name = "unlock", description = "Unlock the age store's identity for as long as this engine runs.", footer = {
        "",
        "The passphrase is asked for on a terminal, otherwise it is the first line of standard input."})
final class UnlockCommand implements Callable<Integer> {

    private final CommandContext context;

    UnlockCommand(CommandContext context) {
        this.context = context;
    }

    @Override
    public Integer call() throws IOException, SecretsException {
        IdentityStore store = IdentityCommand.store(context);
        if (!store.isLocked()) {
            context.print("The identity is not locked");
            return 0;
        }
        try (PassphraseInput input = new PassphraseInput(context.session());
                SecretValue passphrase = input.next("Passphrase: ")) {
            store.unlock(passphrase);
        }
        context.print("The identity is unlocked until the engine stops");
        return 0;
    }
}
