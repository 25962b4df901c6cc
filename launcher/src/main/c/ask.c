#include "ask.h"

#include "engine.h"
#include "frame.h"
#include "owner.h"

#include <signal.h>
#include <stddef.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <unistd.h>

#define RESUME "docker pass engine start --resume"

/* The engine gives up after 100 s: the time to find an unlock dialog and to answer it. */
#define PATIENCE_SECONDS 120

/* Nobody waits for what a container can do without. */
#define FILL_SECONDS 3

/* What the engine says is shown in one line. */
#define MAX_WHY 65536

/* The engine's exit code for a store or provider that cannot be reached. */
#define UNAVAILABLE 4

/* What is wrong with the engine as a whole, after the references that it was to answer. */
static enum ask_answer failed(const struct variables *variables, struct bytes *why, enum ask_answer answer, uid_t uid,
    const char *what)
{
    bytes_free(why);
    variables_describe(variables, why);
    bytes_format(why, ": the secrets engine of uid %lu %s", (unsigned long)uid, what);
    return answer;
}

static int connected(uid_t uid, const char *socket, int *fd, enum engine_answer *found)
{
    uid_t expected;
    if (owner_enter(uid, &expected) != 0) {
        return -1;
    }
    if (socket != NULL) {
        *found = engine_connect_to(socket, expected, fd);
    } else {
        struct engine_folders folders = {0};
        *found = engine_folders(&folders, uid) == NULL ? engine_connect(&folders, expected, fd) : ENGINE_ABSENT;
        engine_folders_free(&folders);
    }
    owner_leave();
    return 0;
}

static void send_request(int fd, const struct variables *variables)
{
    struct bytes request = {0};
    /* A wrapper, however new, must not end the engine of a user. */
    frame_hello(&request, "0");
    frame_text(&request, 'A', "__environment");
    for (size_t i = 0; i < variables->count; i++) {
        const struct variable *variable = &variables->at[i];
        if (!variable->is_reference) {
            frame_add(&request, 'A', variable->text.at, variable->name_length);
        }
    }
    for (size_t i = 0; i < variables->count; i++) {
        const struct variable *variable = &variables->at[i];
        if (variable->is_reference) {
            frame_add(&request, 'E', variable->text.at, variable->text.length);
        }
    }
    frame_text(&request, 'G', "");
    /* An engine that does not take it does not answer either. */
    (void)send(fd, request.at, request.length, MSG_NOSIGNAL);
    bytes_free(&request);
}

/* Reads what the engine says; its exit code, -1 if it ends before. */
static int receive(int fd, struct variables *variables, struct bytes *why)
{
    struct bytes payload = {0};
    int code = -1;
    int type = frame_read(fd, &payload);
    if (type != 'h' || !frame_hello_fits(&payload)) {
        type = -1;
    }
    while (type > 0 && type != 'x') {
        type = frame_read(fd, &payload);
        if (type == 'v') {
            variables_answer(variables, payload.at, payload.length);
        } else if (type == 'e') {
            bytes_add(why, payload.at, payload.length < MAX_WHY - why->length ? payload.length : MAX_WHY - why->length);
        } else if (type == 'x') {
            code = atoi(payload.at);
        } else {
            type = -1;
        }
    }
    bytes_free(&payload);
    return code;
}

/* Lines become one. */
static void join(struct bytes *why)
{
    struct bytes joined = {0};
    for (size_t i = 0; i < why->length; i++) {
        int last = i + 1 == why->length;
        if (why->at[i] != '\n') {
            bytes_add(&joined, why->at + i, 1);
        } else if (!last) {
            bytes_text(&joined, "; ");
        }
    }
    bytes_free(why);
    *why = joined;
}

static enum ask_answer judge(uid_t uid, int code, const struct variables *variables, struct bytes *why)
{
    if (code == 0 && variables_unanswered(variables) == NULL) {
        return ASK_DONE;
    }
    if (code < 0) {
        return failed(variables, why, ASK_UNAVAILABLE, uid, "did not answer: " RESUME);
    }
    if (code == 0 || why->length == 0) {
        return failed(variables, why, ASK_REFUSED, uid, "left something out: docker pass engine logs says more");
    }
    join(why);
    if (code == UNAVAILABLE) {
        bytes_text(why, ", then: " RESUME);
        return ASK_UNAVAILABLE;
    }
    return ASK_REFUSED;
}

static volatile sig_atomic_t asked = -1;

static void on_alarm(int number)
{
    (void)number;
    shutdown(asked, SHUT_RDWR);
}

/* Ends the conversation after so long, whatever the engine does: one that dribbles has no more time than a silent one. */
static void limit_time(int fd, unsigned seconds, struct sigaction *before)
{
    struct sigaction ours = {.sa_handler = on_alarm};
    sigset_t alarms;
    asked = fd;
    sigaction(SIGALRM, &ours, before);
    sigemptyset(&alarms);
    sigaddset(&alarms, SIGALRM);
    sigprocmask(SIG_UNBLOCK, &alarms, NULL);
    alarm(seconds);
}

enum ask_answer ask(uid_t uid, const char *socket, struct variables *variables, struct bytes *why)
{
    int fd = -1;
    enum engine_answer found;
    if (connected(uid, socket, &fd, &found) != 0) {
        return failed(variables, why, ASK_REFUSED, uid, "cannot be asked by this process: run it as root or that user");
    }
    switch (found) {
    case ENGINE_CONNECTED:
        break;
    case ENGINE_ABSENT:
        return failed(variables, why, ASK_UNAVAILABLE, uid, "is not running: " RESUME);
    case ENGINE_HANGS:
        return failed(variables, why, ASK_UNAVAILABLE, uid, "takes no requests: docker pass engine restart, then: " RESUME);
    case ENGINE_FOREIGN:
        return failed(variables, why, ASK_REFUSED, uid,
            "was not asked, since another user listens on its socket: remove that and restart the engine");
    case ENGINE_TOO_LONG:
        return failed(variables, why, ASK_REFUSED, uid,
            "has a socket path that is too long: docker pass setup docker mends it");
    }
    struct sigaction before;
    limit_time(fd, variables->references > 0 ? PATIENCE_SECONDS : FILL_SECONDS, &before);
    send_request(fd, variables);
    int code = receive(fd, variables, why);
    alarm(0);
    sigaction(SIGALRM, &before, NULL);
    close(fd);
    return judge(uid, code, variables, why);
}
