package dev.secretsengine.launcher.client;

import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;
import sun.misc.Signal;

/** Passes signals on to CMD, by sun.misc.Signal: the only way to a signal in Java, and exported for that reason. */
final class Signals {

    /** A terminal sends this to CMD as well, so it is forwarded only where there is none. */
    private static final String KEYBOARD = "INT";

    private static final List<String> FORWARDED = List.of("TERM", "HUP", "USR2", "CONT", "WINCH");

    /** What came before there was a CMD. */
    private final List<String> pending = new ArrayList<>();

    private @Nullable Process child;

    private Signals() {
    }

    /** Holds every signal from now on: one that comes while CMD is being started must not end this process alone. */
    static Signals held() {
        Signals signals = new Signals();
        boolean terminal = System.getenv().getOrDefault(ClientEnvironment.TERMINAL, "000").contains("1");
        Signal.handle(new Signal(KEYBOARD), signal -> {
            if (!terminal) {
                signals.take(KEYBOARD);
            }
        });
        for (String name : FORWARDED) {
            Signal.handle(new Signal(name), signal -> signals.take(name));
        }
        return signals;
    }

    private synchronized void take(String signal) {
        if (child == null) {
            pending.add(signal);
        } else {
            send(signal, child);
        }
    }

    /** Hands over what was held, and what comes. */
    synchronized void forwardTo(Process command) {
        child = command;
        pending.forEach(signal -> send(signal, command));
        pending.clear();
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
