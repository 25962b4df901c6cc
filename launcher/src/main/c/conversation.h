/* One request: sends it, does what the engine asks, and answers the exit code. */
#ifndef CONVERSATION_H
#define CONVERSATION_H

#include "starter.h"

/*
 * Asks for these words, which end with NULL, and starts the engine if need be. It does not return where it becomes the
 * command of `run`, whose index counts in the words.
 */
int conversation_hold(const struct installation *at, char *const *words);

/* Tells a running engine something and waits until it has ended the connection. */
void conversation_order(int engine, char *const *words);

#endif
