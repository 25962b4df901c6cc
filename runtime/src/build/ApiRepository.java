import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.HexFormat;

/** The api and its contract tests as a repository of Maven, for plugins that are built where only the image is. */
final class ApiRepository {

    /** Without the parent, which is no part of the image: the api needs the JDK only. */
    static final String POM = """
            <?xml version="1.0" encoding="UTF-8"?>
            <project xmlns="http://maven.apache.org/POM/4.0.0">
              <modelVersion>4.0.0</modelVersion>
              <groupId>dev.secretsengine</groupId>
              <artifactId>engine-api</artifactId>
              <version>%s</version>
            </project>
            """;

    final Path jars;
    final Path repository;
    final String version;

    ApiRepository(Path jars, Path repository, String version) {
        this.jars = jars;
        this.repository = repository;
        this.version = version;
    }

    void write() throws IOException {
        Path folder = Files.createDirectories(repository.resolve("dev/secretsengine/engine-api").resolve(version));
        String name = "engine-api-" + version;
        for (String jar : new String[]{name + ".jar", name + "-tests.jar"}) {
            put(folder.resolve(jar), Files.readAllBytes(jars.resolve(jar)));
        }
        put(folder.resolve(name + ".pom"), POM.formatted(version).getBytes(StandardCharsets.UTF_8));
    }

    /** With its checksum, or Maven would warn. */
    static void put(Path file, byte[] content) throws IOException {
        Files.write(file, content);
        try {
            String sum = HexFormat.of().formatHex(MessageDigest.getInstance("SHA-1").digest(content));
            Files.writeString(file.resolveSibling(file.getFileName() + ".sha1"), sum);
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException(e);
        }
    }
}
