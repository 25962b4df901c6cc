package dev.secretsengine.keychain.macos;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.OutputStream;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.concurrent.TimeUnit;
import java.util.stream.Collectors;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Against Go's own encoding/gob, in a small program that is compiled here. */
class GobTest {

    private static final Map<String, String> ITEM = Map.of("id", "myapp/db/password", "service:group",
            "com.docker.pass.shared", "service:name", "docker-pass-cli", "x_owner", "alice");

    @TempDir
    static Path folder;

    @BeforeAll
    static void compile() throws Exception {
        Process go = new ProcessBuilder("go", "build", "-o", folder.resolve("gobcheck").toString(), ".")
                .directory(Path.of("src/test/go/gobcheck").toFile()).redirectErrorStream(true).start();
        String said = new String(go.getInputStream().readAllBytes(), UTF_8);
        assertEquals(0, go.waitFor(), () -> "go has to be installed: " + said);
    }

    private static byte[] gobcheck(String command, byte[] input) throws Exception {
        Process process = new ProcessBuilder(folder.resolve("gobcheck").toString(), command).redirectErrorStream(true)
                .start();
        try (OutputStream in = process.getOutputStream()) {
            in.write(input);
        }
        byte[] output = process.getInputStream().readAllBytes();
        assertTrue(process.waitFor(10, TimeUnit.SECONDS));
        assertEquals(0, process.exitValue(), () -> new String(output, UTF_8));
        return output;
    }

    /** JSON as Go writes it: sorted, on one line. No key or value here needs more escaping than this. */
    private static String json(Map<String, String> map) {
        return new TreeMap<>(map).entrySet().stream()
                .map(entry -> quoted(entry.getKey()) + ":" + quoted(entry.getValue()))
                .collect(Collectors.joining(",", "{", "}\n"));
    }

    private static String quoted(String text) {
        return "\"" + text.replace("\\", "\\\\").replace("\"", "\\\"").replace("\n", "\\n") + "\"";
    }

    private static final Map<String, Map<String, String>> SAMPLES = Map.of("an item", ITEM, "nothing", Map.of(),
            "odd texts", Map.of("", "", "a \"key\"", "line\nbreak \u00e9 \ud83d\udd11", "x", "\\"), "long texts",
            Map.of("k".repeat(130), "v".repeat(70_000)));

    @Test
    void isReadByGo() throws Exception {
        for (Map.Entry<String, Map<String, String>> sample : SAMPLES.entrySet()) {
            assertEquals(json(sample.getValue()),
                    new String(gobcheck("decode", Gob.encode(sample.getValue())), UTF_8), sample.getKey());
        }
    }

    @Test
    void readsWhatGoWrote() throws Exception {
        for (Map.Entry<String, Map<String, String>> sample : SAMPLES.entrySet()) {
            byte[] written = gobcheck("encode", json(sample.getValue()).getBytes(UTF_8));
            assertEquals(Optional.of(sample.getValue()), Gob.decode(written), sample.getKey());
        }
    }

    @Test
    void isByteForByteWhatGoWrites() throws Exception {
        Map<String, String> one = Map.of("x_owner", "alice");
        byte[] written = gobcheck("encode", json(one).getBytes(UTF_8));
        assertEquals(HexFormat.of().formatHex(written), HexFormat.of().formatHex(Gob.encode(one)));
    }

    @Test
    void leavesOutWhatIsNoString() throws Exception {
        byte[] written = gobcheck("encode", "{\"a\":\"text\",\"b\":1.5,\"c\":true,\"d\":null}".getBytes(UTF_8));
        assertEquals(Optional.of(Map.of("a", "text")), Gob.decode(written));
    }

    @Test
    void answersNothingForDamagedBytes() {
        byte[] whole = Gob.encode(ITEM);
        for (int length = 0; length < whole.length; length++) {
            assertEquals(Optional.empty(), Gob.decode(Arrays.copyOf(whole, length)), "the first " + length);
        }
        assertEquals(Optional.empty(), Gob.decode("{\"x_owner\":\"alice\"}".getBytes(UTF_8)));
        assertEquals(Optional.empty(), Gob.decode(new byte[]{-8, 127, -1, -1, -1, -1, -1, -1, -1}));
        // A count that no memory could hold must not be believed.
        byte[] greedy = Gob.encode(Map.of());
        greedy[greedy.length - 1] = 127;
        assertEquals(Optional.empty(), Gob.decode(greedy));
    }

    @Test
    void answersSomethingHoweverABitIsFlipped() {
        byte[] whole = Gob.encode(ITEM);
        for (int bit = 0; bit < whole.length * 8; bit++) {
            byte[] flipped = whole.clone();
            flipped[bit / 8] ^= (byte) (1 << bit % 8);
            Gob.decode(flipped).ifPresent(map -> assertTrue(map.size() <= ITEM.size()));
        }
        assertArrayEquals(whole, Gob.encode(Gob.decode(whole).orElseThrow()));
    }
}
