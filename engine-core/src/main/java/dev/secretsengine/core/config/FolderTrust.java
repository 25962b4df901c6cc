package dev.secretsengine.core.config;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;

/**
 * Whether code may be loaded from a file or folder: its owner is the user or root and nobody else can write to it, nor
 * to any folder above it. A root-owned sticky folder is fine, and so is a group that is the user's own primary one.
 */
public final class FolderTrust {

    private static final int GROUP_WRITE = 0020;
    private static final int OTHER_WRITE = 0002;
    private static final int STICKY = 01000;

    private final int uid;
    private final int gid;

    /** Trust as this user and this primary group see it. */
    public FolderTrust(int uid, int gid) {
        this.uid = uid;
        this.gid = gid;
    }

    /** Trust as the user of this process sees it. */
    public static FolderTrust ofThisProcess() throws IOException {
        Map<String, Object> own = Files.readAttributes(Path.of("/proc/self"), "unix:uid,gid");
        return new FolderTrust(number(own, "uid"), number(own, "gid"));
    }

    /**
     * Checks a path and every folder above it, links resolved.
     *
     * @return one line on what is wrong and how to mend it, empty if the path is trusted
     * @throws IOException if the path is not there
     */
    public Optional<String> objection(Path path) throws IOException {
        Path real = path.toRealPath();
        Optional<String> found = objectionTo(real, false);
        for (Path above = real.getParent(); above != null && found.isEmpty(); above = above.getParent()) {
            found = objectionTo(above, true);
        }
        return found;
    }

    private Optional<String> objectionTo(Path path, boolean above) throws IOException {
        Map<String, Object> facts = Files.readAttributes(path, "unix:uid,gid,mode");
        int owner = number(facts, "uid");
        int mode = number(facts, "mode");
        if (owner != uid && owner != 0) {
            return Optional.of(path + " belongs to another user (uid " + owner + "): take it over or remove it");
        }
        if (above && owner == 0 && (mode & STICKY) != 0) {
            return Optional.empty();
        }
        boolean otherGroup = (mode & GROUP_WRITE) != 0 && number(facts, "gid") != gid;
        if (otherGroup || (mode & OTHER_WRITE) != 0) {
            return Optional.of(path + " can be written by others: run chmod go-w " + path);
        }
        return Optional.empty();
    }

    private static int number(Map<String, Object> facts, String name) {
        return (Integer) Objects.requireNonNull(facts.get(name), name);
    }
}
