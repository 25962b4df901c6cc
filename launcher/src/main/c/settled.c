#include "settled.h"

#include "config.h"
#include "handover.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#define MAX_FILE (16 << 20)
#define MAX_ENVIRON (8 << 20)

struct first_process {
    long pid;
    /* When it started, in clock ticks since boot: a pid alone may be somebody else's by now. */
    struct bytes started;
    struct bytes bundle;
};

/* A number of the object, as its text. */
static int number(struct json text, struct json_span object, const char *key, struct bytes *digits)
{
    struct json_span value;
    if (json_member(text, object, key, &value) != JSON_FOUND || json_is_string(text, value)) {
        return -1;
    }
    bytes_add(digits, text.at + value.start, value.end - value.start);
    return 0;
}

/* runc keeps the bundle among the labels of its configuration, as "bundle=PATH". */
static void runc_bundle(struct json text, struct json_span state, struct bytes *bundle)
{
    static const char key[] = "bundle=";
    struct json_span config, labels;
    struct json_span label = {0};
    if (json_member(text, state, "config", &config) != JSON_FOUND
        || json_member(text, config, "labels", &labels) != JSON_FOUND) {
        return;
    }
    while (json_element(text, labels, &label) == JSON_FOUND) {
        struct bytes decoded = {0};
        if (json_is_string(text, label)) {
            json_decode(text, label, &decoded);
        }
        if (decoded.length > sizeof key && strncmp(decoded.at, key, sizeof key - 1) == 0) {
            bytes_free(bundle);
            bytes_text(bundle, decoded.at + sizeof key - 1);
        }
        bytes_free(&decoded);
    }
}

static void crun_bundle(struct json text, struct json_span state, struct bytes *bundle)
{
    struct json_span value;
    if (json_member(text, state, "bundle", &value) == JSON_FOUND && json_is_string(text, value)) {
        json_decode(text, value, bundle);
    }
}

static int find_process(const char *runtime, const char *root, const char *id, struct first_process *process)
{
    const char *slash = strrchr(runtime, '/');
    int is_crun = strcmp(slash != NULL ? slash + 1 : runtime, "crun") == 0;
    struct bytes path = {0}, content = {0}, pid = {0};
    struct json_span state;
    bytes_format(&path, "%s/%s/%s", root != NULL ? root : is_crun ? "/run/crun" : "/run/runc", id,
        is_crun ? "status" : "state.json");
    int found = strchr(id, '/') == NULL && bytes_read_file(&content, path.at, MAX_FILE) == 0;
    struct json text = {content.at, content.length};
    found = found && json_whole(text, &state) == JSON_FOUND
        && number(text, state, is_crun ? "pid" : "init_process_pid", &pid) == 0
        && number(text, state, is_crun ? "process-start-time" : "init_process_start", &process->started) == 0;
    if (found) {
        process->pid = atol(pid.at);
        (is_crun ? crun_bundle : runc_bundle)(text, state, &process->bundle);
    }
    bytes_free(&path);
    bytes_free(&content);
    bytes_free(&pid);
    return found && process->pid > 0 && process->bundle.length > 0;
}

/* Whether the process is still the one that was started: field 22 of its stat, counted behind its name. */
static int is_alive(const struct first_process *process)
{
    struct bytes content = {0};
    char path[64];
    snprintf(path, sizeof path, "/proc/%ld/stat", process->pid);
    const char *field = bytes_read_file(&content, path, 65536) == 0 ? strrchr(content.at, ')') : NULL;
    for (int i = 2; field != NULL && i < 22; i++) {
        field = strchr(field + 1, ' ');
    }
    int same = field != NULL && strncmp(field + 1, process->started.at, process->started.length) == 0
        && field[1 + process->started.length] == ' ';
    bytes_free(&content);
    return same;
}

/* The configuration that the container was created with: in the bundle that ours stands in. */
static int find_original(const struct bytes *bundle, struct config *original)
{
    static const char ours[] = "/" HANDOVER_FOLDER;
    size_t suffix = sizeof ours - 1;
    struct bytes path = {0};
    if (bundle->length <= suffix || strcmp(bundle->at + bundle->length - suffix, ours) != 0) {
        return 0;
    }
    bytes_add(&path, bundle->at, bundle->length - suffix);
    bytes_text(&path, "/config.json");
    int found = bytes_read_file(&original->content, path.at, MAX_FILE) == 0 && config_find(original, 1, 1) == JSON_FOUND;
    bytes_free(&path);
    return found;
}

static int is_original(const struct variables *original, const struct variable *variable)
{
    for (size_t i = 0; i < original->count; i++) {
        const struct bytes *text = &original->at[i].text;
        if (text->length == variable->text.length && memcmp(text->at, variable->text.at, text->length) == 0) {
            return 1;
        }
    }
    return 0;
}

/* Whether nothing is left that the process may still be given. */
static int take_values(const struct first_process *process, const struct variables *original,
    struct variables *variables)
{
    struct bytes given = {0};
    char path[64];
    int complete = 1;
    snprintf(path, sizeof path, "/proc/%ld/environ", process->pid);
    if (bytes_read_file(&given, path, MAX_ENVIRON) == 0 && is_alive(process)) {
        for (size_t i = 0; i < variables->count; i++) {
            struct variable *variable = &variables->at[i];
            if (!is_original(original, variable)) {
                continue;
            }
            for (size_t at = 0; at < given.length; at += strlen(given.at + at) + 1) {
                if (strncmp(given.at + at, variable->text.at, variable->name_length + 1) == 0) {
                    bytes_free(&variable->answer);
                    bytes_text(&variable->answer, given.at + at);
                }
            }
            complete = complete && variable->answer.at != NULL;
        }
    }
    bytes_free(&given);
    return complete;
}

/*
 * A container counts as started a moment before its first process becomes its command: until then the process has the
 * runtime's own environment. A program that writes over its environment makes every exec wait as long.
 */
static void await_values(const struct first_process *process, const struct variables *original,
    struct variables *variables)
{
    const struct timespec step = {0, 20 * 1000 * 1000};
    for (int steps = 50; !take_values(process, original, variables) && steps > 0; steps--) {
        nanosleep(&step, NULL);
    }
}

void settled_answer(const char *runtime, const char *root, const char *id, struct variables *variables)
{
    struct first_process process = {0};
    struct config original = {0};
    if (find_process(runtime, root, id, &process) && find_original(&process.bundle, &original)) {
        await_values(&process, &original.variables, variables);
    }
    config_free(&original);
    bytes_free(&process.started);
    bytes_free(&process.bundle);
}
