/* Where a user's engine listens, and a connection to it. */
#ifndef ENGINE_H
#define ENGINE_H

#include "bytes.h"

#include <sys/types.h>

enum engine_answer {
    ENGINE_CONNECTED,
    /* Nobody listens there. */
    ENGINE_ABSENT,
    /* Somebody does, and takes no connection for seconds. */
    ENGINE_HANGS,
    /* A process of another user does, and was told nothing. */
    ENGINE_FOREIGN,
    /* The path is longer than a socket's may be. */
    ENGINE_TOO_LONG
};

/* The folders of one engine, as EnginePaths has them; each ends without a slash. */
struct engine_folders {
    struct bytes state;
    struct bytes run;
};

/* Reads the environment; `uid` is that of /run/user. NULL, or what is wrong with it in one line. */
const char *engine_folders(struct engine_folders *folders, uid_t uid);
void engine_folders_free(struct engine_folders *folders);

/* Connects to a socket that must be served by this uid, as the kernel says. *fd is the connection, or the pid of the
   process that is foreign. */
enum engine_answer engine_connect_to(const char *socket, uid_t uid, int *fd);

/* Connects to the running engine: where its record says, else where the folders lead. */
enum engine_answer engine_connect(const struct engine_folders *folders, uid_t uid, int *fd);

#endif
