/** 1Password by a Connect server. */
@NullMarked
package dev.secretsengine.onepassword.connect;

import org.jspecify.annotations.NullMarked;
