/* What a running container was given when it started: for exec while nobody can be asked. */
#ifndef SETTLED_H
#define SETTLED_H

#include "variables.h"

/*
 * Answers each variable that the container was started with, and that has not changed, by the value its first process
 * got. `root` is the runtime's state folder, NULL for its default; `runtime` tells whose.
 */
void settled_answer(const char *runtime, const char *root, const char *id, struct variables *variables);

#endif
