#include "conversation.h"

#include "become.h"
#include "docker_socket.h"
#include "failure.h"
#include "frame.h"
#include "parent.h"
#include "request.h"
#include "signals.h"
#include "terminal.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

/* How often a request is made of which nobody took note, and after what pause. */
#define ATTEMPTS 4
#define PAUSE_MILLISECONDS 20

/* What an answer has brought so far. */
struct conversation {
    int engine;
    char *const *words;
    struct bytes *variables;
    size_t count;
};

static void answer(const struct conversation *talk, char type, const void *bytes, size_t length)
{
    if (frame_send(talk->engine, type, bytes, length) != 0) {
        fail_broken();
    }
}

static int next(int engine, struct bytes *payload)
{
    docker_poll(engine, POLLIN, -1);
    return frame_read(engine, payload);
}

static void answer_read(const struct conversation *talk)
{
    struct bytes piece = {0};
    terminal_read(&piece);
    answer(talk, 'I', piece.at, piece.length);
    bytes_free(&piece);
}

static void answer_prompt(const struct conversation *talk, const struct bytes *request)
{
    struct bytes line = {0};
    if (request->length == 0) {
        fail_broken();
    }
    if (terminal_prompt(request->at + 1, request->length - 1, request->at[0] == '0', &line)) {
        answer(talk, 'L', line.at, line.length);
    } else {
        answer(talk, 'N', "", 0);
    }
    bytes_free(&line);
}

static void answer_reason(const struct conversation *talk, int error)
{
    struct bytes reason = {0};
    bytes_format(&reason, "%d %s", error,
                 error == ENOENT        ? "there is no such file"
                     : error == EACCES  ? "it may not be read"
                     : error == EISDIR  ? "it is a folder"
                                        : "it cannot be read");
    answer(talk, 'N', reason.at, reason.length);
    bytes_free(&reason);
}

static void answer_file(const struct conversation *talk, const char *path)
{
    char piece[FRAME_CHUNK];
    ssize_t length = 1;
    int fd = open(path, O_RDONLY | O_CLOEXEC | O_NOCTTY);
    if (fd < 0) {
        answer_reason(talk, errno);
        return;
    }
    while (length > 0) {
        docker_poll(fd, POLLIN, -1);
        length = read(fd, piece, sizeof piece);
        if (length >= 0) {
            answer(talk, 'B', piece, (size_t)length);
            explicit_bzero(piece, (size_t)length);
        } else if (errno == EINTR || errno == EAGAIN) {
            length = 1;
        } else {
            answer_reason(talk, errno);
        }
    }
    close(fd);
}

/* The payload becomes a variable of the command. */
static void keep_variable(struct conversation *talk, struct bytes *payload)
{
    struct bytes *grown = reallocarray(talk->variables, talk->count + 1, sizeof *grown);
    const char *equals = memchr(payload->at, '=', payload->length);
    if (grown == NULL || equals == NULL || equals == payload->at || strlen(payload->at) != payload->length) {
        fail_broken();
    }
    talk->variables = grown;
    talk->variables[talk->count++] = *payload;
    *payload = (struct bytes){0};
}

static void wipe_variables(struct conversation *talk)
{
    for (size_t i = 0; i < talk->count; i++) {
        bytes_free(&talk->variables[i]);
    }
    free(talk->variables);
}

/* A decimal number of at most nine digits. */
static size_t number_of(const struct bytes *payload)
{
    size_t number = 0;
    if (payload->length == 0 || payload->length > 9) {
        fail_broken();
    }
    for (size_t i = 0; i < payload->length; i++) {
        if (payload->at[i] < '0' || payload->at[i] > '9') {
            fail_broken();
        }
        number = number * 10 + (size_t)(payload->at[i] - '0');
    }
    return number;
}

static _Noreturn void become_command(struct conversation *talk, size_t index)
{
    for (size_t i = 0; i <= index; i++) {
        if (talk->words[i] == NULL) {
            fail_broken();
        }
    }
    close(talk->engine);
    pid_t child = docker_is_caller() ? parent_fork() : 0;
    if (child > 0) {
        wipe_variables(talk);
        parent_await(child);
    }
    become(talk->words + index, talk->variables, talk->count);
}

static void perform(struct conversation *talk, int type, struct bytes *payload)
{
    switch (type) {
    case 'o':
        terminal_out(payload->at, payload->length);
        break;
    case 'e':
        terminal_err(payload->at, payload->length);
        break;
    case 'r':
        answer_read(talk);
        break;
    case 'p':
        answer_prompt(talk, payload);
        break;
    case 'f':
        answer_file(talk, payload->at);
        break;
    case 'v':
        keep_variable(talk, payload);
        break;
    case 0:
        fail(UNREACHABLE, "the engine died: docker pass engine logs says more");
    default:
        fail_broken();
    }
}

static int serve(struct conversation *talk)
{
    struct bytes payload = {0};
    while (1) {
        int type = next(talk->engine, &payload);
        if (type == 'b') {
            signals_tell(-1);
            become_command(talk, number_of(&payload));
        }
        if (type == 'x') {
            size_t code = number_of(&payload);
            bytes_free(&payload);
            return (int)(code & 0xFF);
        }
        perform(talk, type, &payload);
    }
}

static _Noreturn void fail_hung_up(void)
{
    fail(UNREACHABLE, "the engine ended before it answered: docker pass engine logs says more");
}

/* What becomes of a request. */
enum fate { IS_TAKEN, IS_STALE, IS_LOST };

/* Reads the hello. */
static enum fate fate_of(int engine)
{
    struct bytes hello = {0};
    errno = 0;
    int type = next(engine, &hello);
    if (type < 0 && errno == ECONNRESET) {
        /* Not even the request was read: the engine was just ending, or killed. */
        bytes_free(&hello);
        return IS_LOST;
    }
    if (type < 0) {
        fail_broken();
    }
    if (type == 0) {
        fail_hung_up();
    }
    const char *build = type == 'h' && frame_hello_fits(&hello) ? hello.at + sizeof PROTOCOL_VERSION : NULL;
    const char *end = hello.at + hello.length;
    const char *state = build != NULL ? memchr(build, 0, (size_t)(end - build)) : NULL;
    if (state == NULL) {
        fail(UNREACHABLE, "the engine speaks another protocol: docker pass engine restart");
    }
    enum fate fate = strcmp(state + 1, "stale") == 0 ? IS_STALE : IS_TAKEN;
    bytes_free(&hello);
    return fate;
}

static int send_request(int engine, char *const *words)
{
    struct bytes request = {0};
    request_add(&request, words);
    int sent = write_all(engine, request.at, request.length);
    bytes_free(&request);
    return sent;
}

static int hold(int engine, char *const *words)
{
    struct conversation talk = {.engine = engine, .words = words};
    int code = serve(&talk);
    wipe_variables(&talk);
    return code;
}

int conversation_hold(const struct installation *at, char *const *words)
{
    for (int attempts = 1;; attempts++) {
        int engine = starter_connect_or_start(at);
        signals_tell(engine);
        enum fate fate = send_request(engine, words) == 0 ? fate_of(engine) : IS_LOST;
        int code = fate == IS_TAKEN ? hold(engine, words) : -1;
        signals_tell(-1);
        close(engine);
        if (fate == IS_TAKEN) {
            return code;
        }
        if (attempts == ATTEMPTS) {
            fail_hung_up();
        }
        if (fate == IS_STALE) {
            /* The engine is older than this client: it ends at once. */
            starter_await_end(at);
        } else {
            docker_pause(PAUSE_MILLISECONDS);
        }
    }
}

void conversation_order(int engine, char *const *words)
{
    struct bytes payload = {0};
    int type = send_request(engine, words) == 0 ? next(engine, &payload) : 0;
    while (type > 0 && type != 'x') {
        type = next(engine, &payload);
    }
    bytes_free(&payload);
}
