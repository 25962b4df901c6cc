/** What providers share that ask other programs or read JSON. A bundle embeds this package as its own. */
@NullMarked
package dev.secretsengine.kit;

import org.jspecify.annotations.NullMarked;
