package dev.secretsengine.onepassword.item;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import dev.secretsengine.kit.JsonReader;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

class ItemReaderTest {

    private static JsonReader json(String text) {
        byte[] bytes = text.getBytes(StandardCharsets.UTF_8);
        return new JsonReader(bytes, bytes.length);
    }

    @Test
    void readsVaultsAndNames() throws Exception {
        assertEquals(Map.of("v1", "Work", "v2", ""),
                ItemReader.vaults(
                        json("[{\"id\":\"v1\",\"name\":\"Work\"},{\"id\":\"v2\",\"x\":{}},{\"name\":\"no\"}]")));
        assertEquals(
                List.of(new ItemName("i1", "One", "v1", "Work", "LOGIN", "7"),
                        new ItemName("i2", "", "v2", "Home", "", "")),
                ItemReader.names(
                        json("[{\"id\":\"i1\",\"title\":\"One\",\"version\":7,\"tags\":[\"a\"],\"vault\":{\"id\":"
                                + "\"v1\",\"name\":\"Work\"},\"category\":\"LOGIN\"},{\"id\":\"i2\",\"vault\":{\"id\":\"v2\"}},"
                                + "{\"title\":\"without id\"}]"),
                        Map.of("v2", "Home")));
        assertEquals(List.of(), ItemReader.names(json("null"), Map.of()), "op's way to say that there is none");
    }

    @Test
    void whatIsInTheArchiveIsNoItemAnyMore() throws Exception {
        String list = "[{\"id\":\"i1\",\"state\":\"ARCHIVED\"},{\"id\":\"i2\",\"state\":\"DELETED\"},"
                + "{\"id\":\"i3\",\"state\":\"\"},{\"id\":\"i4\"}]";
        assertEquals(List.of("i3", "i4"),
                ItemReader.names(json(list), Map.of()).stream().map(ItemName::id).toList());
        for (boolean isPutAway : List.of(true, false)) {
            try (Item item = ItemReader.item(json(isPutAway ? "{\"state\":\"ARCHIVED\"}" : "{\"state\":\"\"}"))) {
                assertEquals(isPutAway, item.isPutAway());
            }
        }
    }

    @Test
    void readsFieldsWithTheirSections() throws Exception {
        try (Item item = ItemReader.item(json("{\"fields\":[{\"id\":\"a\",\"label\":\"A\",\"type\":\"CONCEALED\","
                + "\"purpose\":\"PASSWORD\",\"value\":\"x\\u00e9\\n\\\"\"},{\"id\":\"b\",\"section\":{\"id\":\"s\"},"
                + "\"value\":\"y\"},{\"id\":\"empty\",\"value\":\"\"},{\"id\":\"none\"},{\"id\":\"null\",\"value\":null}],"
                + "\"sections\":[{\"id\":\"s\",\"label\":\"Late\"}],\"version\":12,"
                + "\"title\":\"T\",\"vault\":{\"id\":\"v\",\"name\":\"V\"}}"))) {
            assertEquals(List.of("T", "V"), List.of(item.title(), item.vaultName()));
            assertEquals("12", item.version());
            assertEquals(List.of("a", "b"), item.fields().stream().map(Field::id).toList(), "those with a value");
            assertEquals("x\u00e9\n\"",
                    new String(item.fields().getFirst().value().copyBytes(), StandardCharsets.UTF_8));
            assertEquals("PASSWORD", item.fields().getFirst().purpose());
            assertEquals(List.of("late", "s"), item.fields().getLast().sections());
        }
    }

    @Test
    void refusesWhatIsNoItem() {
        for (String text : List.of("", "[]", "{\"fields\":{}}", "{\"fields\":[{\"value\":\"a\"}",
                "{\"fields\":[{\"value\":1}]}",
                "<html>")) {
            assertThrows(JsonReader.Malformed.class, () -> ItemReader.item(json(text)), text);
        }
    }

    @Test
    void aClosedItemIsWiped() throws Exception {
        Item item = ItemReader.item(json("{\"fields\":[{\"id\":\"a\",\"value\":\"x\"}]}"));
        item.close();
        assertThrows(IllegalStateException.class, () -> item.fields().getFirst().value().copyBytes());
    }
}
