#include "local.h"

#include "bytes.h"
#include "terminal.h"

#include <fcntl.h>
#include <string.h>
#include <unistd.h>

#define PIECE 16384

/* No command has as many words. */
#define MOST_WORDS 8

int local_print_file(const char *path)
{
    int fd = open(path, O_RDONLY | O_CLOEXEC);
    if (fd < 0) {
        return 0;
    }
    char piece[PIECE];
    for (ssize_t length = read(fd, piece, sizeof piece); length > 0; length = read(fd, piece, sizeof piece)) {
        terminal_out(piece, (size_t)length);
    }
    close(fd);
    return 1;
}

/* The help of the longest command that these words begin with. */
static int print_help(const char *image, const char **command, size_t words)
{
    size_t fewest = words > 0 ? 1 : 0;
    for (int printed = 0; words >= fewest; words--) {
        struct bytes file = {0};
        bytes_format(&file, "%s/lib/help/pass", image);
        int is_name = 1;
        for (size_t i = 0; i < words; i++) {
            bytes_format(&file, "-%s", command[i]);
            is_name &= strchr(command[i], '/') == NULL;
        }
        bytes_text(&file, ".txt");
        printed = is_name && local_print_file(file.at);
        bytes_free(&file);
        if (printed || words == 0) {
            return printed;
        }
    }
    return 0;
}

/* Its help is the plugin's to give. */
static int is_setup_of_a_plugin(const char **command, size_t words)
{
    return words >= 3 && (strcmp(command[0], "plugins") == 0 || strcmp(command[0], "plugin") == 0)
        && (strcmp(command[1], "setup") == 0 || strcmp(command[2], "setup") == 0);
}

static int print_version(void)
{
    static const char text[] = "Version: v" PROGRAM_VERSION "\nCommit: " PROGRAM_COMMIT "\n";
    terminal_out(text, sizeof text - 1);
    return 1;
}

int local_answer(const struct invocation *invocation, const char *image)
{
    if (invocation_is(invocation, "--version", NULL) || invocation_is(invocation, "-v", NULL)
        || invocation_is(invocation, "version", NULL)) {
        return print_version();
    }
    const char *command[MOST_WORDS];
    size_t words = 0;
    for (size_t i = 0; i < invocation->count; i++) {
        const char *argument = invocation->words[i];
        if (strcmp(argument, "--help") == 0 || strcmp(argument, "-h") == 0) {
            return !is_setup_of_a_plugin(command, words) && print_help(image, command, words);
        }
        if (strcmp(argument, "--") == 0 || (*argument == '-' && words == 0)) {
            return 0;
        }
        if (*argument != '-') {
            if (words > 0 && invocation_is(invocation, "run", NULL)) {
                /* What follows is CMD's. */
                return 0;
            }
            if (words < MOST_WORDS) {
                command[words++] = argument;
            }
        }
    }
    return invocation->count == 0 && print_help(image, command, 0);
}
