package dev.secretsengine.launcher.command;

import dev.secretsengine.api.IdentityStore;
import dev.secretsengine.api.SecretValue;
import dev.secretsengine.api.SecretsException;
import dev.secretsengine.api.Unlockable;
import java.io.IOException;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;

/** {@code docker pass unlock}. */
@Command(name = "unlock", description = "Unlock the store: the age identity for as long as this engine runs, or gnome-keyring.", footer = {
        "",
        "The passphrase is asked for on a terminal, otherwise it is the first line of standard input."})
final class UnlockCommand implements Callable<Integer> {

    private final CommandContext context;

    UnlockCommand(CommandContext context) {
        this.context = context;
    }

    @Override
    public Integer call() throws IOException, SecretsException {
        return switch (context.engine().localStore(context.request())) {
            case IdentityStore store -> unlock(store);
            case Unlockable store -> unlock(store);
            default -> throw IdentityCommand.withoutIdentity(context);
        };
    }

    private int unlock(IdentityStore store) throws IOException, SecretsException {
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

    private int unlock(Unlockable store) throws IOException, SecretsException {
        if (!store.isLocked(context.request())) {
            context.print("The keychain is not locked");
            return 0;
        }
        store.requireUnlockable(context.request());
        try (PassphraseInput input = new PassphraseInput(context.session());
                SecretValue passphrase = input.next("Passphrase of the keychain: ")) {
            store.unlock(passphrase, context.request());
        }
        context.print("The keychain is unlocked");
        return 0;
    }
}
