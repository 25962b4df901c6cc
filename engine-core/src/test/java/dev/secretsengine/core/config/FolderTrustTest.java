package dev.secretsengine.core.config;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.Optional;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class FolderTrustTest {

    /** Lies in the system's folder for temporary files: owned by root, sticky, open to everybody. */
    @TempDir
    Path parent;

    private Path folder;
    private int uid;
    private int gid;

    @BeforeEach
    void makeAFolder() throws IOException {
        parent = parent.toRealPath();
        folder = Files.createDirectory(parent.resolve("runtime"));
        mode(folder, "rwxr-xr-x");
        uid = (Integer) Files.getAttribute(folder, "unix:uid");
        gid = (Integer) Files.getAttribute(folder, "unix:gid");
    }

    @Test
    void trustsTheUsersOwnBelowAStickyFolderOfRoot() throws IOException {
        int sticky = (Integer) Files.getAttribute(parent.getParent(), "unix:mode") & 07777;
        assertEquals(01777, sticky, parent.getParent() + " is what this test takes it for");
        assertEquals(Optional.empty(), own().objection(folder));
        assertEquals(Optional.empty(), FolderTrust.ofThisProcess().objection(folder));
        assertEquals(Optional.empty(), own().objection(Files.createFile(folder.resolve("a.jar"))));
    }

    @Test
    void trustsWhatBelongsToRoot() throws IOException {
        assertEquals(Optional.empty(), new FolderTrust(uid + 1).objection(Path.of("/usr")));
    }

    @Test
    void refusesWhatBelongsToAnotherUser() throws IOException {
        int owner = uid;
        if (uid == 0) {
            // Nothing of root is another user's to anybody, but root can give it away.
            owner = 65534;
            Files.setAttribute(folder, "unix:uid", owner);
        }
        assertEquals(Optional.of(folder + " belongs to another user (uid " + owner + "): take it over or remove it"),
                new FolderTrust(owner + 1).objection(folder));
    }

    @Test
    void trustsTheUsersPrivateGroupOnly() throws IOException {
        mode(folder, "rwxrwxr-x");
        assertEquals(Optional.empty(), own().objection(folder));
        assertEquals(writable(folder), withMembers("bob").objection(folder));
        assertEquals(writable(folder), new FolderTrust(uid, new UserGroups(parent, parent)).objection(folder));
    }

    @Test
    void refusesAJarThatAnotherMemberOfTheGroupCanWrite() throws IOException {
        Path jar = Files.createFile(folder.resolve("a.jar"));
        mode(jar, "rw-rw-r--");
        assertEquals(Optional.empty(), TrustedFile.read(jar, own()).objection());
        assertEquals(writable(jar), TrustedFile.read(jar, withMembers("bob")).objection());
    }

    @Test
    void refusesWhatEverybodyCanWrite() throws IOException {
        mode(folder, "rwxr-xrwx");
        assertEquals(writable(folder), own().objection(folder));
        mode(folder, "rwxr-xr-x");
        Path jar = Files.createFile(folder.resolve("a.jar"));
        mode(jar, "rw-r--rw-");
        assertEquals(writable(jar), own().objection(jar));
        assertEquals(Optional.empty(), own().objection(folder), "what lies in it is another question");
    }

    @Test
    void refusesAFolderBelowOneThatEverybodyCanWrite() throws IOException {
        mode(parent, "rwxrwxrwx");
        assertEquals(writable(parent), own().objection(folder));
        mode(parent, "rwxrwxr-x");
        assertEquals(writable(parent), withMembers("bob").objection(folder));
        assertEquals(Optional.empty(), own().objection(folder));
    }

    @Test
    void looksAtWhereALinkLeads() throws IOException {
        Path open = Files.createDirectory(parent.resolve("open"));
        mode(open, "rwxrwxrwx");
        Path link = Files.createSymbolicLink(folder.resolve("link"), Files.createDirectory(open.resolve("below")));
        assertEquals(writable(open), own().objection(link));
    }

    @Test
    void answersForWhatIsThereOnly() {
        assertThrows(NoSuchFileException.class, () -> own().objection(folder.resolve("missing")));
    }

    /** The user alone in the group. */
    private FolderTrust own() throws IOException {
        return withMembers("");
    }

    private FolderTrust withMembers(String members) throws IOException {
        Path files = Files.createDirectories(parent.resolve("etc"));
        return new FolderTrust(uid, new UserGroups(
                Files.writeString(files.resolve("passwd"), "alice:x:" + uid + ":" + gid + "::/:/bin/sh\n"),
                Files.writeString(files.resolve("group"), "alice:x:" + gid + ":" + members + "\n")));
    }

    private static Optional<String> writable(Path path) {
        return Optional.of(path + " can be written by others: run chmod go-w " + path);
    }

    private static void mode(Path path, String permissions) throws IOException {
        Files.setPosixFilePermissions(path, PosixFilePermissions.fromString(permissions));
    }
}
