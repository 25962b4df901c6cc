/* The user whose secrets a container gets, and acting as he does. */
#ifndef OWNER_H
#define OWNER_H

#include <sys/types.h>

/* What `uid` of this process's user namespace is outside of it; `uid` itself where nothing is mapped. */
uid_t owner_outside(uid_t uid);

/*
 * Becomes the user for connecting, so that his engine admits us, and knows whom to expect there: this process's own uid
 * where a user namespace makes it the user already. 0, or -1 with errno.
 */
int owner_enter(uid_t uid, uid_t *expected);

/* Back to who we were. */
void owner_leave(void);

#endif
