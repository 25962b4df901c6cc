#include "refusal.h"

#include "bytes.h"
#include "json.h"

#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <time.h>
#include <unistd.h>

/* Longer ones hide what they say. */
#define MAX_MESSAGE 2000

/* docker takes its exit code from such words, so a message of ours must not hold them. */
static const char *const docker_words[] = {"no such file or directory", "executable file not found",
    "permission denied", "is a directory", "not a directory", "system cannot find the file specified",
    "failed to run runc create/exec call", NULL};

static void avoid_docker_words(char *text)
{
    for (const char *const *words = docker_words; *words != NULL; words++) {
        for (char *found = strcasestr(text, *words); found != NULL; found = strcasestr(found, *words)) {
            *strchr(found, ' ') = '-';
        }
    }
}

/* How many bytes from here on are one character that a terminal acts on, or that turns the text around. */
static size_t unprintable(const unsigned char *at)
{
    if (at[0] < 0x20 || at[0] == 0x7F) {
        return 1;
    }
    if (at[0] == 0xC2 && at[1] >= 0x80 && at[1] < 0xA0) {
        return 2;
    }
    int turns = at[0] == 0xE2
        && ((at[1] == 0x80 && at[2] >= 0xAA && at[2] <= 0xAE) || (at[1] == 0x81 && at[2] >= 0xA6 && at[2] <= 0xA9));
    return turns ? 3 : 0;
}

/* What a terminal acts on is not shown to it, and a message ends between two characters. */
static void make_printable(struct bytes *text)
{
    if (text->length > MAX_MESSAGE) {
        text->length = MAX_MESSAGE;
        while (((unsigned char)text->at[text->length] & 0xC0) == 0x80) {
            text->length--;
        }
        text->at[text->length] = 0;
    }
    for (size_t i = 0; i < text->length; i++) {
        for (size_t hidden = unprintable((unsigned char *)text->at + i); hidden > 0; hidden--) {
            text->at[i + hidden - 1] = '?';
        }
    }
}

static void append_to_log(const char *log, const struct bytes *text)
{
    struct bytes line = {0};
    char now[32];
    time_t seconds = time(NULL);
    struct tm utc;
    strftime(now, sizeof now, "%Y-%m-%dT%H:%M:%SZ", gmtime_r(&seconds, &utc));
    bytes_text(&line, "{\"level\":\"error\",\"msg\":");
    if (json_encode(&line, text->at, text->length) != 0) {
        bytes_free(&line);
        bytes_text(&line, "{\"level\":\"error\",\"msg\":\"docker-pass: a reference is not valid UTF-8\"");
    }
    bytes_format(&line, ",\"time\":\"%s\"}\n", now);
    int fd = open(log, O_WRONLY | O_APPEND | O_CREAT | O_CLOEXEC, 0644);
    if (fd >= 0) {
        (void)write_all(fd, line.at, line.length);
        close(fd);
    }
    bytes_free(&line);
}

_Noreturn void refuse(const char *log, const char *message)
{
    struct bytes text = {0};
    bytes_format(&text, "docker-pass: %s", message);
    make_printable(&text);
    avoid_docker_words(text.at);
    if (log != NULL && *log != 0) {
        append_to_log(log, &text);
    }
    bytes_text(&text, "\n");
    (void)write_all(STDERR_FILENO, text.at, text.length);
    _exit(1);
}
