package dev.secretsengine.it;

import java.io.ByteArrayOutputStream;
import java.io.DataInputStream;
import java.io.DataOutputStream;
import java.io.IOException;
import java.net.StandardProtocolFamily;
import java.net.UnixDomainSocketAddress;
import java.nio.channels.Channels;
import java.nio.channels.SocketChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.Map;

/** The client's side of docs/protocol.md, for tests that ask a running engine thousands of times. */
final class FrameClient {

    private static final int PIECE = 65_536;

    private final Path socket;
    private final Map<String, String> environment;

    FrameClient(Path socket, Map<String, String> environment) {
        this.socket = socket;
        this.environment = environment;
    }

    /** Runs one command line that asks nothing. */
    Outcome pass(String... arguments) throws IOException {
        return passWith(new byte[0], arguments);
    }

    Outcome passWith(byte[] input, String... arguments) throws IOException {
        try (SocketChannel channel = SocketChannel.open(StandardProtocolFamily.UNIX)) {
            channel.connect(UnixDomainSocketAddress.of(socket));
            DataOutputStream out = new DataOutputStream(Channels.newOutputStream(channel));
            // As old as can be: the engine is never asked to make room for a newer one.
            send(out, 'H', "1\0000.0");
            for (String argument : arguments) {
                send(out, 'A', argument);
            }
            for (Map.Entry<String, String> variable : environment.entrySet()) {
                send(out, 'E', variable.getKey() + "=" + variable.getValue());
            }
            send(out, 'D', "/");
            send(out, 'T', "000");
            send(out, 'G', "");
            return converse(new DataInputStream(Channels.newInputStream(channel)), out, input);
        }
    }

    private static Outcome converse(DataInputStream in, DataOutputStream out, byte[] input) throws IOException {
        ByteArrayOutputStream stdout = new ByteArrayOutputStream();
        ByteArrayOutputStream stderr = new ByteArrayOutputStream();
        int sent = 0;
        while (true) {
            char type = (char) in.readByte();
            byte[] payload = in.readNBytes(in.readInt());
            switch (type) {
                case 'h' -> {
                    // Whatever its build is.
                }
                case 'o', 'v' -> stdout.write(payload);
                case 'e' -> stderr.write(payload);
                case 'r' -> {
                    byte[] piece = Arrays.copyOfRange(input, sent, Math.min(input.length, sent + PIECE));
                    sent += piece.length;
                    send(out, 'I', piece);
                }
                case 'x' -> {
                    return new Outcome(Integer.parseInt(new String(payload, StandardCharsets.US_ASCII)),
                            stdout.toByteArray(), stderr.toString(StandardCharsets.UTF_8));
                }
                default -> throw new IOException("a frame of type " + type);
            }
        }
    }

    private static void send(DataOutputStream out, char type, String text) throws IOException {
        send(out, type, text.getBytes(StandardCharsets.UTF_8));
    }

    private static void send(DataOutputStream out, char type, byte[] payload) throws IOException {
        ByteArrayOutputStream frame = new ByteArrayOutputStream();
        DataOutputStream data = new DataOutputStream(frame);
        data.writeByte(type);
        data.writeInt(payload.length);
        data.write(payload);
        out.write(frame.toByteArray());
    }
}
