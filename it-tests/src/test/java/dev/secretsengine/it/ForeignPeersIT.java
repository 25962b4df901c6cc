package dev.secretsengine.it;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.List;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

/** What another user of the machine can do by way of the abstract name: each time in a network of its own. */
class ForeignPeersIT {

    private static final String FOREIGN = "setpriv --reuid 65534 --regid 65534 --clear-groups"
            + " env -i PATH=/usr/bin:/bin ";
    private static final String REQUEST = " -H Content-Type:application/json -d {}"
            + " http://unix/health.v1.VersionService/GetVersion";

    @BeforeAll
    static void require() {
        Tools.require("setpriv", "unshare", "python3", "curl");
    }

    private static String name() throws Exception {
        return "docker-secrets-engine/" + Tools.uid() + "/daemon.sock";
    }

    /** A script that the other user may not be able to read. */
    private static String python(String script) throws Exception {
        return "python3 -c \"$(cat " + resource(script) + ")\" ";
    }

    private static Path resource(String name) throws Exception {
        return Path.of(ForeignPeersIT.class.getResource("/" + name).toURI());
    }

    /** Runs a script in which {@code own} is a command of this home's user. */
    private static List<String> script(Home home, String script) throws Exception {
        int uid = Tools.uid();
        String user = "setpriv --reuid " + uid + " --regid " + uid + " --clear-groups " + home.environmentLine();
        Outcome outcome = Sandbox.root("unshare", "--net", "sh", "-c",
                "own() { " + user + " \"$@\"; }\n" + script.replace("NAME", name()));
        return outcome.ok().lines().toList();
    }

    @Test
    void nameThatIsHeldAndNeverAnsweredHoldsUpNothing() throws Exception {
        try (Home home = Home.withAge()) {
            Path plugins = Files.createDirectories(home.folder().resolve(".config/docker-secrets-engine/plugins"),
                    PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rwx------")));
            Path launched = Files.writeString(plugins.resolve("launched"),
                    "#!/bin/sh\nexec python3 " + resource("plugin.py") + "\n");
            Files.setPosixFilePermissions(launched, PosixFilePermissions.fromString("rwx------"));
            List<String> lines = script(home, FOREIGN + python("holder.py") + "NAME > $PWD/ready & holder=$!\n"
                    .replace("$PWD", home.folder().toString())
                    + "for i in $(seq 200); do grep -qs ready " + home.folder() + "/ready && break; sleep 0.05; done\n"
                    + "own docker-pass engine start > /dev/null\n"
                    + "for i in $(seq 100); do own docker-pass plugins ls | grep -o 'launched .*running' && break;"
                    + " sleep 0.1; done\n"
                    + "own docker-pass engine status | grep -o '@.*'\n"
                    + "own docker-pass engine logs | grep -c 'is held by uid 65534'\n"
                    + "own curl -s --unix-socket " + home.folder() + "/.cache/docker-secrets-engine/engine.sock"
                    + REQUEST + "; echo\n"
                    + "begin=$(date +%s%3N); own docker-pass engine stop > /dev/null; echo $(($(date +%s%3N) - begin))\n"
                    + "kill $holder\n");
            assertEquals(5, lines.size(), lines::toString);
            assertTrue(lines.get(0).startsWith("launched "), lines::toString);
            assertEquals("@" + name() + " is held by uid 65534, which accepts no connections: end that process,"
                    + " then docker pass engine restart", lines.get(1));
            assertEquals("1", lines.get(2));
            assertTrue(lines.get(3).startsWith("{\"version\":\"v"), lines::toString);
            assertTrue(Integer.parseInt(lines.get(4)) < 2000, lines::toString);
        }
    }

    @Test
    void floodOfConnectionsNeitherFillsTheLogNorKeepsTheUserOut() throws Exception {
        try (Home home = Home.withAge()) {
            home.pass("set", "a=1").ok();
            home.pass("engine", "stop").ok();
            String own = "own curl -s --max-time 10 --abstract-unix-socket NAME" + REQUEST;
            List<String> lines = script(home, "own docker-pass engine start > /dev/null\n"
                    + "for i in $(seq 100); do " + own + " > /dev/null && break; sleep 0.1; done\n"
                    + "for i in 1 2 3; do " + FOREIGN + python("flood.py") + "NAME 4 & floods=\"$floods $!\"; done\n"
                    + "for i in $(seq 200); do own docker-pass engine logs | grep -q 'uid 65534' && break;"
                    + " sleep 0.05; done\n"
                    + "for i in 1 2 3 4 5; do " + own + " > /dev/null && echo served; done\n"
                    + "wait $floods\n"
                    + "own docker-pass engine stop > /dev/null\n"
                    + "grep 'uid 65534' " + home.state() + "/logs/engine.log\n");
            assertEquals(5 + 3 + 2, lines.size(), lines::toString);
            assertEquals(5, lines.stream().filter("served"::equals).count(), lines::toString);
            int refused = lines.stream().filter(line -> line.matches("\\d+")).mapToInt(Integer::parseInt).sum();
            // Four seconds with half a millisecond for each.
            assertTrue(refused > 500 && refused < 9000, lines::toString);
            assertTrue(
                    lines.get(8).matches(".* refused a connection of uid 65534 \\(pid \\d+\\): it is another user's"),
                    lines::toString);
            assertTrue(lines.get(9).endsWith(" refused " + (refused - 1)
                    + " more connections of uid 65534 within 60 s: it is another user's"), lines::toString);
        }
    }
}
