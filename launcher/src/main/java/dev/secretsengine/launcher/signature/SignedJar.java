package dev.secretsengine.launcher.signature;

import dev.secretsengine.launcher.signature.JarSignatures.RefusedException;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.nio.file.Path;
import java.security.CodeSigner;
import java.security.cert.X509Certificate;
import java.util.Arrays;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.jar.Attributes;
import java.util.jar.JarEntry;
import java.util.jar.JarFile;
import java.util.jar.Manifest;
import java.util.regex.Pattern;
import java.util.zip.ZipEntry;
import java.util.zip.ZipFile;

/**
 * A jar that claims to be signed. What a signature cannot cover is its own files, so there must be none but these, and
 * nothing may use them: the manifest, and a pair NAME.SF and NAME.RSA, .DSA or .EC for each signature.
 */
final class SignedJar {

    private static final Pattern BLOCK = Pattern.compile("(META-INF/[^/]+)\\.(RSA|DSA|EC)");

    /** What the JDK takes for a part of a signature, in capitals as it compares them, and therefore does not sign. */
    private static final Pattern UNSIGNED = Pattern
            .compile("META-INF/(MANIFEST\\.MF|SIG-[^/]*|[^/]+\\.(SF|RSA|DSA|EC))");

    private static final String OF_MANIFEST = "-DIGEST-MANIFEST-MAIN-ATTRIBUTES";

    private final Path file;

    /** The files of signatures, by their names in capitals. */
    private final Map<String, ZipEntry> own = new HashMap<>();

    /** The names of the pairs, in capitals and without what comes after the dot. */
    private final Set<String> pairs = new TreeSet<>();

    /** A jar that nobody else can write to. */
    SignedJar(Path file) {
        this.file = file;
    }

    /**
     * Who has signed every entry by the very content that it has.
     *
     * @return empty if nobody claims to have signed anything
     * @throws SecurityException if a signature does not fit the content
     */
    Set<X509Certificate> signers() throws RefusedException, IOException {
        try (ZipFile plain = new ZipFile(file.toFile())) {
            List<? extends ZipEntry> entries = plain.stream().toList();
            findPairs(entries);
            if (pairs.isEmpty()) {
                return Set.of();
            }
            requireNothingElseUnsigned(entries);
            requireManifestIsSigned(plain);
        }
        try (JarFile jar = new JarFile(file.toFile(), true)) {
            return signersOfAll(jar);
        }
    }

    private static String capitals(ZipEntry entry) {
        return entry.getName().toUpperCase(Locale.ROOT);
    }

    /** Either alone is an ordinary file to the JDK, too. */
    private void findPairs(List<? extends ZipEntry> entries) {
        Set<String> names = new HashSet<>();
        entries.forEach(entry -> names.add(capitals(entry)));
        names.stream().map(BLOCK::matcher).filter(block -> block.matches() && names.contains(block.group(1) + ".SF"))
                .forEach(block -> pairs.add(block.group(1)));
    }

    private void requireNothingElseUnsigned(List<? extends ZipEntry> entries) throws RefusedException {
        for (ZipEntry entry : entries) {
            String name = capitals(entry);
            // In another spelling it would be another file to whoever reads the jar by exact names.
            if (UNSIGNED.matcher(name).matches() && (!belongs(entry, name) || own.put(name, entry) != null)) {
                throw foreign();
            }
        }
        if (own.size() != 2 * pairs.size() + 1) {
            // Of two blocks for one signature the JDK takes the one that fits; or there is no manifest.
            throw foreign();
        }
    }

    private boolean belongs(ZipEntry entry, String capitals) {
        return capitals.equals(JarFile.MANIFEST_NAME)
                ? entry.getName().equals(JarFile.MANIFEST_NAME)
                : pairs.contains(capitals.replaceFirst("\\.[^.]*$", ""));
    }

    private static RefusedException foreign() {
        return new RefusedException("a file of its META-INF is named like one of a signature and belongs to none:"
                + " remove it, and sign the jar anew");
    }

    /** What the manifest says of the bundle is code, too: which class path, which activator. */
    private void requireManifestIsSigned(ZipFile plain) throws RefusedException, IOException {
        for (String pair : pairs) {
            if (attributes(plain, pair + ".SF").keySet().stream()
                    .noneMatch(claim -> claim.toString().toUpperCase(Locale.ROOT).endsWith(OF_MANIFEST))) {
                throw new RefusedException("its signature does not cover its manifest: sign it anew");
            }
        }
        for (Object value : attributes(plain, JarFile.MANIFEST_NAME).values()) {
            String text = value.toString().toUpperCase(Locale.ROOT);
            if (own.keySet().stream().anyMatch(text::contains)) {
                throw new RefusedException("its manifest uses a file of its signature as content: build it anew");
            }
        }
    }

    private Attributes attributes(ZipFile plain, String name) throws IOException {
        try (InputStream in = plain.getInputStream(own.get(name))) {
            return new Manifest(in).getMainAttributes();
        }
    }

    private Set<X509Certificate> signersOfAll(JarFile jar) throws RefusedException, IOException {
        Set<CodeSigner> everybody = new HashSet<>();
        Set<X509Certificate> common = null;
        Set<String> names = new HashSet<>();
        for (JarEntry entry : jar.stream().toList()) {
            if (!names.add(entry.getName())) {
                throw new RefusedException("it has two entries of one name: build it anew");
            }
            boolean isEmptyFolder = entry.isDirectory() && entry.getSize() == 0;
            if (!isEmptyFolder && !own.containsKey(capitals(entry))) {
                List<CodeSigner> signers = signersOf(jar, entry);
                everybody.addAll(signers);
                Set<X509Certificate> certificates = certificates(signers);
                if (common == null) {
                    common = certificates;
                } else {
                    common.retainAll(certificates);
                }
            }
        }
        if (common == null || common.isEmpty()) {
            throw new RefusedException("its signature does not cover all of it: sign it anew");
        }
        if (everybody.size() < pairs.size()) {
            // The JDK passes over a pair that makes no sense.
            throw foreign();
        }
        return common;
    }

    private static List<CodeSigner> signersOf(JarFile jar, JarEntry entry) throws IOException {
        try (InputStream in = jar.getInputStream(entry)) {
            // Only reading to the end checks the digest.
            in.transferTo(OutputStream.nullOutputStream());
        }
        CodeSigner[] found = entry.getCodeSigners();
        return found == null ? List.of() : Arrays.asList(found);
    }

    private static Set<X509Certificate> certificates(List<CodeSigner> signers) {
        Set<X509Certificate> certificates = new HashSet<>();
        for (CodeSigner signer : signers) {
            if (signer.getSignerCertPath().getCertificates().get(0) instanceof X509Certificate certificate) {
                certificates.add(certificate);
            }
        }
        return certificates;
    }
}
