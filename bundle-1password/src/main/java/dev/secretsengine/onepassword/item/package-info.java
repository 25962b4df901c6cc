/** Vaults, items and fields, as both kinds of 1Password backend describe them. */
@NullMarked
package dev.secretsengine.onepassword.item;

import org.jspecify.annotations.NullMarked;
