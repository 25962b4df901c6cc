#include "oci.h"

#include <stddef.h>
#include <string.h>

/* Options that take a value; all others are switches. Both programs' in one: neither has a switch of such a name. */
static const char *const global_options[] = {"log", "log-format", "log-level", "root", "criu", "rootless",
    "cgroup-manager", NULL};
static const char *const create_options[] = {"bundle", "b", "console-socket", "pidfd-socket", "pid-file", "preserve-fds",
    "config", "f",
    NULL};
static const char *const exec_options[] = {"process", "p", "console-socket", "pidfd-socket", "pid-file", "preserve-fds", "cwd", "env",
    "e", "user", "u", "additional-gids", "g", "process-label", "apparmor", "cap", "c", "cgroup", "seccomp-profile",
    NULL};

/* An option's name without its dashes; NULL if the word is none. */
static const char *option_name(const char *word)
{
    if (word[0] != '-' || word[1] == 0 || strcmp(word, "--") == 0) {
        return NULL;
    }
    return word + (word[1] == '-' ? 2 : 1);
}

static int is_name(const char *name, size_t length, const char *wanted)
{
    return strlen(wanted) == length && memcmp(name, wanted, length) == 0;
}

static int takes_value(const char *const *options, const char *name)
{
    size_t length = strlen(name);
    for (; *options != NULL; options++) {
        if (is_name(name, length, *options)) {
            return 1;
        }
    }
    return 0;
}

/* Whether the option at `at` is the wanted one; then its value is noted. */
static int take(int argc, char **argv, int at, const char *wanted, struct oci_option *option)
{
    const char *name = option_name(argv[at]);
    size_t length = strcspn(name, "=");
    if (!is_name(name, length, wanted)) {
        return 0;
    }
    if (name[length] == '=') {
        *option = (struct oci_option){name + length + 1, at, (int)(name + length + 1 - argv[at])};
    } else if (at + 1 < argc) {
        *option = (struct oci_option){argv[at + 1], at + 1, 0};
    }
    return 1;
}

/* Reads options up to the first word that is none; its index. */
static int options(int argc, char **argv, int at, const char *const *with_value,
    void (*seen)(int, char **, int, struct oci_call *), struct oci_call *call)
{
    while (at < argc) {
        const char *name = option_name(argv[at]);
        if (name == NULL) {
            return strcmp(argv[at], "--") == 0 ? at + 1 : at;
        }
        seen(argc, argv, at, call);
        at += takes_value(with_value, name) ? 2 : 1;
    }
    return at;
}

static void global_option(int argc, char **argv, int at, struct oci_call *call)
{
    struct oci_option option = {0};
    if (take(argc, argv, at, "log", &option)) {
        call->log = option.value;
    } else if (take(argc, argv, at, "root", &option)) {
        call->root = option.value;
    }
}

/* crun takes "-bDIR", too. */
static int take_attached(char **argv, int at, struct oci_option *option)
{
    const char *word = argv[at];
    if (word[1] != 'b' || word[2] == 0 || strncmp(word, "-bundle", 7) == 0) {
        return 0;
    }
    *option = (struct oci_option){word + 2, at, 2};
    return 1;
}

static void create_option(int argc, char **argv, int at, struct oci_call *call)
{
    (void)(take(argc, argv, at, "bundle", &call->file) || take(argc, argv, at, "b", &call->file)
        || take_attached(argv, at, &call->file));
}

/* runc takes the options of create and run behind the ID as well. */
static int create_options_anywhere(int argc, char **argv, int at, struct oci_call *call)
{
    int id = argc;
    while ((at = options(argc, argv, at, create_options, create_option, call)) < argc) {
        id = id < argc ? id : at;
        at++;
    }
    return id;
}

static void exec_option(int argc, char **argv, int at, struct oci_call *call)
{
    (void)(take(argc, argv, at, "process", &call->file) || take(argc, argv, at, "p", &call->file));
}

void oci_parse(int argc, char **argv, int first, struct oci_call *call)
{
    *call = (struct oci_call){0};
    call->at = options(argc, argv, first, global_options, global_option, call);
    if (call->at >= argc) {
        return;
    }
    int id = argc;
    if (strcmp(argv[call->at], "create") == 0 || strcmp(argv[call->at], "run") == 0) {
        call->command = OCI_CREATE;
        id = create_options_anywhere(argc, argv, call->at + 1, call);
    } else if (strcmp(argv[call->at], "exec") == 0) {
        call->command = OCI_EXEC;
        id = options(argc, argv, call->at + 1, exec_options, exec_option, call);
    }
    call->id = id < argc ? argv[id] : NULL;
}
