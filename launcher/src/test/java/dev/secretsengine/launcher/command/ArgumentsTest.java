package dev.secretsengine.launcher.command;

import static java.nio.charset.StandardCharsets.ISO_8859_1;
import static java.nio.charset.StandardCharsets.UTF_8;
import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;

import dev.secretsengine.launcher.testing.FakeSession;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class ArgumentsTest {

    private static Arguments of(String... line) {
        return new Arguments(FakeSession.of(line));
    }

    @ParameterizedTest
    @ValueSource(strings = {"set X=VALUE", "pass set X=VALUE", "pass store X=VALUE",
            "-D --context a=b pass save X=VALUE",
            "pass set -f X=VALUE", "pass set --metadata k=VALUE X=VALUE"})
    void keepsValuesOutOfTheText(String line) {
        String text = of(line.split(" ")).invocation().toString();
        assertFalse(text.contains("VALUE"), text);
    }

    @Test
    void handsOutTheBytesBehindTheFirstEqualsSign() {
        Arguments arguments = of("pass", "set", "X=a=b=", "Y=", "--metadata", "k=v=w");
        List<String> line = arguments.invocation().arguments();
        assertArrayEquals("a=b=".getBytes(UTF_8), arguments.value(line.get(1)));
        assertArrayEquals(new byte[0], arguments.value(line.get(2)));
        assertEquals("k=v=w", arguments.text("--metadata", line.get(4)));
        assertEquals("--metadata", arguments.text("--metadata", line.get(3)));
    }

    @Test
    void keepsBytesThatAreNoText() {
        byte[] argument = {'X', '=', (byte) 0xFF, (byte) 0xC3, '=', (byte) 0x80};
        Arguments arguments = new Arguments(FakeSession.ofBytes(List.of("set".getBytes(UTF_8), argument)));
        String marked = arguments.invocation().arguments().get(1);
        assertArrayEquals(new byte[]{(byte) 0xFF, (byte) 0xC3, '=', (byte) 0x80}, arguments.value(marked));
    }

    @ParameterizedTest
    @CsvSource({"set X=v --metadata=k=\u00ff, argument 2 of set", "set \u00ff=v, argument 1 of set",
            "ls \u00ff, argument 1 of ls",
            "-D --context \u00ff pass ls a \u00ff, argument 2 of ls",
            "get --format={{.ID}}\u00ff X, argument 1 of get"})
    void refusesTextThatIsNotUtf8(String line, String what) {
        Arguments arguments = new Arguments(FakeSession
                .ofBytes(Stream.of(line.split(" ")).map(word -> word.getBytes(ISO_8859_1)).toList()));
        assertEquals(what + " is not valid UTF-8, and nothing was done: type it in a UTF-8 locale",
                assertThrows(UsageException.class, arguments::invocation).getMessage());
    }

    @Test
    void leavesArgumentsOfAChildAlone() {
        byte[] odd = {(byte) 0xff};
        new Arguments(FakeSession.ofBytes(List.of("run".getBytes(UTF_8), "--".getBytes(UTF_8), odd))).invocation();
    }

    @Test
    void handsOutACopyThatMayBeWiped() {
        List<byte[]> line = new ArrayList<>(List.of("set".getBytes(UTF_8), "X=VALUE".getBytes(UTF_8)));
        Arguments arguments = new Arguments(FakeSession.ofBytes(line));
        String marked = arguments.invocation().arguments().get(1);
        arguments.value(marked)[0] = 0;
        assertArrayEquals("VALUE".getBytes(UTF_8), arguments.value(marked));
    }

    @Test
    void leavesOtherCommandsAlone() {
        assertEquals(List.of("run", "--", "env", "A=b"),
                of("pass", "run", "--", "env", "A=b").invocation().arguments());
        assertEquals(List.of("get", "--format=json", "X"), of("get", "--format=json", "X").invocation().arguments());
    }
}
