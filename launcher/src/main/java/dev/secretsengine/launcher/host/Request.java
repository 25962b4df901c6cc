package dev.secretsengine.launcher.host;

import dev.secretsengine.core.resolve.References;
import dev.secretsengine.launcher.protocol.Frame;
import dev.secretsengine.launcher.protocol.FrameChannel;
import java.io.IOException;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * What a client sends before it waits.
 *
 * @param build the client's build, from its hello
 * @param arguments without argv[0]
 * @param references variables whose values are references
 * @param environment the others
 * @param terminal three characters 0 or 1, for stdin, stdout, stderr
 */
record Request(String build, List<byte[]> arguments, Map<String, String> references, Map<String, String> environment,
        String terminal) {

    /** Of a client whose request was not read to its end. */
    static final Request NONE = new Request("", List.of(), Map.of(), Map.of(), "000");

    /**
     * Reads a request up to its end. The channel bounds it.
     *
     * @throws IOException if it is none
     */
    static Request read(FrameChannel channel) throws IOException {
        Frame hello = channel.read();
        if (hello == null || hello.type() != Frame.HELLO || !hello.text().startsWith(Frame.VERSION + "\0")) {
            throw new IOException("the client speaks another protocol");
        }
        String build = hello.text().substring(Frame.VERSION.length() + 1);
        List<byte[]> arguments = new ArrayList<>();
        Map<String, String> references = new LinkedHashMap<>();
        Map<String, String> environment = new LinkedHashMap<>();
        String terminal = "000";
        while (true) {
            Frame frame = channel.read();
            if (frame == null) {
                throw new IOException("the request is not complete");
            }
            switch (frame.type()) {
                case Frame.ARGUMENT -> arguments.add(frame.payload());
                case Frame.ENVIRONMENT -> variable(frame.text(), references, environment);
                case Frame.DIRECTORY -> {
                    // Paths are the client's to open; commands need no folder yet.
                }
                case Frame.TERMINAL -> terminal = frame.text();
                case Frame.GO -> {
                    return new Request(build, arguments, references, environment, terminal);
                }
                default -> throw new IOException("a frame of type " + frame.type() + " in a request");
            }
        }
    }

    private static void variable(String variable, Map<String, String> references, Map<String, String> environment)
            throws IOException {
        int equals = variable.indexOf('=');
        if (equals < 0) {
            throw new IOException("a variable without a value");
        }
        String value = variable.substring(equals + 1);
        (value.startsWith(References.SCHEME) ? references : environment).put(variable.substring(0, equals), value);
    }
}
