#include "terminal.h"

#include "docker_socket.h"
#include "failure.h"
#include "frame.h"
#include "signals.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <string.h>
#include <termios.h>
#include <unistd.h>

/* What a terminal hands over as one line, at most. */
#define LONGEST_LINE 4096

/* The terminal whose echo is off, or -1, and its settings before and while it is. */
static volatile sig_atomic_t quiet_fd = -1;
static struct termios shown;
static struct termios quiet;

static void put(int fd, const char *bytes, size_t length, const char *name)
{
    while (length > 0) {
        ssize_t written = write(fd, bytes, length);
        if (written >= 0) {
            bytes += written;
            length -= (size_t)written;
        } else if (errno == EAGAIN) {
            /* Somebody else made the terminal or pipe non-blocking. */
            docker_poll(fd, POLLOUT, -1);
        } else if (errno == EPIPE) {
            end_by_signal(SIGPIPE);
        } else if (errno != EINTR) {
            fail(FAILED, "%s cannot be written to: check the disk and the redirection", name);
        }
    }
}

void terminal_out(const void *bytes, size_t length)
{
    put(STDOUT_FILENO, bytes, length, "standard output");
}

void terminal_err(const void *bytes, size_t length)
{
    put(STDERR_FILENO, bytes, length, "standard error");
}

void terminal_read(struct bytes *piece)
{
    char bytes[FRAME_CHUNK];
    ssize_t length = -1;
    do {
        docker_poll(STDIN_FILENO, POLLIN, -1);
        length = read(STDIN_FILENO, bytes, sizeof bytes);
    } while (length < 0 && (errno == EINTR || errno == EAGAIN));
    if (length < 0) {
        fail(FAILED, "standard input cannot be read: check its redirection");
    }
    bytes_add(piece, bytes, (size_t)length);
    explicit_bzero(bytes, (size_t)length);
}

void terminal_restore(void)
{
    if (quiet_fd >= 0) {
        tcsetattr(quiet_fd, TCSADRAIN, &shown);
    }
}

/* Ctrl-Z at the prompt: the shell gets its terminal back with the echo on. */
static void on_stop(int number)
{
    int saved = errno;
    struct sigaction stopping = {.sa_handler = SIG_DFL};
    struct sigaction ours;
    sigset_t only;
    sigset_t before;
    terminal_restore();
    sigaction(number, &stopping, &ours);
    sigemptyset(&only);
    sigaddset(&only, number);
    raise(number);
    sigprocmask(SIG_UNBLOCK, &only, &before);
    /* Here it goes on after SIGCONT. */
    sigprocmask(SIG_SETMASK, &before, NULL);
    sigaction(number, &ours, NULL);
    tcsetattr(quiet_fd, TCSADRAIN, &quiet);
    errno = saved;
}

/* One line, a byte of which may have been typed before an end of input. */
static int read_line(int fd, struct bytes *line)
{
    char typed[LONGEST_LINE];
    size_t length = 0;
    int ended = 0;
    while (!ended && length < sizeof typed) {
        docker_poll(fd, POLLIN, -1);
        ssize_t more = read(fd, typed + length, sizeof typed - length);
        if (more < 0 && (errno == EINTR || errno == EAGAIN)) {
            continue;
        }
        if (more <= 0) {
            break;
        }
        length += (size_t)more;
        ended = typed[length - 1] == '\n';
    }
    bytes_add(line, typed, length - (ended ? 1 : 0));
    explicit_bzero(typed, length);
    return length > 0;
}

static int read_quietly(int fd, const char *text, size_t length, struct bytes *line)
{
    struct sigaction before;
    struct sigaction stopping = {.sa_handler = on_stop, .sa_flags = SA_RESTART};
    if (tcgetattr(fd, &shown) != 0) {
        return 0;
    }
    quiet = shown;
    quiet.c_lflag &= ~(tcflag_t)ECHO;
    quiet_fd = fd;
    sigaction(SIGTSTP, NULL, &before);
    if (before.sa_handler != SIG_IGN) {
        sigaction(SIGTSTP, &stopping, NULL);
    }
    tcsetattr(fd, TCSADRAIN, &quiet);
    terminal_err(text, length);
    int typed = read_line(fd, line);
    terminal_restore();
    sigaction(SIGTSTP, &before, NULL);
    quiet_fd = -1;
    return typed;
}

int terminal_prompt(const char *text, size_t length, int hidden, struct bytes *line)
{
    int fd = open("/dev/tty", O_RDWR | O_CLOEXEC | O_NOCTTY);
    if (fd < 0) {
        return 0;
    }
    int typed = 0;
    if (hidden) {
        typed = read_quietly(fd, text, length, line);
    } else {
        /* stdout may be a pipe. */
        terminal_err(text, length);
        typed = read_line(fd, line);
    }
    close(fd);
    return typed;
}
