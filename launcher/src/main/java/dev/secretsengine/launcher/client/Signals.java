package dev.secretsengine.launcher.client;

import java.io.IOException;
import java.util.List;
import sun.misc.Signal;

/** Passes signals on to CMD, by sun.misc.Signal: the only way to a signal in Java, and exported for that reason. */
final class Signals {

    /** A terminal sends this to CMD as well, so it is forwarded only where there is none. */
    private static final String KEYBOARD = "INT";

    private static final List<String> FORWARDED = List.of("TERM", "HUP", "USR2", "CONT", "WINCH");

    private Signals() {
    }

    static void forwardTo(Process child) {
        boolean terminal = System.getenv().getOrDefault(ClientEnvironment.TERMINAL, "000").contains("1");
        Signal.handle(new Signal(KEYBOARD), signal -> {
            if (!terminal) {
                send(KEYBOARD, child);
            }
        });
        for (String name : FORWARDED) {
            Signal.handle(new Signal(name), signal -> send(name, child));
        }
    }

    private static void send(String signal, Process child) {
        try {
            new ProcessBuilder("/bin/sh", "-c", "kill -" + signal + " " + child.pid()).start().waitFor();
        } catch (IOException e) {
            child.destroy();
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }
}
