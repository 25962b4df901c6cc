package dev.secretsengine.dockerauth;

import dev.secretsengine.api.Cancellation;
import dev.secretsengine.api.Envelope;
import dev.secretsengine.api.RequestContext;
import dev.secretsengine.api.SecretPattern;
import dev.secretsengine.api.SecretsException;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Duration;
import java.util.Base64;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/** A home folder with a config.json, and a folder of helper scripts that is first on PATH. */
final class DockerHome {

    private final Path folder;
    private final Map<String, String> environment = new HashMap<>();

    DockerHome(Path folder) throws IOException {
        this.folder = folder;
        Files.createDirectories(folder.resolve("bin"));
        Files.createDirectories(folder.resolve(".docker"));
        environment.put("HOME", folder.toString());
        environment.put("PATH", folder.resolve("bin") + ":/usr/bin:/bin");
    }

    Path folder() {
        return folder;
    }

    Map<String, String> environment() {
        return environment;
    }

    DockerHome set(String variable, String value) {
        environment.put(variable, value);
        return this;
    }

    DockerHome config(String json) throws IOException {
        Files.writeString(folder.resolve(".docker/config.json"), json);
        return this;
    }

    /** A helper that runs a script of sh, with the folder of this home in $H. */
    DockerHome helper(String name, String script) throws IOException {
        Path file = folder.resolve("bin/docker-credential-" + name);
        Files.writeString(file, "#!/bin/sh\nH=" + folder + "\n" + script + "\n");
        Files.setPosixFilePermissions(file, PosixFilePermissions.fromString("rwx------"));
        return this;
    }

    /** A helper that notes what it is asked, and has one user and one secret for each server. */
    DockerHome helper(String name, Map<String, String> usersAndSecrets) throws IOException {
        StringBuilder list = new StringBuilder();
        StringBuilder get = new StringBuilder();
        new TreeMap<>(usersAndSecrets).forEach((server, credential) -> {
            String[] parts = credential.split("=", 2);
            list.append(list.isEmpty() ? "" : ",").append('"' + server + "\":\"" + parts[0] + '"');
            get.append("'" + server + "') printf '%s' '{\"ServerURL\":\"" + server + "\",\"Username\":\"" + parts[0]
                    + "\",\"Secret\":\"" + parts[1] + "\"}';;\n");
        });
        return helper(name, """
                if [ "$1" = list ]; then echo "%s list" >>$H/calls; printf '%%s' '{%s}'; exit; fi
                url=$(cat); echo "%s get $url" >>$H/calls
                case $url in
                %s*) echo "credentials not found in native keychain"; exit 1;;
                esac""".formatted(name, list, name, get));
    }

    /** What the helpers were asked, in alphabetical order. */
    List<String> calls() throws IOException {
        Path calls = folder.resolve("calls");
        return Files.exists(calls) ? Files.readAllLines(calls).stream().sorted().toList() : List.of();
    }

    DockerAuthProvider provider() {
        return new DockerAuthProvider(environment);
    }

    static String auth(String userAndPassword) {
        return "{\"auth\":\""
                + Base64.getEncoder().encodeToString(userAndPassword.getBytes(StandardCharsets.UTF_8)) + "\"}";
    }

    Map<String, String> ask(String pattern) throws SecretsException {
        return values(provider(), pattern, Map.of());
    }

    static Map<String, String> values(DockerAuthProvider provider, String pattern, Map<String, String> caller)
            throws SecretsException {
        return values(provider, pattern, RequestContext.of(Duration.ofSeconds(20), new Cancellation(), caller));
    }

    static Map<String, String> values(DockerAuthProvider provider, String pattern, RequestContext context)
            throws SecretsException {
        Map<String, String> values = new TreeMap<>();
        for (Envelope envelope : provider.getSecrets(SecretPattern.parse(pattern), context)) {
            try (envelope) {
                values.put(envelope.id().toString(),
                        new String(envelope.value().copyBytes(), StandardCharsets.UTF_8));
            }
        }
        return values;
    }
}
