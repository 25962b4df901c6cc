package dev.secretsengine.launcher.format;

import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import org.junit.jupiter.api.Test;

class TraceTest {

    @Test
    void namesClassesAndFramesButNoMessages() {
        String trace = Trace.of(new IllegalStateException("hunter2", new IllegalArgumentException("hunter2")));
        assertTrue(trace.startsWith("  java.lang.IllegalStateException\n    at "), trace);
        assertTrue(trace.contains("\n  caused by\n  java.lang.IllegalArgumentException\n    at "), trace);
        assertTrue(trace.contains("TraceTest.namesClassesAndFramesButNoMessages(TraceTest.java:"), trace);
        assertFalse(trace.contains("hunter2"), trace);
        assertFalse(trace.endsWith("\n"), "the caller ends the line");
    }
}
