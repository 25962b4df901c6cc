#include "client.h"

#include "conversation.h"
#include "docker_socket.h"
#include "failure.h"
#include "invocation.h"
#include "local.h"
#include "request.h"
#include "signals.h"
#include "sudo.h"
#include "terminal.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <string.h>
#include <sys/prctl.h>
#include <unistd.h>

/* The folder that bin/ with this program is in. */
static void find_image(struct bytes *image)
{
    char path[PATH_MAX];
    ssize_t length = readlink("/proc/self/exe", path, sizeof path - 1);
    path[length > 0 ? length : 0] = 0;
    for (int parts = 0; parts < 2; parts++) {
        char *slash = strrchr(path, '/');
        if (slash == NULL) {
            fail(UNREACHABLE, "the installation cannot be found: is /proc mounted?");
        }
        *slash = 0;
    }
    bytes_text(image, path);
}

/* A standard stream that was closed must not turn into a file of ours: reading and writing it fails, as before. */
static void occupy_standard_streams(void)
{
    for (int fd = 0; fd < 3; fd++) {
        if (fcntl(fd, F_GETFD) < 0 && open("/dev/null", (fd == 0 ? O_WRONLY : O_RDONLY) | O_CLOEXEC) != fd) {
            fail(FAILED, "/dev/null cannot be opened");
        }
    }
}

/* `engine stop`, `status` and `logs` while no engine runs; -1 for other commands, which start one. */
static int answer_without_engine(const struct installation *at, const struct invocation *invocation)
{
    static const char none[] = "The engine is not running: docker pass engine start starts it\n";
    if (invocation_is(invocation, "engine", "logs")) {
        signals_give_back();
        starter_become_portable(at);
    }
    int is_stop = invocation_is(invocation, "engine", "stop");
    if (is_stop || invocation_is(invocation, "engine", "status")) {
        terminal_out(none, sizeof none - 1);
        return is_stop ? 0 : UNREACHABLE;
    }
    return -1;
}

static int manage_engine(const struct installation *at, const struct invocation *invocation, char **words)
{
    int engine = -1;
    int runs = starter_connect(at, &engine);
    if (invocation_is(invocation, "engine", "restart")) {
        if (runs) {
            conversation_order(engine, (char *const[]){"engine", "stop", NULL});
            close(engine);
            starter_await_end(at);
        }
        return conversation_hold(at, (char *const[]){"engine", "start", NULL});
    }
    if (runs) {
        close(engine);
    } else {
        int code = answer_without_engine(at, invocation);
        if (code >= 0) {
            return code;
        }
    }
    int code = conversation_hold(at, words);
    if (code == 0 && invocation_is(invocation, "engine", "stop")) {
        starter_await_end(at);
    }
    return code;
}

static int converse(struct installation *at, const struct invocation *invocation, char **words)
{
    const char *problem = engine_folders(&at->folders, at->uid);
    if (problem != NULL) {
        fail(FAILED, "%s", problem);
    }
    sudo_check(at->uid);
    if (!invocation_is(invocation, "__complete", NULL) && !invocation_is(invocation, "__completeNoDesc", NULL)) {
        sudo_note(at->uid);
    }
    /* No core dump of ours, and no stranger's debugger: values pass through. The next program starts afresh. */
    prctl(PR_SET_DUMPABLE, 0);
    docker_connect();
    signals_handle();
    if (invocation_is(invocation, "run", NULL)) {
        request_check();
    }
    if (invocation_is(invocation, "engine", NULL) && !invocation_is(invocation, "engine", "start")) {
        return manage_engine(at, invocation, words);
    }
    return conversation_hold(at, words);
}

int client_main(int argc, char **argv)
{
    static const char metadata[] = PROGRAM_METADATA "\n";
    if (argc > 1 && strcmp(argv[1], "docker-cli-plugin-metadata") == 0) {
        terminal_out(metadata, sizeof metadata - 1);
        return 0;
    }
    char **words = argc > 0 ? argv + 1 : argv;
    struct invocation invocation = invocation_of(words);
    struct installation at = {.uid = geteuid(), .argv = argv};
    if (invocation_is(&invocation, "run", NULL)) {
        failures_are_of_run();
    }
    occupy_standard_streams();
    find_image(&at.image);
    if (local_answer(&invocation, at.image.at)) {
        return 0;
    }
    if (invocation_is(&invocation, "setup", NULL) || invocation_is(&invocation, "plugins", "new")
        || invocation_is(&invocation, "plugin", "new")) {
        starter_become_portable(&at);
    }
    return converse(&at, &invocation, words);
}
