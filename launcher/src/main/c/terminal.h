/* The standard streams, and the terminal for what is asked on it. */
#ifndef TERMINAL_H
#define TERMINAL_H

#include "bytes.h"

/* Writes everything, or ends this process: as quietly as any program in a pipe where nobody reads on. */
void terminal_out(const void *bytes, size_t length);
void terminal_err(const void *bytes, size_t length);

/* Reads one piece of stdin into the buffer, none at its end. */
void terminal_read(struct bytes *piece);

/*
 * Asks on the terminal itself, whatever stdin and stdout are, and appends what was typed, without its line end.
 * 0 where there is no terminal, or its input has ended.
 */
int terminal_prompt(const char *text, size_t length, int hidden, struct bytes *line);

/* Turns the echo on again, if it is off. Safe in a signal handler. */
void terminal_restore(void);

#endif
