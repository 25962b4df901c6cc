#include "process.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stddef.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

/* Where the kernel's headers are older than the kernel; the numbers are those of every architecture. */
#ifndef SYS_pidfd_open
#define SYS_pidfd_open 434
#endif
#ifndef SYS_close_range
#define SYS_close_range 436
#endif

/* Beyond these there is nothing to close, wherever close_range is missing. */
#define MANY_FILES 65536

pid_t process_fork_away(void)
{
    int ends[2];
    if (pipe2(ends, O_CLOEXEC) != 0) {
        return -1;
    }
    pid_t between = fork();
    if (between == 0) {
        pid_t pid = fork();
        if (pid == 0) {
            close(ends[0]);
            close(ends[1]);
            return 0;
        }
        _exit(write(ends[1], &pid, sizeof pid) == sizeof pid ? 0 : 1);
    }
    close(ends[1]);
    pid_t pid = -1;
    ssize_t told = -1;
    do {
        told = read(ends[0], &pid, sizeof pid);
    } while (told < 0 && errno == EINTR);
    close(ends[0]);
    while (between > 0 && waitpid(between, NULL, 0) < 0 && errno == EINTR) {
    }
    return told == sizeof pid ? pid : -1;
}

void process_close_from(unsigned int first)
{
    if (syscall(SYS_close_range, first, ~0U, 0) == 0) {
        return;
    }
    long limit = sysconf(_SC_OPEN_MAX);
    limit = limit < 0 || limit > MANY_FILES ? MANY_FILES : limit;
    for (int fd = (int)first; fd < limit; fd++) {
        close(fd);
    }
}

int process_open(pid_t pid)
{
    return (int)syscall(SYS_pidfd_open, pid, 0);
}

int process_has_ended(int process, pid_t pid)
{
    if (process < 0) {
        return kill(pid, 0) != 0;
    }
    struct pollfd end = {.fd = process, .events = POLLIN};
    return poll(&end, 1, 0) > 0;
}
