package dev.secretsengine.launcher.setup;

import java.util.Optional;

/** The user's end of a setup. */
public interface Console {

    /** Prints text to standard output as it is. */
    void print(String text);

    /** Prints a complaint to standard error. */
    void error(String line);

    /** Whether somebody is there to answer. */
    boolean isTerminal();

    /** Asks on the terminal; empty where its input has ended. */
    Optional<String> ask(String question);
}
