/* The frames of docs/protocol.md. */
#ifndef FRAME_H
#define FRAME_H

#include "bytes.h"

#define PROTOCOL_VERSION "1"

/* The most bytes of one piece of stdin or a file. */
#define FRAME_CHUNK 65536

/* Appends a frame to a request that is sent as a whole. */
void frame_add(struct bytes *request, char type, const void *payload, size_t length);
void frame_text(struct bytes *request, char type, const char *text);

/* Appends the client's hello. `built` is the time of the build in seconds; 0 never ends an older engine. */
void frame_hello(struct bytes *request, const char *built);

/* Sends one frame. 0, or -1 with errno. */
int frame_send(int fd, char type, const void *payload, size_t length);

/* Reads one frame; `payload` is emptied first and is the caller's to free. Its type, 0 at the end, -1 when broken. */
int frame_read(int fd, struct bytes *payload);

/* Whether the payload of the engine's hello is of our protocol. */
int frame_hello_fits(const struct bytes *hello);

#endif
