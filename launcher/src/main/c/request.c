#include "request.h"

#include "failure.h"
#include "frame.h"
#include "json.h"

#include <limits.h>
#include <string.h>
#include <unistd.h>

extern char **environ;

/* What the engine's backends may need of the caller. */
static const char *const sent[] = {"PATH",        "HOME",           "DOCKER_CONFIG", "DOCKER_HOST",
                                   "LANG",        "DOCKER_CONTEXT", "LC_ALL",        "DBUS_SESSION_BUS_ADDRESS",
                                   "GNUPGHOME",   "GPG_TTY",        "DISPLAY",       "PASSWORD_STORE_DIR",
                                   "XDG_RUNTIME_DIR", "WAYLAND_DISPLAY"};

static int is_reference(const char *variable)
{
    const char *equals = strchr(variable, '=');
    return equals != NULL && strncmp(equals + 1, "se://", 5) == 0;
}

static int is_sent(const char *variable)
{
    const char *equals = strchr(variable, '=');
    if (equals == NULL || is_reference(variable)) {
        return equals != NULL;
    }
    size_t length = (size_t)(equals - variable);
    for (size_t i = 0; i < sizeof sent / sizeof *sent; i++) {
        if (strlen(sent[i]) == length && memcmp(sent[i], variable, length) == 0) {
            return 1;
        }
    }
    return 0;
}

void request_check(void)
{
    for (char **variable = environ; *variable != NULL; variable++) {
        struct bytes token = {0};
        if (is_reference(*variable) && json_encode(&token, *variable, strlen(*variable)) != 0) {
            fail(FAILED, "%s: a reference and the name of its variable must be UTF-8: change it", *variable);
        }
        bytes_free(&token);
    }
}

void request_add(struct bytes *request, char *const *words)
{
    frame_hello(request, PROGRAM_BUILT);
    for (; *words != NULL; words++) {
        frame_text(request, 'A', *words);
    }
    for (char **variable = environ; *variable != NULL; variable++) {
        if (is_sent(*variable)) {
            frame_text(request, 'E', *variable);
        }
    }
    char folder[PATH_MAX];
    frame_text(request, 'D', getcwd(folder, sizeof folder) != NULL ? folder : "/");
    char terminals[4] = "000";
    for (int fd = 0; fd < 3; fd++) {
        terminals[fd] = isatty(fd) ? '1' : '0';
    }
    frame_text(request, 'T', terminals);
    frame_text(request, 'G', "");
}
