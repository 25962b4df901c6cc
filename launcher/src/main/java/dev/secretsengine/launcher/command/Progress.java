package dev.secretsengine.launcher.command;

import java.io.IOException;
import java.nio.charset.StandardCharsets;

/** Lines on standard output, one for each piece of work, and on a terminal how far it is. */
final class Progress {

    /** So few are done before anybody could read how far it is. */
    private static final int SHORT_WORK = 10;

    private final CommandContext context;
    private final String done;
    private final int count;
    private final boolean shown;
    private int at;

    /**
     * Of work that has just begun.
     *
     * @param done what was done to those that are behind us
     */
    Progress(CommandContext context, String done, int count) {
        this.context = context;
        this.done = done;
        this.count = count;
        shown = context.session().isTerminal(2) && count > SHORT_WORK;
    }

    /** A piece of work is done; its line may be empty for none. */
    void step(String line) throws IOException {
        at++;
        end();
        if (!line.isEmpty()) {
            context.print(line);
        }
        show(done + " " + at + " of " + count);
    }

    /** Leaves nothing but the lines. */
    void end() throws IOException {
        show("\r\033[K");
    }

    private void show(String text) throws IOException {
        if (shown) {
            context.session().err().write(text.getBytes(StandardCharsets.UTF_8));
        }
    }
}
