package dev.secretsengine.it;

import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.fail;

import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.function.BiPredicate;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/** One scenario with one store and one client: a home of its own, made with the first step. */
final class ScenarioRun {

    private final String name;
    private final String store;
    private final Installation installation;
    private @Nullable StoreHome user;
    private boolean isBroken;

    ScenarioRun(String name, String store, Installation installation) {
        this.name = name;
        this.store = store;
        this.installation = installation;
    }

    private Home home() throws Exception {
        if (user == null) {
            assertFalse(isBroken, "there is no home, as the first step says");
            isBroken = true;
            // What the scenarios themselves use.
            Tools.require("age", "bash", "secret-tool");
            user = StoreHome.open(store, installation);
        }
        return user.home();
    }

    void perform(Scenario.Step step) throws Exception {
        if (step.isFile()) {
            Path file = home().folder().resolve(step.command());
            Files.createDirectories(file.getParent());
            Files.writeString(file, step.text());
        } else {
            compare(step, home().sh(step.command(), step.text().getBytes(StandardCharsets.UTF_8)));
        }
    }

    private void compare(Scenario.Step step, Outcome outcome) {
        List<String> out = outcome.out().lines().toList();
        List<String> err = outcome.err().lines().toList();
        boolean asExpected = outcome.code() == step.code() && agree(step.out(), out, Scenario.Line::matches)
                && agree(step.err(), err, (pattern, line) -> pattern.matcher(line).find());
        if (!asExpected) {
            fail("scenarios/" + name + ".txt:" + step.line() + " [" + store + "] [" + installation + "]\n$ "
                    + step.command() + "\n"
                    + expected(step) + "but it was:\n" + outcome);
        }
    }

    private static <T> boolean agree(List<T> expected, List<String> lines, BiPredicate<T, String> test) {
        boolean agree = expected.size() == lines.size();
        for (int i = 0; agree && i < lines.size(); i++) {
            agree = test.test(expected.get(i), lines.get(i));
        }
        return agree;
    }

    private static String expected(Scenario.Step step) {
        StringBuilder text = new StringBuilder("expected:\n");
        step.out().forEach(line -> text.append(line.isPattern() ? "~ " : "| ").append(line.text()).append('\n'));
        step.err().stream().map(Pattern::pattern).forEach(line -> text.append("! ").append(line).append('\n'));
        return text.append("exit ").append(step.code()).append('\n').toString();
    }

    /** Stops what the steps started. */
    void close() throws Exception {
        if (user != null) {
            user.close();
        }
    }
}
