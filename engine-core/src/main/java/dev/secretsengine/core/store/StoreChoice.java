package dev.secretsengine.core.store;

import dev.secretsengine.api.SecretsException;
import dev.secretsengine.core.config.EngineConfig;
import java.io.IOException;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Which store was chosen: by the configuration, else by the first use. Thread-safe. */
final class StoreChoice {

    private static final Logger LOG = LoggerFactory.getLogger(StoreChoice.class);

    private final EngineConfig config;
    private final StoreRecord record;
    private volatile StoreRecord.@Nullable Choice recorded;

    StoreChoice(EngineConfig config, StoreRecord record) {
        this.config = config;
        this.record = record;
    }

    /** What was recorded, as far as it was read. */
    StoreRecord.@Nullable Choice recorded() {
        return recorded;
    }

    boolean isRecorded(StoreRecord.Choice choice) {
        return choice.equals(recorded);
    }

    /** The choice that stands: the configured one, else the recorded one. A configured one may not be recorded yet. */
    synchronized Optional<StoreRecord.Choice> settled() throws SecretsException {
        StoreName configured = StoreName.parse(config.store());
        boolean isAuto = configured.store().equals(ActiveStore.AUTO);
        if (recorded == null) {
            try {
                recorded = record.read().orElse(null);
            } catch (SecretsException e) {
                if (isAuto) {
                    throw e;
                }
                LOG.warn("the configured store is used: {}", e.getMessage());
            }
        }
        StoreRecord.Choice present = recorded;
        if (isAuto) {
            return Optional.ofNullable(present);
        }
        StoreRecord.Choice choice = present != null && present.store().equals(configured.store())
                ? present
                : new StoreRecord.Choice(configured.store(), "configured",
                        present == null ? Map.of() : present.collections());
        return Optional.of(configured.collection().isEmpty()
                ? choice
                : choice.with(configured.store(), configured.collection()));
    }

    /** The same choice, which is recorded if it was not: its store is known to be there. */
    synchronized StoreRecord.Choice remembered(StoreRecord.Choice choice) throws SecretsException {
        if (!isRecorded(choice)) {
            try {
                record.write(choice);
            } catch (IOException e) {
                throw new SecretsException.Failed(ActiveStore.PLUGIN, "cannot record the choice of the store",
                        "check the space and the owner of the state folder").causedBy(e);
            }
            LOG.info("store {} {} {}", choice.store(), choice.collection().orElse(""), choice.reason());
            recorded = choice;
        }
        return choice;
    }

    /** That the recorded store is not installed; empty if the choice comes from the configuration. */
    Optional<SecretsException> missing(StoreRecord.Choice choice, Set<String> installed) {
        return isRecorded(choice) ? Optional.of(record.missing(choice, installed)) : Optional.empty();
    }

    /** Whether this store, and this collection of it if one is named, is the chosen one. */
    boolean is(StoreName name) {
        try {
            return settled().filter(choice -> choice.store().equals(name.store()) && (name.collection().isEmpty()
                    || choice.collection().filter(name.collection()::equals).isPresent())).isPresent();
        } catch (SecretsException e) {
            return false;
        }
    }

    /** The name of the chosen store, if one is. */
    Optional<String> name() {
        try {
            return settled().map(StoreRecord.Choice::store);
        } catch (SecretsException e) {
            return Optional.empty();
        }
    }
}
