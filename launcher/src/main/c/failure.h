/* The client cannot go on: one line for the user, and the exit code. */
#ifndef FAILURE_H
#define FAILURE_H

#define FAILED 1

/* The engine, or the keychain behind it, cannot be reached. */
#define UNREACHABLE 4

/* A command that was to be run: our own failure, it cannot be executed, it is not there. */
#define RUN_FAILED 125
#define NOT_EXECUTABLE 126
#define NOT_FOUND 127

/* From now on every failure is one of `run`: a code below RUN_FAILED becomes RUN_FAILED. */
void failures_are_of_run(void);

_Noreturn void fail(int code, const char *format, ...) __attribute__((format(printf, 2, 3)));

/* The connection ended within an answer, or what came is no answer. */
_Noreturn void fail_broken(void);

#endif
