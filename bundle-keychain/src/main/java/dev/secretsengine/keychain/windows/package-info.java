/** The Credential Manager of Windows. Only JnaCredentials and CredentialMemory touch classes of JNA. */
@NullMarked
package dev.secretsengine.keychain.windows;

import org.jspecify.annotations.NullMarked;
