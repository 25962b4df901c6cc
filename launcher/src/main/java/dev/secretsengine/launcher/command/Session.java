package dev.secretsengine.launcher.command;

import dev.secretsengine.api.Cancellation;
import java.io.IOException;
import java.io.OutputStream;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/** The user's end of a command: what was typed, and a terminal or pipes. Used by one thread. */
public interface Session {

    /** The command line without argv[0], as bytes. */
    List<byte[]> arguments();

    /** The caller's variables that hold references: name to {@code se://...}. */
    Map<String, String> references();

    /** What backends may need of the caller's environment. */
    Map<String, String> environment();

    /** Whether stdin (0), stdout (1) or stderr (2) is a terminal. */
    boolean isTerminal(int stream);

    /** Standard output. What is written arrives at once. */
    OutputStream out();

    /** Standard error. */
    OutputStream err();

    /** Some bytes of stdin, none at its end; the caller wipes them. */
    byte[] read() throws IOException;

    /** Asks on the terminal; empty where the input has ended. The caller wipes the answer. */
    Optional<byte[]> prompt(String text, boolean hidden) throws IOException;

    /**
     * The content of a file as the caller's process sees it; the caller wipes it.
     *
     * @throws FileException if it cannot be read
     */
    byte[] file(String path, int limit) throws IOException, FileException;

    /** Has the client set a variable, by the time that something else is sent. */
    void variable(byte[] nameAndValue) throws IOException;

    /** Has the client become the command that starts with this argument. Nothing can be written afterwards. */
    void become(int argument) throws IOException;

    /** Fires when the client has gone. */
    Cancellation cancellation();

    /** A file of the caller's cannot be read; the message is the reason. */
    final class FileException extends Exception {

        private static final long serialVersionUID = 1L;

        /** See the class. */
        public FileException(String message) {
            super(message);
        }
    }
}
