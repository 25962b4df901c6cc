package dev.secretsengine.keychain.linux;

import dev.secretsengine.api.SecretsException;

/** Why a Secret Service could not do what it was asked; its own text is never part of it. */
final class BusException extends Exception {

    private static final long serialVersionUID = 1L;

    /** What the caller can make of it. */
    enum Kind {
        /** There is no bus, no service or no keyring. */
        ABSENT,
        /** The connection, the service or the session with it is gone: open it again. */
        LOST,
        /** It needs to be unlocked. */
        LOCKED,
        /** The user dismissed a prompt. */
        DISMISSED,
        /** It cannot do that at all. */
        REFUSED,
        /** The item is not there any more. */
        GONE,
        /** There was no answer in time. */
        SLOW,
        /** Anything else. */
        FAILED
    }

    private final Kind kind;
    private final String text;
    private final String hint;

    BusException(Kind kind, String text, String hint) {
        super(text);
        this.kind = kind;
        this.text = text;
        this.hint = hint;
    }

    Kind kind() {
        return kind;
    }

    /** A D-Bus error by its name. */
    static BusException named(String error) {
        return switch (error) {
            case "org.freedesktop.Secret.Error.IsLocked" -> locked();
            case "org.freedesktop.Secret.Error.NoSession", "org.freedesktop.DBus.Error.ServiceUnknown",
                    "org.freedesktop.DBus.Error.NameHasNoOwner", "org.freedesktop.DBus.Error.NoReply",
                    "org.freedesktop.DBus.Error.Disconnected" ->
                lost();
            case "org.freedesktop.DBus.Error.TimedOut", "org.freedesktop.DBus.Error.Timeout" -> slow();
            case "org.freedesktop.Secret.Error.NoSuchObject", "org.freedesktop.DBus.Error.UnknownMethod",
                    "org.freedesktop.DBus.Error.UnknownObject" ->
                new BusException(Kind.GONE, "the item is not in the keychain any more", "try again");
            default -> failed();
        };
    }

    /** An answer that says so; the caller that gives up adds the hint of the daemon. */
    static BusException locked() {
        return Daemon.OTHER.locked();
    }

    static BusException dismissed(String prompt) {
        return new BusException(Kind.DISMISSED, "the " + prompt + " was dismissed",
                "run it again and answer the prompt");
    }

    static BusException lost() {
        return new BusException(Kind.LOST, "the connection to the keychain was lost", "try again");
    }

    static BusException slow() {
        return new BusException(Kind.SLOW, "the keychain did not answer in time",
                "look for a prompt of the keychain, then try again");
    }

    static BusException failed() {
        return new BusException(Kind.FAILED, "the keychain could not do it", "docker pass engine logs says why");
    }

    static BusException absent(String text, String hint) {
        return new BusException(Kind.ABSENT, text, hint);
    }

    /** What leaves the bundle, about an ID or pattern. */
    SecretsException about(String subject) {
        SecretsException thrown = switch (kind) {
            case ABSENT, LOST, LOCKED, SLOW -> new SecretsException.Unavailable(subject, text, hint);
            case DISMISSED -> new SecretsException.Denied(subject, text, hint);
            case REFUSED -> new SecretsException.Invalid(subject, text, hint);
            case GONE, FAILED -> new SecretsException.Failed(subject, text, hint);
        };
        return thrown.causedBy(this);
    }

    /** The message with its hint: one line. */
    String advice() {
        return text + ": " + hint;
    }
}
