package dev.secretsengine.core.config;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/**
 * Which groups have one user only, by the files of this machine. A group that only a directory service knows counts as
 * shared.
 *
 * @param users {@code /etc/passwd}
 * @param groups {@code /etc/group}
 */
record UserGroups(Path users, Path groups) {

    private static final int NAME = 0;
    private static final int ID = 2;
    /** Of a user: the primary group. Of a group: its members. */
    private static final int GID_OR_MEMBERS = 3;

    /** Those of this machine. */
    static UserGroups ofThisMachine() {
        return new UserGroups(Path.of("/etc/passwd"), Path.of("/etc/group"));
    }

    /** Whether a group is the user's private one: named as the user and without another member. */
    boolean isPrivate(int gid, int uid) {
        try {
            List<List<String>> everybody = entries(users);
            List<String> names = with(ID, uid, everybody).stream().map(user -> user.get(NAME)).toList();
            List<List<String>> meant = with(ID, gid, entries(groups));
            return !meant.isEmpty()
                    && meant.stream().allMatch(group -> names.contains(group.get(NAME)) && hasNoOther(group, names))
                    && names.containsAll(with(GID_OR_MEMBERS, gid, everybody).stream().map(user -> user.get(NAME))
                            .toList());
        } catch (IOException e) {
            return false;
        }
    }

    private static boolean hasNoOther(List<String> group, List<String> names) {
        String members = group.get(GID_OR_MEMBERS);
        return members.isEmpty() || names.containsAll(List.of(members.split(",")));
    }

    private static List<List<String>> with(int field, int number, List<List<String>> entries) {
        return entries.stream().filter(entry -> entry.get(field).equals(Integer.toUnsignedString(number))).toList();
    }

    private static List<List<String>> entries(Path file) throws IOException {
        List<List<String>> entries = new ArrayList<>();
        for (String line : Files.readAllLines(file, StandardCharsets.ISO_8859_1)) {
            List<String> fields = List.of(line.split(":", -1));
            if (fields.size() > GID_OR_MEMBERS) {
                entries.add(fields);
            }
        }
        return entries;
    }
}
