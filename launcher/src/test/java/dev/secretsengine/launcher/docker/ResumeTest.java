package dev.secretsengine.launcher.docker;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.atomic.AtomicBoolean;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class ResumeTest {

    private static final String DOWN = "\"A=se://a:_the_engine_is_not_running:_docker_pass_engine_start_--resume\"";

    @TempDir
    Path folder;

    private final List<String> printed = new ArrayList<>();
    private final AtomicBoolean gone = new AtomicBoolean();
    private FakeDocker docker;

    @BeforeEach
    void makeDocker() throws IOException {
        docker = new FakeDocker(folder).info("runc", "runc");
    }

    private int resume(String path) throws IOException {
        return new Resume(DockerCli.find(Map.of("PATH", path)), 1000, printed::add, gone::get).run();
    }

    private List<String> starts() throws IOException {
        return docker.log().stream().filter(line -> line.startsWith("start ")).toList();
    }

    @Test
    void startsWhatWasRefusedAndIsToBeRestarted() throws IOException {
        docker.containers("id6 /other-user se-1001 false always " + DOWN,
                "id5 /running se-1000 true always " + DOWN,
                "id4 /no-policy se-1000 false no " + DOWN,
                "id3 /other-error se-1000 false always \"no_such_file\"",
                "id2 /by-default mine false unless-stopped " + DOWN,
                "id1 /db se-1000 false on-failure " + DOWN);
        assertEquals(0, resume(docker.path()));
        assertEquals(List.of("RESUMED: db", "RESUMED: by-default"), printed);
        assertEquals(List.of("start id1", "start id2"), starts());
    }

    @Test
    void goesOnAfterAFailureAndTellsIt() throws IOException {
        docker.containers("id2 /web se-1000 false always " + DOWN, "id1 /db se-1000 false always " + DOWN)
                .refuse("id1", "Error response from daemon: OCI runtime create failed: "
                        + "docker-pass: A=se://a: there is no secret a: unknown");
        assertEquals(1, resume(docker.path()));
        assertEquals(List.of("ERR: db: A=se://a: there is no secret a", "RESUMED: web"), printed);
        docker.refuse("id1", "Error response from daemon: driver failed");
        printed.clear();
        assertEquals(1, resume(docker.path()));
        assertEquals("ERR: db: Error response from daemon: driver failed", printed.get(0));
    }

    @Test
    void printsNothingWhereNoneWaits() throws IOException {
        assertEquals(0, resume(docker.path()));
        assertEquals(List.of(), printed);
    }

    @Test
    void isNoFailureWithoutDocker() throws IOException {
        assertEquals(0, resume(folder.toString()));
        assertEquals(List.of("There is no docker client on the PATH: no container was resumed"), printed);
        printed.clear();
        Path empty = folder.resolve("empty");
        assertEquals(0, resume(new FakeDocker(empty).path()));
        assertEquals(List.of("Docker does not answer, no container was resumed: Cannot connect to the Docker daemon at"
                + " unix:///x. Is the docker daemon running?"), printed);
    }

    @Test
    void stopsWhenNobodyWaits() throws IOException {
        docker.containers("id1 /db se-1000 false always " + DOWN);
        gone.set(true);
        assertEquals(1, resume(docker.path()));
        assertEquals(List.of(), starts());
    }

    @Test
    void asksForManyContainersInPieces() throws IOException {
        String[] rows = new String[450];
        for (int i = 0; i < rows.length; i++) {
            rows[i] = "id" + (1000 + i) + " /c" + i + " runc true no \"\"";
        }
        docker.containers(rows);
        assertEquals(450, DockerCli.find(Map.of("PATH", docker.path())).orElseThrow().containers().size());
        assertEquals(3, docker.log().stream().filter(line -> line.startsWith("container inspect")).count());
    }
}
