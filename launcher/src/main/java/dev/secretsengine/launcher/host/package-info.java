/** The engine's process: the OSGi framework, the drop folders, the command socket. */
@NullMarked
package dev.secretsengine.launcher.host;

import org.jspecify.annotations.NullMarked;
