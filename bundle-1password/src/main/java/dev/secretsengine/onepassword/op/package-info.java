/** 1Password by its command-line program, {@code op}. */
@NullMarked
package dev.secretsengine.onepassword.op;

import org.jspecify.annotations.NullMarked;
