/* One question to the engine for everything that a process needs. */
#ifndef ASK_H
#define ASK_H

#include "variables.h"

#include <sys/types.h>

enum ask_answer {
    /* Every reference has its value. */
    ASK_DONE,
    /* The engine says no, or is not to be trusted; asking again is of no use. */
    ASK_REFUSED,
    /* There is no engine, or its stores cannot be used now: later it may answer. */
    ASK_UNAVAILABLE
};

/*
 * Asks the engine of a user. `socket` is where it listens, NULL to look where this process's environment leads. Unless
 * all is done, `why` tells in one line what is wrong, variables and references included.
 */
enum ask_answer ask(uid_t uid, const char *socket, struct variables *variables, struct bytes *why);

#endif
