/*
 * Where the docker client is the caller, this process stays the parent of the command of `run`: the docker client exits
 * with 255 when a signal ended its plugin, and with the plugin's exit code otherwise.
 */
#ifndef PARENT_H
#define PARENT_H

#include <sys/types.h>

/*
 * Forks. 0 in the child, which is to become the command: it has the signals that this process had, and a SIGKILL of this
 * process ends it. In the parent the child's pid.
 */
pid_t parent_fork(void);

/*
 * Waits for the end of that child and exits as it did, with 128+N if signal N ended it. Until then it gets the signals
 * that are sent to this process alone, and SIGTERM when the docker client goes.
 */
_Noreturn void parent_await(pid_t command);

#endif
