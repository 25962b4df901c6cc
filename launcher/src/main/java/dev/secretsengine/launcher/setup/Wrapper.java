package dev.secretsengine.launcher.setup;

import dev.secretsengine.core.config.FolderTrust;
import dev.secretsengine.core.config.PrivateFiles;
import dev.secretsengine.launcher.docker.DaemonConfig;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.attribute.PosixFilePermission;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.Optional;
import java.util.Set;
import java.util.regex.Pattern;
import java.util.stream.Stream;

/**
 * The runtime wrapper and the file that a container engine runs it from. An engine that is root never runs a program that
 * another user can change: that one is copied to where only root can.
 *
 * @param source the installation's
 * @param path the file to be run
 */
record Wrapper(Path source, Path path) {

    private static final Set<PosixFilePermission> MODE = PosixFilePermissions.fromString("rwxr-xr-x");

    /** What dockerd passes on unharmed: it writes path and arguments into a script without quotes. */
    private static final Pattern SAFE = Pattern.compile("[A-Za-z0-9/._+:@%,=-]+");

    /**
     * The installation's wrapper.
     *
     * @param trust whom the container engine trusts
     * @param mayCopy whether a copy is to take its place where that trust is missing
     * @throws SetupException if there is none, or none that can be used
     */
    static Wrapper choose(Places places, FolderTrust trust, boolean mayCopy) throws SetupException, IOException {
        Path source = places.imageWrapper();
        if (!Files.isExecutable(source)) {
            throw new SetupException("this installation has no bin/" + Places.WRAPPER
                    + ": install a C compiler (gcc or clang) and run quickstart again");
        }
        Path real = source.toRealPath();
        Optional<String> objection = trust.objection(real);
        if (objection.isEmpty() && SAFE.matcher(real.toString()).matches()) {
            return new Wrapper(real, real);
        }
        if (!mayCopy) {
            throw new SetupException(objection
                    .orElse(real + " has a character that container engines do not take: install it elsewhere"));
        }
        return new Wrapper(real, places.rootWrapper());
    }

    /**
     * Refuses what would not survive dockerd's script.
     *
     * @throws SetupException if there is such a character in it
     */
    static Path checked(Path path) throws SetupException {
        if (!SAFE.matcher(path.toString()).matches()) {
            throw new SetupException("dockerd does not take the path " + path
                    + ": it may have letters, digits and / . _ + : @ % , = - only, so choose another folder");
        }
        return path;
    }

    boolean isInPlace() {
        return source.equals(path);
    }

    /** Whether nothing is left to be done for it. */
    boolean isReady() throws IOException {
        return isInPlace() || (Files.isRegularFile(path, LinkOption.NOFOLLOW_LINKS)
                && Files.getPosixFilePermissions(path).equals(MODE)
                && Files.getAttribute(path, "unix:uid").equals(Files.getAttribute(path.getParent(), "unix:uid"))
                && Files.mismatch(source, path) < 0);
    }

    /** Copies it, if it is to be copied, in one step: a container may just be starting by the old one. */
    void install() throws SetupException, IOException {
        if (isReady()) {
            return;
        }
        Path folder = Files.createDirectories(path.resolveSibling("."), PosixFilePermissions.asFileAttribute(MODE))
                .normalize();
        if (!Files.getAttribute(folder, "unix:uid").equals(Files.getAttribute(Path.of("/proc/self"), "unix:uid"))) {
            throw new SetupException(folder + " belongs to another user: remove it");
        }
        Files.setPosixFilePermissions(folder, MODE);
        Path temporary = PrivateFiles.beside(path, Files.readAllBytes(source));
        try {
            Files.setPosixFilePermissions(temporary, MODE);
            Files.move(temporary, path, StandardCopyOption.ATOMIC_MOVE);
        } finally {
            Files.deleteIfExists(temporary);
        }
    }

    /**
     * Removes root's copy if nothing that root set up names it any more.
     *
     * @return whether it was there and has gone
     */
    static boolean removeUnused(Places places, ConfigFile... files) throws IOException, SetupException {
        Path copy = places.rootWrapper();
        if (!Files.exists(copy) || !Files.isWritable(places.wrappers())
                || Files.exists(places.containersConf().resolve(PodmanSetup.FILE))) {
            return false;
        }
        for (ConfigFile file : files) {
            if (Scene.parse(file).runtimes().values().stream().map(DaemonConfig.Entry::path)
                    .anyMatch(copy.toString()::equals)) {
                return false;
            }
        }
        Files.delete(copy);
        try (Stream<Path> left = Files.list(places.wrappers())) {
            if (left.findAny().isEmpty()) {
                Files.delete(places.wrappers());
            }
        }
        return true;
    }
}
