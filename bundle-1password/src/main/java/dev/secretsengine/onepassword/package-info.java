/** Items of 1Password: plugins {@code 1password-cli} and {@code 1password-sdk}. */
@NullMarked
package dev.secretsengine.onepassword;

import org.jspecify.annotations.NullMarked;
