/*
 * The docker client's way to say that it was told to end: it closes the abstract socket named by
 * DOCKER_CLI_PLUGIN_SOCKET. That counts as SIGTERM.
 */
#ifndef DOCKER_SOCKET_H
#define DOCKER_SOCKET_H

#define DOCKER_SOCKET "DOCKER_CLI_PLUGIN_SOCKET"
#define DOCKER_COMMAND "DOCKER_CLI_PLUGIN_ORIGINAL_CLI_COMMAND"

/* Connects, where the docker client has called us. */
void docker_connect(void);

/* Whether it has called us. Safe in a signal handler. */
int docker_is_caller(void);

/*
 * Waits until the file is ready, or for so many milliseconds. Whether the docker client was told to end before that,
 * which is said once.
 */
int docker_ends_before(int fd, short events, int milliseconds);

/* Waits likewise, and ends this process when the docker client does. */
void docker_poll(int fd, short events, int milliseconds);

/* Sleeps, and ends with the docker client as well. */
void docker_pause(int milliseconds);

#endif
