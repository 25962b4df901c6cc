package dev.secretsengine.launcher.format;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;

class UnifiedDiffTest {

    @Test
    void isEmptyForTheSameText() {
        assertEquals("", UnifiedDiff.of("a", "x\ny", "b", "x\ny"));
    }

    @Test
    void showsThreeLinesAround() {
        assertEquals("""
                --- a
                +++ b
                @@ -2,7 +2,8 @@
                 2
                 3
                 4
                -5
                +five
                +and more
                 6
                 7
                 8
                """,
                UnifiedDiff.of("a", "1\n2\n3\n4\n5\n6\n7\n8\n9\n", "b", "1\n2\n3\n4\nfive\nand more\n6\n7\n8\n9\n"));
    }

    @Test
    void saysWhereALineDoesNotEnd() {
        assertEquals("""
                --- /dev/null
                +++ b
                @@ -0,0 +1,1 @@
                +x
                \\ No newline at end of file
                """, UnifiedDiff.of("/dev/null", "", "b", "x"));
    }

    /** Puts the new text together from the old one and the difference. */
    private static String patched(String old, String diff) {
        List<String> before = new ArrayList<>(List.of(old.split("(?<=\n)")));
        StringBuilder after = new StringBuilder();
        int at = 0;
        for (String line : diff.replace("\n\\ No newline at end of file\n", "\u0000\n").split("(?<=\n)")) {
            String content = line.substring(1).replace("\u0000\n", "");
            if (line.startsWith("@@")) {
                String[] range = line.split("[ ,-]+");
                int begin = Integer.parseInt(range[1]) - (range[2].equals("0") ? 0 : 1);
                while (at < begin) {
                    after.append(before.get(at++));
                }
            } else if (!line.startsWith("---") && !line.startsWith("+++")) {
                if (line.charAt(0) != '+') {
                    assertEquals(before.get(at++), content);
                }
                after.append(line.charAt(0) == '-' ? "" : content);
            }
        }
        before.subList(Math.min(at, before.size()), before.size()).forEach(after::append);
        return after.toString();
    }

    private static String text(Random random) {
        StringBuilder text = new StringBuilder();
        for (int line = random.nextInt(40); line > 0; line--) {
            text.append((char) ('a' + random.nextInt(3))).append(line > 1 || random.nextBoolean() ? "\n" : "");
        }
        return text.toString();
    }

    @Test
    void leadsFromTheOldTextToTheNewOne() {
        Random random = new Random(1);
        for (int i = 0; i < 500; i++) {
            String old = text(random);
            String next = text(random);
            assertEquals(next, patched(old, UnifiedDiff.of("x", old, "y", next)));
        }
    }
}
