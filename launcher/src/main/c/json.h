/* Just enough JSON to find tokens in a text and to replace them there: nothing else of the text is touched. */
#ifndef JSON_H
#define JSON_H

#include "bytes.h"

/* A text, not terminated. */
struct json {
    const char *at;
    size_t length;
};

/* Where a token or value stands in its text; `end` is one past it. */
struct json_span {
    size_t start;
    size_t end;
};

enum json_answer { JSON_FOUND, JSON_ABSENT, JSON_BROKEN };

/* The whole text as one value; broken if anything else than white space follows it. */
enum json_answer json_whole(struct json text, struct json_span *value);

/* A member of the object that stands at `object`. Broken, too, if it is there twice or `object` is no object. */
enum json_answer json_member(struct json text, struct json_span object, const char *key, struct json_span *value);

/*
 * The elements of the array that stands at `array`, one after the other: *element is all zero before the first call.
 * Absent after the last one; broken, too, if `array` is no array.
 */
enum json_answer json_element(struct json text, struct json_span array, struct json_span *element);

/* Whether a value is a string. */
int json_is_string(struct json text, struct json_span value);

/* Appends what a string stands for, as UTF-8. Half a surrogate pair becomes U+FFFD. */
void json_decode(struct json text, struct json_span string, struct bytes *decoded);

/* Appends a string token. 0, or -1 if the bytes are no UTF-8 or hold a NUL; what was appended is then of no use. */
int json_encode(struct bytes *token, const char *text, size_t length);

#endif
