/** The local store on the keychain of the operating system. */
@NullMarked
package dev.secretsengine.keychain;

import org.jspecify.annotations.NullMarked;
