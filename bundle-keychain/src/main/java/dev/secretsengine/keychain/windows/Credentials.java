package dev.secretsengine.keychain.windows;

import java.util.List;
import java.util.Optional;

/** The functions of the Credential Manager that we use. Thread-safe. */
interface Credentials {

    /** CredWriteW: creates a credential, or replaces it in one step. */
    void write(Credential credential) throws Win32Exception;

    /** CredReadW; empty if there is none. The caller closes what it gets. */
    Optional<Credential> read(String target) throws Win32Exception;

    /**
     * CredEnumerateW, without the values.
     *
     * @param filter the start of a target, and an asterisk
     */
    List<Credential> list(String filter) throws Win32Exception;

    /**
     * CredDeleteW.
     *
     * @return whether it was there
     */
    boolean delete(String target) throws Win32Exception;
}
