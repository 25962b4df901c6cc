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
    "permission denied", NULL};

static void avoid_docker_words(char *text)
{
    for (const char *const *words = docker_words; *words != NULL; words++) {
        for (char *found = strcasestr(text, *words); found != NULL; found = strcasestr(found, *words)) {
            *strchr(found, ' ') = '-';
        }
    }
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
        if ((unsigned char)text->at[i] < 0x20 || text->at[i] == 0x7F) {
            text->at[i] = '?';
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
