package dev.secretsengine.it;

import java.io.IOException;
import java.io.RandomAccessFile;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.stream.Stream;

/** The memory of a running engine, as its user or root can read it in /proc. */
final class EngineMemory {

    /** With the engine's flags Java's heap ends here, and nothing of malloc's is below. */
    private static final long HEAP_END = 1L << 32;

    private static final int PIECE = 4 << 20;

    private EngineMemory() {
    }

    /**
     * How often texts are there, in UTF-8 or Latin-1, or in UTF-16.
     *
     * @param heap on Java's heap, or everywhere else
     * @return the texts that are there at all
     */
    static Map<String, Integer> occurrences(long pid, boolean heap, List<String> texts) throws IOException {
        Map<String, Integer> found = new TreeMap<>();
        try (RandomAccessFile memory = new RandomAccessFile("/proc/" + pid + "/mem", "r")) {
            for (String line : Files.readAllLines(Path.of("/proc", Long.toString(pid), "maps"))) {
                String[] range = line.split(" ")[0].split("-");
                long start = Long.parseUnsignedLong(range[0], 16);
                // The last page belongs to the kernel.
                if (line.split(" ")[1].startsWith("rw") && start >= 0 && (start < HEAP_END) == heap) {
                    search(memory, start, Long.parseUnsignedLong(range[1], 16), texts, found);
                }
            }
        }
        return found;
    }

    private static void search(RandomAccessFile memory, long start, long end, List<String> texts,
            Map<String, Integer> found) throws IOException {
        byte[] piece = new byte[PIECE];
        // Pieces overlap, so that nothing is missed at their ends.
        int step = PIECE - 1024;
        boolean isLast = false;
        for (long at = start; !isLast; at += step) {
            isLast = at + PIECE >= end;
            memory.seek(at);
            int length;
            try {
                length = memory.read(piece, 0, (int) Math.min(PIECE, end - at));
            } catch (IOException e) {
                // Reserved, or given back meanwhile.
                continue;
            }
            String content = new String(piece, 0, Math.max(0, length), StandardCharsets.ISO_8859_1);
            for (String text : texts) {
                for (String form : forms(text)) {
                    for (int i = content.indexOf(form); i >= 0 && (isLast || i < step);) {
                        found.merge(text, 1, Integer::sum);
                        i = content.indexOf(form, i + 1);
                    }
                }
            }
        }
    }

    /** As bytes, each in one character. */
    private static List<String> forms(String text) {
        return Stream.of(StandardCharsets.UTF_8, StandardCharsets.UTF_16LE)
                .map(charset -> new String(text.getBytes(charset), StandardCharsets.ISO_8859_1)).toList();
    }

    /** Of its memory that is resident, in MiB. */
    static long resident(long pid) throws IOException {
        return Files.readAllLines(Path.of("/proc", Long.toString(pid), "status")).stream()
                .filter(line -> line.startsWith("VmRSS:")).mapToLong(line -> Long.parseLong(line.replaceAll("\\D", "")))
                .findFirst().orElseThrow() >> 10;
    }
}
