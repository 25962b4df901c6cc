/* The variables of a process that somebody has to fill in. */
#ifndef VARIABLES_H
#define VARIABLES_H

#include "bytes.h"
#include "json.h"

struct variable {
    /* The token NAME=VALUE in the text. */
    struct json_span token;
    /* What it stands for. */
    struct bytes text;
    size_t name_length;
    /* Whether it holds a reference; otherwise it stands as NAME= and may be filled. */
    int is_reference;
    /* NAME=VALUE as it is to be; empty while nobody has answered. */
    struct bytes answer;
};

struct variables {
    struct variable *at;
    size_t count;
    /* How many hold references. */
    size_t references;
};

/*
 * Finds them in an array of strings; `fill` says whether those that stand as NAME= are looked for, too. A missing array
 * holds none.
 */
enum json_answer variables_find(struct json text, struct json_span process, int fill, struct variables *variables);

/* Notes an answer NAME=VALUE for every variable of that name. */
void variables_answer(struct variables *variables, const char *answer, size_t length);

/* The first variable with a reference and no answer; NULL if there is none. */
const struct variable *variables_unanswered(const struct variables *variables);

/* Whether anything was answered at all. */
int variables_any_answer(const struct variables *variables);

/* Appends "NAME=se://REF" of every reference, with commas between them. */
void variables_describe(const struct variables *variables, struct bytes *text);

/* Two references of one name that differ: who is meant cannot be told. NULL if there are none. */
const struct variable *variables_conflict(const struct variables *variables);

/* Wipes and releases. */
void variables_free(struct variables *variables);

#endif
