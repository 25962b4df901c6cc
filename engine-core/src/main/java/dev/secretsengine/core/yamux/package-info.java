/** Many streams over one connection, as hashicorp/yamux frames them: how external plugins and the engine talk. */
@NullMarked
package dev.secretsengine.core.yamux;

import org.jspecify.annotations.NullMarked;
