import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Stream;

/** The program in launcher/src/main/c: client and runtime wrapper. Where there is no C compiler it is left out. */
final class NativeProgram {

    static final List<String> FLAGS = List.of("-std=c11", "-D_GNU_SOURCE", "-O2", "-Wall", "-Wextra",
            "-fstack-protector-strong", "-U_FORTIFY_SOURCE", "-D_FORTIFY_SOURCE=2", "-fPIE", "-ffunction-sections",
            "-fdata-sections", "-Wl,--gc-sections", "-Wl,-z,relro,-z,now", "-s");

    /** Kinds of executables, best first: without a library to load it starts in half the time, anywhere. */
    static final List<String> LINKS = List.of("-static-pie", "-static", "-pie");

    final Path sources;
    final Path image;
    final List<String> definitions;

    NativeProgram(Path sources, Path image, String version, String commit, long built, String metadata) {
        this.sources = sources;
        this.image = image;
        this.definitions = List.of(definition("VERSION", version), definition("COMMIT", commit),
                definition("BUILT", Long.toString(built)), definition("METADATA", metadata));
    }

    static String definition(String name, String value) {
        return "-DPROGRAM_" + name + "=\"" + value.replace("\\", "\\\\").replace("\"", "\\\"") + "\"";
    }

    /** Installs it under its two names; without a compiler the portable client gets the name of the client. */
    void install() throws Exception {
        Path client = image.resolve("bin/docker-pass");
        Optional<String> compiler = compiler();
        if (compiler.isEmpty()) {
            System.out.println("no C compiler that works (cc, gcc or clang with the C library's headers; CC names another):"
                    + " docker pass is built without its native client and without the runtime wrapper for containers");
            Files.createSymbolicLink(client, Path.of("docker-pass-portable"));
            return;
        }
        compile(compiler.get(), client);
        Files.copy(client, image.resolve("bin/secrets-engine-runtime"));
    }

    /** One that can do its work: a compiler without the headers of a C library is none. */
    static Optional<String> compiler() throws IOException, InterruptedException {
        Set<String> names = new LinkedHashSet<>();
        Optional.ofNullable(System.getenv("CC")).filter(name -> !name.isBlank()).ifPresent(names::add);
        names.addAll(List.of("cc", "gcc", "clang"));
        Path folder = Files.createTempDirectory("docker-pass-cc");
        try {
            Path probe = Files.writeString(folder.resolve("probe.c"),
                    "#include <sys/socket.h>\nint main(void) { return 0; }\n");
            for (String name : names) {
                if (works(List.of(name, "-o", folder.resolve("probe").toString(), probe.toString()))) {
                    return Optional.of(name);
                }
            }
            return Optional.empty();
        } finally {
            Assemble.delete(folder);
        }
    }

    static boolean works(List<String> command) throws InterruptedException {
        try {
            return run(command).isEmpty();
        } catch (IOException e) {
            // There is no such program.
            return false;
        }
    }

    void compile(String compiler, Path program) throws Exception {
        String complaint = "";
        for (String link : LINKS) {
            List<String> command = new ArrayList<>(List.of(compiler, "-o", program.toString(), link));
            command.addAll(FLAGS);
            command.addAll(definitions);
            try (Stream<Path> files = Files.list(sources)) {
                files.map(Path::toString).filter(file -> file.endsWith(".c")).sorted().forEach(command::add);
            }
            Optional<String> problem = run(command);
            // A static executable may link where it does not run, or the other way round.
            if (problem.isEmpty() && works(List.of(program.toString(), "docker-cli-plugin-metadata"))) {
                return;
            }
            complaint = problem.orElse("what it made does not run");
        }
        throw new IllegalStateException(compiler + " cannot compile " + sources + ":\n" + complaint);
    }

    /** Runs a tool; answers what it complained of if it failed. */
    static Optional<String> run(List<String> command) throws IOException, InterruptedException {
        Process process = new ProcessBuilder(command).redirectErrorStream(true).start();
        String output = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
        return process.waitFor() == 0 ? Optional.empty() : Optional.of(output);
    }
}
