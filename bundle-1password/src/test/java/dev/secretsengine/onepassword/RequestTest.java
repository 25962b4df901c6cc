package dev.secretsengine.onepassword;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import dev.secretsengine.api.SecretPattern;
import dev.secretsengine.api.SecretsException;
import dev.secretsengine.onepassword.item.ItemName;
import dev.secretsengine.onepassword.item.Names;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class RequestTest {

    private static final String V = "vvvvvvvvvvvvvvvvvvvvvvvvvv";
    private static final String W = "wwwwwwwwwwwwwwwwwwwwwwwwww";
    private static final String A = "aaaaaaaaaaaaaaaaaaaaaaaaa1";
    private static final String B = "aaaaaaaaaaaaaaaaaaaaaaaaa2";
    private static final String C = "aaaaaaaaaaaaaaaaaaaaaaaaa3";
    private static final String D = "aaaaaaaaaaaaaaaaaaaaaaaaa4";

    private final List<ItemName> items = new ArrayList<>(List.of(name(A, "GitHub (main)", V, "Work & Play"),
            name(B, "db", V, "Work & Play"), name(C, "db", W, "Home")));

    private static ItemName name(String id, String title, String vault, String vaultName) {
        return new ItemName(id, title, vault, vaultName, "LOGIN", "1");
    }

    private Map<String, String> found(String asked, String own) throws SecretsException {
        Map<String, String> found = new TreeMap<>();
        new Request(SecretPattern.parse(asked), SecretPattern.parse(own)).items(new Names(items))
                .forEach((id, item) -> found.put(id, item.id()));
        return found;
    }

    @ParameterizedTest
    @CsvSource({A, V + "/github-main", "work-_-play/github-main", "WORK-_-Play/GitHub-Main", V + "/" + A,
            "work-_-play/" + A})
    void anItemHasTheseNames(String id) throws Exception {
        assertEquals(Map.of(id, A), found(id, "**"));
    }

    @ParameterizedTest
    @CsvSource({"work-_-play/github-main/password", "Work-_-Play/" + A + "/section/field"})
    void aFieldIsFoundInItsItem(String id) throws Exception {
        String item = id.substring(0, id.indexOf('/', id.indexOf('/') + 1));
        assertEquals(Map.of(item, A), found(id, "**"));
    }

    @Test
    void patternsAnswerTheMostReadableName() throws Exception {
        Map<String, String> all = Map.of("work-_-play/github-main", A, "work-_-play/db", B, "home/db", C);
        assertEquals(all, found("**", "**"));
        assertEquals(all, found("*/*", "**"));
        assertEquals(Map.of("work-_-play/db", B, "home/db", C), found("*/db", "**"));
        assertEquals(Map.of("Home/db", C), found("Home/*", "**"));
        assertEquals(Map.of("HOME/db", C), found("HOME/**", "**"));
        assertEquals(Map.of(A, A, B, B, C, C), found("*", "**"));
        assertEquals(Map.of(W + "/db", C), found(W + "/**", "**"));
        assertEquals(Map.of(), found("other/**", "**"));
    }

    @Test
    void aNameOutsideThePluginsPatternIsNotAnswered() throws Exception {
        assertEquals(Map.of("home/db", C), found("**", "home/**"));
        assertEquals(Map.of(W + "/db", C), found("**", W + "/**"));
    }

    @Test
    void aNameOfTwoItemsIsAnErrorThatNamesTheirIds() {
        items.add(name(D, "DB", W, "Home"));
        SecretsException failure = assertThrows(SecretsException.Invalid.class, () -> found("home/db", "**"));
        assertEquals("several items of 1Password are called home/db: use an item's ID: " + W + "/" + C + ", " + W + "/"
                + D, failure.advice());
        assertThrows(SecretsException.Invalid.class, () -> found("home/db/password", "**"));
        assertThrows(SecretsException.Invalid.class, () -> found("*/db", "home/**"), "one could pass for the other");
    }

    @Test
    void amongManyItemsOfOneNameEachHasItsId() throws Exception {
        items.add(name(D, "DB", W, "Home"));
        assertEquals(Map.of("home/" + C, C, "home/" + D, D), found("home/*", "**"));
        assertEquals(Map.of("home/" + D, D), found("home/" + D, "**"));
    }

    @Test
    void aTitleWithNothingForAnIdIsFoundById() throws Exception {
        items.clear();
        items.add(name(D, "\u5bc6\u7801", W, "Home"));
        assertEquals(Map.of("home/" + D, D), found("**", "**"));
    }

    @ParameterizedTest
    @CsvSource({"GH_TOKEN,false", "aaaaaaaaaaaaaaaaaaaaaaaaa1,true", "AAAAAAAAAAAAAAAAAAAAAAAAA1,true", "*,true",
            "**,true", "a/b,true", "a/**,true", "a/b/**,true", "a/b/c/**,false", "**/a/b/c,false", "a/b/c,true",
            "a/b/c/d,true", "a/b/c/d/e,false", "*/*/*/*,true"})
    void mostReferencesCannotBeItems(String asked, boolean isPossible) {
        assertEquals(isPossible,
                new Request(SecretPattern.parse(asked), SecretPattern.parse("**")).isPossible(), asked);
    }
}
