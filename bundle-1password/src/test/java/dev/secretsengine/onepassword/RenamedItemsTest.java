package dev.secretsengine.onepassword;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import dev.secretsengine.api.SecretsException;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Items that are not any more what they were called when they were listed, and how many calls it takes to find out. */
class RenamedItemsTest {

    private static final String LIST = "item list --format json";
    private static final String GET_API = "item get " + Vaults.API + " --vault " + Vaults.WORK + " --format json";
    private static final String NEW = "itemnewggggggggggggggggggg";
    private static final String GET_NEW = "item get " + NEW + " --vault " + Vaults.WORK + " --format json";

    @TempDir
    private Path folder;
    private FakeOp op;
    private Map<String, String> caller;
    private OnePasswordProvider provider;

    @BeforeEach
    void install() throws Exception {
        op = new FakeOp(folder, Vaults.usual());
        caller = Map.of("PATH", op.bin().toString());
        provider = Given.cli().provider();
    }

    @AfterEach
    void close() {
        provider.close();
    }

    private String value(OnePasswordProvider asked, String id) throws SecretsException {
        return Given.ask(asked, id, caller).get(id);
    }

    private void newKey(String title) throws IOException {
        op.vaults().add(NEW, title, Vaults.WORK, "API_CREDENTIAL",
                Vaults.field("credential", "credential", "CONCEALED", "", "key-new"));
        op.write();
    }

    @Test
    void anItemThatWasDeletedAndMadeAgainIsFound() throws Exception {
        assertEquals("key-123", value(provider, "work-eu/api-key"));
        op.vaults().remove(Vaults.API);
        op.remove(Vaults.WORK, Vaults.API);
        newKey("API Key");
        assertEquals("key-new", value(provider, "work-eu/api-key"));
        assertEquals("key-new", value(provider, "work-eu/api-key/credential"));
        assertEquals(List.of(LIST, GET_API, GET_API, LIST, GET_NEW, GET_NEW), op.calls());
    }

    @Test
    void anItemThatWasPutIntoTheArchiveGivesItsNameUp() throws Exception {
        assertEquals("key-123", value(provider, "work-eu/api-key"));
        op.vaults().archive(Vaults.API);
        newKey("API Key");
        assertEquals("key-new", value(provider, "work-eu/api-key"));
        op.vaults().archive(NEW);
        op.write();
        assertEquals(Map.of(), Given.ask(provider, "work-eu/api-key/credential", caller));
        assertEquals(List.of(LIST, GET_API, GET_API, LIST, GET_NEW, GET_NEW), op.calls());
    }

    @Test
    void anItemThatWasRenamedGivesItsNameUp() throws Exception {
        assertEquals("key-123", value(provider, "work-eu/api-key"));
        op.vaults().rename(Vaults.API, "API Key old");
        newKey("API Key");
        assertEquals("key-new", value(provider, "work-eu/api-key"));
        assertEquals("key-123", value(provider, "work-eu/api-key-old"));
        assertEquals(List.of(LIST, GET_API, GET_API, LIST, GET_NEW, GET_API), op.calls());
    }

    @Test
    void aNameThatNobodyHasAnyMoreIsAMiss() throws Exception {
        assertEquals("key-123", value(provider, "work-eu/api-key"));
        op.vaults().rename(Vaults.API, "Other");
        op.write();
        for (int i = 0; i < 3; i++) {
            assertEquals(Map.of(), Given.ask(provider, "work-eu/api-key/credential", caller));
        }
        assertEquals(List.of(LIST, GET_API, GET_API, LIST), op.calls());
    }

    @Test
    void anIdStaysWhatTheItemIsCalled() throws Exception {
        assertEquals("key-123", value(provider, Vaults.API));
        op.vaults().rename(Vaults.API, "Other");
        op.write();
        assertEquals("key-123", value(provider, Vaults.API));
        assertEquals(List.of(LIST, GET_API, GET_API), op.calls());
    }

    @Test
    void aPatternHasTheNewNameOfOneItemAndTheOthersOnce() throws Exception {
        assertEquals(2, Given.ask(provider, "work-eu/*", caller).size());
        op.vaults().rename(Vaults.API, "Other");
        op.write();
        assertEquals(Set.of("work-eu/github-_-co", "work-eu/other"), Given.ask(provider, "work-eu/*", caller).keySet());
        assertEquals(7, op.calls().size(), "one list and one item more");
    }

    @Test
    void aPatternWithSeveralNewNamesIsAskedAgain() throws Exception {
        assertEquals(2, Given.ask(provider, "work-eu/*", caller).size());
        op.vaults().rename(Vaults.API, "A").rename(Vaults.GITHUB, "B");
        op.write();
        assertEquals("several items of 1Password have got other names: try again",
                assertThrows(SecretsException.Unavailable.class, () -> Given.ask(provider, "work-eu/*", caller))
                        .advice());
        assertEquals(6, op.calls().size(), "one list more");
        assertEquals(Set.of("work-eu/a", "work-eu/b"), Given.ask(provider, "work-eu/*", caller).keySet());
    }
}
