package dev.secretsengine.launcher.signature;

import dev.secretsengine.api.SecretsException;
import dev.secretsengine.core.config.EngineConfig;
import dev.secretsengine.core.config.FolderTrust;
import dev.secretsengine.core.config.TrustedFile;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.security.cert.Certificate;
import java.security.cert.CertificateException;
import java.security.cert.CertificateFactory;
import java.security.cert.X509Certificate;
import java.util.Collection;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.stream.Collectors;
import java.util.zip.ZipFile;

/**
 * Who has signed a jar: every entry of it, or nobody has. With required signatures only listed certificates count, and one
 * that has signed all of it is enough, whoever else has.
 */
public final class JarSignatures {

    private static final byte[] SIGNATURE_FILE = ".SF".getBytes(StandardCharsets.US_ASCII);

    /** Why a jar is left out; the message is one line. */
    public static final class RefusedException extends Exception {

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
    public record Rules(boolean required, SortedMap<Path, String> certificates, String unclear) {

        /** Whether nobody can tell whose signature counts. */
        public boolean areUnclear() {
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
    public JarSignatures(EngineConfig config, FolderTrust trust, Path scratch) {
        this.config = config;
        this.trust = trust;
        this.scratch = scratch;
    }

    /** Reads what is configured now. */
    public Rules rules() {
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
     * @return the names of those who have signed all of it, or of the listed ones among them where a signature is required;
     *     empty if nobody has
     * @throws RefusedException if it must not be started
     */
    public String check(byte[] jar, Rules rules) throws RefusedException, IOException {
        Set<X509Certificate> signers = mayBeSigned(jar) ? signers(jar) : Set.of();
        if (rules.areUnclear()) {
            throw new RefusedException(rules.unclear());
        }
        if (!rules.required()) {
            return names(signers);
        }
        Set<X509Certificate> trusted = listed(rules.certificates().keySet());
        if (signers.isEmpty()) {
            throw new RefusedException("it is not signed, and plugins.require-signature is true");
        }
        trusted.retainAll(signers);
        if (trusted.isEmpty()) {
            throw new RefusedException("it is signed by " + names(signers)
                    + ", whose certificate is not in plugins.trusted-certificates");
        }
        return names(trusted);
    }

    /** In the same order whenever it is asked. */
    private static String names(Set<X509Certificate> certificates) {
        return certificates.stream().map(certificate -> certificate.getSubjectX500Principal().getName()).distinct()
                .sorted().collect(Collectors.joining(" and "));
    }

    /**
     * Names of entries stand in a jar as they are: without these bytes there is no such name. With them the names have to
     * be read, because content may hold them, too.
     */
    private static boolean mayBeSigned(byte[] jar) {
        for (int at = beginOfNames(jar); at + SIGNATURE_FILE.length <= jar.length; at++) {
            if (jar[at] == SIGNATURE_FILE[0] && Character.toUpperCase(jar[at + 1]) == SIGNATURE_FILE[1]
                    && Character.toUpperCase(jar[at + 2]) == SIGNATURE_FILE[2]) {
                return true;
            }
        }
        return false;
    }

    /**
     * Where the directory at the end of a jar begins, and zero for one that is not as jars usually are. Looking at each byte
     * takes milliseconds in a JVM that has just started. A jar that hides its signature from this is one without.
     */
    private static int beginOfNames(byte[] jar) {
        ByteBuffer bytes = ByteBuffer.wrap(jar).order(ByteOrder.LITTLE_ENDIAN);
        int end = jar.length - ZipFile.ENDHDR;
        if (end < 0 || bytes.getInt(end) != ZipFile.ENDSIG || bytes.getShort(end + ZipFile.ENDCOM) != 0) {
            return 0;
        }
        int length = bytes.getInt(end + ZipFile.ENDSIZ);
        return length < 0 || length > end ? 0 : end - length;
    }

    /** Who has signed all of it, by the very bytes that will be installed; empty if nobody claims to. */
    private Set<X509Certificate> signers(byte[] bytes) throws RefusedException, IOException {
        Path file = Files.createTempFile(scratch, "signed", ".jar");
        try {
            Files.write(file, bytes);
            return new SignedJar(file).signers();
        } catch (SecurityException e) {
            throw new RefusedException("its signature does not fit its content: sign it anew, or remove it");
        } finally {
            Files.deleteIfExists(file);
        }
    }

    private Set<X509Certificate> listed(Collection<Path> files) throws RefusedException {
        Set<X509Certificate> listed = new HashSet<>();
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
