/** What client, engine and plugins say to each other: the messages, the procedures, and the errors of Connect. */
@NullMarked
package dev.secretsengine.client.protocol;

import org.jspecify.annotations.NullMarked;
