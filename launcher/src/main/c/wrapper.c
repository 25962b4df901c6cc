#include "wrapper.h"

#include "ask.h"
#include "config.h"
#include "handover.h"
#include "oci.h"
#include "owner.h"
#include "refusal.h"
#include "settled.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <unistd.h>

/* More than any container's. */
#define MAX_CONFIG (16 << 20)

/* No kernel takes an environment with more. */
#define MAX_VARIABLES 4096

/* Where a runtime is looked for when nobody said which: runc first, since crun copies its configuration to a file. */
static const char *const runtimes[] = {"/usr/bin/runc", "/usr/sbin/runc", "/usr/local/bin/runc", "/usr/local/sbin/runc",
    "/usr/bin/crun", "/usr/sbin/crun", "/usr/local/bin/crun", "/usr/local/sbin/crun", NULL};

/* What stands in daemon.json, or what holds without it. */
struct settings {
    uid_t uid;
    const char *socket;
    const char *runtime;
    int fill;
};

static const char *installed_runtime(void)
{
    for (const char *const *runtime = runtimes; *runtime != NULL; runtime++) {
        if (access(*runtime, X_OK) == 0) {
            return *runtime;
        }
    }
    refuse(NULL, "no OCI runtime is installed: install runc");
}

static const char *value_of(const char *argument, const char *option)
{
    size_t length = strlen(option);
    return strncmp(argument, option, length) == 0 ? argument + length : NULL;
}

static uid_t parsed_uid(const char *text)
{
    char *end;
    errno = 0;
    unsigned long uid = strtoul(text, &end, 10);
    if (*text < '0' || *text > '9' || *end != 0 || errno != 0 || uid >= (uid_t)-1) {
        refuse(NULL, "--se-uid is no user's number: docker pass setup docker mends it");
    }
    return (uid_t)uid;
}

/* Reads our own arguments; the index of the first that is the runtime's. */
static int read_settings(int argc, char **argv, struct settings *settings)
{
    int at = 1;
    *settings = (struct settings){.uid = owner_outside(getuid()), .fill = 1};
    for (; at < argc && strncmp(argv[at], "--se-", 5) == 0; at++) {
        const char *value;
        if ((value = value_of(argv[at], "--se-uid=")) != NULL) {
            settings->uid = parsed_uid(value);
        } else if ((value = value_of(argv[at], "--se-socket=")) != NULL) {
            settings->socket = value;
        } else if ((value = value_of(argv[at], "--se-runtime=")) != NULL) {
            settings->runtime = value;
        } else if (strcmp(argv[at], "--se-no-fill") == 0) {
            settings->fill = 0;
        } else {
            refuse(NULL, "an argument of the runtime wrapper is not known: docker pass setup docker mends it");
        }
    }
    if (settings->runtime == NULL) {
        settings->runtime = installed_runtime();
    }
    return at;
}

/* `arguments` starts with the name of the program. */
static _Noreturn void become(const struct settings *settings, const char *log, char **arguments)
{
    struct bytes message = {0};
    execv(settings->runtime, arguments);
    bytes_format(&message, "the runtime %s cannot be executed: docker pass setup docker --runtime PATH names another",
        settings->runtime);
    refuse(log, message.at);
}

static const char *bundle_of(const struct oci_call *call)
{
    return call->file.value != NULL && *call->file.value != 0 ? call->file.value : ".";
}

/*
 * Reads the file that describes the process; 0 if there is none, which the runtime will say. One that cannot be read
 * now may be readable in a moment, so it is not passed on: it may hold references.
 */
static int read_config(const struct oci_call *call, struct bytes *content)
{
    struct bytes path = {0};
    if (call->command == OCI_CREATE) {
        bytes_format(&path, "%s/config.json", bundle_of(call));
    } else if (call->file.value == NULL) {
        return 0;
    } else {
        bytes_text(&path, call->file.value);
    }
    int done = bytes_read_file(content, path.at, MAX_CONFIG) == 0;
    if (!done && errno != ENOENT && errno != ENOTDIR) {
        refuse(call->log, errno == EFBIG
                ? "the container's configuration has more than 16 MiB: take out some of its labels"
                : "the container's configuration cannot be read by the runtime wrapper: try again");
    }
    bytes_free(&path);
    return done;
}

/* Whether there is something to be filled in. A text that makes no sense is passed on, unless it has a reference. */
static int has_variables(const struct settings *settings, const struct oci_call *call, struct config *config)
{
    if (call->command == OCI_OTHER || !read_config(call, &config->content)) {
        return 0;
    }
    enum json_answer answer = config_find(config, call->command == OCI_CREATE, settings->fill);
    if (answer == JSON_BROKEN && memmem(config->content.at, config->content.length, "=se:", 4) != NULL) {
        refuse(call->log, "the container's configuration is damaged, so its references cannot be resolved: create it anew");
    }
    if (config->variables.count > MAX_VARIABLES && config->variables.references > 0) {
        refuse(call->log, "the container has thousands of references or empty variables: leave some out");
    }
    return answer == JSON_FOUND && config->variables.count <= MAX_VARIABLES;
}

static _Noreturn void refuse_variable(const char *log, const struct variable *variable, const char *why)
{
    struct bytes message = {0};
    if (variable != NULL) {
        bytes_add(&message, variable->text.at, variable->text.length);
        bytes_text(&message, ": ");
    }
    bytes_text(&message, why);
    refuse(log, message.at);
}

/* Afterwards every reference has its value. */
static void resolve(const struct settings *settings, const struct oci_call *call, struct variables *variables)
{
    struct bytes why = {0};
    const struct variable *conflict = variables_conflict(variables);
    if (conflict != NULL) {
        refuse_variable(call->log, conflict, "the variable is there twice with different references: leave one out");
    }
    enum ask_answer answer = ask(settings->uid, settings->socket, variables, &why);
    if (answer == ASK_UNAVAILABLE && call->command == OCI_EXEC && call->id != NULL) {
        settled_answer(settings->runtime, call->root, call->id, variables);
        answer = variables_unanswered(variables) == NULL ? ASK_DONE : answer;
    }
    if (answer != ASK_DONE && variables->references > 0) {
        refuse(call->log, why.at);
    }
    bytes_free(&why);
}

/* The runtime's view of the edited text: a bundle of ours, or a file in /proc. NULL, or why there is none. */
static const char *hand_over(const struct oci_call *call, const struct bytes *edited, struct bytes *path)
{
    int fd = handover_memory(edited);
    if (fd < 0) {
        return "the container's configuration cannot be put into memory: free some, or raise the limit of open files";
    }
    if (call->command == OCI_EXEC) {
        bytes_format(path, "/proc/self/fd/%d", fd);
    } else if (handover_bundle(bundle_of(call), fd, path) != 0) {
        return "the bundle cannot be written to: check its owner, its mode and the free space";
    }
    return NULL;
}

/* The runtime's arguments with `path` as the bundle or the process file; the array is never freed, exec follows. */
static char **with_path(int argc, char **arguments, const struct oci_call *call, const struct bytes *path)
{
    char **changed = calloc((size_t)argc + 3, sizeof *changed);
    struct bytes argument = {0};
    int length = 0;
    if (changed == NULL) {
        refuse(call->log, "out of memory");
    }
    for (int i = 0; i < argc; i++) {
        changed[length++] = arguments[i];
        if (call->file.value == NULL && i == call->at) {
            changed[length++] = (char *)"--bundle";
            changed[length++] = path->at;
        }
    }
    if (call->file.value != NULL) {
        bytes_add(&argument, arguments[call->file.argument], (size_t)call->file.prefix);
        bytes_add(&argument, path->at, path->length);
        changed[call->file.argument] = argument.at;
    }
    return changed;
}

int wrapper_main(int argc, char **argv)
{
    struct settings settings;
    struct oci_call call;
    struct config config = {0};
    struct bytes edited = {0};
    struct bytes path = {0};
    int first = read_settings(argc, argv, &settings);
    char **arguments = argv + first - 1;
    arguments[0] = (char *)settings.runtime;
    oci_parse(argc - first + 1, arguments, 1, &call);
    if (!has_variables(&settings, &call, &config)) {
        become(&settings, call.log, arguments);
    }
    /* No core dump, and no stranger's debugger, while values pass through. The runtime starts afresh. */
    prctl(PR_SET_DUMPABLE, 0);
    resolve(&settings, &call, &config.variables);
    if (!variables_any_answer(&config.variables)) {
        become(&settings, call.log, arguments);
    }
    struct config_fault fault = config_edit(&config, call.command == OCI_CREATE ? bundle_of(&call) : NULL, &edited);
    if (fault.why != NULL) {
        refuse_variable(call.log, fault.variable, fault.why);
    }
    const char *why = hand_over(&call, &edited, &path);
    if (why != NULL && config.variables.references > 0) {
        refuse(call.log, why);
    }
    config_free(&config);
    bytes_free(&edited);
    become(&settings, call.log, why != NULL ? arguments : with_path(argc - first + 1, arguments, &call, &path));
}
