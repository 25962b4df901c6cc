package dev.secretsengine.launcher.project;

import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.AccessDeniedException;
import java.nio.file.DirectoryStream;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.FileSystemException;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.NoSuchFileException;
import java.nio.file.NotDirectoryException;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.function.Consumer;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * {@code docker pass plugins new}: a project that builds where nothing but the installation is there, and whose jar is a
 * plugin. The client does it, in the caller's own folder; no engine is needed.
 */
public final class NewProject {

    private static final int FAILED = 1;
    private static final int USAGE = 2;
    private static final String SEE = ": see docker pass plugins new --help";
    private static final String DIRECTORY = "--directory";
    private static final String ELSEWHERE = ", name another with --directory";

    /** Names of files are made of it. */
    private static final int LONGEST = 100;
    private static final Pattern NAME = Pattern.compile("[a-z0-9][a-z0-9-]*");
    /** What no part of a package's name may be. */
    private static final Set<String> JAVA_WORDS = Set.of("abstract", "assert", "boolean", "break", "byte", "case",
            "catch", "char", "class", "const", "continue", "default", "do", "double", "else", "enum", "extends",
            "false",
            "final", "finally", "float", "for", "goto", "if", "implements", "import", "instanceof", "int", "interface",
            "long", "native", "new", "null", "package", "private", "protected", "public", "return", "short", "static",
            "strictfp", "super", "switch", "synchronized", "this", "throw", "throws", "transient", "true", "try",
            "void",
            "volatile", "while");

    private static final Set<String> RESERVED = Set.of("ls", "list", "enable", "disable", "inspect", "setup", "purge",
            "new", "docker-pass");

    private final Path image;
    private final String version;
    private final Consumer<String> out;
    private final Consumer<String> err;

    /**
     * Projects for this installation.
     *
     * @param version of the api that it carries
     */
    public NewProject(Path image, String version, Consumer<String> out, Consumer<String> err) {
        this.image = image;
        this.version = version;
        this.out = out;
        this.err = err;
    }

    /**
     * Runs the command.
     *
     * @param words what was typed behind {@code plugins new}
     * @return the exit code: 0 done, 1 failed, 2 wrong usage
     */
    public int run(List<String> words) {
        String name = "";
        @Nullable
        String directory = null;
        for (int i = 0; i < words.size(); i++) {
            String word = words.get(i);
            if (word.equals(DIRECTORY) && i + 1 < words.size()) {
                directory = words.get(++i);
            } else if (word.startsWith(DIRECTORY + "=")) {
                directory = word.substring(DIRECTORY.length() + 1);
            } else if (word.startsWith("-") || !name.isEmpty()) {
                return usage("it takes a name and --directory D");
            } else {
                name = word;
            }
        }
        if (name.isEmpty() || (directory != null && directory.isEmpty())) {
            return usage(name.isEmpty() ? "a name is missing" : DIRECTORY + " has no value");
        }
        if (!NAME.matcher(name).matches() || name.length() > LONGEST || RESERVED.contains(name)) {
            return usage("a plugin's name has up to " + LONGEST + " of a-z, 0-9 and -, does not begin with -, and is no"
                    + " word of docker pass plugins");
        }
        Path folder = Path.of(directory == null ? name : directory);
        Deque<Path> made = new ArrayDeque<>();
        try {
            write(name, folder, made);
        } catch (FileSystemException e) {
            removeAll(made);
            err.accept("cannot write " + e.getFile() + " and nothing that was there is replaced: " + reason(e));
            return FAILED;
        } catch (IOException e) {
            removeAll(made);
            err.accept("cannot write the project: " + e.getMessage());
            return FAILED;
        }
        out.accept("A plugin of your own is in " + folder + ": build it with mvn package, its README.md says more");
        return 0;
    }

    /** Why, and what to do about it. */
    private static String reason(FileSystemException e) {
        if (Files.isSymbolicLink(Path.of(e.getFile())) && !Files.exists(Path.of(e.getFile()))) {
            return "it is a link to nothing" + ELSEWHERE;
        }
        return switch (e) {
            case NotDirectoryException n -> "it is no folder" + ELSEWHERE;
            case FileAlreadyExistsException f -> "it is no folder" + ELSEWHERE;
            case NoSuchFileException f -> "there cannot be such a folder" + ELSEWHERE;
            case AccessDeniedException a -> "you have no permission" + ELSEWHERE;
            default -> (e.getReason() == null ? e.getClass().getSimpleName() : e.getReason()) + ELSEWHERE;
        };
    }

    private int usage(String what) {
        err.accept(what + SEE);
        return USAGE;
    }

    /** What was made of it before it failed, the last first. */
    private static void removeAll(Deque<Path> made) {
        for (Path path : made) {
            try {
                Files.deleteIfExists(path);
            } catch (IOException e) {
                // Somebody else has put something into it, or the disk is gone: it stays.
            }
        }
    }

    private void write(String name, Path folder, Deque<Path> made) throws IOException {
        requireEmpty(folder);
        String packageName = packageName(name);
        String type = type(name);
        Map<String, String> words = Map.of("@NAME@", name, "@PACKAGE@", packageName, "@CLASS@", type, "@VERSION@",
                version, "@REPOSITORY@", image.resolve("lib/maven-repository").toUri().toString());
        Map<String, String> files = new LinkedHashMap<>();
        String java = "/java/" + packageName.replace('.', '/') + "/" + type + "Provider";
        files.put("pom.xml", "pom.xml.txt");
        files.put("src/main" + java + ".java", "Provider.java.txt");
        files.put("src/test" + java + "Test.java", "ProviderTest.java.txt");
        files.put("README.md", "README.md.txt");
        for (Map.Entry<String, String> file : files.entrySet()) {
            Path target = folder.resolve(file.getKey());
            String content = filled(file.getValue(), words);
            makeFolder(target.toAbsolutePath().getParent(), made);
            made.push(target);
            Files.writeString(target, content, StandardOpenOption.CREATE_NEW);
        }
    }

    private static void makeFolder(@Nullable Path folder, Deque<Path> made) throws IOException {
        if (folder != null && !Files.isDirectory(folder)) {
            makeFolder(folder.getParent(), made);
            Files.createDirectory(folder);
            made.push(folder);
        }
    }

    private static void requireEmpty(Path folder) throws IOException {
        if (Files.exists(folder, LinkOption.NOFOLLOW_LINKS)) {
            try (DirectoryStream<Path> content = Files.newDirectoryStream(folder)) {
                if (content.iterator().hasNext()) {
                    throw new FileSystemException(folder.toString(), null, "it is not empty");
                }
            }
        }
    }

    private static String packageName(String name) {
        String last = name.replace("-", "");
        return "org.example." + (Character.isDigit(last.charAt(0)) ? "p" : "") + last
                + (JAVA_WORDS.contains(last) ? "plugin" : "");
    }

    /**
     * {@code my-vault} is {@code MyVault}; no name of a class starts with a digit, and {@code SecretsProvider} is the
     * interface.
     */
    private static String type(String name) {
        StringBuilder type = new StringBuilder();
        for (String part : name.split("-", -1)) {
            if (!part.isEmpty()) {
                type.append(part.substring(0, 1).toUpperCase(Locale.ROOT)).append(part.substring(1));
            }
        }
        return (Character.isDigit(type.charAt(0)) ? "P" : "") + type
                + (type.toString().equals("Secrets") ? "Plugin" : "");
    }

    private static String filled(String template, Map<String, String> words) throws IOException {
        try (InputStream in = NewProject.class.getResourceAsStream(template)) {
            if (in == null) {
                throw new IOException("the installation is damaged: it has no " + template);
            }
            String text = new String(in.readAllBytes(), StandardCharsets.UTF_8);
            for (Map.Entry<String, String> word : words.entrySet()) {
                text = text.replace(word.getKey(), word.getValue());
            }
            return text;
        }
    }
}
