package dev.secretsengine.launcher.setup;

import dev.secretsengine.launcher.docker.DaemonConfig;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;

/**
 * The two steps of undoing a setup in its file: first the name stays and means the real runtime, then it goes.
 *
 * @param file as it is now
 * @param config what it says
 * @param runtime our name
 */
record Undoing(ConfigFile file, DaemonConfig config, String runtime, Scene scene) {

    /**
     * Says nothing new to any runtime, as dockerd asks for JSON itself. Without an argument dockerd 20.10 would remove the
     * script that the running containers of this runtime are still controlled by.
     */
    private static final List<String> HARMLESS = List.of("--log-format=json");

    static Undoing read(Scene scene) throws SetupException {
        ConfigFile file = ConfigFile.read(scene.daemonJson());
        return new Undoing(file, Scene.parse(file), scene.user().runtime(), scene);
    }

    /** Whether there is something to undo. */
    boolean isNamed() {
        return config.runtimes().containsKey(runtime) || isDefault();
    }

    boolean isDefault() {
        return config.defaultRuntime().filter(runtime::equals).isPresent();
    }

    private Optional<SetupRecord> record() throws IOException {
        return SetupRecord.read(file, runtime);
    }

    /** With the former default, named in any case, and ours as another name of the real runtime. */
    DaemonConfig kept() throws SetupException, IOException {
        Path real = new RealRuntime(scene, config, file.readerTrust(scene.ownUid())).left();
        DaemonConfig kept = config.with(runtime, new DaemonConfig.Entry(real.toString(), HARMLESS));
        return isDefault()
                ? kept.withDefault(formerDefault().orElse("runc"))
                : kept;
    }

    private Optional<String> formerDefault() throws IOException {
        return record().flatMap(SetupRecord::formerDefault)
                .filter(name -> !name.matches("se-[0-9]+") || config.runtimes().containsKey(name));
    }

    /** Writes {@link #kept}; the record goes along, so that the end can still be exact. */
    Undoing writeKept() throws SetupException, IOException {
        file.requireUnchanged();
        byte[] text = kept().text().getBytes(StandardCharsets.UTF_8);
        Optional<SetupRecord> record = record();
        if (record.isPresent()) {
            boolean exact = record.get().isOf(file);
            (exact ? record.get().withWritten(text) : record.get().withoutWritten()).write(file, runtime);
        }
        ConfigFile written = file.write(text);
        return new Undoing(written, Scene.parse(written), runtime, scene);
    }

    /** What the file is to be in the end, empty if it was not there before. */
    Optional<byte[]> end() throws SetupException, IOException {
        Optional<SetupRecord> record = record();
        if (record.isPresent() && record.get().isOf(file)) {
            Optional<Path> backup = backup();
            if (record.get().backup().isEmpty()) {
                return Optional.empty();
            }
            if (backup.isPresent()) {
                return Optional.of(Files.readAllBytes(backup.get()));
            }
        }
        return Optional.of(without().text().getBytes(StandardCharsets.UTF_8));
    }

    /** The file that the record names, if it is still there. */
    private Optional<Path> backup() throws IOException {
        return record().flatMap(SetupRecord::backup).map(name -> file.path().resolveSibling(name))
                .filter(Files::exists);
    }

    /** The text without what is ours, which includes the runc that the first step named where nothing was before. */
    private DaemonConfig without() throws IOException {
        String standard = config.defaultRuntime().orElse("");
        boolean named = isFirstStep() && standard.equals("runc");
        DaemonConfig less = config;
        if (standard.equals(runtime) || named) {
            Optional<String> former = formerDefault();
            less = former.isPresent() ? config.withDefault(former.get()) : config.withoutDefault();
        }
        return less.without(runtime, record().filter(SetupRecord::emptyRuntimes).isPresent());
    }

    /** Whether the name stands there for its containers only. */
    boolean isFirstStep() {
        DaemonConfig.Entry entry = config.runtimes().get(runtime);
        return entry != null && entry.arguments().equals(HARMLESS);
    }

    /** Writes {@link #end} and removes what was remembered; empty if the file has gone. */
    Optional<ConfigFile> writeEnd() throws SetupException, IOException {
        file.requireUnchanged();
        Optional<byte[]> text = end();
        boolean exact = record().filter(found -> found.isOf(file)).isPresent();
        Optional<Path> backup = backup();
        Optional<ConfigFile> written = Optional.empty();
        if (text.isPresent()) {
            written = Optional.of(file.write(text.get()));
        } else {
            Files.delete(file.path());
        }
        SetupRecord.remove(file, runtime);
        if (exact && backup.isPresent()) {
            Files.delete(backup.get());
        }
        return written;
    }
}
