/* Processes that are left behind. */
#ifndef PROCESS_H
#define PROCESS_H

#include <sys/types.h>

/* Forks a process that is not our child. 0 in it; in the caller its pid, or -1. */
pid_t process_fork_away(void);

/* Closes every file from this one on. */
void process_close_from(unsigned int first);

/* A file that stands for a process and can be polled for its end; -1 before Linux 5.3. */
int process_open(pid_t pid);

/* Whether a process has ended, by what process_open said of it, which may be -1. */
int process_has_ended(int process, pid_t pid);

#endif
