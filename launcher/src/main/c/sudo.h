/* Root behind sudo: whose folders and secrets are meant. SudoCaller.java is the same. */
#ifndef SUDO_H
#define SUDO_H

#include <sys/types.h>

/* Ends with an error where an engine of root would leave files in the folders of the user who called sudo. */
void sudo_check(uid_t uid);

/* Says that the secrets are root's. Nothing in a shell or script under sudo, whose author need not be told each time. */
void sudo_note(uid_t uid);

#endif
