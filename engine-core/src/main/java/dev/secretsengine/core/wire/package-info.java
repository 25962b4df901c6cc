/** Unix sockets and who is at their other end. */
@NullMarked
package dev.secretsengine.core.wire;

import org.jspecify.annotations.NullMarked;
