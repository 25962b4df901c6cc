#include "become.h"

#include "docker_socket.h"
#include "failure.h"
#include "signals.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

extern char **environ;

/* Why a file was not executed; the greatest of several is the answer. */
enum refusal { IS_ABSENT, IS_NO_PROGRAM, IS_BROKEN, IS_TOO_LARGE };

/* Linux takes as many pages for one variable, its NUL included: 128 KiB where a page has 4 KiB. */
#define PAGES_OF_A_VARIABLE 32

/* The length of a variable's name; of all of it where there is no =. */
static size_t name_length(const char *variable)
{
    const char *equals = strchr(variable, '=');
    return equals != NULL ? (size_t)(equals - variable) : strlen(variable);
}

static int has_name(const char *variable, const char *name, size_t length)
{
    return strncmp(variable, name, length) == 0 && variable[length] == '=';
}

static int is_replaced(const char *variable, const struct bytes *variables, size_t count)
{
    size_t length = name_length(variable);
    if (has_name(variable, DOCKER_SOCKET, sizeof DOCKER_SOCKET - 1)
        || has_name(variable, DOCKER_COMMAND, sizeof DOCKER_COMMAND - 1)) {
        return 1;
    }
    for (size_t i = 0; i < count; i++) {
        if (has_name(variables[i].at, variable, length)) {
            return 1;
        }
    }
    return 0;
}

static char **environment_of(const struct bytes *variables, size_t count)
{
    size_t own = 0;
    while (environ[own] != NULL) {
        own++;
    }
    char **environment = calloc(own + count + 1, sizeof *environment);
    if (environment == NULL) {
        fail(RUN_FAILED, "out of memory");
    }
    size_t at = 0;
    for (size_t i = 0; i < own; i++) {
        if (!is_replaced(environ[i], variables, count)) {
            environment[at++] = environ[i];
        }
    }
    for (size_t i = 0; i < count; i++) {
        environment[at++] = variables[i].at;
    }
    return environment;
}

/* Has sh read a script without #!, as execvp does. */
static void execute_script(const char *file, char *const *command, char **environment)
{
    size_t count = 0;
    while (command[count] != NULL) {
        count++;
    }
    char **line = calloc(count + 2, sizeof *line);
    if (line != NULL) {
        line[0] = "/bin/sh";
        line[1] = (char *)file;
        for (size_t i = 1; i < count; i++) {
            line[i + 1] = command[i];
        }
        execve(line[0], line, environment);
        free(line);
    }
}

static enum refusal execute(const char *file, char *const *command, char **environment)
{
    struct stat facts;
    execve(file, command, environment);
    int error = errno;
    if (error == E2BIG) {
        return IS_TOO_LARGE;
    }
    if (error == ENOEXEC) {
        execute_script(file, command, environment);
        return IS_BROKEN;
    }
    if (stat(file, &facts) != 0) {
        return IS_ABSENT;
    }
    if (error == EACCES || S_ISDIR(facts.st_mode)) {
        return IS_NO_PROGRAM;
    }
    return IS_BROKEN;
}

static enum refusal search(char *const *command, char **environment, const char *path)
{
    struct stat facts;
    enum refusal worst = IS_ABSENT;
    while (path != NULL && worst < IS_BROKEN) {
        const char *end = strchr(path, ':');
        int length = (int)(end != NULL ? (size_t)(end - path) : strlen(path));
        struct bytes file = {0};
        bytes_format(&file, "%.*s/%s", length == 0 ? 1 : length, length == 0 ? "." : path, command[0]);
        enum refusal why = execute(file.at, command, environment);
        /* A folder of that name is no reason to look no further, nor one to speak of. */
        if (why > worst && stat(file.at, &facts) == 0 && S_ISREG(facts.st_mode)) {
            worst = why;
        }
        bytes_free(&file);
        path = end != NULL ? end + 1 : NULL;
    }
    return worst;
}

static const char *path_of(char **environment)
{
    for (; *environment != NULL; environment++) {
        if (has_name(*environment, "PATH", 4)) {
            return *environment + 5;
        }
    }
    return "/usr/local/bin:/usr/bin:/bin";
}

/* Wipes the variables; `name` becomes the name of one that Linux does not take, whatever the others are. */
static void wipe(struct bytes *variables, size_t count, size_t limit, struct bytes *name)
{
    for (size_t i = 0; i < count; i++) {
        if (variables[i].length >= limit && name->length == 0) {
            bytes_add(name, variables[i].at, name_length(variables[i].at));
        }
        bytes_free(&variables[i]);
    }
}

void become(char *const *command, struct bytes *variables, size_t count)
{
    char **environment = environment_of(variables, count);
    const char *name = command[0];
    enum refusal why = IS_ABSENT;
    signals_give_back();
    if (strchr(name, '/') != NULL) {
        why = execute(name, command, environment);
    } else if (*name != 0) {
        why = search(command, environment, path_of(environment));
    }
    size_t limit = PAGES_OF_A_VARIABLE * (size_t)sysconf(_SC_PAGESIZE);
    struct bytes long_one = {0};
    wipe(variables, count, limit, &long_one);
    if (why == IS_ABSENT) {
        fail(NOT_FOUND, "there is no command %s", name);
    }
    if (why == IS_TOO_LARGE && long_one.length > 0) {
        fail(RUN_FAILED,
             "%s is too long for an environment variable (Linux takes less than %zu KiB with its name): pipe it,"
             " docker pass get --reveal ID | COMMAND",
             long_one.at, limit / 1024);
    }
    if (why == IS_TOO_LARGE) {
        fail(RUN_FAILED,
             "the environment and arguments of %s are together larger than Linux takes: unset variables that it does not"
             " need, or raise ulimit -s",
             name);
    }
    fail(NOT_EXECUTABLE, why == IS_NO_PROGRAM ? "%s is not executable" : "%s cannot be executed", name);
}
