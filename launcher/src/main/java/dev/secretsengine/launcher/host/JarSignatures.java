package dev.secretsengine.launcher.host;

import dev.secretsengine.api.SecretsException;
import dev.secretsengine.core.config.EngineConfig;
import dev.secretsengine.core.config.FolderTrust;
import dev.secretsengine.core.config.TrustedFile;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.security.CodeSigner;
import java.security.cert.Certificate;
import java.security.cert.CertificateException;
import java.security.cert.CertificateFactory;
import java.security.cert.X509Certificate;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashSet;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.Set;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.jar.JarEntry;
import java.util.jar.JarFile;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/** Who has signed a jar: every entry of it, or nobody has. With required signatures only listed certificates count. */
final class JarSignatures {

    /** The files of a signature, which are not signed themselves. */
    private static final Pattern OWN_FILES = Pattern.compile("META-INF/(MANIFEST\\.MF|[^/]+\\.(SF|RSA|DSA|EC))");

    private static final Pattern BLOCK = Pattern.compile("(META-INF/[^/]+)\\.(RSA|DSA|EC)");

    private static final byte[] SIGNATURE_FILE = ".SF".getBytes(StandardCharsets.US_ASCII);

    /** Why a jar is left out; the message is one line. */
    static final class RefusedException extends Exception {

        private static final long serialVersionUID = 1L;

        RefusedException(String message) {
            super(message);
        }
    }

    /**
     * What is configured about signatures. Equal rules judge a jar alike.
     *
     * @param required whether a signature is
     * @param certificates the facts of each listed file, by path; none are looked at where no signature is required
     * @param unclear why nothing of this is known, empty if it is
     */
    record Rules(boolean required, SortedMap<Path, String> certificates, String unclear) {

        boolean areUnclear() {
            return !unclear.isEmpty();
        }
    }

    private final EngineConfig config;
    private final FolderTrust trust;
    private final Path scratch;

    /**
     * Signatures judged by this configuration.
     *
     * @param scratch a private folder
     */
    JarSignatures(EngineConfig config, FolderTrust trust, Path scratch) {
        this.config = config;
        this.trust = trust;
        this.scratch = scratch;
    }

    /** Reads what is configured now. */
    Rules rules() {
        SortedMap<Path, String> certificates = new TreeMap<>();
        try {
            boolean required = config.requireSignature();
            for (Path file : required ? config.trustedCertificates() : List.<Path>of()) {
                certificates.put(file, facts(file));
            }
            return new Rules(required, certificates, "");
        } catch (SecretsException e) {
            return new Rules(true, new TreeMap<>(), e.advice());
        }
    }

    /** What tells a certificate's file from what it was; the folders above count by the objection to them. */
    private String facts(Path file) {
        try {
            return Files.readAttributes(file, "unix:size,ino,dev,mode,uid,gid,ctime", LinkOption.NOFOLLOW_LINKS)
                    + " " + trust.objection(file);
        } catch (IOException e) {
            return e.toString();
        }
    }

    /**
     * Judges a jar by its bytes.
     *
     * @return the signer's name, empty if nobody has signed it
     * @throws RefusedException if it must not be started
     */
    String check(byte[] jar, Rules rules) throws RefusedException, IOException {
        Optional<X509Certificate> signer = mayBeSigned(jar) ? signer(jar) : Optional.empty();
        if (rules.areUnclear()) {
            throw new RefusedException(rules.unclear());
        }
        if (rules.required()) {
            List<X509Certificate> listed = listed(rules.certificates().keySet());
            if (signer.isEmpty()) {
                throw new RefusedException("it is not signed, and plugins.require-signature is true");
            }
            if (!listed.contains(signer.get())) {
                throw new RefusedException("it is signed by " + name(signer.get())
                        + ", whose certificate is not in plugins.trusted-certificates");
            }
        }
        return signer.map(JarSignatures::name).orElse("");
    }

    private static String name(X509Certificate certificate) {
        return certificate.getSubjectX500Principal().getName();
    }

    /**
     * Names of entries stand in a jar as they are: without these bytes there is no such name. With them the names have to
     * be read, because content may hold them, too.
     */
    private static boolean mayBeSigned(byte[] jar) {
        for (int at = 0; at + SIGNATURE_FILE.length <= jar.length; at++) {
            if (jar[at] == SIGNATURE_FILE[0] && Character.toUpperCase(jar[at + 1]) == SIGNATURE_FILE[1]
                    && Character.toUpperCase(jar[at + 2]) == SIGNATURE_FILE[2]) {
                return true;
            }
        }
        return false;
    }

    /** The one who has signed all of it, by the very bytes that will be installed; empty if nobody claims to. */
    private Optional<X509Certificate> signer(byte[] bytes) throws RefusedException, IOException {
        Path file = Files.createTempFile(scratch, "signed", ".jar");
        try {
            Files.write(file, bytes);
            try (JarFile jar = new JarFile(file.toFile(), true)) {
                List<JarEntry> entries = jar.stream().toList();
                return isSigned(entries) ? Optional.of(signer(jar, entries)) : Optional.empty();
            }
        } catch (SecurityException e) {
            throw new RefusedException("its signature does not fit its content: sign it anew, or remove it");
        } finally {
            Files.deleteIfExists(file);
        }
    }

    /** A signature is two files of one name; either alone is an ordinary file to the JDK, too. */
    private static boolean isSigned(List<JarEntry> entries) {
        Set<String> names = new HashSet<>();
        entries.forEach(entry -> names.add(entry.getName().toUpperCase(Locale.ROOT)));
        return names.stream().map(BLOCK::matcher)
                .anyMatch(block -> block.matches() && names.contains(block.group(1) + ".SF"));
    }

    private static X509Certificate signer(JarFile jar, List<JarEntry> entries) throws RefusedException, IOException {
        Set<X509Certificate> signers = null;
        Set<String> names = new HashSet<>();
        for (JarEntry entry : entries) {
            if (!names.add(entry.getName())) {
                throw new RefusedException("it has two entries of one name: build it anew");
            }
            if (!entry.isDirectory() && !OWN_FILES.matcher(entry.getName().toUpperCase(Locale.ROOT)).matches()) {
                signers = common(signers, signersOf(jar, entry));
            }
        }
        if (signers == null || signers.isEmpty()) {
            throw new RefusedException("its signature does not cover all of it: sign it anew");
        }
        return signers.iterator().next();
    }

    private static Set<X509Certificate> common(@Nullable Set<X509Certificate> before, Set<X509Certificate> own) {
        if (before == null) {
            return own;
        }
        before.retainAll(own);
        return before;
    }

    private static Set<X509Certificate> signersOf(JarFile jar, JarEntry entry) throws IOException {
        try (InputStream in = jar.getInputStream(entry)) {
            // Only reading to the end checks the digest.
            in.transferTo(OutputStream.nullOutputStream());
        }
        Set<X509Certificate> signers = new HashSet<>();
        CodeSigner[] found = entry.getCodeSigners();
        for (CodeSigner signer : found == null ? new CodeSigner[0] : found) {
            if (signer.getSignerCertPath().getCertificates().get(0) instanceof X509Certificate certificate) {
                signers.add(certificate);
            }
        }
        return signers;
    }

    private List<X509Certificate> listed(Collection<Path> files) throws RefusedException {
        List<X509Certificate> listed = new ArrayList<>();
        for (Path file : files) {
            try {
                TrustedFile read = TrustedFile.read(file, trust);
                if (read.objection().isPresent()) {
                    throw new RefusedException(read.objection().get());
                }
                Collection<? extends Certificate> all = CertificateFactory.getInstance("X.509")
                        .generateCertificates(new ByteArrayInputStream(read.content()));
                all.forEach(certificate -> listed.add((X509Certificate) certificate));
            } catch (IOException | CertificateException e) {
                throw new RefusedException("the certificate " + file
                        + " of plugins.trusted-certificates cannot be read: mend config.toml");
            }
        }
        return listed;
    }
}
