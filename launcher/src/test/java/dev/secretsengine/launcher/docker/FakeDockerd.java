package dev.secretsengine.launcher.docker;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;

/** A process called dockerd that keeps a copy of its file whenever it is told to reload. */
public final class FakeDockerd implements AutoCloseable {

    private static final String SCRIPT = """
            #!/bin/sh
            # dockerd FILE FOLDER, or --help, or --validate --config-file FILE
            case "$1" in
                --help) echo "      --validate     Validate daemon configuration and exit"; exit 0 ;;
                --validate)
                    ls -l "$3" | cut -c1-10 >> "$(dirname "$0")/validated"
                    ! grep -q unwanted "$3" || { echo "unable to configure with file $3: unwanted" >&2; exit 1; }
                    echo "configuration OK" >&2; exit 0 ;;
            esac
            number=0
            reload() {
                number=$((number + 1))
                cp "$1" "$2/new" 2>/dev/null || echo gone > "$2/new"
                names=$(grep -o '"se-[0-9]*" *: *{' "$2/new" | cut -d '"' -f 2 | tr '\\n' '\\t')
                standard=$(sed -n 's/.*"default-runtime": "\\([^"]*\\)".*/\\1/p' "$2/new")
                printf '%s\\trunc\\t%s\\n' "${standard:-runc}" "$names" > "$2/info.new"
                mv "$2/info.new" "$2/info"
                mv "$2/new" "$2/reload.$number"
            }
            told=
            trap 'told=1' HUP
            printf 'runc\\trunc\\n' > "$2/info"
            while [ ! -e "$2/end" ]; do
                if [ "$told" ]; then told=; reload "$1" "$2"; fi
                sleep 0.05
            done
            """;

    private final Path folder;
    private final Process process;

    private FakeDockerd(Path folder, Process process) {
        this.folder = folder;
        this.process = process;
    }

    /** Puts the program into a folder. */
    public static Path install(Path bin) throws IOException {
        Path script = Files.writeString(Files.createDirectories(bin).resolve("dockerd"), SCRIPT);
        return Files.setPosixFilePermissions(script, PosixFilePermissions.fromString("rwxr-xr-x"));
    }

    /** Starts it with a file; what it knows is in the files of a {@link FakeDocker} of the same folder. */
    public static FakeDockerd start(Path file, Path folder) throws IOException {
        // A shell cannot trap what was ignored when it was started, as below nohup.
        Process process = new ProcessBuilder("env", "--default-signal=HUP", install(folder.resolve("bin")).toString(),
                file.toString(), folder.toString()).start();
        FakeDockerd dockerd = new FakeDockerd(folder, process);
        dockerd.await(folder.resolve("info"));
        return dockerd;
    }

    private void await(Path file) {
        long begin = System.nanoTime();
        while (!Files.exists(file)) {
            if (System.nanoTime() - begin > TimeUnit.SECONDS.toNanos(30)) {
                throw new AssertionError("there is no " + file);
            }
            LockSupport.parkNanos(TimeUnit.MILLISECONDS.toNanos(5));
        }
    }

    /** Its pid. */
    public long pid() {
        return process.pid();
    }

    /** The file as it was when it was reloaded for this time. */
    public String reloaded(int number) throws IOException {
        Path file = folder.resolve("reload." + number);
        await(file);
        return Files.readString(file);
    }

    /** Whether it was reloaded that often. */
    public boolean wasReloaded(int times) {
        return Files.exists(folder.resolve("reload." + times));
    }

    /** Ends it between two reloads: what writes into the folder would be in the way of its removal. */
    @Override
    public void close() {
        try {
            Files.writeString(folder.resolve("end"), "");
            if (!process.waitFor(30, TimeUnit.SECONDS)) {
                process.destroyForcibly();
            }
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }
}
