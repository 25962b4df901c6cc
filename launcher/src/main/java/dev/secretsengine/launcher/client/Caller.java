package dev.secretsengine.launcher.client;

import dev.secretsengine.launcher.protocol.Frame;
import dev.secretsengine.launcher.protocol.FrameChannel;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;

/**
 * Who calls: arguments and environment as the bytes that the kernel has, since the JVM's own view of them loses what is
 * not UTF-8.
 *
 * @param arguments without argv[0]
 * @param variables {@code NAME=VALUE}
 * @param environment the same as text
 */
record Caller(List<byte[]> arguments, List<byte[]> variables, Map<String, String> environment) {

    private static final byte[] REFERENCE = "se://".getBytes(StandardCharsets.US_ASCII);

    /** What the engine's backends may need of the caller. */
    private static final Set<String> SENT = Set.of("PATH", "HOME", "DOCKER_CONFIG", "DOCKER_HOST",
            "DOCKER_CONTEXT", "DBUS_SESSION_BUS_ADDRESS",
            "XDG_RUNTIME_DIR", "LANG", "LC_ALL", "GNUPGHOME", "GPG_TTY", "PASSWORD_STORE_DIR", "DISPLAY",
            "WAYLAND_DISPLAY");

    static Caller ofThisProcess(List<String> args) {
        return new Caller(rawArguments(args), rawVariables(), ClientEnvironment.ofCaller());
    }

    private static List<byte[]> rawArguments(List<String> args) {
        List<byte[]> all = split(Path.of("/proc/self/cmdline"));
        return all.size() >= args.size() && !all.isEmpty()
                ? all.subList(all.size() - args.size(), all.size())
                : args.stream().map(argument -> argument.getBytes(StandardCharsets.UTF_8)).toList();
    }

    private static List<byte[]> rawVariables() {
        List<byte[]> all = split(Path.of("/proc/self/environ"));
        if (!all.isEmpty()) {
            return all;
        }
        return System.getenv().entrySet().stream()
                .map(variable -> (variable.getKey() + "=" + variable.getValue()).getBytes(StandardCharsets.UTF_8))
                .toList();
    }

    private static List<byte[]> split(Path file) {
        List<byte[]> parts = new ArrayList<>();
        try {
            byte[] bytes = Files.readAllBytes(file);
            int start = 0;
            for (int i = 0; i < bytes.length; i++) {
                if (bytes[i] == 0) {
                    parts.add(Arrays.copyOfRange(bytes, start, i));
                    start = i + 1;
                }
            }
        } catch (IOException e) {
            parts.clear();
        }
        return parts;
    }

    /** Sends the whole request. */
    void send(FrameChannel channel, String build, List<byte[]> words) throws IOException {
        channel.write(Frame.HELLO, Frame.VERSION + "\0" + build);
        for (byte[] word : words) {
            channel.write(Frame.ARGUMENT, word);
        }
        for (byte[] variable : variables) {
            if (isReference(variable)) {
                channel.write(Frame.ENVIRONMENT, variable);
            }
        }
        for (Map.Entry<String, String> variable : new TreeMap<>(environment).entrySet()) {
            if (SENT.contains(variable.getKey()) && !variable.getValue().startsWith("se://")) {
                channel.write(Frame.ENVIRONMENT, variable.getKey() + "=" + variable.getValue());
            }
        }
        channel.write(Frame.DIRECTORY, Path.of("").toAbsolutePath().toString());
        channel.write(Frame.TERMINAL, System.getenv().getOrDefault(ClientEnvironment.TERMINAL, "000"));
        channel.write(Frame.GO, "");
    }

    private static boolean isReference(byte[] variable) {
        for (int i = 0; i < variable.length; i++) {
            if (variable[i] == '=') {
                return Arrays.equals(variable, i + 1, Math.min(variable.length, i + 1 + REFERENCE.length),
                        REFERENCE, 0, REFERENCE.length);
            }
        }
        return false;
    }
}
