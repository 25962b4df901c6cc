package dev.secretsengine.dockerauth;

import dev.secretsengine.api.SecretId;
import dev.secretsengine.api.SecretPattern;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.Set;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * From the server address of a credential to its secret ID. A realm is an ID without its last component, the user:
 * {@code docker/auth/hub} or {@code docker/auth/registry/<host>}.
 */
final class Registries {

    /** The user name under which docker stores an identity token. */
    static final String TOKEN_USER = "<token>";

    private static final String HUB = "docker/auth/hub";
    private static final String REGISTRY = "docker/auth/registry/";

    private static final String CANONICAL_HUB = "https://index.docker.io/v1/";
    private static final Set<String> HUB_HOSTS = Set.of("index.docker.io", "docker.io", "registry-1.docker.io");

    /**
     * A host, with the path of the registry API at most: any other path names a part of a registry, or a token that
     * docker keeps for itself ({@code /v1/access-token}), and must not pass for the credential of the host.
     */
    private static final Pattern SERVER = Pattern.compile("(?:https?://)?([a-z0-9._:-]{1,255})(?:/|/v[12]/?)?",
            Pattern.CASE_INSENSITIVE);
    private static final Pattern COMPONENT = Pattern.compile("[A-Za-z0-9._:-]+");

    private Registries() {
    }

    /** Whether a secret of this plugin can match. */
    static boolean mayHold(SecretPattern pattern) {
        return isReachable(HUB, pattern) || SecretPattern.parse(REGISTRY + "*/*").intersects(pattern);
    }

    /** Whether some user of the realm can match. */
    static boolean isReachable(String realm, SecretPattern pattern) {
        return SecretPattern.parse(realm + "/*").intersects(pattern);
    }

    /** The realm of a server address, host in lower case; empty if it cannot be part of an ID. */
    static Optional<String> realm(String server) {
        Matcher matcher = SERVER.matcher(server);
        if (!matcher.matches()) {
            return Optional.empty();
        }
        String host = matcher.group(1).toLowerCase(Locale.ROOT);
        return Optional.of(HUB_HOSTS.contains(host) ? HUB : REGISTRY + host);
    }

    /** The realm that an ID lies in, or every ID that a pattern matches; any other text if there is none. */
    static String realm(SecretPattern pattern) {
        return pattern.toString().substring(0, Math.max(0, pattern.toString().lastIndexOf('/')));
    }

    /** The ID of a user's credential, {@code token} for an identity token; empty if the name cannot be in an ID. */
    static Optional<SecretId> id(String realm, String username) {
        String component = username.equals(TOKEN_USER) ? "token" : username;
        return COMPONENT.matcher(component).matches()
                ? Optional.of(SecretId.parse(realm + "/" + component))
                : Optional.empty();
    }

    /** The one of two addresses of a registry that docker would rather use. */
    static String better(String one, String other) {
        for (String server : List.of(one, other)) {
            if (server.equals(CANONICAL_HUB)) {
                return server;
            }
        }
        int order = one.length() != other.length() ? one.length() - other.length() : one.compareTo(other);
        return order <= 0 ? one : other;
    }

    /** The host of any address, fit for a log: without user, password or path. */
    static String shown(String server) {
        String host = server.substring(server.lastIndexOf('@') + 1).replaceFirst("^[a-zA-Z]+://", "")
                .replaceFirst("(?s)[/?#].*", "").replaceAll("[^A-Za-z0-9._:*\\[\\]-]", "?");
        return host.substring(0, Math.min(host.length(), 255));
    }
}
