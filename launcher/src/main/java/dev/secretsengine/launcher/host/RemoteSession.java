package dev.secretsengine.launcher.host;

import dev.secretsengine.api.Cancellation;
import dev.secretsengine.launcher.command.Dispatcher;
import dev.secretsengine.launcher.command.Session;
import dev.secretsengine.launcher.format.WipedOutput;
import dev.secretsengine.launcher.protocol.Frame;
import dev.secretsengine.launcher.protocol.FrameChannel;
import java.io.EOFException;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ArrayBlockingQueue;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.TimeUnit;

/** A client at the other end of a connection. One thread receives its frames, another runs the command. */
final class RemoteSession implements Session {

    /** Stands for the end of the connection. */
    private static final Frame END = new Frame(Frame.CANCEL, new byte[0]);

    private static final int UNREAD = 4;
    private static final long TAKEN_WITHIN_SECONDS = 10;

    private final FrameChannel channel;
    private final Request request;
    private final BlockingQueue<Frame> answers = new ArrayBlockingQueue<>(UNREAD);
    private final Cancellation cancellation = new Cancellation();
    private volatile boolean became;

    /** Answers are no longer taken. */
    private volatile boolean ended;

    RemoteSession(FrameChannel channel, Request request) {
        this.channel = channel;
        this.request = request;
    }

    /** Takes the client's answers until it goes, or the command has ended. */
    void receive() {
        try {
            for (Frame frame = channel.read(); frame != null && frame.type() != Frame.CANCEL && !ended;) {
                deliver(frame);
                frame = channel.read();
            }
            cancellation.cancel();
            deliver(END);
        } catch (RequestMemory.ExhaustedException e) {
            cutOff(String.valueOf(e.getMessage()), Dispatcher.UNAVAILABLE);
        } catch (IOException e) {
            // The same as its going: nobody waits for an answer.
            end();
        }
    }

    /** A file comes no faster than the command takes it; what the command has not asked for is never taken. */
    private void deliver(Frame frame) throws IOException {
        try {
            if (!answers.offer(frame, TAKEN_WITHIN_SECONDS, TimeUnit.SECONDS)) {
                throw new IOException("the client answers what it was not asked");
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new EOFException("interrupted");
        }
    }

    /** Ends the conversation in place of the command, which is cancelled. */
    void cutOff(String why, int code) {
        try {
            channel.write(Frame.STDERR, "docker-pass: " + why + "\n");
            exit(code);
        } catch (IOException e) {
            // The client went first.
        } finally {
            end();
        }
    }

    /** The command has ended or is cancelled: answers are no longer taken. */
    void end() {
        ended = true;
        cancellation.cancel();
        List<Frame> unread = new ArrayList<>();
        answers.drainTo(unread);
        unread.forEach(frame -> Arrays.fill(frame.payload(), (byte) 0));
        var _ = answers.offer(END);
    }

    /** Wipes what may be a value: arguments, and what the command did not read. */
    void wipe() {
        request.arguments().forEach(argument -> Arrays.fill(argument, (byte) 0));
        answers.forEach(frame -> Arrays.fill(frame.payload(), (byte) 0));
    }

    /** Ends the conversation. */
    void exit(int code) throws IOException {
        if (!became) {
            channel.write(Frame.EXIT, Integer.toString(code));
        }
    }

    @Override
    public List<byte[]> arguments() {
        return request.arguments();
    }

    @Override
    public Map<String, String> references() {
        return request.references();
    }

    @Override
    public Map<String, String> environment() {
        return request.environment();
    }

    @Override
    public boolean isTerminal(int stream) {
        return request.terminal().length() > stream && request.terminal().charAt(stream) == '1';
    }

    @Override
    public OutputStream out() {
        return new FrameOutput(Frame.STDOUT);
    }

    @Override
    public OutputStream err() {
        return new FrameOutput(Frame.STDERR);
    }

    /** Turns writes into frames. */
    private final class FrameOutput extends OutputStream {

        private final char type;

        FrameOutput(char type) {
            this.type = type;
        }

        @Override
        public void write(int b) throws IOException {
            channel.write(type, new byte[]{(byte) b});
        }

        @Override
        public void write(byte[] bytes, int offset, int length) throws IOException {
            for (int at = 0; at < length; at += Frame.CHUNK) {
                channel.write(type, bytes, offset + at, Math.min(Frame.CHUNK, length - at));
            }
        }
    }

    @Override
    public byte[] read() throws IOException {
        channel.write(Frame.READ, "");
        return answer(Frame.INPUT).payload();
    }

    @Override
    public Optional<byte[]> prompt(String text, boolean hidden) throws IOException {
        channel.write(Frame.PROMPT, (hidden ? "0" : "1") + text);
        Frame answer = answer(Frame.LINE, Frame.NONE);
        return answer.type() == Frame.LINE ? Optional.of(answer.payload()) : Optional.empty();
    }

    @Override
    public byte[] file(String path, int limit) throws IOException, FileException {
        channel.write(Frame.FILE, path);
        try (WipedOutput content = new WipedOutput()) {
            Frame piece = answer(Frame.BYTES, Frame.NONE);
            while (piece.type() == Frame.BYTES && piece.payload().length > 0) {
                if (content.size() <= limit) {
                    content.writeBytes(piece.payload());
                }
                Arrays.fill(piece.payload(), (byte) 0);
                piece = answer(Frame.BYTES, Frame.NONE);
            }
            if (piece.type() == Frame.NONE) {
                String reason = piece.text();
                throw new FileException("cannot read " + path + ": " + reason.substring(reason.indexOf(' ') + 1));
            }
            if (content.size() > limit) {
                throw new FileException(path + " is larger than " + (limit >> 20) + " MiB");
            }
            return content.toByteArray();
        }
    }

    private Frame answer(char... expected) throws IOException {
        Frame frame;
        try {
            frame = answers.take();
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new EOFException("interrupted");
        }
        if (frame == END) {
            var _ = answers.offer(END);
            throw new EOFException("the client has gone");
        }
        if (new String(expected).indexOf(frame.type()) < 0) {
            throw new IOException("the client answered with a frame of type " + frame.type());
        }
        return frame;
    }

    @Override
    public void variable(byte[] nameAndValue) throws IOException {
        channel.hold(Frame.VARIABLE, nameAndValue);
    }

    @Override
    public void become(int argument) throws IOException {
        channel.write(Frame.BECOME, Integer.toString(argument).getBytes(StandardCharsets.US_ASCII));
        became = true;
    }

    @Override
    public Cancellation cancellation() {
        return cancellation;
    }
}
