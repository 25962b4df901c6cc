package dev.secretsengine.keychain.macos;

import dev.secretsengine.api.LocalStore.Probe;
import dev.secretsengine.api.LocalStore.State;
import dev.secretsengine.api.SecretsException;

/** What the results of the Security framework mean for us. */
final class OsStatus {

    static final int SUCCESS = 0;
    static final int USER_CANCELED = -128;
    static final int NOT_AVAILABLE = -25291;
    static final int READ_ONLY = -25292;
    static final int AUTH_FAILED = -25293;
    static final int NO_SUCH_KEYCHAIN = -25294;
    static final int INVALID_KEYCHAIN = -25295;
    static final int DUPLICATE_ITEM = -25299;
    static final int ITEM_NOT_FOUND = -25300;
    static final int NO_DEFAULT_KEYCHAIN = -25307;
    static final int INTERACTION_NOT_ALLOWED = -25308;
    static final int INTERACTION_REQUIRED = -25315;
    static final int NO_ACCESS_FOR_ITEM = -25243;
    static final int DECODE = -26275;
    static final int MISSING_ENTITLEMENT = -34018;

    private OsStatus() {
    }

    /** A failure, about an ID or pattern. */
    static SecretsException failure(String subject, int status) {
        return switch (status) {
            case INTERACTION_NOT_ALLOWED, INTERACTION_REQUIRED ->
                new SecretsException.Unavailable(subject,
                        "the keychain is locked, and this session has no screen to ask on",
                        "run security unlock-keychain in this session, then try again");
            case NOT_AVAILABLE, NO_SUCH_KEYCHAIN, INVALID_KEYCHAIN, NO_DEFAULT_KEYCHAIN ->
                new SecretsException.Unavailable(subject, "there is no usable keychain in this session",
                        "log in at the Mac itself, or use the age store");
            case MISSING_ENTITLEMENT ->
                new SecretsException.Unavailable(subject,
                        "macOS does not let this program use the keychain (no entitlement)", "use the age store");
            case USER_CANCELED -> new SecretsException.Denied(subject, "the prompt of the keychain was dismissed",
                    "try again and allow it");
            case AUTH_FAILED, NO_ACCESS_FOR_ITEM -> new SecretsException.Denied(subject, "the keychain refused access",
                    "allow it for this item in Keychain Access, then try again");
            case READ_ONLY -> new SecretsException.Failed(subject, "the keychain is read-only",
                    "look at its file's permissions in Keychain Access");
            case DECODE -> new SecretsException.Invalid(subject, "the item in the keychain is damaged", "set it again");
            default -> new SecretsException.Failed(subject, "the keychain could not do it (error " + status + ")",
                    "security error " + status + " says what it means");
        };
    }

    /** What the first look tells of the keychain itself. */
    static Probe probe(int status) {
        return switch (status) {
            case SUCCESS, ITEM_NOT_FOUND -> new Probe(State.READY, "");
            // Where there is none another store is taken: a hint how to get one would mislead.
            case NOT_AVAILABLE, NO_SUCH_KEYCHAIN, INVALID_KEYCHAIN, NO_DEFAULT_KEYCHAIN, MISSING_ENTITLEMENT ->
                new Probe(State.ABSENT, String.valueOf(failure("", status).getMessage()));
            default -> new Probe(State.LOCKED, failure("", status).advice());
        };
    }
}
