package dev.secretsengine.launcher.host;

import static org.junit.jupiter.api.Assertions.assertEquals;

import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.osgi.framework.BundleException;

class StartFailureTest {

    @Test
    void namesBothVersionsOfTheApi() {
        assertEquals("it is built for version [2.0.0,3.0.0) of dev.secretsengine.api, and this engine has 1.2.0",
                describe(unresolved("Unable to resolve x [7](R 7.0): missing requirement [x [7](R 7.0)]"
                        + " osgi.wiring.package; (&(osgi.wiring.package=dev.secretsengine.api)(version>=2.0.0)"
                        + "(!(version>=3.0.0))) Unresolved requirements: [...]")));
    }

    private static String describe(@Nullable Throwable failure) {
        return StartFailure.describe(failure, "1.2.0");
    }

    private static BundleException unresolved(String message) {
        return new BundleException(message, BundleException.RESOLVE_ERROR);
    }

    @Test
    void namesThePackageThatIsMissing() {
        assertEquals("it imports the package org.example.more, which nobody exports in that version",
                describe(unresolved("Unable to resolve x [7](R 7.0): missing requirement [x [7](R 7.0)]"
                        + " osgi.wiring.package; (&(osgi.wiring.package=org.example.more)(version>=1.0.0)"
                        + "(!(version>=2.0.0))) Unresolved requirements: [...]")));
    }

    @Test
    void namesTheJavaThatIsNeeded() {
        assertEquals("it needs Java 99", describe(unresolved("Unable to resolve x [7](R 7.0): missing"
                + " requirement [x [7](R 7.0)] osgi.ee; (&(osgi.ee=JavaSE)(version=99)) Unresolved")));
    }

    @Test
    void showsTheFirstLineOfWhatElseIsMissing() {
        assertEquals("it needs something that is not here: missing requirement osgi.service",
                describe(unresolved("missing requirement osgi.service\nand more")));
    }

    @Test
    void saysHowTheActivatorFailed() {
        assertEquals("its activator failed: IllegalStateException: no token",
                describe(new BundleException("Activator start error in bundle x [7].",
                        BundleException.ACTIVATOR_ERROR, new IllegalStateException("no token\n  at line 2"))));
        assertEquals("its activator failed: NullPointerException", describe(
                new BundleException("Activator start error", BundleException.ACTIVATOR_ERROR,
                        new NullPointerException())));
    }

    @Test
    void staysShortAndOnOneLine() {
        assertEquals("x".repeat(200) + "...", describe(new IllegalStateException("x".repeat(300))));
        assertEquals("one",
                describe(new BundleException("one\r\ntwo", BundleException.STATECHANGE_ERROR)));
        assertEquals("it failed", describe(null));
    }
}
