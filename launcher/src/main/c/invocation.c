#include "invocation.h"

#include "failure.h"

#include <stdlib.h>
#include <string.h>

static const char *const flags[] = {"-D", "--debug", "--tls", "--tlsverify", NULL};

static const char *const options[] = {"--config",    "-c",          "--context", "-H",       "--host", "-l",
                                      "--log-level", "--tlscacert", "--tlscert", "--tlskey", NULL};

/* Those that take their value without a space, too: -Htcp://host. */
static const char *const attached[] = {"-c", "-H", "-l", NULL};

static int is_among(const char *word, size_t length, const char *const *names)
{
    for (; *names != NULL; names++) {
        if (strlen(*names) == length && memcmp(word, *names, length) == 0) {
            return 1;
        }
    }
    return 0;
}

/* How many words a global flag takes at the start of the line; 0 where there is none. */
static int global_words(const char *word)
{
    size_t length = strlen(word);
    if (is_among(word, length, options)) {
        return 2;
    }
    const char *equals = strchr(word, '=');
    size_t name = equals != NULL && equals > word ? (size_t)(equals - word) : length;
    int is_flag = is_among(word, name, flags) || is_among(word, name, options)
        || (length > 2 && is_among(word, 2, attached));
    return is_flag ? 1 : 0;
}

struct invocation invocation_of(char **line)
{
    for (int words = 0; *line != NULL && (words = global_words(*line)) > 0;) {
        for (; words > 0 && *line != NULL; words--) {
            line++;
        }
    }
    int help = line[0] != NULL && line[1] != NULL && strcmp(line[0], "help") == 0 && strcmp(line[1], "pass") == 0;
    line += help;
    if (*line != NULL && strcmp(*line, "pass") == 0) {
        line++;
    }
    if (!help && *line != NULL && strcmp(*line, "help") == 0) {
        help = 1;
        line++;
    }
    struct invocation invocation = {0};
    while (line[invocation.count] != NULL) {
        invocation.count++;
    }
    invocation.words = calloc(invocation.count + 2, sizeof *invocation.words);
    if (invocation.words == NULL) {
        fail(FAILED, "out of memory");
    }
    for (size_t i = 0; i < invocation.count; i++) {
        invocation.words[i] = line[i];
    }
    if (help) {
        invocation.words[invocation.count++] = "--help";
    }
    return invocation;
}

int invocation_is(const struct invocation *invocation, const char *first, const char *second)
{
    return invocation->count >= (second == NULL ? 1 : 2) && strcmp(invocation->words[0], first) == 0
        && (second == NULL || strcmp(invocation->words[1], second) == 0);
}
