#include "failure.h"

#include "bytes.h"

#include <stdarg.h>
#include <stdio.h>
#include <unistd.h>

static int lowest_code = 0;

void failures_are_of_run(void)
{
    lowest_code = RUN_FAILED;
}

void fail(int code, const char *format, ...)
{
    char text[8192] = "docker-pass: ";
    size_t prefix = sizeof "docker-pass: " - 1;
    va_list arguments;
    va_start(arguments, format);
    int length = vsnprintf(text + prefix, sizeof text - prefix, format, arguments);
    va_end(arguments);
    size_t end = prefix + (length > 0 ? (size_t)length : 0);
    if (end > sizeof text - 2) {
        end = sizeof text - 2;
    }
    text[end] = '\n';
    (void)!write_all(STDERR_FILENO, text, end + 1);
    _exit(code > lowest_code ? code : lowest_code);
}

void fail_broken(void)
{
    fail(UNREACHABLE, "the connection to the engine broke: docker pass engine logs says more");
}
