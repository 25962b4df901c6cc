package dev.secretsengine.launcher.command;

import java.nio.file.Path;
import java.util.Map;

/** What commands can do to the engine's own process. */
public interface EngineControl {

    /** Ends the engine; requests that it is working on have a moment to be done. Returns at once. */
    void stop();

    /** Facts for {@code engine status}, in order: name to value. */
    Map<String, Object> status();

    /** The log that is being written. */
    Path log();
}
