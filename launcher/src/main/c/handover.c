#include "handover.h"

#include <errno.h>
#include <fcntl.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#ifndef MFD_NOEXEC_SEAL
#define MFD_NOEXEC_SEAL 0x0008U
#endif

/* Above what a caller hands to a container by --preserve-fds, which counts from 3. */
#define HIGH_DESCRIPTOR 100

int handover_memory(const struct bytes *text)
{
    /* Not sealed against writing: some runtimes edit their configuration in place before they become runc. */
    int fd = memfd_create("config.json", MFD_NOEXEC_SEAL);
    if (fd < 0 && errno == EINVAL) {
        /* A kernel before 6.3. */
        fd = memfd_create("config.json", 0);
    }
    if (fd < 0) {
        return -1;
    }
    int high = fcntl(fd, F_DUPFD, HIGH_DESCRIPTOR);
    if (high >= 0) {
        close(fd);
        fd = high;
    }
    if (write_all(fd, text->at, text->length) != 0) {
        close(fd);
        return -1;
    }
    return fd;
}

int handover_bundle(const char *bundle, int fd, struct bytes *path)
{
    struct bytes link = {0};
    struct bytes target = {0};
    bytes_format(path, "%s/" HANDOVER_FOLDER, bundle);
    bytes_format(&link, "%s/config.json", path->at);
    /* The pid and not "self": hooks read it, too. */
    bytes_format(&target, "/proc/%ld/fd/%d", (long)getpid(), fd);
    int made = mkdir(path->at, 0700) == 0 || errno == EEXIST ? 0 : -1;
    if (made == 0 && unlink(link.at) != 0 && errno != ENOENT) {
        made = -1;
    }
    if (made == 0) {
        made = symlink(target.at, link.at);
    }
    bytes_free(&link);
    bytes_free(&target);
    return made;
}
