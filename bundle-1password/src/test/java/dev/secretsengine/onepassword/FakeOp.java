package dev.secretsengine.onepassword;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.List;

/**
 * A program {@code op} that answers from files, fails as it is told, and notes its arguments and its environment. It looks
 * at /proc for the latter: a shell adds variables of its own.
 */
public final class FakeOp {

    private final Path folder;
    private final Vaults vaults;

    public FakeOp(Path folder, Vaults vaults) throws IOException {
        this.folder = folder;
        this.vaults = vaults;
        Files.createDirectories(folder.resolve("bin"));
        Files.createDirectories(folder.resolve("data"));
        write();
        Path op = folder.resolve("bin/op");
        Files.writeString(op, """
                #!/bin/sh
                PATH=/usr/bin:/bin
                cd '%s' || exit 9
                echo "$*" >>calls
                tr '\\0' '\\n' </proc/$$/environ | sort >environ.new && mv environ.new environ
                : >running.$$
                trap 'rm -f running.$$' EXIT
                while [ -e hold ]; do sleep 0.02; done
                ls | grep -c '^running\\.' >>concurrent
                if [ -s stderr ]; then cat stderr >&2; exit "$(cat exit)"; fi
                case "$1 $2" in
                'vault list') cat data/vaults;;
                'item list') cat data/list;;
                'item get')
                    if [ -e "data/$5.$3" ]; then cat "data/$5.$3"; else
                        echo "[ERROR] 2026/11/23 10:00:00 \\"$3\\" isn't an item in the \\"$5\\" vault." >&2; exit 1
                    fi;;
                *) echo '[ERROR] 2026/11/23 10:00:00 unknown command' >&2; exit 1;;
                esac
                """.formatted(folder));
        Files.setPosixFilePermissions(op, PosixFilePermissions.fromString("rwx------"));
    }

    /** Takes over what the vaults hold now. */
    public FakeOp write() throws IOException {
        Files.writeString(folder.resolve("data/vaults"), vaults.vaultsJson());
        Files.writeString(folder.resolve("data/list"), vaults.listJson());
        for (Vaults.Entry entry : vaults.entries()) {
            Files.writeString(folder.resolve("data/" + entry.vault() + "." + entry.id()), vaults.itemJson(entry));
        }
        return this;
    }

    public Path bin() {
        return folder.resolve("bin");
    }

    public Path program() {
        return folder.resolve("bin/op");
    }

    public Vaults vaults() {
        return vaults;
    }

    /** Fails from now on, with op's way to say why. */
    public FakeOp failing(String text) throws IOException {
        return failingWith("[ERROR] 2026/11/23 10:00:00 " + text + "\n", 1);
    }

    public FakeOp failingWith(String stderr, int exit) throws IOException {
        Files.writeString(folder.resolve("exit"), Integer.toString(exit));
        Path text = Files.writeString(folder.resolve("stderr.new"), stderr);
        Files.move(text, folder.resolve("stderr"), StandardCopyOption.REPLACE_EXISTING);
        return this;
    }

    public void well() throws IOException {
        Files.deleteIfExists(folder.resolve("stderr"));
        Files.deleteIfExists(folder.resolve("hold"));
    }

    /** Waits from now on, as for a prompt. */
    public FakeOp holding() throws IOException {
        Files.writeString(folder.resolve("hold"), "");
        return this;
    }

    /** Prints something else than JSON from now on. */
    public void garbled(String text) throws IOException {
        Files.writeString(folder.resolve("data/list"), text);
    }

    /** Removes an item that was listed. */
    public void remove(String vault, String id) throws IOException {
        Files.delete(folder.resolve("data/" + vault + "." + id));
    }

    /** The arguments of each call. */
    public List<String> calls() throws IOException {
        Path calls = folder.resolve("calls");
        return Files.exists(calls) ? Files.readAllLines(calls) : List.of();
    }

    /** How many ran at the same time, for each call that was let through. */
    public List<String> concurrent() throws IOException {
        return Files.readAllLines(folder.resolve("concurrent"));
    }

    /** The variables of the last call, in alphabetical order. */
    public List<String> environment() throws IOException {
        return Files.readAllLines(folder.resolve("environ"));
    }
}
