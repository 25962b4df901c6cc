#include "signals.h"

#include "docker_socket.h"
#include "terminal.h"

#include <signal.h>
#include <stddef.h>
#include <sys/socket.h>
#include <unistd.h>

static volatile sig_atomic_t listener = -1;
static struct sigaction given_pipe;

static void on_end(int number)
{
    end_by_signal(number);
}

void signals_handle(void)
{
    static const int ending[] = {SIGINT, SIGTERM, SIGHUP, SIGQUIT};
    for (size_t i = 0; i < sizeof ending / sizeof *ending; i++) {
        struct sigaction given;
        struct sigaction ours = {.sa_handler = on_end};
        sigaction(ending[i], NULL, &given);
        if (given.sa_handler != SIG_IGN) {
            sigaction(ending[i], &ours, NULL);
        }
    }
    /* An engine that hangs up is an error of its own, with its own message. */
    struct sigaction ignored = {.sa_handler = SIG_IGN};
    sigaction(SIGPIPE, &ignored, &given_pipe);
}

void signals_tell(int engine)
{
    listener = engine;
}

void signals_give_back(void)
{
    /* Those that are handled become what they were by themselves. */
    sigaction(SIGPIPE, &given_pipe, NULL);
}

void end_by_signal(int number)
{
    static const char cancel[] = {'C', 0, 0, 0, 0};
    terminal_restore();
    if (listener >= 0) {
        (void)!send(listener, cancel, sizeof cancel, MSG_DONTWAIT | MSG_NOSIGNAL);
    }
    if (!docker_is_caller()) {
        /* So that a shell's loop ends with Ctrl-C. The docker client would make 255 of it. */
        struct sigaction by_default = {.sa_handler = SIG_DFL};
        sigset_t only;
        sigaction(number, &by_default, NULL);
        sigemptyset(&only);
        sigaddset(&only, number);
        raise(number);
        sigprocmask(SIG_UNBLOCK, &only, NULL);
    }
    _exit(BY_SIGNAL + number);
}
