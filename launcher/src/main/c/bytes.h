/* Bytes that may be a secret: a buffer that grows, and is wiped wherever it leaves memory behind. */
#ifndef BYTES_H
#define BYTES_H

#include <stddef.h>

/* All zero is an empty buffer. `at` is followed by a NUL that is not counted in `length`, once anything was added. */
struct bytes {
    char *at;
    size_t length;
    size_t capacity;
};

void bytes_add(struct bytes *bytes, const void *more, size_t length);
void bytes_text(struct bytes *bytes, const char *text);
void bytes_format(struct bytes *bytes, const char *format, ...) __attribute__((format(printf, 2, 3)));

/* Makes room for so many bytes at the end, and counts them: the caller fills them in. */
void bytes_space(struct bytes *bytes, size_t length);

/* Wipes and releases; the buffer is empty afterwards. */
void bytes_free(struct bytes *bytes);

/* Appends the whole of a file, at most `limit` bytes. 0, or -1 with errno; the buffer is the caller's to free. */
int bytes_read_file(struct bytes *bytes, const char *path, size_t limit);

/* Writes everything, through interruptions. 0, or -1 with errno. */
int write_all(int fd, const void *bytes, size_t length);

#endif
