package dev.secretsengine.launcher.client;

import java.io.File;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;

/** CMD as a child of this process, which a JVM cannot become: terminal, signals and exit code are passed on. */
final class ChildCommand {

    private static final int NOT_EXECUTABLE = 126;
    private static final int NOT_FOUND = 127;

    /** Linux takes less for NAME=VALUE. */
    private static final int MAX_VARIABLE = 128 << 10;

    /** What the JVM says of E2BIG. */
    private static final String TOO_LARGE = "error: 7 ";

    private final List<String> command;
    private final List<byte[]> variables;

    ChildCommand(List<byte[]> arguments, int index, List<byte[]> variables) {
        this.command = arguments.subList(index, arguments.size()).stream()
                .map(argument -> text(argument, "an argument")).toList();
        this.variables = variables;
    }

    private static String text(byte[] bytes, String what) {
        try {
            return StandardCharsets.UTF_8.newDecoder().decode(ByteBuffer.wrap(bytes)).toString();
        } catch (CharacterCodingException e) {
            throw new ClientException(Main.RUN_FAILED,
                    what + " is not UTF-8, which the portable client cannot pass on: use the native client");
        }
    }

    int run() throws IOException {
        ProcessBuilder builder = new ProcessBuilder(command).inheritIO();
        Map<String, String> environment = builder.environment();
        ClientEnvironment.restore(environment);
        for (byte[] variable : variables) {
            String name = nameOf(variable);
            int start = indexOf(variable, '=') + 1;
            environment.put(name, text(Arrays.copyOfRange(variable, start, variable.length), "the value of " + name));
            Arrays.fill(variable, start, variable.length, (byte) 0);
        }
        Path executable = find(command.get(0), environment.getOrDefault("PATH", "/usr/local/bin:/usr/bin:/bin"));
        List<String> line = new ArrayList<>(command);
        line.set(0, executable.toString());
        builder.command(line);
        Signals signals = Signals.held();
        Process child;
        try {
            child = builder.start();
        } catch (IOException e) {
            throw refusal(command.get(0), e);
        }
        environment.clear();
        signals.forwardTo(child);
        PluginSocket.terminateWithDocker(child);
        return await(child);
    }

    private ClientException refusal(String name, IOException why) {
        if (!String.valueOf(why.getMessage()).contains(TOO_LARGE)) {
            return new ClientException(NOT_EXECUTABLE, name + " cannot be executed");
        }
        return new ClientException(Main.RUN_FAILED, variables.stream().filter(v -> v.length >= MAX_VARIABLE).findFirst()
                .map(variable -> nameOf(variable) + " is too long for an environment variable (Linux takes less than"
                        + " 128 KiB with its name): pipe it, docker pass get --reveal ID | COMMAND")
                .orElse("the environment and arguments of " + name + " are together larger than Linux takes:"
                        + " unset variables that it does not need, or raise ulimit -s"));
    }

    private static String nameOf(byte[] variable) {
        return text(Arrays.copyOf(variable, indexOf(variable, '=')), "a variable's name");
    }

    private static int indexOf(byte[] bytes, char wanted) {
        int at = 0;
        while (bytes[at] != wanted) {
            at++;
        }
        return at;
    }

    /** What execvp would run: the JVM would look on its own PATH, not on CMD's. */
    private static Path find(String name, String path) {
        if (name.contains("/")) {
            return executable(name, Path.of(name));
        }
        Path refused = null;
        for (String folder : path.split(File.pathSeparator, -1)) {
            Path candidate = Path.of(folder.isEmpty() ? "." : folder, name);
            if (Files.isExecutable(candidate) && !Files.isDirectory(candidate)) {
                return candidate;
            }
            if (Files.isRegularFile(candidate)) {
                refused = candidate;
            }
        }
        return executable(name, refused == null ? Path.of(name) : refused);
    }

    private static Path executable(String name, Path file) {
        if (Files.isRegularFile(file) && Files.isExecutable(file)) {
            return file;
        }
        boolean there = Files.exists(file) && (name.contains("/") || file.getNameCount() > 1);
        throw there
                ? new ClientException(NOT_EXECUTABLE, name + " is not executable")
                : new ClientException(NOT_FOUND, "there is no command " + name);
    }

    private static int await(Process child) {
        while (true) {
            try {
                return child.waitFor();
            } catch (InterruptedException e) {
                // Nobody interrupts this thread; CMD is waited for in any case.
            }
        }
    }
}
