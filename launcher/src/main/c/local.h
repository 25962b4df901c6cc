/* What needs no engine: help, which the build wrote into files, and the version. */
#ifndef LOCAL_H
#define LOCAL_H

#include "invocation.h"

/* Whether that was all, and it is printed. */
int local_answer(const struct invocation *invocation, const char *image);

/* Prints a file of the installation or the state folder; 0 where there is none. */
int local_print_file(const char *path);

#endif
