#include "variables.h"

#include <ctype.h>
#include <stdlib.h>
#include <string.h>

static const char scheme[] = "=se://";

static int is_id(const char *name, size_t length)
{
    for (size_t i = 0; i < length; i++) {
        unsigned char c = (unsigned char)name[i];
        if (!(c < 0x80 && isalnum(c)) && strchr("._:/-", c) == NULL) {
            return 0;
        }
    }
    return length > 0;
}

/* Takes the variable over if it is one to be filled in. */
static void add(struct variables *variables, struct variable *variable, int fill)
{
    const char *equals = memchr(variable->text.at, '=', variable->text.length);
    size_t left = equals == NULL ? 0 : variable->text.length - (size_t)(equals - variable->text.at);
    if (equals != NULL) {
        variable->name_length = (size_t)(equals - variable->text.at);
        variable->is_reference = left >= sizeof scheme - 1 && memcmp(equals, scheme, sizeof scheme - 1) == 0;
    }
    if (!variable->is_reference && !(fill && left == 1 && is_id(variable->text.at, variable->name_length))) {
        bytes_free(&variable->text);
        return;
    }
    struct variable *grown = reallocarray(variables->at, variables->count + 1, sizeof *grown);
    if (grown == NULL) {
        abort();
    }
    variables->at = grown;
    variables->at[variables->count++] = *variable;
    variables->references += (size_t)variable->is_reference;
}

enum json_answer variables_find(struct json text, struct json_span process, int fill, struct variables *variables)
{
    struct json_span env;
    enum json_answer answer = json_member(text, process, "env", &env);
    if (answer != JSON_FOUND || text.at[env.start] == 'n') {
        return answer == JSON_BROKEN ? JSON_BROKEN : JSON_ABSENT;
    }
    struct json_span token = {0};
    while ((answer = json_element(text, env, &token)) == JSON_FOUND) {
        struct variable variable = {.token = token};
        if (!json_is_string(text, token)) {
            return JSON_BROKEN;
        }
        json_decode(text, token, &variable.text);
        add(variables, &variable, fill);
    }
    return answer == JSON_BROKEN ? JSON_BROKEN : JSON_FOUND;
}

static int has_name(const struct variable *variable, const char *text, size_t length)
{
    return length > variable->name_length && text[variable->name_length] == '='
        && memcmp(variable->text.at, text, variable->name_length) == 0;
}

void variables_answer(struct variables *variables, const char *answer, size_t length)
{
    for (size_t i = 0; i < variables->count; i++) {
        struct variable *variable = &variables->at[i];
        if (has_name(variable, answer, length)) {
            bytes_free(&variable->answer);
            bytes_add(&variable->answer, answer, length);
        }
    }
}

const struct variable *variables_unanswered(const struct variables *variables)
{
    for (size_t i = 0; i < variables->count; i++) {
        if (variables->at[i].is_reference && variables->at[i].answer.length == 0) {
            return &variables->at[i];
        }
    }
    return NULL;
}

int variables_any_answer(const struct variables *variables)
{
    for (size_t i = 0; i < variables->count; i++) {
        if (variables->at[i].answer.length > 0) {
            return 1;
        }
    }
    return 0;
}

void variables_describe(const struct variables *variables, struct bytes *text)
{
    for (size_t i = 0; i < variables->count; i++) {
        if (variables->at[i].is_reference) {
            bytes_text(text, text->length > 0 ? ", " : "");
            bytes_add(text, variables->at[i].text.at, variables->at[i].text.length);
        }
    }
}

const struct variable *variables_conflict(const struct variables *variables)
{
    for (size_t i = 0; i < variables->count; i++) {
        for (size_t j = i + 1; variables->at[i].is_reference && j < variables->count; j++) {
            const struct variable *one = &variables->at[i];
            const struct variable *other = &variables->at[j];
            if (has_name(one, other->text.at, other->text.length)
                && (one->text.length != other->text.length
                    || memcmp(one->text.at, other->text.at, one->text.length) != 0)) {
                return one;
            }
        }
    }
    return NULL;
}

void variables_free(struct variables *variables)
{
    for (size_t i = 0; i < variables->count; i++) {
        bytes_free(&variables->at[i].text);
        bytes_free(&variables->at[i].answer);
    }
    free(variables->at);
    *variables = (struct variables){0};
}
