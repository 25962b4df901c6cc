#include "bytes.h"

#include <errno.h>
#include <fcntl.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

/* Nothing sensible can be done without memory, and nothing has been started yet. */
static void *allocated(size_t size)
{
    void *memory = malloc(size);
    if (memory == NULL) {
        static const char text[] = "docker-pass: out of memory\n";
        (void)!write(STDERR_FILENO, text, sizeof text - 1);
        _exit(125);
    }
    return memory;
}

static void reserve(struct bytes *bytes, size_t more)
{
    if (bytes->capacity - bytes->length > more) {
        return;
    }
    size_t capacity = bytes->length + more + 1;
    capacity += capacity / 2 + 64;
    char *grown = allocated(capacity);
    if (bytes->at != NULL) {
        /* realloc would leave the old bytes behind. */
        memcpy(grown, bytes->at, bytes->length);
        explicit_bzero(bytes->at, bytes->length);
        free(bytes->at);
    }
    bytes->at = grown;
    bytes->capacity = capacity;
}

void bytes_add(struct bytes *bytes, const void *more, size_t length)
{
    reserve(bytes, length);
    if (length > 0) {
        memcpy(bytes->at + bytes->length, more, length);
    }
    bytes->length += length;
    bytes->at[bytes->length] = 0;
}

void bytes_space(struct bytes *bytes, size_t length)
{
    reserve(bytes, length);
    bytes->length += length;
    bytes->at[bytes->length] = 0;
}

void bytes_text(struct bytes *bytes, const char *text)
{
    bytes_add(bytes, text, strlen(text));
}

void bytes_format(struct bytes *bytes, const char *format, ...)
{
    va_list arguments;
    va_start(arguments, format);
    int length = vsnprintf(NULL, 0, format, arguments);
    va_end(arguments);
    if (length <= 0) {
        return;
    }
    reserve(bytes, (size_t)length);
    va_start(arguments, format);
    vsnprintf(bytes->at + bytes->length, (size_t)length + 1, format, arguments);
    va_end(arguments);
    bytes->length += (size_t)length;
}

void bytes_free(struct bytes *bytes)
{
    if (bytes->at != NULL) {
        explicit_bzero(bytes->at, bytes->length);
        free(bytes->at);
    }
    *bytes = (struct bytes){0};
}

static int read_to_end(struct bytes *bytes, int fd, size_t limit)
{
    while (bytes->length <= limit) {
        reserve(bytes, 16384);
        ssize_t length = read(fd, bytes->at + bytes->length, bytes->capacity - bytes->length - 1);
        if (length == 0) {
            bytes->at[bytes->length] = 0;
            return 0;
        }
        if (length < 0 && errno != EINTR) {
            return -1;
        }
        bytes->length += length > 0 ? (size_t)length : 0;
    }
    errno = EFBIG;
    return -1;
}

int bytes_read_file(struct bytes *bytes, const char *path, size_t limit)
{
    int fd = open(path, O_RDONLY | O_CLOEXEC);
    if (fd < 0) {
        return -1;
    }
    int done = read_to_end(bytes, fd, limit);
    int error = errno;
    close(fd);
    errno = error;
    return done;
}

int write_all(int fd, const void *bytes, size_t length)
{
    const char *at = bytes;
    while (length > 0) {
        ssize_t written = write(fd, at, length);
        if (written < 0 && errno != EINTR) {
            return -1;
        }
        if (written > 0) {
            at += written;
            length -= (size_t)written;
        }
    }
    return 0;
}
