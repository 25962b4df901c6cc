package dev.secretsengine.core.config;

import dev.secretsengine.api.SecretsException;
import java.io.IOException;
import java.nio.file.FileSystemException;
import java.nio.file.FileVisitResult;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.nio.file.SimpleFileVisitor;
import java.nio.file.attribute.BasicFileAttributes;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * Files of another user in the folders of an engine, which it cannot use: what root leaves behind who works in a user's home,
 * by {@code sudo -E} or in a container.
 */
public final class ForeignFiles {

    /** Deep enough for every file that the engine itself makes. */
    private static final int DEPTH = 2;

    private static final Pattern PLAIN = Pattern.compile("[A-Za-z0-9/._+:@%,=-]+");

    private final Set<Path> folders = new LinkedHashSet<>();

    /** Those that nothing but an engine writes to. */
    private final List<Path> own;

    /** Rows of its own say what is wrong with it. */
    private final Path dropFolder;

    /** Those in these places. */
    public ForeignFiles(EnginePaths paths, SdkPaths sdk) {
        folders.addAll(List.of(paths.config(), paths.data(), paths.state(), paths.run()));
        sdk.sockets(false).forEach(socket -> folders.add(socket.resolveSibling("")));
        own = List.of(paths.state(), paths.run());
        dropFolder = paths.dropFolder();
    }

    /** Names the first of them and the command that gives all of them to the user, one line; empty if there are none. */
    public Optional<String> objection() {
        try {
            String user = Files.getOwner(Path.of("/proc/self")).getName();
            Path first = null;
            Set<Path> tops = new LinkedHashSet<>();
            for (Path folder : folders) {
                Path found = find(folder, user);
                if (found != null) {
                    first = first == null ? found : first;
                    tops.add(folder.startsWith(found) ? found : folder);
                }
            }
            return first == null
                    ? Optional.empty()
                    : Optional.of(first + " belongs to " + owner(first) + ": sudo chown -R "
                            + Stream.concat(Stream.of(user), tops.stream().map(Path::toString))
                                    .map(ForeignFiles::quoted).collect(Collectors.joining(" ")));
        } catch (IOException e) {
            return Optional.empty();
        }
    }

    /** What lies behind a failure, if that is such a file; else the failure itself. */
    public SecretsException explained(SecretsException failure) {
        Throwable cause = failure;
        while (cause != null && !(cause instanceof FileSystemException)) {
            cause = cause.getCause();
        }
        Optional<String> line = cause == null ? Optional.empty() : objection();
        return line.isPresent() ? new SecretsException.Unavailable(failure.subject(), line.get(), "") : failure;
    }

    private @Nullable Path find(Path folder, String user) throws IOException {
        Path there = folder;
        while (!Files.exists(there)) {
            there = there.resolveSibling("");
        }
        if (isForeign(there, true, user)) {
            return top(there, user);
        }
        return there.equals(folder) ? findBelow(folder, user) : null;
    }

    /** The whole of what another user has made in a folder of this one; null if that begins in no such folder. */
    private static @Nullable Path top(Path foreign, String user) throws IOException {
        for (Path at = foreign; at.getParent() != null; at = at.getParent()) {
            if (owner(at.getParent()).equals(user)) {
                return at;
            }
        }
        return null;
    }

    private @Nullable Path findBelow(Path folder, String user) throws IOException {
        Path[] found = new Path[1];
        Files.walkFileTree(folder, Set.of(), DEPTH,
                new SimpleFileVisitor<>() {

                    @Override
                    public FileVisitResult preVisitDirectory(Path path, BasicFileAttributes facts) {
                        return path.equals(dropFolder) ? FileVisitResult.SKIP_SUBTREE : FileVisitResult.CONTINUE;
                    }

                    @Override
                    public FileVisitResult visitFile(Path path, BasicFileAttributes facts) throws IOException {
                        return facts.isSymbolicLink() ? FileVisitResult.CONTINUE : visit(path);
                    }

                    @Override
                    public FileVisitResult visitFileFailed(Path path, IOException failure) throws IOException {
                        return Files.exists(path, LinkOption.NOFOLLOW_LINKS) ? visit(path) : FileVisitResult.CONTINUE;
                    }

                    private FileVisitResult visit(Path path) throws IOException {
                        if (isForeign(path, own.contains(folder), user)) {
                            found[0] = path;
                            return FileVisitResult.TERMINATE;
                        }
                        return FileVisitResult.CONTINUE;
                    }
                });
        return found[0];
    }

    private static boolean isForeign(Path path, boolean isWritten, String user) throws IOException {
        boolean isUsable = Files.isReadable(path) && (!isWritten || Files.isWritable(path));
        return !isUsable && !owner(path).equals(user);
    }

    private static String owner(Path path) throws IOException {
        return Files.getOwner(path).getName();
    }

    private static String quoted(String word) {
        return PLAIN.matcher(word).matches() ? word : "'" + word.replace("'", "'\\''") + "'";
    }
}
