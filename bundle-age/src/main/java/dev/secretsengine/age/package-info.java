/**
 * One age file per secret, readable by the age tool; docs/age-format.md describes the files. Writing needs the public
 * key only, reading needs the {@link Identity} unlocked.
 */
@NullMarked
package dev.secretsengine.age;

import org.jspecify.annotations.NullMarked;
