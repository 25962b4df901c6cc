package dev.secretsengine.dockerauth;

import dev.secretsengine.api.RequestContext;
import dev.secretsengine.api.SecretValue;
import dev.secretsengine.api.SecretsException;
import dev.secretsengine.kit.JsonReader;
import dev.secretsengine.kit.Program;
import dev.secretsengine.kit.WipedBuffer;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.TimeoutException;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * A program {@code docker-credential-<name>}, started once for each question: {@code list} answers a JSON object of
 * users by server address, {@code get} reads an address on stdin and answers the credential.
 */
final class CredentialHelper {

    private static final int MAX_ANSWER = 4 << 20;
    private static final Pattern NAME = Pattern.compile("[a-zA-Z0-9._-]+");
    private static final String NOT_FOUND = "credentials not found";

    private final String program;
    private final Path file;
    private final Map<String, String> environment;
    private final RequestContext context;

    private CredentialHelper(String program, Path file, Map<String, String> environment, RequestContext context) {
        this.program = program;
        this.file = file;
        this.environment = environment;
        this.context = context;
    }

    /**
     * Finds a helper on the caller's PATH.
     *
     * @param configuredIn the file that names it, for the errors
     * @throws SecretsException.Invalid if the name could lead anywhere but to PATH
     * @throws SecretsException.Unavailable if there is no such program
     */
    static CredentialHelper find(String name, Path configuredIn, DockerEnvironment environment, RequestContext context)
            throws SecretsException {
        if (!NAME.matcher(name).matches()) {
            throw new SecretsException.Invalid(DockerAuthProvider.NAME,
                    "a credential helper in " + configuredIn + " has an impossible name",
                    "credsStore and credHelpers take what follows docker-credential- in the name of a program");
        }
        String program = "docker-credential-" + name;
        Path file = environment.onPath(program)
                .orElseThrow(() -> new SecretsException.Unavailable(DockerAuthProvider.NAME,
                        "credential helper " + program + " is not on PATH",
                        "install it, or take it out of " + configuredIn));
        return new CredentialHelper(program, file, environment.forHelper(), context);
    }

    /** The users this helper has a credential for, by server address. */
    Map<String, String> list() throws SecretsException {
        Map<String, String> users = new HashMap<>();
        ask("list", "", json -> json.object(server -> users.put(server, json.plainText())));
        return users;
    }

    /** The credential of a server address; the caller closes it. */
    Optional<Credential> get(String server) throws SecretsException {
        Map<String, byte[]> fields = new HashMap<>();
        try {
            ask("get", server, json -> json.object(name -> {
                if (name.equalsIgnoreCase("Username") || name.equalsIgnoreCase("Secret")) {
                    wipe(fields.put(name.equalsIgnoreCase("Secret") ? "secret" : "username", json.text()));
                } else {
                    json.skip();
                }
            }));
            byte[] secret = fields.getOrDefault("secret", new byte[0]);
            if (secret.length == 0) {
                // Some helpers say so instead of failing: docker-credential-pass before 0.7 is one.
                return Optional.empty();
            }
            String username = new String(fields.getOrDefault("username", new byte[0]), StandardCharsets.UTF_8);
            return Optional.of(new Credential(server, username, SecretValue.copyOf(secret), program));
        } finally {
            fields.values().forEach(CredentialHelper::wipe);
        }
    }

    /** Takes the answer of a helper in. */
    private interface Answer {

        void read(JsonReader json) throws JsonReader.Malformed;
    }

    private void ask(String action, String input, Answer answer) throws SecretsException {
        try (WipedBuffer output = new WipedBuffer(MAX_ANSWER)) {
            int exit = Program.of(List.of(file.toString(), action), environment)
                    .reading(input.getBytes(StandardCharsets.UTF_8)).run(output, null, context);
            if (output.isOver()) {
                throw failed("answered more than 4 MiB");
            }
            if (exit == 0) {
                answer.read(output.json());
            } else if (!output.contains(NOT_FOUND)) {
                throw unavailable("failed with exit code " + exit, "run '" + program + " list' to see why");
            }
        } catch (JsonReader.Malformed e) {
            throw failed("gave an answer that is not in the format of a credential helper");
        } catch (TimeoutException e) {
            throw unavailable("did not answer in time", "try again, or see what it waits for");
        } catch (IOException e) {
            throw unavailable("cannot be run", "run '" + program + " list' to see why").causedBy(e);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw unavailable("was interrupted", "try again");
        }
    }

    private SecretsException unavailable(String what, String hint) {
        return new SecretsException.Unavailable(DockerAuthProvider.NAME, "credential helper " + program + " " + what,
                hint);
    }

    private SecretsException failed(String what) {
        return new SecretsException.Failed(DockerAuthProvider.NAME, "credential helper " + program + " " + what,
                "update the helper, or choose another one");
    }

    private static void wipe(byte @Nullable [] bytes) {
        if (bytes != null) {
            Arrays.fill(bytes, (byte) 0);
        }
    }
}
