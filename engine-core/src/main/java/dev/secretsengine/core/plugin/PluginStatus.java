package dev.secretsengine.core.plugin;

/** What a plugin is doing. */
public enum PluginStatus {
    /** It serves lookups. */
    RUNNING("running"),
    /** It is on its way up or down. */
    STOPPED("stopped"),
    /** The user, or its default, has switched it off. */
    DISABLED("disabled"),
    /** It could not start, or it died. */
    CRASHED("crashed"),
    /** It died too often to be tried again. */
    RETRIES_EXCEEDED("retries exceeded");

    private final String text;

    PluginStatus(String text) {
        this.text = text;
    }

    /** The word for it in tables, JSON and on the wire. */
    public String text() {
        return text;
    }
}
