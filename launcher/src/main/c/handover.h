/* How the real runtime gets a text that must be in no file: as memory that it opens by a name in /proc. */
#ifndef HANDOVER_H
#define HANDOVER_H

#include "bytes.h"

/* The folder in a bundle that the runtime is pointed to; config.json in it is a link to our memory. */
#define HANDOVER_FOLDER "dse"

/* Puts a text into memory that outlives exec; its descriptor, or -1 with errno. */
int handover_memory(const struct bytes *text);

/* Makes BUNDLE/dse/config.json lead to it; `path` becomes BUNDLE/dse. 0, or -1 with errno. */
int handover_bundle(const char *bundle, int fd, struct bytes *path);

#endif
