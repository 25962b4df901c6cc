package dev.secretsengine.it;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.util.List;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

/** Compose files with references, as the reference page has them, by docker-compose. */
class ComposeIT {

    private static final String FILE = """
            services:
              api:
                image: service1
                command: sh -c 'echo "api has $$ANTHROPIC_API_KEY and $$POSTGRES_PASSWORD"'
                environment:
                  - ANTHROPIC_API_KEY=se://myapp/anthropic/api-key
                  - POSTGRES_PASSWORD=se://myapp/postgres/password

              worker:
                image: service2
                command: sh -c 'echo "worker has $$ANTHROPIC_API_KEY"'
                environment:
                  ANTHROPIC_API_KEY: se://myapp/anthropic/api-key

              db:
                image: service2
                command: sh -c 'echo "db has $$POSTGRES_PASSWORD at $$PLACE"'
                environment:
                  - POSTGRES_PASSWORD=se://myapp/postgres/password
                  - PLACE=${PLACE:-home}
            """;

    private static ContainerStage stage;

    @BeforeAll
    static void open() throws Exception {
        Tools.require("docker-compose");
        stage = ContainerStage.open();
        stage.daemon().importImage("service1");
        stage.daemon().importImage("service2");
        stage.home().pass("set", "myapp/anthropic/api-key=sk-ant-...").ok();
        stage.home().pass("set", "myapp/postgres/password=s3cr3t").ok();
        Files.writeString(Files.createDirectory(stage.file("project")).resolve("docker-compose.yml"), FILE);
    }

    @AfterAll
    static void close() throws IOException {
        stage.close();
    }

    /** What the services print. */
    private static List<String> up(String before) throws IOException {
        Outcome up = stage.sh("cd project && " + before + " docker-compose --no-ansi up --no-color");
        assertEquals(0, up.code(), up::toString);
        return up.out().lines().filter(line -> line.contains(" has ")).map(line -> line.replaceAll("^.*\\| ", ""))
                .sorted().toList();
    }

    @Test
    void servicesGetTheirSecrets() throws Exception {
        assertEquals(List.of("api has sk-ant-... and s3cr3t", "db has s3cr3t at home", "worker has sk-ant-..."),
                up(""));
        String known = stage.sh("docker inspect $(docker ps -aq)").ok();
        assertTrue(known.contains("POSTGRES_PASSWORD=se://myapp/postgres/password"), known);
        assertFalse(known.contains("s3cr3t"), known);

        // Started again, not created again: with what is the password now.
        stage.set("myapp/postgres/password", "rotated");
        assertEquals(List.of("api has sk-ant-... and rotated", "db has rotated at home", "worker has sk-ant-..."),
                up("").stream().filter(line -> !line.contains("s3cr3t")).toList());
        stage.set("myapp/postgres/password", "s3cr3t");
        stage.sh("cd project && docker-compose down");

        // Through docker pass run, which is for what Compose itself reads.
        stage.set("where", "work");
        assertEquals(List.of("api has sk-ant-... and s3cr3t", "db has s3cr3t at work", "worker has sk-ant-..."),
                up("PLACE=se://where docker pass run --"));
        stage.sh("cd project && docker-compose down");
    }

    @Test
    void serviceWithoutItsSecretDoesNotStart() throws Exception {
        Files.writeString(Files.createDirectory(stage.file("broken")).resolve("docker-compose.yml"), """
                services:
                  broken:
                    image: service1
                    command: echo started
                    environment:
                      - KEY=se://none/such
                """);
        Outcome up = stage.sh("cd broken && docker-compose --no-ansi up --no-color");
        assertEquals(1, up.code(), up::toString);
        assertTrue(up.err().contains("KEY=se://none/such"), up::toString);
        assertFalse(up.out().contains("started"), up::toString);
        stage.sh("cd broken && docker-compose down");
    }
}
