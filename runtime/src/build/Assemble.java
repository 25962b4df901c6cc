import java.io.IOException;
import java.io.InputStream;
import java.io.PrintWriter;
import java.io.UncheckedIOException;
import java.lang.classfile.ClassFile;
import java.lang.classfile.ClassFileVersion;
import java.lang.classfile.ClassHierarchyResolver;
import java.lang.classfile.ClassModel;
import java.lang.classfile.CodeBuilder;
import java.lang.classfile.MethodModel;
import java.lang.classfile.MethodTransform;
import java.lang.module.ModuleDescriptor;
import java.lang.module.ModuleFinder;
import java.lang.module.ModuleReference;
import java.nio.charset.StandardCharsets;
import java.nio.file.FileSystem;
import java.nio.file.FileSystems;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Instant;
import java.util.Comparator;
import java.util.List;
import java.util.spi.ToolProvider;
import java.util.stream.Stream;
import java.util.zip.ZipEntry;
import java.util.zip.ZipFile;

/** Assembles the installation in target/image; run by the JDK that it is linked from. */
final class Assemble {

    /** Flags of the engine; the AOT cache holds for exactly these. */
    static final List<String> ENGINE_FLAGS = List.of("-XX:+UseSerialGC", "-XX:TieredStopAtLevel=1", "-Xmx512m", "-Xms4m",
            "-Xmn2m", "-XX:-ShrinkHeapInSteps", "-XX:MinHeapFreeRatio=10", "-XX:MaxHeapFreeRatio=30", "-XX:TrimNativeHeapInterval=5000", "-XX:-UsePerfData",
            "-XX:+DisableAttachMechanism", "-Xlog:disable", "-Xlog:all=error:stderr",
            // A connection that waits for the next request keeps what it has read. Idle cleaning comes after 6 s.
            "-Djdk.httpclient.keepalive.timeout=3",
            "--sun-misc-unsafe-memory-access=deny",
            "--enable-native-access=org.newsclub.net.unix,dev.secretsengine.age,dev.secretsengine.core",
            "--add-modules=dev.secretsengine.age,dev.secretsengine.keychain,"
                    + "org.freedesktop.dbus.transport.jre,org.slf4j.jul,java.net.http,java.xml,java.naming");

    /** Flags of the portable client. */
    static final List<String> CLIENT_FLAGS = List.of("-XX:+UseSerialGC", "-XX:TieredStopAtLevel=1", "-Xmx32m", "-Xms4m",
            "-XX:-UsePerfData", "-XX:+DisableAttachMechanism", "-Xlog:disable",
            "-Xlog:all=error:stderr", "--enable-native-access=org.newsclub.net.unix");

    /** Linked in although nothing of ours requires it: services, and what bundles of others will ask for. */
    static final List<String> ROOTS = List.of("dev.secretsengine.launcher", "dev.secretsengine.age",
            "dev.secretsengine.keychain", "org.freedesktop.dbus.transport.jre", "org.slf4j.jul", "java.net.http",
            "java.xml", "java.naming", "java.management", "jdk.net", "jdk.unsupported", "jdk.crypto.ec",
            "java.security.jgss", "jdk.zipfs");

    final Path project;
    final Path target;
    final Path image;
    final String version;

    Assemble(Path project, String version) {
        this.project = project;
        this.target = project.resolve("target");
        this.image = target.resolve("image");
        this.version = version;
    }

    public static void main(String[] args) throws Exception {
        new Assemble(Path.of(args[0]), args[1]).run();
    }

    void run() throws Exception {
        delete(image);
        Path modules = target.resolve("modules");
        Path linked = describedModules(modules);
        link(linked);
        nativeLibrary(modules);
        copyTree(project.resolve("src/image"), image);
        copyTree(target.resolve("drop"), image.resolve("runtime"));
        new ApiRepository(target.resolve("api"), image.resolve("lib/maven-repository"), version).write();
        Files.copy(project.resolveSibling("LICENSE"), image.resolve("LICENSE"));
        Files.copy(project.resolveSibling("THIRD-PARTY.md"), image.resolve("THIRD-PARTY.md"));
        String commit = commit();
        long built = Instant.now().getEpochSecond();
        Files.writeString(image.resolve("lib/release"),
                "version=" + version + "\ncommit=" + commit + "\nbuilt=" + built + "\n");
        scripts();
        new NativeProgram(project.resolveSibling("launcher/src/main/c"), image, version, commit, built, metadata())
                .install();
        Files.createDirectories(image.resolve("lib/aot"));
        Training training = new Training(image, target.resolve("train.log"));
        training.writeHelp();
        training.train();
        permissions();
    }

    /** Copies the modules, and gives a descriptor to those that have none: jlink takes no automatic modules. */
    Path describedModules(Path modules) throws Exception {
        Path linked = target.resolve("linked");
        delete(linked);
        Files.createDirectories(linked);
        for (ModuleReference module : ModuleFinder.of(modules).findAll()) {
            Path jar = Path.of(module.location().orElseThrow());
            ModuleDescriptor descriptor = module.descriptor();
            if (descriptor.name().contains("nativecommon") || descriptor.name().equals("org.jspecify")) {
                continue;
            }
            Path copy = Files.copy(jar, linked.resolve(jar.getFileName()));
            if (descriptor.isAutomatic()) {
                describe(descriptor.name(), copy, modules);
            }
            if (descriptor.name().equals("info.picocli")) {
                renew(copy);
            }
        }
        return linked;
    }

    void describe(String name, Path jar, Path modules) throws Exception {
        Path sources = target.resolve("descriptors");
        tool("jdeps", "--ignore-missing-deps", "--multi-release", "25", "--generate-module-info", sources.toString(),
                "--module-path", modules.toString(), jar.toString());
        Path source;
        try (Stream<Path> files = Files.walk(sources.resolve(name))) {
            source = files.filter(file -> file.endsWith("module-info.java")).findFirst().orElseThrow();
        }
        Path classes = target.resolve("descriptors-classes").resolve(name);
        tool("javac", "-Xlint:none", "--release", "25", "--patch-module", name + "=" + jar, "--module-path", modules.toString(), "-d",
                classes.toString(), source.toString());
        tool("jar", "--update", "--file", jar.toString(), "-C", classes.toString(), "module-info.class");
    }

    /**
     * Raises old class files to a version that an AOT cache takes (docs/decisions/0015): same code, with stack maps that
     * the class-file API of the JDK computes.
     */
    void renew(Path jar) throws IOException {
        try (FileSystem zip = FileSystems.newFileSystem(jar); Stream<Path> all = Files.walk(zip.getPath("/"))) {
            ClassFile format = ClassFile.of(ClassFile.StackMapsOption.GENERATE_STACK_MAPS,
                    ClassFile.ClassHierarchyResolverOption.of(
                            ClassHierarchyResolver.ofResourceParsing(name -> open(zip, name.descriptorString()))
                                    .orElse(ClassHierarchyResolver.defaultResolver())));
            for (Path file : all.filter(path -> path.toString().endsWith(".class")).toList()) {
                ClassModel old = format.parse(Files.readAllBytes(file));
                if (old.majorVersion() < ClassFile.JAVA_6_VERSION) {
                    Files.write(file, format.build(old.thisClass().asSymbol(), builder -> {
                        old.forEach(element -> {
                            switch (element) {
                                case ClassFileVersion version -> builder.withVersion(ClassFile.JAVA_8_VERSION, 0);
                                case MethodModel method -> builder.transformMethod(method, MethodTransform.ACCEPT_ALL
                                        .andThen(MethodTransform.transformingCode(CodeBuilder::with)));
                                default -> builder.with(element);
                            }
                        });
                    }));
                }
            }
        }
    }

    static InputStream open(FileSystem zip, String descriptor) {
        Path file = zip.getPath("/" + descriptor.substring(1, descriptor.length() - 1) + ".class");
        try {
            return Files.exists(file) ? Files.newInputStream(file) : null;
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    void link(Path linked) throws Exception {
        tool("jlink", "--module-path", linked.toString(), "--add-modules", String.join(",", ROOTS), "--output",
                image.resolve("lib/jre").toString(), "--ignore-signing-information", "--no-header-files",
                "--no-man-pages", "--strip-debug", "--compress", "zip-6");
    }

    /** The socket library's native part, of this machine's kind, as a file: nothing is unpacked at run time. */
    void nativeLibrary(Path modules) throws IOException {
        String arch = System.getProperty("os.arch");
        Path jar;
        try (Stream<Path> files = Files.list(modules)) {
            jar = files.filter(file -> file.getFileName().toString().startsWith("junixsocket-native-common"))
                    .findFirst().orElseThrow();
        }
        try (ZipFile zip = new ZipFile(jar.toFile())) {
            ZipEntry entry = zip.stream().map(ZipEntry.class::cast)
                    .filter(found -> found.getName().matches("lib/" + arch + "-Linux-clang/jni/libjunixsocket-native-[0-9.]+[.]so")).findFirst()
                    .orElseThrow(() -> new IllegalStateException("no native socket library for " + arch));
            Path library = image.resolve("lib/native/libjunixsocket.so");
            Files.createDirectories(library.getParent());
            try (InputStream in = zip.getInputStream(entry)) {
                Files.copy(in, library);
            }
        }
    }

    /** What the docker client is told of this plugin. */
    String metadata() {
        return "{\"SchemaVersion\":\"0.1.0\",\"Vendor\":\"secrets-engine\",\"Version\":\"v" + version
                + "\",\"ShortDescription\":\"Keep secrets and hand them to containers and commands\","
                + "\"URL\":\"https://secretsengine.dev\"}";
    }

    void scripts() throws IOException {
        for (String script : List.of("docker-pass-portable", "secrets-engine")) {
            Path file = image.resolve("bin").resolve(script);
            Files.writeString(file, Files.readString(file).replace("@METADATA@", metadata())
                    .replace("@CLIENT_FLAGS@", String.join(" ", CLIENT_FLAGS))
                    .replace("@ENGINE_FLAGS@", String.join(" ", ENGINE_FLAGS)));
        }
    }

    /** Nobody but its owner may write to an installation, whatever the umask was. */
    void permissions() throws IOException {
        try (Stream<Path> all = Files.walk(image)) {
            for (Path path : (Iterable<Path>) all::iterator) {
                boolean executable = Files.isDirectory(path) || path.startsWith(image.resolve("bin"))
                        || Files.isExecutable(path);
                if (!Files.isSymbolicLink(path)) {
                    Files.setPosixFilePermissions(path,
                            PosixFilePermissions.fromString(executable ? "rwxr-xr-x" : "rw-r--r--"));
                }
            }
        }
    }

    String commit() throws Exception {
        Process git = new ProcessBuilder("git", "rev-parse", "--short", "HEAD").directory(project.toFile())
                .redirectError(ProcessBuilder.Redirect.DISCARD).start();
        String commit = new String(git.getInputStream().readAllBytes(), StandardCharsets.UTF_8).strip();
        return git.waitFor() == 0 && !commit.isEmpty() ? commit : "unknown";
    }

    static void tool(String name, String... args) {
        int code = ToolProvider.findFirst(name).orElseThrow().run(new PrintWriter(System.out, true),
                new PrintWriter(System.err, true), args);
        if (code != 0) {
            throw new IllegalStateException(name + " failed: " + String.join(" ", args));
        }
    }

    static void copyTree(Path from, Path to) throws IOException {
        try (Stream<Path> all = Files.walk(from)) {
            for (Path path : (Iterable<Path>) all::iterator) {
                Path copy = to.resolve(from.relativize(path).toString());
                if (Files.isDirectory(path)) {
                    Files.createDirectories(copy);
                } else {
                    Files.createDirectories(copy.getParent());
                    Files.copy(path, copy, StandardCopyOption.REPLACE_EXISTING);
                }
            }
        }
    }

    static void delete(Path folder) throws IOException {
        if (!Files.exists(folder)) {
            return;
        }
        try (Stream<Path> all = Files.walk(folder)) {
            all.sorted(Comparator.reverseOrder()).forEach(path -> {
                try {
                    Files.delete(path);
                } catch (IOException e) {
                    throw new UncheckedIOException(e);
                }
            });
        }
    }
}
