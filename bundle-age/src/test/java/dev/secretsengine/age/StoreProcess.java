package dev.secretsengine.age;

import dev.secretsengine.api.LocalStore;
import dev.secretsengine.api.SecretsException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/** A second engine's worth of store, for tests that need another process. */
final class StoreProcess {

    private StoreProcess() {
    }

    /** The words that start this program on a home, with the class path of this test. */
    static List<String> command(Home home, String... arguments) {
        List<String> words = new ArrayList<>(List.of(Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                "-XX:TieredStopAtLevel=1", "-Xshare:auto", "-Xmx64m", "--enable-native-access=ALL-UNNAMED", "-cp",
                System.getProperty("java.class.path"), StoreProcess.class.getName(), home.path().toString()));
        words.addAll(List.of(arguments));
        return words;
    }

    /** Prints each ID once it is stored, or the advice of what went wrong. */
    public static void main(String[] arguments) {
        AgeStore store = new Home(Path.of(arguments[0])).store();
        try {
            if (arguments[1].equals("largest")) {
                Home.set(store, arguments[2], new byte[LocalStore.MAX_VALUE_LENGTH]);
                return;
            }
            for (int i = 0; i < Integer.parseInt(arguments[2]); i++) {
                Home.set(store, arguments[1] + "/" + i, "value " + i);
                Home.set(store, "same", "value " + i);
                System.out.println(arguments[1] + "/" + i);
            }
        } catch (SecretsException e) {
            System.out.println(e.getClass().getSimpleName() + " " + e.advice());
        }
    }
}
