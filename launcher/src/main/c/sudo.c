#include "sudo.h"

#include "bytes.h"
#include "failure.h"
#include "terminal.h"

#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

/* The folders that an engine would use: below a variable's value, else below HOME. */
static const struct {
    const char *variable, *fallback, *name;
} places[] = {{"XDG_CONFIG_HOME", "/.config", "/secrets-engine"},
              {"XDG_DATA_HOME", "/.local/share", "/secrets-engine"},
              {"XDG_STATE_HOME", "/.local/state", "/secrets-engine"},
              {"XDG_CACHE_HOME", "/.cache", "/docker-secrets-engine"},
              {"XDG_RUNTIME_DIR", "", "/secrets-engine"}};

static const char *value_of(const char *variable)
{
    const char *value = getenv(variable);
    return value != NULL ? value : "";
}

/* SECRETS_ENGINE_HOME says whose engine is meant. */
static int is_behind_sudo(uid_t uid)
{
    const char *caller = value_of("SUDO_UID");
    return uid == 0 && *caller != 0 && strcmp(caller, "0") != 0 && *value_of("SECRETS_ENGINE_HOME") == 0;
}

/* Whether the folder, or one above it, belongs to another user than root. What is not there yet is not looked at. */
static int is_anothers(char *path)
{
    struct stat facts;
    for (char *slash = strchr(path + 1, '/');; slash = strchr(slash + 1, '/')) {
        if (slash != NULL) {
            *slash = 0;
        }
        int answer = stat(path, &facts) == 0 && facts.st_uid != 0;
        if (slash == NULL || answer) {
            return answer;
        }
        *slash = '/';
    }
}

void sudo_check(uid_t uid)
{
    for (size_t i = 0; is_behind_sudo(uid) && i < sizeof places / sizeof *places; i++) {
        const char *variable = *value_of(places[i].variable) == '/' ? places[i].variable : "HOME";
        const char *value = value_of(variable);
        struct bytes path = {0};
        bytes_format(&path, "%s%s%s", value, variable == places[i].variable ? "" : places[i].fallback, places[i].name);
        if (*value == '/' && is_anothers(path.at)) {
            fail(FAILED,
                 "sudo kept %s=%s: root would leave files there that you cannot read; run it without sudo,"
                 " or sudo -H docker pass ls for root's own secrets",
                 variable, value);
        }
        bytes_free(&path);
    }
}

void sudo_note(uid_t uid)
{
    const char *command = getenv("SUDO_COMMAND");
    if (is_behind_sudo(uid) && (command == NULL || strstr(command, "docker") != NULL)) {
        struct bytes note = {0};
        const char *user = getenv("SUDO_USER");
        bytes_format(&note, "docker-pass: note: sudo: this uses root's secrets, not those of %s%s\n",
                     user != NULL ? "" : "uid ", user != NULL ? user : value_of("SUDO_UID"));
        terminal_err(note.at, note.length);
        bytes_free(&note);
    }
}
