package dev.secretsengine.keychain.windows;

import dev.secretsengine.api.LocalStore.Probe;
import dev.secretsengine.api.LocalStore.State;
import dev.secretsengine.api.SecretsException;

/** A function of Windows failed; the code is what GetLastError answered. */
final class Win32Exception extends Exception {

    private static final long serialVersionUID = 1L;

    static final int ACCESS_DENIED = 5;
    static final int INVALID_PARAMETER = 87;
    static final int INVALID_FLAGS = 1004;
    static final int NOT_FOUND = 1168;
    static final int NO_SUCH_LOGON_SESSION = 1312;
    static final int STUB_DATA = 1783;
    static final int BAD_USER_NAME = 2202;

    private final int code;

    Win32Exception(int code) {
        super("error " + code);
        this.code = code;
    }

    int code() {
        return code;
    }

    /** What leaves the bundle, about an ID or pattern. */
    SecretsException about(String subject) {
        SecretsException thrown = switch (code) {
            case NO_SUCH_LOGON_SESSION -> new SecretsException.Unavailable(subject,
                    "this session has no Credential Manager, as one over the network has none",
                    "log in at the machine itself, or use the age store");
            case ACCESS_DENIED -> new SecretsException.Denied(subject, "the Credential Manager refused access",
                    "ask whoever sets the policies of this machine");
            case BAD_USER_NAME -> new SecretsException.Invalid(subject,
                    "the Credential Manager does not take this ID", "choose a shorter one");
            case STUB_DATA -> new SecretsException.Invalid(subject, "the Credential Manager finds this too large",
                    "shorten the metadata");
            case INVALID_PARAMETER -> new SecretsException.Failed(subject,
                    "another program has a credential of this name that cannot be changed",
                    "remove it in the Credential Manager, or choose another ID");
            default -> new SecretsException.Failed(subject,
                    "the Credential Manager could not do it (error " + code + ")",
                    "net helpmsg " + code + " says what it means");
        };
        return thrown.causedBy(this);
    }

    /** What a first look that failed tells of the Credential Manager itself. */
    Probe probe() {
        return code == NO_SUCH_LOGON_SESSION
                ? new Probe(State.ABSENT, String.valueOf(about("").getMessage()))
                : new Probe(State.LOCKED, about("").advice());
    }
}
