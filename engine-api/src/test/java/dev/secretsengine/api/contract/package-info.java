/** What every provider and every store must do, as tests: extend the class that fits and say how to make one. */
@NullMarked
package dev.secretsengine.api.contract;

import org.jspecify.annotations.NullMarked;
