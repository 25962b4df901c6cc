package dev.secretsengine.it;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.regex.Pattern;
import java.util.regex.PatternSyntaxException;

/**
 * A file of it-tests/scenarios, as one store and one client see it: see README.md there for the format.
 *
 * @param name of the file, without .txt
 * @param steps in order
 */
record Scenario(String name, List<Step> steps) {

    /**
     * A command and what is expected of it, or a file to write.
     *
     * @param line number in the file, from 1
     * @param command for the shell, or the path of a file to write
     * @param isFile which of the two it is
     * @param input standard input, or the file's content
     * @param out expected lines of standard output
     * @param err what the lines of standard error match
     * @param code expected exit code
     */
    record Step(int line, String command, boolean isFile, List<String> input, List<Line> out, List<Pattern> err,
            int code) {

        /** The input as a file would have it. */
        String text() {
            return input.isEmpty() ? "" : String.join("\n", input) + "\n";
        }
    }

    /**
     * An expected line.
     *
     * @param text as it is, or a regular expression
     */
    record Line(String text, boolean isPattern) {

        boolean matches(String line) {
            return isPattern ? Pattern.matches(text, line) : text.equals(line);
        }
    }

    /** Reads the part of a file that is for this store and this client. */
    static Scenario read(Path file, Set<String> kinds) throws IOException {
        String name = file.getFileName().toString().replaceAll("\\.txt$", "");
        return new Scenario(name, new Reader(file, kinds).read());
    }

    /** Collects steps line by line. */
    private static final class Reader {

        private static final Pattern MARK = Pattern.compile("^\\[(age|keychain|native|portable)] ?");

        private final Path file;
        private final Set<String> kinds;
        private final List<Step> steps = new ArrayList<>();
        private boolean isSkipped;
        private int number;

        Reader(Path file, Set<String> kinds) {
            this.file = file;
            this.kinds = kinds;
        }

        List<Step> read() throws IOException {
            for (String line : Files.readAllLines(file)) {
                number++;
                boolean isMarked = false;
                boolean isForeign = false;
                String rest = line;
                for (var mark = MARK.matcher(rest); mark.find(); mark = MARK.matcher(rest)) {
                    isMarked = true;
                    isForeign |= !kinds.contains(mark.group(1));
                    rest = rest.substring(mark.end());
                }
                if (isMarked && rest.isEmpty() && isForeign) {
                    // The rest of the file is for another store or client.
                    return steps;
                }
                if (rest.startsWith("$ ") || rest.startsWith("file ")) {
                    isSkipped = isForeign;
                }
                if (!isForeign && !isSkipped && !rest.isEmpty() && !rest.startsWith("#")) {
                    take(rest);
                }
            }
            return steps;
        }

        private void take(String line) {
            String text = line.length() > 2 ? line.substring(2) : "";
            if (line.startsWith("$ ")) {
                steps.add(new Step(number, text, false, new ArrayList<>(), new ArrayList<>(), new ArrayList<>(), 0));
                return;
            }
            if (line.startsWith("file ")) {
                steps.add(new Step(number, line.substring("file ".length()), true, new ArrayList<>(), List.of(),
                        List.of(), 0));
                return;
            }
            if (steps.isEmpty()) {
                throw broken("a line without a command before it");
            }
            Step last = steps.getLast();
            if (line.startsWith("exit ")) {
                change(new Step(last.line(), last.command(), false, last.input(), last.out(), last.err(),
                        Integer.parseInt(line.substring("exit ".length()))));
                return;
            }
            switch (line.length() == 1 ? line + " " : line.substring(0, 2)) {
                case "> " -> change(new Step(last.line(), last.command() + "\n" + text, false, last.input(),
                        last.out(), last.err(), last.code()));
                case "< " -> last.input().add(text);
                case "| " -> last.out().add(new Line(text, false));
                case "~ " -> last.out().add(new Line(pattern(text).pattern(), true));
                case "! " -> last.err().add(pattern(text));
                case "  " -> {
                    if (!last.isFile()) {
                        throw broken("an indented line outside of a file");
                    }
                    last.input().add(text);
                }
                default -> throw broken("a line that starts with none of the signs in README.md");
            }
        }

        private void change(Step step) {
            steps.set(steps.size() - 1, step);
        }

        private Pattern pattern(String text) {
            try {
                return Pattern.compile(text);
            } catch (PatternSyntaxException e) {
                throw broken(e.getDescription());
            }
        }

        private IllegalArgumentException broken(String what) {
            return new IllegalArgumentException(file + ":" + number + ": " + what);
        }
    }
}
