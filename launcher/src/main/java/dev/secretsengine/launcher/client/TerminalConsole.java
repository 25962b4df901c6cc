package dev.secretsengine.launcher.client;

import dev.secretsengine.launcher.setup.Console;
import java.nio.charset.StandardCharsets;
import java.util.Optional;

/** The streams of this process as a setup sees them. */
final class TerminalConsole implements Console {

    @Override
    public void print(String text) {
        Terminal.out(text.getBytes(StandardCharsets.UTF_8));
    }

    @Override
    public void error(String line) {
        Terminal.error(line);
    }

    @Override
    public boolean isTerminal() {
        return System.getenv().getOrDefault(ClientEnvironment.TERMINAL, "000").startsWith("1");
    }

    @Override
    public Optional<String> ask(String question) {
        byte[] answer = Terminal.prompt(question, false);
        return answer == null ? Optional.empty() : Optional.of(new String(answer, StandardCharsets.UTF_8));
    }
}
