package dev.secretsengine.core.config;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;

/**
 * Whether code may be loaded from a file or folder: its owner is the user or root and nobody else can write to it, nor
 * to any folder above it. A root-owned sticky folder is fine, and so is the user's private group.
 */
public final class FolderTrust {

    private static final int GROUP_WRITE = 0020;
    private static final int OTHER_WRITE = 0002;
    private static final int STICKY = 01000;
    private static final int FILE_TYPE = 0170000;
    private static final int REGULAR_FILE = 0100000;

    private final int uid;
    private final UserGroups groups;

    /** Trust as this user sees it. */
    public FolderTrust(int uid) {
        this(uid, UserGroups.ofThisMachine());
    }

    /** The same where these are the groups. */
    FolderTrust(int uid, UserGroups groups) {
        this.uid = uid;
        this.groups = groups;
    }

    /** Trust as the user of this process sees it. */
    public static FolderTrust ofThisProcess() throws IOException {
        return new FolderTrust((Integer) Files.getAttribute(Path.of("/proc/self"), "unix:uid"));
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

    /**
     * Checks a file that is open, and the folders above it. What was checked is what the handle reads, whatever happens to
     * the path meanwhile.
     *
     * @param path where it was opened; a link is refused
     * @param descriptor of the open file
     * @return one line on what is wrong and how to mend it, empty if the file is trusted
     */
    Optional<String> objection(Path path, int descriptor) throws IOException {
        Map<String, Object> open = Files.readAttributes(Path.of("/proc/self/fd", Integer.toString(descriptor)),
                "unix:uid,gid,mode,dev,ino");
        Map<String, Object> named = Files.readAttributes(path, "unix:dev,ino", LinkOption.NOFOLLOW_LINKS);
        if (!named.equals(Map.of("dev", open.get("dev"), "ino", open.get("ino")))) {
            return Optional.of(path + " is a link: put the file itself there");
        }
        if ((number(open, "mode") & FILE_TYPE) != REGULAR_FILE) {
            return Optional.of(path + " is no file");
        }
        Optional<String> found = objectionTo(path, false, open);
        return found.isPresent() ? found : objection(path.resolveSibling("."));
    }

    private Optional<String> objectionTo(Path path, boolean above) throws IOException {
        return objectionTo(path, above, Files.readAttributes(path, "unix:uid,gid,mode"));
    }

    private Optional<String> objectionTo(Path path, boolean above, Map<String, Object> facts) {
        int owner = number(facts, "uid");
        int mode = number(facts, "mode");
        if (owner != uid && owner != 0) {
            return Optional.of(path + " belongs to another user (uid " + owner + "): take it over or remove it");
        }
        if (above && owner == 0 && (mode & STICKY) != 0) {
            return Optional.empty();
        }
        boolean otherGroup = (mode & GROUP_WRITE) != 0 && !groups.isPrivate(number(facts, "gid"), uid);
        if (otherGroup || (mode & OTHER_WRITE) != 0) {
            return Optional.of(path + " can be written by others: run chmod go-w " + path);
        }
        return Optional.empty();
    }

    private static int number(Map<String, Object> facts, String name) {
        return (Integer) Objects.requireNonNull(facts.get(name), name);
    }
}
