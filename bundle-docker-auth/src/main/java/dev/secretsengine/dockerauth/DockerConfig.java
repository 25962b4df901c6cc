package dev.secretsengine.dockerauth;

import dev.secretsengine.api.SecretValue;
import dev.secretsengine.api.SecretsException;
import dev.secretsengine.kit.JsonReader;
import dev.secretsengine.kit.WipedBuffer;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.AccessDeniedException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.attribute.BasicFileAttributes;
import java.util.Arrays;
import java.util.Base64;
import java.util.HashMap;
import java.util.HashSet;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/** What Docker's config.json says of credentials. Closing it wipes those that stand in the file itself. */
final class DockerConfig implements AutoCloseable {

    static final String SOURCE = "config.json";

    private static final int MAX_SIZE = 4 << 20;

    private final Path file;
    private String credsStore = "";
    private final Map<String, String> credHelpers = new HashMap<>();
    private final Map<String, Credential> auths = new HashMap<>();
    private final Set<String> broken = new HashSet<>();

    private DockerConfig(Path file) {
        this.file = file;
    }

    /**
     * Reads the file; without one, or with an empty one, nothing is configured.
     *
     * @throws SecretsException.Invalid if it is no file, no JSON, or over 4 MiB
     * @throws SecretsException.Denied if it may not be read
     */
    static DockerConfig read(Path file) throws SecretsException {
        DockerConfig config = new DockerConfig(file);
        try (WipedBuffer bytes = new WipedBuffer(MAX_SIZE)) {
            config.load(bytes);
            return config;
        } catch (NoSuchFileException e) {
            return config;
        } catch (AccessDeniedException e) {
            throw new SecretsException.Denied(DockerAuthProvider.NAME, "cannot read " + file, "check its permissions")
                    .causedBy(e);
        } catch (IOException e) {
            throw new SecretsException.Failed(DockerAuthProvider.NAME, "cannot read " + file, "check the file system")
                    .causedBy(e);
        } catch (JsonReader.Malformed e) {
            config.close();
            throw config.invalid("malformed at byte " + e.position());
        }
    }

    private void load(WipedBuffer bytes) throws IOException, SecretsException, JsonReader.Malformed {
        if (!Files.readAttributes(file, BasicFileAttributes.class).isRegularFile()) {
            throw invalid("not a file");
        }
        try (InputStream in = Files.newInputStream(file)) {
            bytes.readAll(in);
        }
        if (bytes.isOver()) {
            throw invalid("larger than 4 MiB");
        }
        JsonReader json = bytes.json();
        if (!json.isBlank()) {
            parse(json);
        }
    }

    private SecretsException invalid(String reason) {
        return new SecretsException.Invalid(DockerAuthProvider.NAME, file + " is not a Docker configuration: " + reason,
                "repair it, or move it away and run docker login again");
    }

    // Field names match in any case, as in the docker client.
    private void parse(JsonReader json) throws JsonReader.Malformed {
        json.object(name -> {
            switch (name.toLowerCase(Locale.ROOT)) {
                case "credsstore" -> credsStore = json.plainText();
                case "credhelpers" -> json.object(server -> credHelpers.put(server, json.plainText()));
                case "auths" -> json.object(server -> readAuth(server, json));
                default -> json.skip();
            }
        });
    }

    private void readAuth(String server, JsonReader json) throws JsonReader.Malformed {
        Map<String, byte[]> fields = new HashMap<>();
        try {
            json.object(name -> {
                String field = name.toLowerCase(Locale.ROOT);
                switch (field) {
                    case "auth", "username", "password", "identitytoken" -> wipe(fields.put(field, json.text()));
                    default -> json.skip();
                }
            });
            addAuth(server, fields);
        } catch (IllegalArgumentException e) {
            broken.add(server);
        } finally {
            fields.values().forEach(DockerConfig::wipe);
        }
    }

    /** The token wins over the password, and {@code auth} over the fields it replaced. */
    private void addAuth(String server, Map<String, byte[]> fields) {
        byte[] none = new byte[0];
        byte[] token = fields.getOrDefault("identitytoken", none);
        byte[] encoded = fields.getOrDefault("auth", none);
        byte[] password = fields.getOrDefault("password", none);
        if (token.length > 0) {
            add(server, Registries.TOKEN_USER, SecretValue.copyOf(token));
        } else if (encoded.length > 0) {
            addEncoded(server, encoded);
        } else if (password.length > 0) {
            byte[] username = fields.getOrDefault("username", none);
            add(server, new String(username, StandardCharsets.UTF_8), SecretValue.copyOf(password));
        }
    }

    private void addEncoded(String server, byte[] encoded) {
        byte[] decoded = new byte[encoded.length];
        try {
            int length = Base64.getDecoder().decode(encoded, decoded);
            int colon = 0;
            while (colon < length && decoded[colon] != ':') {
                colon++;
            }
            if (colon == 0 || colon == length) {
                throw new IllegalArgumentException("no user name");
            }
            if (colon + 1 < length) {
                add(server, new String(decoded, 0, colon, StandardCharsets.UTF_8),
                        SecretValue.wrap(Arrays.copyOfRange(decoded, colon + 1, length)));
            }
        } finally {
            wipe(decoded);
        }
    }

    private void add(String server, String username, SecretValue secret) {
        Credential earlier = auths.put(server, new Credential(server, username, secret, SOURCE));
        if (earlier != null) {
            earlier.close();
        }
    }

    private static void wipe(byte @Nullable [] bytes) {
        if (bytes != null) {
            Arrays.fill(bytes, (byte) 0);
        }
    }

    /** The file this was read from. */
    Path file() {
        return file;
    }

    /** The helper for every registry without one of its own, empty for none. */
    String credsStore() {
        return credsStore;
    }

    /** The helpers of single registries by server address; an empty one stands for config.json itself. */
    Map<String, String> credHelpers() {
        return credHelpers;
    }

    /** The credentials in the file, by server address; they end with this configuration. */
    Map<String, Credential> auths() {
        return auths;
    }

    /** The server addresses whose entry makes no sense. */
    Set<String> broken() {
        return broken;
    }

    @Override
    public void close() {
        auths.values().forEach(Credential::close);
    }
}
