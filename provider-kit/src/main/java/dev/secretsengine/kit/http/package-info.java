/** HTTP as providers need it: bounded, cancellable, bodies wiped. A bundle embeds this package as its own. */
@NullMarked
package dev.secretsengine.kit.http;

import org.jspecify.annotations.NullMarked;
