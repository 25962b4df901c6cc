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
import javax.net.ssl.KeyManagerFactory;
import javax.net.ssl.SSLContext;

/** A certificate authority that nobody knows, made by the JDK's keytool, with a key that it vouches for or did once. */
final class TestAuthority {

    private static final String PASSWORD = "changeit";
    private static final String CA = "ca";
    private static final String VALID = "valid";
    private static final String EXPIRED = "expired";

    private final KeyStore keys;

    /** Takes keytool's time: one will do for all tests. */
    TestAuthority(String name) throws IOException, GeneralSecurityException {
        Path folder = Files.createTempDirectory("se-ca");
        try {
            Path store = folder.resolve("keys.p12");
            keytool(store, CA, "-dname", "CN=" + name, "-ext", "bc:c");
            for (String server : List.of(VALID, EXPIRED)) {
                keytool(store, server, "-signer", CA, "-dname", "CN=localhost", "-ext", "san=dns:localhost",
                        "-startdate", server.equals(VALID) ? "-0d" : "-5d");
            }
            keys = KeyStore.getInstance("PKCS12");
            try (InputStream in = Files.newInputStream(store)) {
                keys.load(in, PASSWORD.toCharArray());
            }
        } finally {
            Home.remove(folder);
        }
    }

    private static void keytool(Path store, String alias, String... more) throws IOException {
        List<String> command = new ArrayList<>(
                List.of(Path.of(System.getProperty("java.home"), "bin/keytool").toString(), "-genkeypair", "-alias",
                        alias, "-keyalg", "EC", "-validity", "2", "-storetype", "PKCS12", "-keystore",
                        store.toString(), "-storepass", PASSWORD));
        command.addAll(List.of(more));
        Outcome made = Outcome.of(new ProcessBuilder(command), new byte[0]);
        if (made.code() != 0) {
            throw new AssertionError(made);
        }
    }

    /** Writes its own certificate into a file. */
    Path writeTo(Path pem) throws IOException, GeneralSecurityException {
        return Files.writeString(pem, "-----BEGIN CERTIFICATE-----\n"
                + Base64.getMimeEncoder().encodeToString(keys.getCertificate(CA).getEncoded())
                + "\n-----END CERTIFICATE-----\n");
    }

    /** For a server that is called localhost. */
    SSLContext server() throws IOException, GeneralSecurityException {
        return server(VALID);
    }

    /** The same, but days too late. */
    SSLContext expired() throws IOException, GeneralSecurityException {
        return server(EXPIRED);
    }

    private SSLContext server(String alias) throws IOException, GeneralSecurityException {
        // Only this key: each of the others would do for a server, too.
        KeyStore own = KeyStore.getInstance("PKCS12");
        own.load(null, null);
        own.setKeyEntry(alias, keys.getKey(alias, PASSWORD.toCharArray()), PASSWORD.toCharArray(),
                keys.getCertificateChain(alias));
        KeyManagerFactory managers = KeyManagerFactory.getInstance(KeyManagerFactory.getDefaultAlgorithm());
        managers.init(own, PASSWORD.toCharArray());
        SSLContext context = SSLContext.getInstance("TLS");
        context.init(managers.getKeyManagers(), null, null);
        return context;
    }
}
