package dev.secretsengine.it;

import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.security.KeyStore;
import java.util.ArrayList;
import java.util.Base64;
import java.util.List;
import java.util.Map;
import javax.net.ssl.KeyManagerFactory;
import javax.net.ssl.SSLContext;

/** A certificate authority that nobody knows, made by the JDK's keytool. Two of them are enough for all tests. */
final class TestAuthority {

    /** What vouches for servers: for one that is called localhost, and for the same until some days ago. */
    static final TestAuthority OURS = made("ours", Map.of("valid", "-0d", "expired", "-5d"));
    /** One that vouches for nobody. */
    static final TestAuthority OTHER = made("other", Map.of());

    private static final String CA = "ca";

    private final KeyStore keys;

    /** With keys of servers, by their names here, and the time from which each is valid for two days. */
    private TestAuthority(String name, Map<String, String> servers) throws IOException, GeneralSecurityException {
        Path folder = Files.createTempDirectory("se-ca");
        try {
            Path store = folder.resolve("keys.p12");
            keytool(store, CA, "-dname", "CN=" + name, "-ext", "bc:c");
            for (Map.Entry<String, String> server : servers.entrySet()) {
                keytool(store, server.getKey(), "-signer", CA, "-dname", "CN=localhost", "-ext", "san=dns:localhost",
                        "-startdate", server.getValue());
            }
            keys = KeyStore.getInstance("PKCS12");
            try (InputStream in = Files.newInputStream(store)) {
                keys.load(in, password());
            }
        } finally {
            Home.remove(folder);
        }
    }

    private static TestAuthority made(String name, Map<String, String> servers) {
        try {
            return new TestAuthority(name, servers);
        } catch (IOException | GeneralSecurityException e) {
            throw new AssertionError(e);
        }
    }

    private static char[] password() {
        return "changeit".toCharArray();
    }

    private static void keytool(Path store, String alias, String... more) throws IOException {
        List<String> command = new ArrayList<>(
                List.of(Path.of(System.getProperty("java.home"), "bin/keytool").toString(), "-genkeypair", "-alias",
                        alias, "-keyalg", "EC", "-validity", "2", "-storetype", "PKCS12", "-keystore",
                        store.toString(), "-storepass", new String(password())));
        command.addAll(List.of(more));
        Outcome made = Outcome.of(new ProcessBuilder(command), new byte[0]);
        if (made.code() != 0) {
            throw new AssertionError(made);
        }
    }

    /** Writes its own certificate into a file. */
    Path writeTo(Path pem) throws IOException {
        try {
            return Files.writeString(pem, "-----BEGIN CERTIFICATE-----\n"
                    + Base64.getMimeEncoder().encodeToString(keys.getCertificate(CA).getEncoded())
                    + "\n-----END CERTIFICATE-----\n");
        } catch (GeneralSecurityException e) {
            throw new IOException(e);
        }
    }

    /** For a server that is called localhost. */
    SSLContext server() throws IOException, GeneralSecurityException {
        return server("valid");
    }

    /** The same, but days too late. */
    SSLContext expired() throws IOException, GeneralSecurityException {
        return server("expired");
    }

    private SSLContext server(String alias) throws IOException, GeneralSecurityException {
        // Only this key: each of the others would do for a server, too.
        KeyStore own = KeyStore.getInstance("PKCS12");
        own.load(null, null);
        own.setKeyEntry(alias, keys.getKey(alias, password()), password(),
                keys.getCertificateChain(alias));
        KeyManagerFactory managers = KeyManagerFactory.getInstance(KeyManagerFactory.getDefaultAlgorithm());
        managers.init(own, password());
        SSLContext context = SSLContext.getInstance("TLS");
        context.init(managers.getKeyManagers(), null, null);
        return context;
    }
}
