/* For LD_PRELOAD: once the file that KILL_AT names holds a number, kills the process before that many-th change of a
   file's name. Whatever this project keeps is written beside its place and renamed, or unlinked. */
#define _GNU_SOURCE
#include <signal.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/syscall.h>
#include <unistd.h>

static atomic_int count;

static void before_change(void) {
    const char *name = getenv("KILL_AT");
    FILE *file = name == NULL ? NULL : fopen(name, "re");
    int at = 0;
    if (file == NULL) {
        return;
    }
    if (fscanf(file, "%d", &at) == 1 && atomic_fetch_add(&count, 1) + 1 == at) {
        kill(getpid(), SIGKILL);
    }
    fclose(file);
}

int rename(const char *from, const char *to) {
    before_change();
    return (int)syscall(SYS_renameat2, -100, from, -100, to, 0);
}

int unlink(const char *path) {
    /* What was renamed is unlinked under its old name, which is not there any more. */
    if (access(path, F_OK) == 0) {
        before_change();
    }
    return (int)syscall(SYS_unlinkat, -100, path, 0);
}
