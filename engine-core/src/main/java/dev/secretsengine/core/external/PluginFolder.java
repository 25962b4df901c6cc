package dev.secretsengine.core.external;

import dev.secretsengine.core.config.FolderTrust;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** The executables that a user has put there to be launched as plugins. */
final class PluginFolder {

    private static final Logger LOG = LoggerFactory.getLogger(PluginFolder.class);

    private PluginFolder() {
    }

    /** Those whose names can be a plugin's, and that nobody else could have put there or changed, by name. */
    static List<Path> executables(Path folder) {
        List<Path> trusted = new ArrayList<>();
        try (Stream<Path> files = Files.list(folder)) {
            FolderTrust trust = FolderTrust.ofThisProcess();
            for (Path file : (Iterable<Path>) files.sorted()::iterator) {
                boolean named = PluginSession.NAME.matcher(String.valueOf(file.getFileName())).matches();
                if (named && Files.isRegularFile(file) && Files.isExecutable(file)) {
                    Optional<String> objection = trust.objection(file);
                    if (objection.isEmpty()) {
                        trusted.add(file);
                    } else {
                        LOG.warn("a plugin is not launched: {}", objection.get());
                    }
                }
            }
        } catch (NoSuchFileException e) {
            LOG.debug("no folder of plugins");
        } catch (IOException e) {
            LOG.warn("cannot read {}: {}", folder, e.getMessage());
        }
        return trusted;
    }
}
