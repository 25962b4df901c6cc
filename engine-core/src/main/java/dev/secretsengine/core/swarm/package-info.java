/** Docker Swarm's way to secrets of somebody else. */
@NullMarked
package dev.secretsengine.core.swarm;

import org.jspecify.annotations.NullMarked;
