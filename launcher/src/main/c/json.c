#include "json.h"

#include <string.h>

/* Deeper texts are no container's. */
#define MAX_DEPTH 256

#define BROKEN ((size_t)-1)

static size_t value_end(struct json text, size_t at, int depth);

static int is_space(char c)
{
    return c == ' ' || c == '\t' || c == '\n' || c == '\r';
}

static size_t after_space(struct json text, size_t at)
{
    while (at < text.length && is_space(text.at[at])) {
        at++;
    }
    return at;
}

static int is_at(struct json text, size_t at, char c)
{
    return at < text.length && text.at[at] == c;
}

static int is_hex(char c)
{
    return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'f') || (c >= 'A' && c <= 'F');
}

static size_t string_end(struct json text, size_t at)
{
    if (!is_at(text, at, '"')) {
        return BROKEN;
    }
    for (at++; at < text.length && text.at[at] != '"'; at++) {
        if ((unsigned char)text.at[at] < 0x20) {
            return BROKEN;
        }
        if (text.at[at] != '\\') {
            continue;
        }
        at++;
        if (at >= text.length || strchr("\"\\/bfnrtu", text.at[at]) == NULL || text.at[at] == 0) {
            return BROKEN;
        }
        if (text.at[at] == 'u') {
            for (int i = 0; i < 4; i++) {
                if (++at >= text.length || !is_hex(text.at[at])) {
                    return BROKEN;
                }
            }
        }
    }
    return at < text.length ? at + 1 : BROKEN;
}

static size_t digits_end(struct json text, size_t at)
{
    size_t start = at;
    while (at < text.length && text.at[at] >= '0' && text.at[at] <= '9') {
        at++;
    }
    return at > start ? at : BROKEN;
}

static size_t number_end(struct json text, size_t at)
{
    at += is_at(text, at, '-') ? 1 : 0;
    at = is_at(text, at, '0') ? at + 1 : digits_end(text, at);
    if (at != BROKEN && is_at(text, at, '.')) {
        at = digits_end(text, at + 1);
    }
    if (at != BROKEN && (is_at(text, at, 'e') || is_at(text, at, 'E'))) {
        at++;
        at += is_at(text, at, '+') || is_at(text, at, '-') ? 1 : 0;
        at = digits_end(text, at);
    }
    return at;
}

static size_t word_end(struct json text, size_t at, const char *word)
{
    size_t length = strlen(word);
    return text.length - at >= length && memcmp(text.at + at, word, length) == 0 ? at + length : BROKEN;
}

/* The end of a list in these brackets; each item is a value, or a member of an object. */
static size_t list_end(struct json text, size_t at, char close, int depth)
{
    at = after_space(text, at + 1);
    if (is_at(text, at, close)) {
        return at + 1;
    }
    for (;;) {
        if (close == '}') {
            at = string_end(text, at);
            at = at == BROKEN ? BROKEN : after_space(text, at);
            if (at == BROKEN || !is_at(text, at, ':')) {
                return BROKEN;
            }
            at++;
        }
        at = value_end(text, after_space(text, at), depth + 1);
        if (at == BROKEN) {
            return BROKEN;
        }
        at = after_space(text, at);
        if (is_at(text, at, close)) {
            return at + 1;
        }
        if (!is_at(text, at, ',')) {
            return BROKEN;
        }
        at = after_space(text, at + 1);
    }
}

static size_t value_end(struct json text, size_t at, int depth)
{
    if (at >= text.length || depth > MAX_DEPTH) {
        return BROKEN;
    }
    switch (text.at[at]) {
    case '{':
        return list_end(text, at, '}', depth);
    case '[':
        return list_end(text, at, ']', depth);
    case '"':
        return string_end(text, at);
    case 't':
        return word_end(text, at, "true");
    case 'f':
        return word_end(text, at, "false");
    case 'n':
        return word_end(text, at, "null");
    default:
        return number_end(text, at);
    }
}

enum json_answer json_whole(struct json text, struct json_span *value)
{
    value->start = after_space(text, 0);
    value->end = value_end(text, value->start, 0);
    return value->end != BROKEN && after_space(text, value->end) == text.length ? JSON_FOUND : JSON_BROKEN;
}

static int is_key(struct json text, struct json_span string, const char *key)
{
    struct bytes decoded = {0};
    json_decode(text, string, &decoded);
    int same = decoded.length == strlen(key) && memcmp(decoded.at, key, decoded.length) == 0;
    bytes_free(&decoded);
    return same;
}

/* The next item of a list that is whole, after `end` of the one before, or its first; 0 behind the last one. */
static size_t next_item(struct json text, struct json_span list, size_t end)
{
    size_t at = after_space(text, end == 0 ? list.start + 1 : end);
    if (end != 0 && is_at(text, at, ',')) {
        at = after_space(text, at + 1);
    }
    return at + 1 >= list.end ? 0 : at;
}

enum json_answer json_member(struct json text, struct json_span object, const char *key, struct json_span *value)
{
    enum json_answer answer = JSON_ABSENT;
    if (!is_at(text, object.start, '{')) {
        return JSON_BROKEN;
    }
    size_t end = 0;
    for (size_t at = next_item(text, object, 0); at != 0; at = next_item(text, object, end)) {
        struct json_span name = {at, string_end(text, at)};
        struct json_span item = {after_space(text, after_space(text, name.end) + 1), 0};
        item.end = end = value_end(text, item.start, 0);
        if (is_key(text, name, key)) {
            if (answer == JSON_FOUND) {
                return JSON_BROKEN;
            }
            *value = item;
            answer = JSON_FOUND;
        }
    }
    return answer;
}

enum json_answer json_element(struct json text, struct json_span array, struct json_span *element)
{
    if (!is_at(text, array.start, '[')) {
        return JSON_BROKEN;
    }
    size_t at = next_item(text, array, element->end);
    if (at == 0) {
        return JSON_ABSENT;
    }
    *element = (struct json_span){at, value_end(text, at, 0)};
    return JSON_FOUND;
}

int json_is_string(struct json text, struct json_span value)
{
    return is_at(text, value.start, '"');
}

static unsigned hex4(const char *at)
{
    unsigned number = 0;
    for (int i = 0; i < 4; i++) {
        char c = at[i];
        number = number * 16 + (unsigned)(c <= '9' ? c - '0' : (c | 0x20) - 'a' + 10);
    }
    return number;
}

static void add_code(struct bytes *out, unsigned code)
{
    char utf8[4];
    size_t length;
    if (code < 0x80) {
        utf8[0] = (char)code;
        length = 1;
    } else if (code < 0x800) {
        utf8[0] = (char)(0xC0 | code >> 6);
        length = 2;
    } else if (code < 0x10000) {
        utf8[0] = (char)(0xE0 | code >> 12);
        length = 3;
    } else {
        utf8[0] = (char)(0xF0 | code >> 18);
        length = 4;
    }
    for (size_t i = 1; i < length; i++) {
        utf8[i] = (char)(0x80 | (code >> (6 * (length - 1 - i)) & 0x3F));
    }
    bytes_add(out, utf8, length);
}

/* A \u escape whose `u` stands at `at`, with the second half of its pair; how much more of the text it takes. */
static size_t add_escaped_code(const char *at, const char *end, struct bytes *out)
{
    unsigned code = hex4(at + 1);
    size_t taken = 4;
    if (code >= 0xD800 && code < 0xDC00 && end - at >= 11 && at[5] == '\\' && at[6] == 'u') {
        unsigned low = hex4(at + 7);
        if (low >= 0xDC00 && low < 0xE000) {
            code = 0x10000 + ((code - 0xD800) << 10) + (low - 0xDC00);
            taken = 10;
        }
    }
    add_code(out, code >= 0xD800 && code < 0xE000 ? 0xFFFD : code);
    return taken;
}

void json_decode(struct json text, struct json_span string, struct bytes *decoded)
{
    static const char escapes[] = "bfnrt";
    static const char meant[] = "\b\f\n\r\t";
    const char *end = text.at + string.end - 1;
    bytes_add(decoded, "", 0);
    for (const char *at = text.at + string.start + 1; at < end; at++) {
        if (*at != '\\') {
            bytes_add(decoded, at, 1);
            continue;
        }
        at++;
        const char *escape = strchr(escapes, *at);
        if (*at == 'u') {
            at += add_escaped_code(at, end, decoded);
        } else {
            bytes_add(decoded, escape != NULL ? meant + (escape - escapes) : at, 1);
        }
    }
}
