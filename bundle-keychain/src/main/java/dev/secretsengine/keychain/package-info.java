/** The local store on the keychain of the operating system; and that of Linux, the Secret Service of the session bus. */
@NullMarked
package dev.secretsengine.keychain;

import org.jspecify.annotations.NullMarked;
