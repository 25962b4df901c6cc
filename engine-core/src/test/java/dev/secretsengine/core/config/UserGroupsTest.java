package dev.secretsengine.core.config;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class UserGroupsTest {

    private static final int ALICE = 1000;

    @TempDir
    Path folder;

    @ParameterizedTest
    @CsvSource(delimiter = '|', textBlock = """
            named as the user, no members      | alice:x:1000:                   |                          | true
            its only listed member is the user | alice:x:1000:alice              |                          | true
            another listed member              | alice:x:1000:bob                |                          | false
            one of two listed members          | alice:x:1000:alice,bob          |                          | false
            a name that begins like the user's | alice:x:1000:alice2             |                          | false
            another user's primary group       | alice:x:1000:                   | bob:x:1001:1000::/:/bin/sh | false
            a second name of the same user     | alice:x:1000:                   | al:x:1000:1000::/:/bin/sh  | true
            another group                      | users:x:1000:                   |                          | false
            the group has a second entry       | alice:x:1000: staff:x:1000:bob  |                          | false
            only a directory service knows it  | bob:x:1001:                     |                          | false
            a line without its fields          | alice:x:1000                    |                          | false
            """)
    void aGroupIsPrivateIf(String what, String groups, String otherUser, boolean expected) throws IOException {
        String others = otherUser == null ? "" : otherUser + "\n";
        Path users = Files.writeString(folder.resolve("passwd"),
                "root:x:0:0:root:/root:/bin/sh\nalice:x:1000:1000::/home/alice:/bin/sh\n" + others);
        Path file = Files.writeString(folder.resolve("group"), "root:x:0:\n" + groups.replace(' ', '\n') + "\n");
        assertEquals(expected, new UserGroups(users, file).isPrivate(1000, ALICE), what);
    }

    @ParameterizedTest
    @CsvSource({"passwd", "group", "none"})
    void noGroupIsPrivateIfAFileIsMissing(String present) throws IOException {
        Files.writeString(folder.resolve(present), present.equals("passwd")
                ? "alice:x:1000:1000::/:\n"
                : "alice:x:1000:\n");
        assertEquals(false, new UserGroups(folder.resolve("passwd"), folder.resolve("group")).isPrivate(1000, ALICE));
    }
}
