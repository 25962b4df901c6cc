/** The keychain of macOS, by its Security framework. Only JnaSecurity and CoreFoundation touch classes of JNA. */
@NullMarked
package dev.secretsengine.keychain.macos;

import org.jspecify.annotations.NullMarked;
