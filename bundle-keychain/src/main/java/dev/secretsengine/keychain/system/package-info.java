/** What the keychains of all operating systems have in common: what they do, and how our items lie in them. */
@NullMarked
package dev.secretsengine.keychain.system;

import org.jspecify.annotations.NullMarked;
