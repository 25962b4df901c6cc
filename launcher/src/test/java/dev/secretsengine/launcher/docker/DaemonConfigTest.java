package dev.secretsengine.launcher.docker;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class DaemonConfigTest {

    private static final DaemonConfig.Entry OURS = new DaemonConfig.Entry("/lib/wrapper",
            List.of("--se-uid=1000", "--se-runtime=/usr/bin/runc"));

    /** Everything that a JSON text says, in order. */
    private static Object said(JsonText.Value value) {
        if (value.isObject()) {
            Map<String, Object> members = new LinkedHashMap<>();
            value.members().forEach(member -> members.put(member.name(), said(member.value())));
            return members;
        }
        return value.elements().isEmpty()
                ? value.kind() + value.content()
                : value.elements().stream().map(DaemonConfigTest::said).toList();
    }

    @SuppressWarnings("unchecked") // It is what said() makes of an object.
    private static Map<String, Object> said(DaemonConfig config) {
        return (Map<String, Object>) said(config.json().root());
    }

    /** Configurations of many shapes, the same ones each time. */
    private static List<String> shapes() {
        Random random = new Random(4);
        List<String> members = List.of("\"debug\":true", "\"labels\" : [ \"a=b\" ,\"c\" ]", "\"mtu\":1400",
                "\"log-opts\":{\"max-size\":\"10m\",\"runtimes\":{}}", "\"x\":\"\\u00fc, {}\"", "\"pidfile\": \"/p\"");
        List<String> runtimes = List.of("", "\"runtimes\":{}", "\"runtimes\": {\n}",
                "\"runtimes\":{ \"kata\" : {\"path\":\"/k\",\"runtimeType\":\"t\"} }",
                "\"runtimes\": {\n    \"a\": {\n      \"path\": \"/a\"\n    },\n    \"se-7\": {\"path\": \"/b\"}\n  }");
        List<String> shapes = new ArrayList<>(List.of("{}", "{ }", "{\n}\n", ""));
        for (int i = 0; i < 400; i++) {
            List<String> chosen = new ArrayList<>(members.stream().filter(member -> random.nextInt(3) == 0).toList());
            String entries = runtimes.get(random.nextInt(runtimes.size()));
            if (!entries.isEmpty()) {
                chosen.add(random.nextInt(chosen.size() + 1), entries);
            }
            String space = List.of("", " ", "\n  ", "\n\t", "\r\n    ").get(random.nextInt(5));
            String end = space.isBlank() && space.contains("\n") ? "\n" : space;
            shapes.add("{" + space + String.join("," + space, chosen) + end + "}" + (random.nextBoolean() ? "\n" : ""));
        }
        return shapes;
    }

    @Test
    void addsOurEntryAndLeavesEverythingElseAsItIs() {
        for (String shape : shapes()) {
            DaemonConfig old = DaemonConfig.parse(shape);
            DaemonConfig next = old.with("se-1000", OURS).withDefault("se-1000");
            Map<String, Object> expected = new LinkedHashMap<>(said(old));
            expected.putIfAbsent("runtimes", Map.of());
            Map<String, Object> found = said(next);
            assertEquals("VALUE_STRINGse-1000", found.remove("default-runtime"), shape);
            assertEquals(OURS, next.runtimes().get("se-1000"), shape);
            Map<String, DaemonConfig.Entry> others = new LinkedHashMap<>(next.runtimes());
            others.remove("se-1000");
            assertEquals(old.runtimes(), others, shape);
            assertEquals(List.copyOf(expected.keySet()), List.copyOf(found.keySet()), shape);
            expected.remove("runtimes");
            found.remove("runtimes");
            assertEquals(expected, found, shape);
            assertKeepsEveryCharacter(shape, next.text());
        }
    }

    /** The old text is the new one with some characters left out. */
    private static void assertKeepsEveryCharacter(String before, String after) {
        int at = 0;
        for (char c : before.strip().equals("{\n}") ? new char[0] : before.toCharArray()) {
            if (!Character.isWhitespace(c)) {
                at = after.indexOf(c, at) + 1;
                assertTrue(at > 0, () -> before + " is not all in " + after);
            }
        }
    }

    @Test
    void takesOurEntryOutAndLeavesEverythingElseAsItIs() {
        for (String shape : shapes()) {
            DaemonConfig old = DaemonConfig.parse(shape);
            DaemonConfig back = old.with("se-1000", OURS).withDefault("se-1000").withoutDefault().without("se-1000",
                    old.hasEmptyRuntimes());
            assertEquals(said(old), said(back), shape);
            boolean hadEmptyObject = old.json().root().members().isEmpty() || old.hasEmptyRuntimes();
            if (!hadEmptyObject) {
                assertEquals(shape, back.text());
            }
        }
    }

    @Test
    void changesNothingThatIsAsWanted() {
        DaemonConfig config = DaemonConfig
                .parse("{\"runtimes\":{\"se-1\": { \"runtimeArgs\":[\"-a\"] ,\"path\":\"/x\"}}"
                        + ",\"default-runtime\" : \"se-1\"}");
        assertEquals(config.text(), config.with("se-1", new DaemonConfig.Entry("/x", List.of("-a"))).text());
        assertEquals(config.text(), config.withDefault("se-1").text());
        assertEquals(config.text(), config.without("se-2", false).text());
    }

    @Test
    void repairsAnEntryInItsPlace() {
        DaemonConfig config = DaemonConfig.parse("{\"runtimes\": {\"se-1\": {\"path\": \"/old\"}, \"b\": {}}}");
        assertEquals("{\"runtimes\": {\"se-1\": {\"path\": \"/x\", \"runtimeArgs\": [\"-a\"]}, \"b\": {}}}",
                config.with("se-1", new DaemonConfig.Entry("/x", List.of("-a"))).text());
        assertEquals(new DaemonConfig.Entry("", List.of()), config.runtimes().get("b"));
    }

    @Test
    void readsWhatDockerdReads() {
        DaemonConfig config = DaemonConfig
                .parse("{\"default-runtime\":\"kata\",\"pidfile\":\"/run/x.pid\",\"runtimes\":"
                        + "{\"kata\":{\"path\":\"/k\",\"options\":{}},\"se-1\":{\"path\":\"/w\",\"runtimeArgs\":[\"--a=b=c\"]}}}");
        assertEquals(Optional.of("kata"), config.defaultRuntime());
        assertEquals(Optional.of("/run/x.pid"), config.pidfile());
        assertTrue(config.runtimes().get("kata").others());
        assertEquals(Optional.of("b=c"), config.runtimes().get("se-1").argument("--a"));
        assertEquals(Optional.empty(), config.runtimes().get("se-1").argument("--b"));
        assertEquals(Optional.empty(), DaemonConfig.parse("{\"pidfile\":\"x.pid\"}").pidfile());
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', textBlock = """
            {"runtimes":[]}          | has "runtimes" that is no object
            {"runtimes":null}        | has "runtimes" that is no object
            {"default-runtime":1}    | has "default-runtime" that is no string
            []                       | is no JSON object
            """)
    void refusesWhatDockerdWouldNotTake(String text, String reason) {
        assertEquals(reason, assertThrows(IllegalArgumentException.class, () -> DaemonConfig.parse(text)).getMessage());
    }
}
