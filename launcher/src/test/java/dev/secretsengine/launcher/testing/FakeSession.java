package dev.secretsengine.launcher.testing;

import static java.nio.charset.StandardCharsets.UTF_8;

import dev.secretsengine.api.Cancellation;
import dev.secretsengine.launcher.command.Session;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;

/** A caller with a command line, pipes or a terminal, and files; keeps what the command sends. */
public final class FakeSession implements Session {

    private final List<byte[]> arguments;
    private final Map<String, String> references = new TreeMap<>();
    private final Map<String, byte[]> files = new HashMap<>();
    private final Set<Integer> terminals = new HashSet<>();
    private final Deque<byte[]> input = new ArrayDeque<>();
    private final Deque<String> answers = new ArrayDeque<>();
    private final List<String> questions = new ArrayList<>();
    private final List<String> variables = new ArrayList<>();
    private final Cancellation cancellation = new Cancellation();
    private final ByteArrayOutputStream out = new ByteArrayOutputStream();
    private final ByteArrayOutputStream err = new ByteArrayOutputStream();
    private int became = -1;

    private FakeSession(List<byte[]> arguments) {
        this.arguments = arguments;
    }

    public static FakeSession of(String... line) {
        return ofBytes(List.of(line).stream().map(argument -> argument.getBytes(UTF_8)).toList());
    }

    public static FakeSession ofBytes(List<byte[]> line) {
        return new FakeSession(line);
    }

    /** Stdin arrives in these pieces. */
    public FakeSession input(byte[]... pieces) {
        input.addAll(List.of(pieces));
        return this;
    }

    public FakeSession input(String text) {
        return input(text.getBytes(UTF_8));
    }

    /** These streams are a terminal. */
    public FakeSession terminal(int... streams) {
        for (int stream : streams) {
            terminals.add(stream);
        }
        return this;
    }

    /** What is typed, one answer a prompt; then the input ends. */
    public FakeSession answers(String... typed) {
        answers.addAll(List.of(typed));
        return this;
    }

    public FakeSession reference(String variable, String reference) {
        references.put(variable, reference);
        return this;
    }

    public FakeSession file(String path, String content) {
        files.put(path, content.getBytes(UTF_8));
        return this;
    }

    public String printed() {
        return out.toString(UTF_8);
    }

    public byte[] printedBytes() {
        return out.toByteArray();
    }

    public String errors() {
        return err.toString(UTF_8);
    }

    /** Each prompt, {@code hidden} or {@code shown} before it. */
    public List<String> questions() {
        return List.copyOf(questions);
    }

    /** {@code NAME=VALUE}, sorted. */
    public List<String> variables() {
        return variables.stream().sorted().toList();
    }

    /** The argument that is the command it became, -1 if it did not. */
    public int became() {
        return became;
    }

    @Override
    public List<byte[]> arguments() {
        return arguments;
    }

    @Override
    public Map<String, String> references() {
        return references;
    }

    @Override
    public Map<String, String> environment() {
        return Map.of();
    }

    @Override
    public boolean isTerminal(int stream) {
        return terminals.contains(stream);
    }

    @Override
    public OutputStream out() {
        return stream(out);
    }

    @Override
    public OutputStream err() {
        return stream(err);
    }

    private OutputStream stream(ByteArrayOutputStream target) {
        return new OutputStream() {

            @Override
            public void write(int b) {
                write(new byte[]{(byte) b}, 0, 1);
            }

            @Override
            public void write(byte[] bytes, int offset, int length) {
                // The client has stopped listening: what is said now is lost.
                if (became < 0) {
                    target.write(bytes, offset, length);
                }
            }
        };
    }

    @Override
    public byte[] read() {
        return input.isEmpty() ? new byte[0] : input.remove();
    }

    @Override
    public Optional<byte[]> prompt(String text, boolean hidden) {
        questions.add((hidden ? "hidden " : "shown ") + text);
        return Optional.ofNullable(answers.poll()).map(answer -> answer.getBytes(UTF_8));
    }

    @Override
    public byte[] file(String path, int limit) throws IOException, FileException {
        byte[] content = files.get(path);
        if (content == null) {
            throw new FileException("cannot read " + path + ": No such file or directory");
        }
        return content.clone();
    }

    @Override
    public void variable(byte[] nameAndValue) {
        variables.add(new String(nameAndValue, UTF_8));
    }

    @Override
    public void become(int argument) {
        became = argument;
    }

    @Override
    public Cancellation cancellation() {
        return cancellation;
    }
}
