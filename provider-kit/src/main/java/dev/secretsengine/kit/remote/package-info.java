/** What providers of remote backends share: one call for equal questions, memory, waiting. A bundle embeds this package. */
@NullMarked
package dev.secretsengine.kit.remote;

import org.jspecify.annotations.NullMarked;
