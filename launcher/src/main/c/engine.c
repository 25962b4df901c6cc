#include "engine.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/time.h>
#include <sys/un.h>
#include <unistd.h>

#define NAME "/secrets-engine"
#define MAX_RECORD 65536
#define CONNECT_SECONDS 3

static int is_set(const char *value)
{
    return value != NULL && *value != 0;
}

static int is_usable_folder(const char *path)
{
    struct stat facts;
    return *path == '/' && stat(path, &facts) == 0 && S_ISDIR(facts.st_mode) && access(path, W_OK) == 0;
}

/* $XDG_RUNTIME_DIR, or /run/user/UID where the variable is unset; neither if it cannot be used. */
static int runtime_folder(struct bytes *run, uid_t uid)
{
    const char *configured = getenv("XDG_RUNTIME_DIR");
    if (is_set(configured)) {
        bytes_text(run, configured);
    } else {
        bytes_format(run, "/run/user/%lu", (unsigned long)uid);
    }
    if (!is_usable_folder(run->at)) {
        bytes_free(run);
        return 0;
    }
    bytes_text(run, NAME);
    return 1;
}

const char *engine_folders(struct engine_folders *folders, uid_t uid)
{
    const char *home = getenv("SECRETS_ENGINE_HOME");
    if (is_set(home)) {
        if (*home != '/') {
            return "SECRETS_ENGINE_HOME is not an absolute path: set it to one that starts with /";
        }
        bytes_format(&folders->state, "%s/state", home);
        bytes_format(&folders->run, "%s/run", home);
        return NULL;
    }
    const char *state = getenv("XDG_STATE_HOME");
    home = getenv("HOME");
    if (state != NULL && *state == '/') {
        bytes_format(&folders->state, "%s" NAME, state);
    } else if (!is_set(home)) {
        return "HOME is not set: set HOME, or SECRETS_ENGINE_HOME to a folder";
    } else if (*home != '/') {
        return "HOME is not an absolute path: set it to one that starts with /";
    } else {
        bytes_format(&folders->state, "%s/.local/state" NAME, home);
    }
    if (!runtime_folder(&folders->run, uid)) {
        bytes_text(&folders->run, folders->state.at);
    }
    return NULL;
}

void engine_folders_free(struct engine_folders *folders)
{
    bytes_free(&folders->state);
    bytes_free(&folders->run);
}

enum engine_answer engine_connect_to(const char *socket_path, uid_t uid, int *fd)
{
    struct sockaddr_un address = {.sun_family = AF_UNIX};
    if (strlen(socket_path) >= sizeof address.sun_path) {
        return ENGINE_TOO_LONG;
    }
    strcpy(address.sun_path, socket_path);
    int connected = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
    if (connected < 0) {
        return ENGINE_ABSENT;
    }
    /* An engine that hangs takes connections only until its queue is full. */
    struct timeval patience = {.tv_sec = CONNECT_SECONDS};
    struct timeval forever = {0};
    setsockopt(connected, SOL_SOCKET, SO_SNDTIMEO, &patience, sizeof patience);
    if (connect(connected, (struct sockaddr *)&address, sizeof address) != 0) {
        int hangs = errno == EAGAIN;
        close(connected);
        return hangs ? ENGINE_HANGS : ENGINE_ABSENT;
    }
    setsockopt(connected, SOL_SOCKET, SO_SNDTIMEO, &forever, sizeof forever);
    struct ucred peer;
    socklen_t length = sizeof peer;
    if (getsockopt(connected, SOL_SOCKET, SO_PEERCRED, &peer, &length) != 0 || peer.uid != uid) {
        close(connected);
        *fd = peer.pid;
        return ENGINE_FOREIGN;
    }
    *fd = connected;
    return ENGINE_CONNECTED;
}

/* The socket that the running engine recorded; 0 where there is no record. */
static int recorded(const struct engine_folders *folders, struct bytes *path)
{
    static const char key[] = "socket=/";
    struct bytes record = {0};
    struct bytes file = {0};
    bytes_format(&file, "%s/engine.address", folders->state.at);
    if (bytes_read_file(&record, file.at, MAX_RECORD) == 0) {
        for (char *line = strtok(record.at, "\n"); line != NULL && path->length == 0; line = strtok(NULL, "\n")) {
            if (strncmp(line, key, sizeof key - 1) == 0) {
                bytes_text(path, line + sizeof key - 2);
            }
        }
    }
    bytes_free(&file);
    bytes_free(&record);
    return path->length > 0;
}

enum engine_answer engine_connect(const struct engine_folders *folders, uid_t uid, int *fd)
{
    struct bytes path = {0};
    enum engine_answer answer = recorded(folders, &path) ? engine_connect_to(path.at, uid, fd) : ENGINE_ABSENT;
    if (answer != ENGINE_CONNECTED && answer != ENGINE_HANGS) {
        bytes_free(&path);
        bytes_format(&path, "%s/cli.sock", folders->run.at);
        enum engine_answer fallback = engine_connect_to(path.at, uid, fd);
        answer = fallback == ENGINE_ABSENT ? answer : fallback;
    }
    bytes_free(&path);
    return answer;
}
