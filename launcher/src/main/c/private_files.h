/* Files and folders that nobody but their owner can read. */
#ifndef PRIVATE_FILES_H
#define PRIVATE_FILES_H

/* Opens a file below a folder to read and write, mode 0600; makes it and the folders above it, mode 0700. -1 on failure. */
int private_open(const char *folder, const char *name);

/* Takes the lock of a file, which ends with the file. 0 while another process has it. */
int private_lock(int fd);

#endif
