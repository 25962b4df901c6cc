package dev.secretsengine.launcher.protocol;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class InvocationTest {

    private static Invocation of(String line) {
        return Invocation.of(line.isEmpty() ? List.of() : List.of(line.split(" ")));
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', textBlock = """
            pass get X                                  | get X         | 1
            get X                                       | get X         | 0
            pass get pass                               | get pass      | 1
            --context other pass ls                     | ls            | 3
            -c other pass ls                            | ls            | 3
            --context=other pass ls                     | ls            | 2
            -H tcp://h:1 --tls --tlscacert f pass ls    | ls            | 6
            --host=tcp://h:1 --config c -l debug pass rm X | rm X       | 6
            -D pass run -- pass                         | run -- pass   | 2
            -Htcp://h:1 pass ls                         | ls            | 2
            -ldebug -cother pass ls                     | ls            | 3
            --debug=true pass run -- -H x               | run -- -H x   | 2
            """)
    void takesAwayWhatTheDockerClientPutsBefore(String line, String left, int offset) {
        Invocation invocation = of(line);
        assertEquals(List.of(left.split(" ")), invocation.arguments());
        assertEquals(offset, invocation.offset());
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', textBlock = """
            help pass              | --help
            help pass get          | get --help
            help pass plugins ls   | plugins ls --help
            -D help pass set       | set --help
            pass --help            | --help
            pass get --help        | get --help
            pass help get          | get --help
            help get               | get --help
            """)
    void turnsHelpIntoAnOption(String line, String left) {
        assertEquals(List.of(left.split(" ")), of(line).arguments());
    }

    @ParameterizedTest
    @ValueSource(strings = {"-D pass ls", "--debug pass ls", "--debug=true pass ls", "-c x -D pass ls"})
    void seesDebugAmongTheGlobalFlags(String line) {
        assertTrue(of(line).debug());
    }

    @ParameterizedTest
    @ValueSource(strings = {"pass ls", "--debug=false pass ls", "pass run -D", "-c -D pass ls"})
    void seesNoDebugElsewhere(String line) {
        assertFalse(of(line).debug());
        assertFalse(of(line).arguments().isEmpty());
    }

    @ParameterizedTest
    @ValueSource(strings = {"", "pass", "-H", "--context", "-H x", "-D pass"})
    void hasNoArgumentsWhereNoneAreLeft(String line) {
        assertEquals(List.of(), of(line).arguments());
    }

    @Test
    void keepsEmptyArgumentsAndSpaces() {
        assertEquals(List.of("set", "", "a b"), Invocation.of(List.of("pass", "set", "", "a b")).arguments());
    }

    @Test
    void tellsCommandsApart() {
        Invocation restart = of("pass engine restart");
        assertTrue(restart.is("engine"));
        assertTrue(restart.is("engine", "restart"));
        assertFalse(restart.is("engine", "stop"));
        assertFalse(restart.is("engine", "restart", "now"));
    }
}
