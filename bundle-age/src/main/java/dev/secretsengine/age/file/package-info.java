/** Files of age's format as bytes, and what tells one file from another. */
@NullMarked
package dev.secretsengine.age.file;

import org.jspecify.annotations.NullMarked;
