/* How a wrapper says no, so that docker, podman and containerd show it as it is. */
#ifndef REFUSAL_H
#define REFUSAL_H

/*
 * Appends the message to the runtime's log file, NULL if there is none, writes it to stderr, and ends with exit code 1.
 * The message is one line.
 */
_Noreturn void refuse(const char *log, const char *message);

#endif
