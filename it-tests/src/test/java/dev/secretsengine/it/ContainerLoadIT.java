package dev.secretsengine.it;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.parallel.Isolated;

/** Many containers at once, on a machine that has nothing else to do: other tests have promises to keep. */
@Isolated
class ContainerLoadIT {

    private static final int CONTAINERS = 50;

    @Test
    void fiftyAtOnceHaveEachItsOwnValues() throws Exception {
        try (ContainerStage stage = ContainerStage.open()) {
            stage.set("shared", "for all");
            for (int i = 1; i <= CONTAINERS; i++) {
                stage.set("load/" + i, "value of " + i);
            }
            Outcome all = stage.sh("for i in $(seq " + CONTAINERS + "); do docker run --rm -e A=se://load/$i"
                    + " -e B=se://shared busybox sh -c \"echo \\\"$i: \\$A, \\$B\\\"\" & done; wait");
            assertEquals(
                    IntStream.rangeClosed(1, CONTAINERS).mapToObj(i -> i + ": value of " + i + ", for all").sorted()
                            .collect(Collectors.joining("\n")),
                    all.ok().lines().sorted().collect(Collectors.joining("\n")));
        }
    }
}
