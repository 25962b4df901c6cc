#include "owner.h"

#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

static uid_t entered_from;

uid_t owner_outside(uid_t uid)
{
    uid_t outside = uid;
    FILE *map = fopen("/proc/self/uid_map", "re");
    if (map == NULL) {
        return uid;
    }
    unsigned long first, mapped, count;
    while (fscanf(map, "%lu %lu %lu", &first, &mapped, &count) == 3) {
        if (uid >= first && uid - first < count) {
            outside = (uid_t)(mapped + (uid - first));
        }
    }
    fclose(map);
    return outside;
}

int owner_enter(uid_t uid, uid_t *expected)
{
    entered_from = geteuid();
    if (uid == entered_from || owner_outside(entered_from) == uid) {
        *expected = entered_from;
        return 0;
    }
    *expected = uid;
    return seteuid(uid);
}

void owner_leave(void)
{
    if (geteuid() != entered_from && seteuid(entered_from) != 0) {
        /* Going on as somebody else than the caller meant would be worse than ending. */
        abort();
    }
}
