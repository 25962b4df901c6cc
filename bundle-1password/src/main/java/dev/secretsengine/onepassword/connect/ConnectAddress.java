package dev.secretsengine.onepassword.connect;

import java.net.InetSocketAddress;
import java.net.URI;
import java.net.URISyntaxException;
import java.util.Locale;
import java.util.Optional;

/** Where a Connect server is: {@code http} or {@code https}, a host, perhaps a port and a path. */
public final class ConnectAddress {

    private final String base;

    private ConnectAddress(String base) {
        this.base = base;
    }

    /** An address, with or without the {@code /v1} that all of Connect's paths begin with; empty if it is none. */
    public static Optional<ConnectAddress> parse(String text) {
        return http(text).filter(uri -> uri.getQuery() == null && uri.getFragment() == null)
                .map(uri -> new ConnectAddress(uri.toString().replaceFirst("/+$", "").replaceFirst("/v1$", "")));
    }

    /** A proxy's address, {@code http://host:port}; empty if it is none. */
    public static Optional<InetSocketAddress> proxy(String text) {
        return http(text).filter(uri -> uri.getScheme().equalsIgnoreCase("http") && uri.getPort() > 0)
                .map(uri -> InetSocketAddress.createUnresolved(uri.getHost(), uri.getPort()));
    }

    /** A URL without a user and password in it: those would be kept, and shown, as no secret. */
    private static Optional<URI> http(String text) {
        try {
            URI uri = new URI(text);
            String scheme = uri.getScheme() == null ? "" : uri.getScheme().toLowerCase(Locale.ROOT);
            boolean isHttp = (scheme.equals("http") || scheme.equals("https")) && uri.getHost() != null
                    && uri.getUserInfo() == null;
            return isHttp ? Optional.of(uri) : Optional.empty();
        } catch (URISyntaxException e) {
            return Optional.empty();
        }
    }

    URI resolve(String path) {
        return URI.create(base + "/v1" + path);
    }

    @Override
    public boolean equals(Object other) {
        return other instanceof ConnectAddress address && address.base.equals(base);
    }

    @Override
    public int hashCode() {
        return base.hashCode();
    }

    /** For messages. */
    @Override
    public String toString() {
        return base;
    }
}
