#include "docker_socket.h"

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
static volatile sig_atomic_t is_caller = 0;

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
        is_caller = 1;
    } else if (fd >= 0) {
        /* A variable that was left over from somebody else's docker: nobody there can end us. */
        close(fd);
    }
}

int docker_is_caller(void)
{
    return is_caller;
}

/* Takes what the docker client says, which means nothing yet. Whether it has gone. */
static int has_gone(int fd)
{
    char said[64];
    ssize_t length = recv(fd, said, sizeof said, MSG_DONTWAIT);
    return length == 0 || (length < 0 && errno != EAGAIN && errno != EINTR);
}

int docker_ends_before(int fd, short events, int milliseconds)
{
    while (1) {
        struct pollfd both[] = {{.fd = fd, .events = events}, {.fd = docker, .events = POLLIN}};
        int ready = poll(both, 2, milliseconds);
        if (both[1].revents != 0 && has_gone(docker)) {
            close(docker);
            docker = -1;
            return 1;
        }
        if (ready == 0 || (ready > 0 && both[0].revents != 0) || (ready < 0 && errno != EINTR)) {
            return 0;
        }
    }
}

void docker_poll(int fd, short events, int milliseconds)
{
    if (docker_ends_before(fd, events, milliseconds)) {
        end_by_signal(SIGTERM);
    }
}

void docker_pause(int milliseconds)
{
    docker_poll(-1, 0, milliseconds);
}
