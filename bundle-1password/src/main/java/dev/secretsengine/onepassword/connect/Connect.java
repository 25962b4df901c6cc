package dev.secretsengine.onepassword.connect;

import dev.secretsengine.api.RequestContext;
import dev.secretsengine.api.SecretsException;
import dev.secretsengine.kit.JsonReader;
import dev.secretsengine.kit.http.CertificateAuthorities;
import dev.secretsengine.kit.http.Response;
import dev.secretsengine.kit.http.RestClient;
import dev.secretsengine.kit.remote.RateLimit;
import dev.secretsengine.onepassword.item.Item;
import dev.secretsengine.onepassword.item.ItemName;
import dev.secretsengine.onepassword.item.ItemReader;
import dev.secretsengine.onepassword.item.Names;
import dev.secretsengine.onepassword.item.Source;
import dev.secretsengine.onepassword.item.Sources;
import dev.secretsengine.onepassword.item.Token;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.net.URI;
import java.net.URLEncoder;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.TimeoutException;
import javax.net.ssl.SSLException;

/** A Connect server. It is the same for every caller. */
public final class Connect implements Sources, Source {

    private static final int MAX_ANSWER = 16 << 20;
    private static final Duration UNSAID = Duration.ofMinutes(1);

    private final String plugin;
    private final ConnectAddress address;
    private final Token token;
    private final RestClient client;
    private final RateLimit limit;

    /**
     * Nothing is asked yet.
     *
     * @param token closed with this
     */
    public Connect(String plugin, ConnectAddress address, Token token, Optional<CertificateAuthorities> trusted,
            Optional<InetSocketAddress> proxy) {
        this.plugin = plugin;
        this.address = address;
        this.token = token;
        this.client = new RestClient(proxy, trusted, MAX_ANSWER);
        this.limit = new RateLimit(plugin, "the Connect server");
    }

    @Override
    public Source of(RequestContext caller) {
        return this;
    }

    @Override
    public Object account() {
        return address;
    }

    @Override
    public Names names(RequestContext context) throws SecretsException {
        Map<String, String> vaults = vaults(context);
        List<ItemName> names = new ArrayList<>();
        for (String vault : vaults.keySet()) {
            try {
                names.addAll(
                        ask("/vaults/" + encoded(vault) + "/items", json -> ItemReader.names(json, vaults), context));
            } catch (SecretsException.NotFound e) {
                // It was deleted since the vaults were listed.
            }
        }
        return new Names(names);
    }

    /** Every Connect server has a list of vaults, even if nothing is in it. */
    private Map<String, String> vaults(RequestContext context) throws SecretsException {
        try {
            return ask("/vaults", ItemReader::vaults, context);
        } catch (SecretsException.NotFound e) {
            throw stranger();
        }
    }

    private SecretsException stranger() {
        return new SecretsException.Failed(plugin, "what answers at " + address + " is no Connect server",
                "look at the setting connect-host");
    }

    @Override
    public Item item(ItemName name, RequestContext context) throws SecretsException {
        return ask("/vaults/" + encoded(name.vaultId()) + "/items/" + encoded(name.id()), ItemReader::item, context);
    }

    @Override
    public void check(RequestContext context) throws SecretsException {
        vaults(context);
    }

    private static String encoded(String component) {
        return URLEncoder.encode(component, StandardCharsets.UTF_8).replace("+", "%20");
    }

    /** Takes an answer in. */
    private interface Reading<T> {

        T read(JsonReader json) throws JsonReader.Malformed;
    }

    private <T> T ask(String path, Reading<T> reading, RequestContext context) throws SecretsException {
        limit.require();
        URI uri = address.resolve(path);
        Map<String, String> headers = Map.of("Authorization", "Bearer " + token.text(), "Accept", "application/json");
        try (Response response = client.get(uri, headers, context)) {
            if (response.status() != 200) {
                throw failure(response);
            }
            if (response.body().isOver()) {
                throw new SecretsException.Failed(plugin, "the Connect server answered more than 16 MiB",
                        "make the item smaller");
            }
            return reading.read(response.body().json());
        } catch (JsonReader.Malformed e) {
            throw stranger();
        } catch (TimeoutException e) {
            throw new SecretsException.Unavailable(plugin, "the Connect server at " + address
                    + " did not answer in time", "see whether it runs, and try again");
        } catch (SSLException e) {
            TlsProblem problem = TlsProblem.of(e);
            throw new SecretsException.Unavailable(plugin, problem.what(address), problem.hint()).causedBy(e);
        } catch (IOException e) {
            throw new SecretsException.Unavailable(plugin, "the Connect server at " + address + " cannot be reached",
                    "see whether it runs, and look at connect-host and proxy").causedBy(e);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new SecretsException.Unavailable(plugin, "the request was interrupted", "try again");
        }
    }

    /** The server's own message goes nowhere. */
    private SecretsException failure(Response response) {
        int status = response.status();
        return switch (status) {
            case 401 -> new SecretsException.Denied(plugin, "the Connect server does not accept the token",
                    "docker pass plugins 1password setup takes a new one");
            case 403 ->
                new SecretsException.Denied(plugin, "the token of the Connect server has no access to the vault",
                        "give it access, or docker pass plugins 1password setup takes another one");
            case 404 -> new SecretsException.NotFound(plugin, "the Connect server has no such vault or item",
                    "look at connect-host, and into the vault");
            case 429 -> limit.reached(response.wait(UNSAID));
            default -> status >= 500
                    ? new SecretsException.Unavailable(plugin, "the Connect server failed with status " + status,
                            "look at its log, and try again")
                    : new SecretsException.Failed(plugin, "the Connect server answered with status " + status,
                            "look at the setting connect-host");
        };
    }

    @Override
    public void close() {
        client.close();
        token.close();
    }
}
