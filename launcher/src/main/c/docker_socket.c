#include "docker_socket.h"

#include "process.h"
#include "signals.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

static int docker = -1;

void docker_connect(void)
{
    const char *name = getenv(DOCKER_SOCKET);
    struct sockaddr_un address = {.sun_family = AF_UNIX};
    if (name == NULL || *name != '@' || strlen(name) > sizeof address.sun_path) {
        return;
    }
    /* Its first byte is a NUL instead of the @. */
    memcpy(address.sun_path + 1, name + 1, strlen(name) - 1);
    socklen_t length = (socklen_t)(offsetof(struct sockaddr_un, sun_path) + strlen(name));
    int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
    if (fd >= 0 && connect(fd, (struct sockaddr *)&address, length) == 0) {
        docker = fd;
    } else if (fd >= 0) {
        /* A variable that was left over from somebody else's docker: nobody there can end us. */
        close(fd);
    }
}

int docker_is_caller(void)
{
    return docker >= 0;
}

/* Takes what the docker client says, which means nothing yet. Whether it has gone. */
static int has_gone(int fd)
{
    char said[64];
    ssize_t length = recv(fd, said, sizeof said, MSG_DONTWAIT);
    return length == 0 || (length < 0 && errno != EAGAIN && errno != EINTR);
}

void docker_poll(int fd, short events, int milliseconds)
{
    while (1) {
        struct pollfd both[] = {{.fd = fd, .events = events}, {.fd = docker, .events = POLLIN}};
        int ready = poll(both, 2, milliseconds);
        if (both[1].revents != 0 && has_gone(docker)) {
            end_by_signal(SIGTERM);
        }
        if (ready == 0 || (ready > 0 && both[0].revents != 0) || (ready < 0 && errno != EINTR)) {
            return;
        }
    }
}

void docker_pause(int milliseconds)
{
    docker_poll(-1, 0, milliseconds);
}

/* The watcher, with the socket as its file 0 and the process as its file 1. */
static _Noreturn void watch(void)
{
    while (1) {
        struct pollfd both[] = {{.fd = 0, .events = POLLIN}, {.fd = 1, .events = POLLIN}};
        if (poll(both, 2, -1) < 0 && errno != EINTR) {
            _exit(1);
        }
        if (both[1].revents != 0) {
            _exit(0);
        }
        if (both[0].revents != 0 && has_gone(0)) {
            process_signal(1, SIGTERM);
            _exit(0);
        }
    }
}

void docker_watch(void)
{
    int self = docker >= 0 ? process_open(getpid()) : -1;
    if (self < 0) {
        return;
    }
    if (process_fork_away() == 0) {
        /* Ctrl-C is for the command, which may go on after it. */
        sigset_t all;
        sigfillset(&all);
        sigprocmask(SIG_SETMASK, &all, NULL);
        int kept[] = {fcntl(docker, F_DUPFD, 3), fcntl(self, F_DUPFD, 3)};
        if (kept[0] < 0 || kept[1] < 0 || dup2(kept[0], 0) != 0 || dup2(kept[1], 1) != 1 || chdir("/") != 0) {
            _exit(1);
        }
        process_close_from(2);
        watch();
    }
    close(self);
}
