/** Where files lie, what is configured, and which folders are trusted. */
@NullMarked
package dev.secretsengine.core.config;

import org.jspecify.annotations.NullMarked;
