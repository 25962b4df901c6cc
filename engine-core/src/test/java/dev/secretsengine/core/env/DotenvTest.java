package dev.secretsengine.core.env;

import static java.nio.charset.StandardCharsets.ISO_8859_1;
import static java.nio.charset.StandardCharsets.UTF_8;
import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.MethodSource;

class DotenvTest {

    @Test
    void readsNamesAndValuesInOrder() throws Exception {
        assertEquals("{B=2, A=1, a.b-c_9=x, _=y}", text("B=2\nA=1\na.b-c_9=x\n_=y"));
        assertEquals("{}", text(""));
        assertEquals("{}", text("\n \t\n\r\n"));
    }

    @Test
    void passesOverComments() throws Exception {
        assertEquals("{A=1, B=2, C=, D=x y}",
                text("# first\nA=1 # one\n  # indented='\"\nB=2\t#\nC= # nothing\nD='x y'\t# quoted"));
    }

    @Test
    void keepsAHashInsideAValue() throws Exception {
        assertEquals("{A=b#c, B=#d, C=# e, D=f#}", text("A=b#c\nB='#d'\nC=\"# e\"\nD=f#"));
    }

    @Test
    void acceptsExport() throws Exception {
        assertEquals("{A=1, B=2, export=3, exported=4}",
                text("export A=1\n export \t B = '2'\nexport=3\nexported=4"));
    }

    @Test
    void trimsBlanksAroundUnquotedValuesOnly() throws Exception {
        assertEquals("{A=b c, D= e , F=g\" h}", text("  A =  b c \t\nD=' e '\nF=g\" h"));
    }

    @Test
    void takesSingleQuotesLiterally() throws Exception {
        assertEquals("{A=a\\n\"$B\"\\\\'b, C=x\ny}", text("A='a\\n\"$B\"\\\\\\'b'\nC='x\ny'"));
    }

    @Test
    void knowsTheEscapesOfDoubleQuotes() throws Exception {
        assertEquals("{A=a\nb\rc\td\"e\\f$g}", text("A=\"a\\nb\\rc\\td\\\"e\\\\f\\$g\""));
    }

    @Test
    void expandsNothing() throws Exception {
        assertEquals("{A=$HOME, B=${A}`id`$(id), C=$A, D=a\\n}", text("A=$HOME\nB=${A}`id`$(id)\nC=\"$A\"\nD=a\\n"));
    }

    @Test
    void readsValuesOfSeveralLines() throws Exception {
        assertEquals("{KEY=-----BEGIN-----\nab\n-----END-----\n, B=1}",
                text("KEY=\"-----BEGIN-----\nab\n-----END-----\n\"\nB=1\n"));
    }

    @Test
    void takesEitherLineEnding() throws Exception {
        assertEquals("{A=1, B=2, C=, D=4}", text("A=1\r\nB=\"2\"\r\n\r\n# c\r\nC=\r\nD=4\r"));
        assertEquals("{A=x\r\ny, B=a\rb}", text("A=\"x\r\ny\"\r\nB=a\rb\r\n"), "a value's own bytes stay");
    }

    @Test
    void passesOverAByteOrderMarkAtTheStartOnly() throws Exception {
        assertEquals("{A=1}", text("\uFEFFA=1"));
        assertEquals("file:2: no variable name (A-Z a-z 0-9 _ . -): write NAME=value, or # before a comment",
                error("A=1\n\uFEFFB=2"));
    }

    @Test
    void keepsEmptyValues() throws Exception {
        assertEquals("{A=, B=, C=, D=, E=}", text("A=\nB=''\nC=\"\"\nD=   \nE="));
    }

    @Test
    void letsALaterLineWin() throws Exception {
        assertEquals("{A=3, B=2}", text("A=1\nB=2\nA=3"));
    }

    @Test
    void keepsEveryByteOfAValue() throws Exception {
        byte[] odd = new byte[256 - 1];
        for (int i = 1; i < 256; i++) {
            odd[i - 1] = (byte) i;
        }
        // A single quote would end the value, and unquoted no line end belongs to it.
        byte[] single = without(odd, "'");
        byte[] plain = without(odd, "\n\r\t #\"'");
        ByteArrayOutputStream file = new ByteArrayOutputStream();
        file.writeBytes("S='".getBytes(UTF_8));
        file.writeBytes(single);
        file.writeBytes("'\nU=".getBytes(UTF_8));
        file.writeBytes(plain);
        Map<String, byte[]> read = Dotenv.parse("file", file.toByteArray());
        assertArrayEquals(single, read.get("S"));
        assertArrayEquals(plain, read.get("U"));
        assertEquals("{A=ä€😀}", text("A=ä€😀"));
    }

    @Test
    void leavesTheContentAlone() throws Exception {
        byte[] content = "A=\"b\\n\"\nA=c".getBytes(UTF_8);
        Dotenv.parse("file", content).values().forEach(value -> Arrays.fill(value, (byte) 0));
        assertArrayEquals("A=\"b\\n\"\nA=c".getBytes(UTF_8), content);
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', quoteCharacter = '`', textBlock = """
            A                | 1 | no '=' after the name
            A B=1            | 1 | no '=' after the name
            export A         | 1 | no '=' after the name
            A:1              | 1 | no '=' after the name
            export           | 1 | no '=' after the name
            =1               | 1 | no variable name (A-Z a-z 0-9 _ . -)
            A=1~$B=2         | 2 | no variable name (A-Z a-z 0-9 _ . -)
            ~~1A=1           | 3 | a variable name cannot start with a digit
            A=1~B="x         | 2 | the quote of B is not closed
            A='x~~y          | 1 | the quote of A is not closed
            A="x~y~          | 1 | the quote of A is not closed
            A="x" y          | 1 | text follows the closing quote of A
            A="x~y"z         | 2 | text follows the closing quote of A
            A="a\\x"          | 1 | unknown escape in the value of A
            A="a~b\\~"        | 2 | unknown escape in the value of A
            A="a\\            | 1 | unknown escape in the value of A
            A="x~y"~B        | 3 | no '=' after the name
            A='x~~y'~~B      | 5 | no '=' after the name
            A="x^~y"^~^~B    | 4 | no '=' after the name
            # a~A=1~# b~B    | 4 | no '=' after the name
            """)
    void namesTheLineThatBreaksTheSyntax(String content, int line, String what) {
        String error = error(content.replace('~', '\n').replace('^', '\r'));
        assertTrue(error.startsWith("file:" + line + ": " + what + ": "), error);
    }

    /** The table of the documentation. */
    static Stream<Arguments> documentedLines() throws IOException {
        List<String> page = Files.readAllLines(Path.of("../docs/configuration.md"));
        int head = page.indexOf("| line | `docker run` | Compose | `docker pass run` |");
        return page.subList(head + 2, page.size()).stream().takeWhile(row -> row.startsWith("|"))
                .map(row -> row.split(" \\| |^\\| | \\|$")).map(cells -> Arguments.of(cells[1], cells[4]));
    }

    @ParameterizedTest
    @MethodSource("documentedLines")
    void readsTrickyLinesAsDocumented(String line, String value) throws Exception {
        String file = line.replace("`", "");
        if (value.startsWith("error")) {
            assertTrue(error(file).startsWith("file:1: "), file);
        } else {
            assertEquals("{A=" + (value.equals("empty") ? "" : value.replace("`", "").replace('\u21b5', '\n')) + "}",
                    text(file));
        }
    }

    @Test
    void answersOrRefusesWhateverItIsGiven() {
        Random random = new Random(20_251_122);
        byte[] alphabet = "AB=1 \t\n\r\"'\\#$nx\u00ef\u00bb\u00bf\u0000\u00ff".getBytes(ISO_8859_1);
        int answered = 0;
        for (int i = 0; i < 50_000; i++) {
            byte[] content = new byte[random.nextInt(24)];
            for (int j = 0; j < content.length; j++) {
                content[j] = alphabet[random.nextInt(alphabet.length)];
            }
            long lines = 1 + new String(content, ISO_8859_1).chars().filter(c -> c == '\n').count();
            try {
                for (String name : Dotenv.parse("file", content).keySet()) {
                    assertTrue(name.matches("[A-Za-z_.-][A-Za-z0-9_.-]*"), name);
                }
                answered++;
            } catch (Dotenv.SyntaxException e) {
                int line = Integer.parseInt(e.getMessage().split(":", 3)[1]);
                assertTrue(line >= 1 && line <= lines, e::getMessage);
                assertEquals(1, e.getMessage().lines().count());
            }
        }
        assertTrue(answered > 1000, "the alphabet makes files that parse, too: " + answered);
    }

    @Test
    void saysNothingOfAValueInAnError() {
        for (String file : List.of("A=canary\nB", "A=x\ncanary", "A=x\ncanary y", "A=\"canary", "A=\"canary\" x",
                "A=\"canary\\x\"", "A='x'canary")) {
            assertTrue(!error(file).contains("canary"), file);
        }
    }

    private static byte[] without(byte[] bytes, String unwanted) {
        ByteArrayOutputStream kept = new ByteArrayOutputStream();
        for (byte b : bytes) {
            if (unwanted.indexOf(b) < 0) {
                kept.write(b);
            }
        }
        return kept.toByteArray();
    }

    private static String error(String file) {
        return assertThrows(Dotenv.SyntaxException.class, () -> Dotenv.parse("file", file.getBytes(UTF_8)))
                .getMessage();
    }

    private static String text(String file) throws Dotenv.SyntaxException {
        Map<String, String> shown = new LinkedHashMap<>();
        Dotenv.parse("file", file.getBytes(UTF_8)).forEach((name, value) -> shown.put(name, new String(value, UTF_8)));
        return shown.toString();
    }
}
