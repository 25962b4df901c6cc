#include "frame.h"

#include <errno.h>
#include <stdint.h>
#include <string.h>
#include <unistd.h>

#define HEADER 5
#define MAX_LENGTH 1114112

static void header(unsigned char bytes[HEADER], char type, size_t length)
{
    bytes[0] = (unsigned char)type;
    for (int i = 1; i < HEADER; i++) {
        bytes[i] = (unsigned char)(length >> (8 * (HEADER - 1 - i)));
    }
}

void frame_add(struct bytes *request, char type, const void *payload, size_t length)
{
    unsigned char head[HEADER];
    header(head, type, length);
    bytes_add(request, head, HEADER);
    bytes_add(request, payload, length);
}

void frame_text(struct bytes *request, char type, const char *text)
{
    frame_add(request, type, text, strlen(text));
}

void frame_hello(struct bytes *request, const char *built)
{
    struct bytes hello = {0};
    bytes_add(&hello, PROTOCOL_VERSION, sizeof PROTOCOL_VERSION);
    bytes_format(&hello, "%s.%s", built, PROGRAM_VERSION);
    frame_add(request, 'H', hello.at, hello.length);
    bytes_free(&hello);
}

int frame_send(int fd, char type, const void *payload, size_t length)
{
    struct bytes whole = {0};
    frame_add(&whole, type, payload, length);
    int sent = write_all(fd, whole.at, whole.length);
    bytes_free(&whole);
    return sent;
}

/* 1 when everything came, 0 when nothing did, -1 otherwise. */
static int receive(int fd, void *into, size_t length)
{
    size_t got = 0;
    while (got < length) {
        ssize_t more = read(fd, (char *)into + got, length - got);
        if (more == 0) {
            return got == 0 ? 0 : -1;
        }
        if (more < 0 && errno != EINTR) {
            return -1;
        }
        got += more > 0 ? (size_t)more : 0;
    }
    return 1;
}

int frame_read(int fd, struct bytes *payload)
{
    unsigned char head[HEADER];
    bytes_free(payload);
    int got = receive(fd, head, HEADER);
    if (got <= 0) {
        return got;
    }
    uint32_t length = (uint32_t)head[1] << 24 | (uint32_t)head[2] << 16 | (uint32_t)head[3] << 8 | head[4];
    if (length > MAX_LENGTH || head[0] == 0 || head[0] > 127) {
        errno = EPROTO;
        return -1;
    }
    bytes_space(payload, length);
    return length == 0 || receive(fd, payload->at, length) == 1 ? head[0] : -1;
}

int frame_hello_fits(const struct bytes *hello)
{
    return hello->length >= sizeof PROTOCOL_VERSION
        && memcmp(hello->at, PROTOCOL_VERSION, sizeof PROTOCOL_VERSION) == 0;
}
