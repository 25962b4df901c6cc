/* Connects to the user's engine, and starts one where there is none: never two. */
#ifndef STARTER_H
#define STARTER_H

#include "engine.h"

/* This installation, and where its user's engine has its files. */
struct installation {
    struct bytes image;
    struct engine_folders folders;
    uid_t uid;
    /* What was typed. */
    char **argv;
};

/* Whether an engine runs; *fd is the connection then. */
int starter_connect(const struct installation *at, int *fd);

/* A connection to the engine, which is started if none answers. */
int starter_connect_or_start(const struct installation *at);

/* Has the portable client do the whole command: it has a JVM at hand. */
_Noreturn void starter_become_portable(const struct installation *at);

/* Waits until the engine that was told to end has given its lock back. */
void starter_await_end(const struct installation *at);

#endif
