package dev.secretsengine.launcher.format;

import java.util.ArrayList;
import java.util.List;

/** The difference of two small texts, as {@code diff -u} prints it. */
public final class UnifiedDiff {

    private static final int CONTEXT = 3;

    private UnifiedDiff() {
    }

    /** A line and where it stands: {@code ' '} in both texts, {@code '-'} in the old one, {@code '+'} in the new one. */
    private record Line(char mark, String text) {
    }

    /** The difference, empty if there is none. */
    public static String of(String oldName, String oldText, String newName, String newText) {
        if (oldText.equals(newText)) {
            return "";
        }
        List<Line> lines = lines(split(oldText), split(newText));
        StringBuilder out = new StringBuilder("--- " + oldName + "\n+++ " + newName + "\n");
        int at = 0;
        while (at < lines.size()) {
            int change = nextChange(lines, at);
            if (change == lines.size()) {
                break;
            }
            int begin = Math.max(at, change - CONTEXT);
            int end = change;
            int last = change;
            while (end < lines.size() && end - last <= 2 * CONTEXT) {
                last = lines.get(end).mark() == ' ' ? last : end;
                end++;
            }
            end = Math.min(lines.size(), last + CONTEXT + 1);
            hunk(lines, begin, end, out);
            at = end;
        }
        return out.toString();
    }

    private static List<String> split(String text) {
        List<String> lines = new ArrayList<>();
        int begin = 0;
        while (begin < text.length()) {
            int end = text.indexOf('\n', begin);
            lines.add(end < 0
                    ? text.substring(begin) + "\n\\ No newline at end of file\n"
                    : text.substring(begin, end + 1));
            begin = end < 0 ? text.length() : end + 1;
        }
        return lines;
    }

    private static int nextChange(List<Line> lines, int from) {
        int at = from;
        while (at < lines.size() && lines.get(at).mark() == ' ') {
            at++;
        }
        return at;
    }

    /** By the longest common subsequence: the texts are configuration files, not books. */
    private static List<Line> lines(List<String> before, List<String> after) {
        int[][] common = new int[before.size() + 1][after.size() + 1];
        for (int i = before.size() - 1; i >= 0; i--) {
            for (int j = after.size() - 1; j >= 0; j--) {
                common[i][j] = before.get(i).equals(after.get(j))
                        ? common[i + 1][j + 1] + 1
                        : Math.max(common[i + 1][j], common[i][j + 1]);
            }
        }
        List<Line> lines = new ArrayList<>();
        int i = 0;
        int j = 0;
        while (i < before.size() || j < after.size()) {
            if (i < before.size() && j < after.size() && before.get(i).equals(after.get(j))) {
                lines.add(new Line(' ', before.get(i++)));
                j++;
            } else if (i < before.size() && (j == after.size() || common[i + 1][j] >= common[i][j + 1])) {
                lines.add(new Line('-', before.get(i++)));
            } else {
                lines.add(new Line('+', after.get(j++)));
            }
        }
        return lines;
    }

    private static void hunk(List<Line> lines, int begin, int end, StringBuilder out) {
        out.append("@@ -").append(range(lines, begin, end, '+')).append(" +").append(range(lines, begin, end, '-'))
                .append(" @@\n");
        lines.subList(begin, end).forEach(line -> out.append(line.mark()).append(line.text()));
    }

    private static String range(List<Line> lines, int begin, int end, char other) {
        long before = lines.subList(0, begin).stream().filter(line -> line.mark() != other).count();
        long count = lines.subList(begin, end).stream().filter(line -> line.mark() != other).count();
        return (count == 0 ? before : before + 1) + "," + count;
    }
}
