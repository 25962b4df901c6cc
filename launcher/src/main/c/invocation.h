/* A command line without what the docker client puts around it. */
#ifndef INVOCATION_H
#define INVOCATION_H

#include <stddef.h>

/* Without global flags before `pass` and the word itself; `help pass ...` has become `... --help`. */
struct invocation {
    const char **words;
    size_t count;
};

/* Reads a command line that ends with NULL, argv[0] left out. The words stay the caller's. */
struct invocation invocation_of(char **line);

/* Whether this is the command of one word, or of two where the second is not NULL. */
int invocation_is(const struct invocation *invocation, const char *first, const char *second);

#endif
