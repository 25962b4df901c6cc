#include "private_files.h"

#include "bytes.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

/* Makes the folder and those above it; what is there already stays, the last one gets its mode. */
static int make_folder(char *path)
{
    struct stat facts;
    if (stat(path, &facts) != 0) {
        for (char *slash = strchr(path + 1, '/'); slash != NULL; slash = strchr(slash + 1, '/')) {
            *slash = 0;
            int made = mkdir(path, 0700);
            *slash = '/';
            if (made != 0 && errno != EEXIST) {
                return -1;
            }
        }
        if ((mkdir(path, 0700) != 0 && errno != EEXIST) || stat(path, &facts) != 0) {
            return -1;
        }
    }
    return (facts.st_mode & 07777) == 0700 ? 0 : chmod(path, 0700);
}

int private_open(const char *folder, const char *name)
{
    struct bytes path = {0};
    bytes_format(&path, "%s/%s", folder, name);
    char *slash = strrchr(path.at, '/');
    *slash = 0;
    int fd = -1;
    if (make_folder(path.at) == 0) {
        *slash = '/';
        fd = open(path.at, O_RDWR | O_CREAT | O_CLOEXEC, 0600);
    }
    bytes_free(&path);
    return fd;
}

int private_lock(int fd)
{
    struct flock whole = {.l_type = F_WRLCK, .l_whence = SEEK_SET};
    return fcntl(fd, F_SETLK, &whole) == 0;
}
