#include "json.h"


/* The length of the UTF-8 sequence that starts here; 0 if there is none: overlong, a surrogate, too high, cut off. */
static size_t sequence(const unsigned char *at, size_t left)
{
    unsigned first = at[0];
    size_t length = first < 0x80 ? 1 : first < 0xC2 ? 0 : first < 0xE0 ? 2 : first < 0xF0 ? 3 : first < 0xF5 ? 4 : 0;
    if (length == 0 || length > left) {
        return 0;
    }
    for (size_t i = 1; i < length; i++) {
        if ((at[i] & 0xC0) != 0x80) {
            return 0;
        }
    }
    int wrong = (first == 0xE0 && at[1] < 0xA0) || (first == 0xED && at[1] > 0x9F) || (first == 0xF0 && at[1] < 0x90)
        || (first == 0xF4 && at[1] > 0x8F);
    return wrong ? 0 : length;
}

int json_encode(struct bytes *token, const char *text, size_t length)
{
    const unsigned char *at = (const unsigned char *)text;
    bytes_add(token, "\"", 1);
    for (size_t i = 0; i < length;) {
        size_t taken = sequence(at + i, length - i);
        if (taken == 0 || at[i] == 0) {
            return -1;
        }
        if (at[i] == '"' || at[i] == '\\') {
            bytes_add(token, "\\", 1);
            bytes_add(token, text + i, 1);
        } else if (at[i] < 0x20) {
            bytes_format(token, "\\u%04x", at[i]);
        } else {
            bytes_add(token, text + i, taken);
        }
        i += taken;
    }
    bytes_add(token, "\"", 1);
    return 0;
}
