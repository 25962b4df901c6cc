/** The keychain of Linux desktops: the Secret Service of the session bus. */
@NullMarked
package dev.secretsengine.keychain.linux;

import org.jspecify.annotations.NullMarked;
