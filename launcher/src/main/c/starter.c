#include "starter.h"

#include "docker_socket.h"
#include "failure.h"
#include "private_files.h"
#include "process.h"
#include "signals.h"

#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/un.h>
#include <time.h>
#include <unistd.h>

#define START_LIMIT 30
#define STOP_LIMIT 20
#define PAUSE_MILLISECONDS 5

/* What of a caller's environment concerns its engine; the rest may hold secrets and stays out. */
static const char *const inherited[] = {
    "HOME", "PATH", "LANG", "TMPDIR", "USER", "LOGNAME", "DBUS_SESSION_BUS_ADDRESS", "XDG_RUNTIME_DIR",
    "XDG_CONFIG_HOME", "XDG_DATA_HOME", "XDG_STATE_HOME", "XDG_CACHE_HOME", "SECRETS_ENGINE_HOME",
    "CREDENTIALS_DIRECTORY", "DISPLAY", "WAYLAND_DISPLAY"};

#define INHERITED (sizeof inherited / sizeof *inherited)

static time_t now(void)
{
    struct timespec time;
    clock_gettime(CLOCK_MONOTONIC, &time);
    return time.tv_sec;
}

int starter_connect(const struct installation *at, int *fd)
{
    enum engine_answer answer = engine_connect(&at->folders, at->uid, fd);
    if (answer == ENGINE_FOREIGN) {
        struct bytes end = {0};
        /* A process of another pid namespace has no number here. */
        if (*fd > 0) {
            bytes_format(&end, "sudo kill %d ends it, or ", *fd);
        }
        fail(UNREACHABLE,
             "the socket in %s is another user's, who was told nothing: %sset XDG_RUNTIME_DIR or SECRETS_ENGINE_HOME"
             " to a folder of your own",
             at->folders.run.at, end.length > 0 ? end.at : "");
    }
    if (answer == ENGINE_HANGS) {
        fail(UNREACHABLE, "the engine takes no requests: end the process that %s/engine.address names",
             at->folders.state.at);
    }
    if (answer == ENGINE_TOO_LONG) {
        fail(FAILED,
             "the socket path %s/cli.sock has %zu bytes and a socket takes at most %zu: set SECRETS_ENGINE_HOME or"
             " XDG_RUNTIME_DIR to a shorter folder",
             at->folders.run.at, at->folders.run.length + strlen("/cli.sock"),
             sizeof((struct sockaddr_un *)0)->sun_path - 1);
    }
    return answer == ENGINE_CONNECTED;
}

void starter_become_portable(const struct installation *at)
{
    struct bytes program = {0};
    bytes_format(&program, "%s/bin/docker-pass-portable", at->image.at);
    execv(program.at, at->argv);
    fail(UNREACHABLE, "the installation is damaged: cannot run %s", program.at);
}

static int open_state(const struct installation *at, const char *name)
{
    int fd = private_open(at->folders.state.at, name);
    if (fd < 0) {
        /* It fails as well, and finds out why. */
        signals_give_back();
        starter_become_portable(at);
    }
    return fd;
}

/* The lock of a client that starts an engine, or sees whether one has ended. Closing it gives it back. */
static int start_lock(const struct installation *at)
{
    int fd = open_state(at, "start.lock");
    while (!private_lock(fd)) {
        docker_pause(PAUSE_MILLISECONDS);
    }
    return fd;
}

/* In the process that becomes the engine. */
static _Noreturn void become_engine(const char *program, int output)
{
    char *argv[] = {(char *)program, "--detached", NULL};
    struct bytes variables[INHERITED] = {0};
    char *environment[INHERITED + 1];
    size_t count = 0;
    for (size_t i = 0; i < INHERITED; i++) {
        const char *value = getenv(inherited[i]);
        if (value != NULL) {
            bytes_format(&variables[count], "%s=%s", inherited[i], value);
            environment[count] = variables[count].at;
            count++;
        }
    }
    environment[count] = NULL;
    int nothing = open("/dev/null", O_RDONLY);
    if (nothing < 0 || dup2(output, 1) < 0 || dup2(output, 2) < 0 || dup2(nothing, 0) < 0 || chdir("/") != 0) {
        _exit(NOT_EXECUTABLE);
    }
    process_close_from(3);
    signals_give_back();
    execve(program, argv, environment);
    _exit(NOT_EXECUTABLE);
}

static _Noreturn void fail_start(int output, const char *state)
{
    char said[4096];
    off_t size = lseek(output, 0, SEEK_END);
    off_t from = size > (off_t)sizeof said - 1 ? size - (off_t)sizeof said + 1 : 0;
    ssize_t length = pread(output, said, sizeof said - 1, from);
    while (length > 0 && said[length - 1] == '\n') {
        length--;
    }
    if (length <= 0) {
        fail(UNREACHABLE, "the engine did not start: it said nothing, look at %s/logs/engine.out", state);
    }
    said[length] = 0;
    const char *line = strrchr(said, '\n');
    fail(UNREACHABLE, "the engine did not start: %s", line != NULL ? line + 1 : said);
}

static int start(const struct installation *at)
{
    struct bytes program = {0};
    bytes_format(&program, "%s/bin/secrets-engine", at->image.at);
    if (access(program.at, X_OK) != 0) {
        fail(UNREACHABLE, "the installation is damaged: cannot run %s", program.at);
    }
    int output = open_state(at, "logs/engine.out");
    if (ftruncate(output, 0) != 0) {
        fail(UNREACHABLE, "cannot write to %s/logs/engine.out: check its owner and its mode", at->folders.state.at);
    }
    pid_t pid = process_fork_away();
    if (pid == 0) {
        become_engine(program.at, output);
    }
    if (pid < 0) {
        fail(UNREACHABLE, "the engine cannot be started, there are too many processes: try again");
    }
    bytes_free(&program);
    int process = process_open(pid);
    for (time_t end = now() + START_LIMIT; now() < end; docker_pause(PAUSE_MILLISECONDS)) {
        int fd = -1;
        int ended = process_has_ended(process, pid);
        if (starter_connect(at, &fd)) {
            close(process);
            close(output);
            return fd;
        }
        if (ended) {
            fail_start(output, at->folders.state.at);
        }
    }
    fail(UNREACHABLE, "the engine does not answer: docker pass engine logs says more");
}

int starter_connect_or_start(const struct installation *at)
{
    int fd = -1;
    if (starter_connect(at, &fd)) {
        return fd;
    }
    int lock = start_lock(at);
    /* Another client may have started it while this one waited for the lock. */
    if (!starter_connect(at, &fd)) {
        fd = start(at);
    }
    close(lock);
    return fd;
}

void starter_await_end(const struct installation *at)
{
    for (time_t end = now() + STOP_LIMIT; now() < end; docker_pause(PAUSE_MILLISECONDS)) {
        /* Under the start lock, so that no engine that is just starting finds the lock taken by us. */
        int starting = start_lock(at);
        int fd = open_state(at, "engine.lock");
        int ended = private_lock(fd);
        close(fd);
        close(starting);
        if (ended) {
            return;
        }
    }
    fail(UNREACHABLE, "the engine is still busy: docker pass engine status says more");
}
