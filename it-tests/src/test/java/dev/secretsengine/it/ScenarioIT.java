package dev.secretsengine.it;

import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.DynamicContainer.dynamicContainer;
import static org.junit.jupiter.api.DynamicTest.dynamicTest;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.stream.Stream;
import org.junit.jupiter.api.DynamicNode;
import org.junit.jupiter.api.TestFactory;
import org.junit.jupiter.api.parallel.ExecutionMode;

/** Every file of it-tests/scenarios, through the real docker client, with each store and each client. */
class ScenarioIT {

    /** Names one scenario to run it alone. */
    private static final String SELECTED = System.getProperty("scenario", "");

    @TestFactory
    List<DynamicNode> scenarios() throws IOException {
        List<DynamicNode> nodes = new ArrayList<>();
        try (Stream<Path> files = Files.list(Path.of(System.getProperty("scenarios", "scenarios")))) {
            for (Path file : files.filter(path -> path.toString().endsWith(SELECTED + ".txt")).sorted().toList()) {
                for (Installation installation : Installation.clients()) {
                    for (String store : stores(installation)) {
                        Scenario scenario = Scenario.read(file, Set.of(store, installation.toString()));
                        if (!scenario.steps().isEmpty()) {
                            nodes.add(container(scenario, store, installation));
                        }
                    }
                }
            }
        }
        assertFalse(nodes.isEmpty(), "there are no scenarios");
        return nodes;
    }

    /** No client knows of stores, and the portable one takes its time: where it is the second one, once is enough. */
    private static List<String> stores(Installation installation) throws IOException {
        boolean isSecond = !installation.equals(Installation.clients().getFirst());
        return isSecond ? List.of("age") : List.of("keychain", "age");
    }

    private static DynamicNode container(Scenario scenario, String store, Installation installation) {
        ScenarioRun run = new ScenarioRun(scenario.name(), store, installation);
        String kind = " [" + store + "] [" + installation + "] ";
        List<DynamicNode> steps = new ArrayList<>();
        for (Scenario.Step step : scenario.steps()) {
            String name = scenario.name() + ".txt:" + step.line() + kind
                    + step.command().lines().findFirst().orElse("");
            steps.add(dynamicTest(name, () -> run.perform(step)));
        }
        steps.add(dynamicTest(scenario.name() + kind + "leaves no engine behind", run::close));
        return dynamicContainer(configuration -> configuration.displayName(scenario.name() + kind)
                .executionMode(ExecutionMode.CONCURRENT).childExecutionMode(ExecutionMode.SAME_THREAD)
                .children(steps));
    }
}
