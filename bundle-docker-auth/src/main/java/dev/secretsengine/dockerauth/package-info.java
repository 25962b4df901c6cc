/** Registry credentials where the docker client keeps them: credential helpers and config.json. */
@NullMarked
package dev.secretsengine.dockerauth;

import org.jspecify.annotations.NullMarked;
