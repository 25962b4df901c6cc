package dev.secretsengine.core.plugin;

import dev.secretsengine.api.Envelope;
import dev.secretsengine.api.RequestContext;
import dev.secretsengine.api.SecretPattern;
import dev.secretsengine.api.SecretsException;
import dev.secretsengine.core.bundle.PluginBundle;
import dev.secretsengine.core.resolve.Source;
import java.util.List;
import java.util.Optional;

/**
 * Asks the provider of a bundle. Its hot parts are classes of their own: what is made of a lambda takes longer.
 *
 * @param plugins know which bundle it is of
 */
record BundleLookup(ProviderEntry entry, PluginHealth health, PluginManager plugins,
        Quarantine quarantine) implements Source.Lookup {

    private record Question(BundleLookup lookup, SecretPattern pattern,
            RequestContext context) implements Source.Pending {

        @Override
        public List<Envelope> await() throws SecretsException {
            return lookup.ask(pattern, context);
        }
    }

    @Override
    public Source.Pending begin(SecretPattern pattern, RequestContext context) {
        return new Question(this, pattern, context);
    }

    private List<Envelope> ask(SecretPattern pattern, RequestContext context) throws SecretsException {
        if (health.isProven()) {
            return health.ask(entry.provider(), pattern, context);
        }
        Optional<PluginBundle> bundle = plugins.bundle(entry.name());
        try (Quarantine.Risk _ = bundle.map(quarantine::risk).orElse(Quarantine.Risk.NONE)) {
            return health.ask(entry.provider(), pattern, context);
        } finally {
            if (health.isProven()) {
                bundle.ifPresent(quarantine::answered);
            }
        }
    }

    @Override
    public boolean isQuick() {
        return health.isQuick();
    }

    @Override
    public void heldUp() {
        health.heldUp();
    }

    @Override
    public void overdue() {
        health.overdue();
    }
}
