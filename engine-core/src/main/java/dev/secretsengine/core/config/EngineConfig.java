package dev.secretsengine.core.config;

import com.electronwill.nightconfig.core.UnmodifiableConfig;
import com.electronwill.nightconfig.core.io.ParsingException;
import com.electronwill.nightconfig.toml.TomlParser;
import dev.secretsengine.api.SecretsException;
import java.io.IOException;
import java.nio.charset.CharacterCodingException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.attribute.FileTime;
import java.util.Collection;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/** The user's {@code config.toml}, read again when it has changed. A file that is not there configures nothing. */
public final class EngineConfig {

    private final Path file;
    private @Nullable UnmodifiableConfig content;
    private @Nullable FileTime readAt;

    /** The configuration in this file. */
    public EngineConfig(Path file) {
        this.file = file;
    }

    /**
     * Which store serves the user's own secrets: {@code auto} or a store's name.
     *
     * @throws SecretsException.Invalid if the file does not parse
     */
    public String store() throws SecretsException {
        return text(List.of("store")).orElse("auto");
    }

    /**
     * The configured value of a plugin's setting.
     *
     * @throws SecretsException.Invalid if the file does not parse
     */
    public Optional<String> plugin(String plugin, String setting) throws SecretsException {
        return text(List.of("plugins", plugin, setting));
    }

    private synchronized Optional<String> text(List<String> path) throws SecretsException {
        UnmodifiableConfig present = content().orElse(null);
        Object value = present == null ? null : present.get(path);
        if (value instanceof UnmodifiableConfig || value instanceof Collection) {
            throw new SecretsException.Invalid(file.toString(), String.join(".", path) + " in " + file + " is a "
                    + (value instanceof Collection ? "list" : "table"), "give it a value");
        }
        return Optional.ofNullable(value).map(Object::toString);
    }

    private Optional<UnmodifiableConfig> content() throws SecretsException {
        try {
            FileTime changed = Files.getLastModifiedTime(file);
            if (!changed.equals(readAt)) {
                // Read first: the parser would call a file that cannot be read a broken one.
                content = new TomlParser().parse(Files.readString(file));
                readAt = changed;
            }
            return Optional.ofNullable(content);
        } catch (NoSuchFileException e) {
            return Optional.empty();
        } catch (ParsingException e) {
            throw new SecretsException.Invalid(file.toString(), file + " is not valid TOML", oneLine(e)).causedBy(e);
        } catch (CharacterCodingException e) {
            throw new SecretsException.Invalid(file.toString(), file + " is not valid UTF-8", "save it as UTF-8")
                    .causedBy(e);
        } catch (IOException e) {
            throw new SecretsException.Failed(file.toString(), "cannot read " + file, "check its owner and mode")
                    .causedBy(e);
        }
    }

    private static String oneLine(ParsingException e) {
        return String.valueOf(e.getMessage()).lines().findFirst().orElse("mend it");
    }
}
