#include "parent.h"

#include "docker_socket.h"
#include "failure.h"
#include "signals.h"

#include <poll.h>
#include <signal.h>
#include <stdint.h>
#include <sys/prctl.h>
#include <sys/signalfd.h>
#include <sys/wait.h>
#include <unistd.h>

/* The signals that came to the parent, all of which are blocked. */
static int signals = -1;

pid_t parent_fork(void)
{
    sigset_t all;
    sigset_t before;
    pid_t parent = getpid();
    sigfillset(&all);
    sigprocmask(SIG_BLOCK, &all, &before);
    signals = signalfd(-1, &all, SFD_CLOEXEC | SFD_NONBLOCK);
    pid_t command = signals < 0 ? -1 : fork();
    if (command < 0) {
        fail(RUN_FAILED, "the command cannot be started, there are too many processes or open files: try again");
    }
    if (command == 0) {
        prctl(PR_SET_PDEATHSIG, SIGKILL);
        if (getppid() != parent) {
            /* It was killed before that. */
            _exit(RUN_FAILED);
        }
        sigprocmask(SIG_SETMASK, &before, NULL);
    }
    return command;
}

/*
 * What the kernel sends, such as for Ctrl-C, it sends to the whole group of processes, and the command is in it. Only
 * `early`, before there was a command, it came to the parent alone. Nor is the command sent what it sends itself.
 */
static void forward(pid_t command, int early)
{
    struct signalfd_siginfo signal;
    while (read(signals, &signal, sizeof signal) == sizeof signal) {
        int is_for_parent = signal.ssi_code <= 0 && signal.ssi_pid != (uint32_t)command;
        if (signal.ssi_signo != SIGCHLD && (early || is_for_parent)) {
            kill(command, (int)signal.ssi_signo);
        }
    }
}

void parent_await(pid_t command)
{
    int status;
    forward(command, 1);
    while (waitpid(command, &status, WNOHANG) == 0) {
        if (docker_ends_before(signals, POLLIN, -1)) {
            kill(command, SIGTERM);
        }
        forward(command, 0);
    }
    _exit(WIFSIGNALED(status) ? BY_SIGNAL + WTERMSIG(status) : WEXITSTATUS(status));
}
