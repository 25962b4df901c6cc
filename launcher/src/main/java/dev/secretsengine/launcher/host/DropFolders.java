package dev.secretsengine.launcher.host;

import dev.secretsengine.core.bundle.DroppedJar;
import dev.secretsengine.core.config.FolderTrust;
import dev.secretsengine.core.config.TrustedFile;
import dev.secretsengine.launcher.signature.JarSignatures;
import java.io.Closeable;
import java.io.IOException;
import java.nio.file.ClosedWatchServiceException;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.StandardWatchEventKinds;
import java.nio.file.WatchKey;
import java.nio.file.WatchService;
import java.nio.file.attribute.FileTime;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The folders that bundles are dropped into: a new jar is installed, a replaced one takes the old one's place, a deleted
 * one goes. A jar is looked at once it has been quiet for a moment, so that a copy under way is not taken for a broken
 * one. Nothing is loaded from a folder or file that others can write to. When it changes whose signature counts, all jars
 * are judged anew; while that cannot be told, what runs goes on and nothing new is taken in.
 */
final class DropFolders implements Closeable {

    private static final Logger LOG = LoggerFactory.getLogger(DropFolders.class);

    private static final long QUIET_MILLIS = 200;
    private static final long PAUSE_MILLIS = 1000;

    /**
     * What a jar looks like.
     *
     * @param content what tells it from another jar at its path
     * @param access who may read and write it, and when that or anything else of it was changed last
     */
    private record Facts(String content, String access) {

        /** Without the names of owner and group, which would have to be looked up. */
        static final String ATTRIBUTES = "unix:isRegularFile,isSymbolicLink,size,lastModifiedTime,fileKey,mode,uid,gid,ctime";

        static Facts of(Map<String, Object> file) {
            return new Facts(file.get("size") + " " + nanos(file.get("lastModifiedTime")) + " " + file.get("fileKey"),
                    file.get("mode") + " " + file.get("uid") + " " + file.get("gid") + " " + nanos(file.get("ctime")));
        }

        /** A time in words takes milliseconds. */
        private static long nanos(@Nullable Object time) {
            return time instanceof FileTime known ? known.to(TimeUnit.NANOSECONDS) : 0;
        }
    }

    private record Judged(Facts facts, JarSignatures.Rules rules) {

        boolean stillHolds(Facts now, JarSignatures.Rules present) {
            return facts.equals(now)
                    && (rules.equals(present) || (present.areUnclear() && !rules.areUnclear()));
        }
    }

    private final FelixHost host;
    private final FolderTrust trust;
    private final JarSignatures signatures;
    private final List<Path> folders;
    private final WatchService watcher;

    /** What each installed or rejected jar looked like, by path. */
    private final Map<Path, Judged> known = new TreeMap<>();

    private final Set<Path> watched = new HashSet<>();
    private JarSignatures.Rules rules;

    DropFolders(FelixHost host, FolderTrust trust, JarSignatures signatures, List<Path> folders) throws IOException {
        this.host = host;
        this.signatures = signatures;
        this.rules = signatures.rules();
        this.trust = trust;
        this.folders = folders;
        this.watcher = folders.get(0).getFileSystem().newWatchService();
    }

    /** Takes in what lies there already. */
    void open() {
        watch();
        scan();
    }

    /** Watches the folders that have come since. */
    private boolean watch() {
        int before = watched.size();
        for (Path folder : folders) {
            try {
                if (Files.isDirectory(folder) && watched.add(folder)) {
                    folder.register(watcher, StandardWatchEventKinds.ENTRY_CREATE, StandardWatchEventKinds.ENTRY_MODIFY,
                            StandardWatchEventKinds.ENTRY_DELETE);
                }
            } catch (IOException e) {
                watched.remove(folder);
                LOG.warn("cannot watch {}: {}", folder, e.getMessage());
            }
        }
        return watched.size() > before;
    }

    /** Follows the folders until closed. */
    void follow() {
        try {
            while (true) {
                // Folders that are missing and the configuration, with links in it, cannot be watched.
                WatchKey key = watcher.poll(PAUSE_MILLIS, TimeUnit.MILLISECONDS);
                boolean isQuiet = key == null;
                while (key != null) {
                    key.pollEvents();
                    if (!key.reset()) {
                        watched.remove((Path) key.watchable());
                    }
                    key = watcher.poll(QUIET_MILLIS, TimeUnit.MILLISECONDS);
                }
                if (!watch() && isQuiet && signatures.rules().equals(rules)) {
                    continue;
                }
                if (scan()) {
                    host.changed();
                }
            }
        } catch (ClosedWatchServiceException e) {
            LOG.debug("the drop folders are no longer watched");
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    /** Why the folders, or one of them, are not used. */
    List<String> problems() {
        List<String> problems = new ArrayList<>();
        for (Path folder : folders) {
            try {
                objection(folder).ifPresent(
                        reason -> problems.add("nothing is loaded from " + folder + ": " + reason));
            } catch (IOException e) {
                problems.add("cannot read " + folder + ": check its owner and mode");
            }
        }
        return problems;
    }

    private Optional<String> objection(Path folder) throws IOException {
        try {
            return trust.objection(folder);
        } catch (NoSuchFileException e) {
            return Optional.empty();
        }
    }

    /** Compares the folders with what is known. */
    private boolean scan() {
        rules = signatures.rules();
        Map<Path, Facts> present = new TreeMap<>();
        for (Path folder : folders) {
            try {
                Optional<String> objection = objection(folder);
                if (objection.isPresent()) {
                    LOG.warn("nothing is loaded from {}: {}", folder, objection.get());
                } else if (Files.isDirectory(folder)) {
                    present.putAll(jars(folder));
                }
            } catch (IOException e) {
                LOG.warn("cannot read {}: {}", folder, e.getMessage());
            }
        }
        boolean changed = known.keySet().removeIf(path -> {
            boolean gone = !present.containsKey(path);
            if (gone) {
                host.remove(path.toString());
            }
            return gone;
        });
        for (Map.Entry<Path, Facts> jar : present.entrySet()) {
            Judged before = known.get(jar.getKey());
            if (before == null || !before.stillHolds(jar.getValue(), rules)) {
                known.put(jar.getKey(), new Judged(jar.getValue(), rules));
                install(jar.getKey(), jar.getValue());
                changed = true;
            }
        }
        return changed;
    }

    private static Map<Path, Facts> jars(Path folder) throws IOException {
        Map<Path, Facts> jars = new TreeMap<>();
        try (DirectoryStream<Path> files = Files.newDirectoryStream(folder, "*.jar")) {
            for (Path file : files) {
                try {
                    Map<String, Object> found = Files.readAttributes(file, Facts.ATTRIBUTES,
                            LinkOption.NOFOLLOW_LINKS);
                    if (Boolean.TRUE.equals(found.get("isRegularFile"))
                            || Boolean.TRUE.equals(found.get("isSymbolicLink"))) {
                        jars.put(file, Facts.of(found));
                    }
                } catch (NoSuchFileException e) {
                    LOG.debug("{} went while it was looked at", file);
                }
            }
        }
        return jars;
    }

    private void install(Path jar, Facts facts) {
        String path = jar.toString();
        String name = String.valueOf(jar.getFileName());
        try {
            TrustedFile file = TrustedFile.read(jar, trust);
            if (file.objection().isPresent()) {
                host.remove(path);
                host.reject(path, name, file.objection().get());
            } else {
                String signer = signatures.check(file.content(), rules);
                host.install(new DroppedJar(path, facts.content(), signer), name, file.content());
            }
        } catch (JarSignatures.RefusedException e) {
            host.remove(path);
            host.reject(path, name, String.valueOf(e.getMessage()));
        } catch (IOException e) {
            host.remove(path);
            host.reject(path, name, "it cannot be read: check its owner and mode");
        }
    }

    @Override
    public void close() throws IOException {
        watcher.close();
    }
}
