/* Turns this process into the command of `run`. */
#ifndef BECOME_H
#define BECOME_H

#include "bytes.h"

/*
 * Executes a command, looked up on its own PATH. The variables, NAME=VALUE, are set in its environment, which is this
 * process's own without what the docker client tells its plugins; they are wiped if there is no such command.
 */
_Noreturn void become(char *const *command, struct bytes *variables, size_t count);

#endif
