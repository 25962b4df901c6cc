package dev.secretsengine.launcher.host;

import static org.junit.jupiter.api.Assertions.assertEquals;

import org.junit.jupiter.api.Test;
import org.osgi.framework.BundleException;

class StartFailureTest {

    private static BundleException unresolved(String message) {
        return new BundleException(message, BundleException.RESOLVE_ERROR);
    }

    @Test
    void namesThePackageThatIsMissing() {
        assertEquals("it imports the package org.example.more, which nobody exports in that version",
                StartFailure.describe(unresolved("Unable to resolve x [7](R 7.0): missing requirement [x [7](R 7.0)]"
                        + " osgi.wiring.package; (&(osgi.wiring.package=org.example.more)(version>=1.0.0)"
                        + "(!(version>=2.0.0))) Unresolved requirements: [...]")));
    }

    @Test
    void namesTheJavaThatIsNeeded() {
        assertEquals("it needs Java 99", StartFailure.describe(unresolved("Unable to resolve x [7](R 7.0): missing"
                + " requirement [x [7](R 7.0)] osgi.ee; (&(osgi.ee=JavaSE)(version=99)) Unresolved")));
    }

    @Test
    void showsTheFirstLineOfWhatElseIsMissing() {
        assertEquals("it needs something that is not here: missing requirement osgi.service",
                StartFailure.describe(unresolved("missing requirement osgi.service\nand more")));
    }

    @Test
    void saysHowTheActivatorFailed() {
        assertEquals("its activator failed: IllegalStateException: no token",
                StartFailure.describe(new BundleException("Activator start error in bundle x [7].",
                        BundleException.ACTIVATOR_ERROR, new IllegalStateException("no token\n  at line 2"))));
        assertEquals("its activator failed: NullPointerException", StartFailure.describe(
                new BundleException("Activator start error", BundleException.ACTIVATOR_ERROR,
                        new NullPointerException())));
    }

    @Test
    void staysShortAndOnOneLine() {
        assertEquals("x".repeat(200) + "...", StartFailure.describe(new IllegalStateException("x".repeat(300))));
        assertEquals("one",
                StartFailure.describe(new BundleException("one\r\ntwo", BundleException.STATECHANGE_ERROR)));
        assertEquals("it failed", StartFailure.describe(null));
    }
}
