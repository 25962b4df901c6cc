package dev.secretsengine.launcher.client;

import dev.secretsengine.launcher.protocol.Build;
import dev.secretsengine.launcher.protocol.Frame;
import dev.secretsengine.launcher.protocol.FrameChannel;
import dev.secretsengine.launcher.protocol.Invocation;
import java.io.IOException;
import java.io.InputStream;
import java.nio.channels.Channels;
import java.nio.channels.SocketChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.AccessDeniedException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** One request: sends it, does what the engine asks, and answers the exit code. */
final class Conversation {

    private static final String STALE = "stale";

    private final Caller caller;
    private final EngineFinder finder;
    private final Invocation invocation;
    private final List<byte[]> variables = new ArrayList<>();

    Conversation(Caller caller, EngineFinder finder, Invocation invocation) {
        this.caller = caller;
        this.finder = finder;
        this.invocation = invocation;
    }

    /** Asks for what the user typed. */
    int hold() throws IOException {
        return hold(caller.arguments());
    }

    /** Asks for other words than those that the user typed. */
    int hold(List<?> words) throws IOException {
        List<byte[]> raw = words.stream()
                .map(word -> word instanceof byte[] bytes ? bytes : word.toString().getBytes(StandardCharsets.UTF_8))
                .toList();
        PluginSocket.terminateWithDocker(invocation.is("run"));
        while (true) {
            try (SocketChannel socket = finder.connectOrStart()) {
                FrameChannel channel = new FrameChannel(Channels.newInputStream(socket),
                        Channels.newOutputStream(socket));
                caller.send(channel, Build.ofThisImage().toString(), raw);
                if (isCurrent(channel.read())) {
                    return serve(channel);
                }
            }
            // The engine is older than this client: it ends at once.
            finder.awaitEnd();
        }
    }

    /** Tells the engine something and waits until it has ended the connection. */
    static void order(SocketChannel socket, List<String> words) throws IOException {
        FrameChannel channel = new FrameChannel(Channels.newInputStream(socket), Channels.newOutputStream(socket));
        new Caller(List.of(), List.of(), Map.of()).send(channel, Build.ofThisImage().toString(),
                words.stream().map(word -> word.getBytes(StandardCharsets.UTF_8)).toList());
        for (Frame frame = channel.read(); frame != null && frame.type() != Frame.EXIT;) {
            frame = channel.read();
        }
    }

    private static boolean isCurrent(@Nullable Frame hello) {
        if (hello == null) {
            throw new ClientException(Main.UNREACHABLE,
                    "the engine hung up: it serves its own user only, and ends when it is told to stop");
        }
        List<String> parts = List.of(hello.text().split("\0", -1));
        if (hello.type() != Frame.ENGINE_HELLO || parts.size() < 3 || !parts.get(0).equals(Frame.VERSION)) {
            throw new ClientException(Main.UNREACHABLE,
                    "the engine speaks another protocol: docker pass engine restart");
        }
        return !parts.get(2).equals(STALE);
    }

    private int serve(FrameChannel channel) throws IOException {
        while (true) {
            Frame frame = channel.read();
            if (frame == null) {
                throw new ClientException(Main.UNREACHABLE, "the engine died: docker pass engine logs says more");
            }
            byte[] payload = frame.payload();
            switch (frame.type()) {
                case Frame.STDOUT -> Terminal.out(payload);
                case Frame.STDERR -> Terminal.err(payload);
                case Frame.READ -> answer(channel, Frame.INPUT, Terminal.read(Frame.CHUNK));
                case Frame.PROMPT -> prompt(channel, frame.text());
                case Frame.FILE -> file(channel, frame.text());
                case Frame.VARIABLE -> variables.add(payload);
                case Frame.BECOME -> {
                    return new ChildCommand(caller.arguments(), Integer.parseInt(frame.text()), variables).run();
                }
                case Frame.EXIT -> {
                    return Integer.parseInt(frame.text());
                }
                default -> throw new IOException("a frame of unknown type " + frame.type());
            }
            Arrays.fill(frame.type() == Frame.VARIABLE ? new byte[0] : payload, (byte) 0);
        }
    }

    private static void answer(FrameChannel channel, char type, byte[] bytes) throws IOException {
        channel.write(type, bytes);
        Arrays.fill(bytes, (byte) 0);
    }

    private static void prompt(FrameChannel channel, String request) throws IOException {
        byte[] line = Terminal.prompt(request.substring(1), request.charAt(0) == '0');
        if (line == null) {
            channel.write(Frame.NONE, "");
        } else {
            answer(channel, Frame.LINE, line);
        }
    }

    private static void file(FrameChannel channel, String path) throws IOException {
        try (InputStream in = Files.newInputStream(Path.of(path))) {
            byte[] piece;
            do {
                piece = in.readNBytes(Frame.CHUNK);
                boolean last = piece.length == 0;
                answer(channel, Frame.BYTES, piece);
                if (last) {
                    return;
                }
            } while (true);
        } catch (NoSuchFileException e) {
            channel.write(Frame.NONE, "2 there is no such file");
        } catch (AccessDeniedException e) {
            channel.write(Frame.NONE, "13 it may not be read");
        } catch (IOException e) {
            channel.write(Frame.NONE, "5 it cannot be read");
        }
    }
}
