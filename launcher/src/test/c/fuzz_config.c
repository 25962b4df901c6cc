/*
 * Fuzzes the editor of configurations against jansson: whatever that takes for JSON must come out equal but for the
 * variables of process.env, and a relative root folder. With libFuzzer; or, with -DWITHOUT_LIBFUZZER, over the files named on
 * the command line and random changes of them.
 */
#include "config.h"

#include <jansson.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define FOLDER "/tmp"
#define MAX_DEPTH 256

/* What values may hold; which one a variable gets depends on its name's length. */
static const char *const values[] = {"plain", "", "quote\" back\\slash / slash", "two\nlines\ttab\r", "\x01\x1f\x7f",
    "\xc3\xa4\xe2\x82\xac\xf0\x9f\x94\x91", "se://again", "a=b=c"};

static void require(int holds, const char *what)
{
    if (!holds) {
        fprintf(stderr, "failed: %s\n", what);
        abort();
    }
}

static int depth_of(const json_t *value)
{
    int deepest = 0;
    size_t index;
    const char *key;
    json_t *item;
    if (json_is_array(value)) {
        json_array_foreach((json_t *)value, index, item) {
            int depth = depth_of(item);
            deepest = depth > deepest ? depth : deepest;
        }
    } else if (json_is_object(value)) {
        json_object_foreach((json_t *)value, key, item) {
            int depth = depth_of(item);
            deepest = depth > deepest ? depth : deepest;
        }
    }
    return deepest + 1;
}

/* Whether a variable is one to be filled in, said independently of the code under test. */
static int is_wanted(const char *text, size_t length, size_t *name)
{
    static const char id[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789.-_:/";
    const char *equals = memchr(text, '=', length);
    if (equals == NULL) {
        return 0;
    }
    *name = (size_t)(equals - text);
    size_t rest = length - *name - 1;
    return (rest >= 5 && memcmp(equals + 1, "se://", 5) == 0)
        || (rest == 0 && *name > 0 && strspn(text, id) == *name);
}

static const char *value_for(size_t name)
{
    return values[name % (sizeof values / sizeof values[0])];
}

/* Changes the tree as the editor is to change the text; 0 if there is something in it that has to be refused. */
static int expect(json_t *whole, int is_bundle)
{
    json_t *process = is_bundle ? json_object_get(whole, "process") : whole;
    json_t *env = json_object_get(process, "env");
    json_t *item;
    size_t index;
    int fits = 1;
    json_array_foreach(env, index, item) {
        size_t name;
        const char *text = json_string_value(item);
        if (!is_wanted(text, json_string_length(item), &name)) {
            continue;
        }
        struct bytes changed = {0};
        bytes_add(&changed, text, name + 1);
        bytes_text(&changed, value_for(name));
        fits = fits && memchr(text, 0, name) == NULL && changed.length < 131072;
        json_array_set_new(env, index, json_stringn(changed.at, changed.length));
        bytes_free(&changed);
    }
    json_t *path = json_object_get(json_object_get(whole, "root"), "path");
    if (is_bundle && json_is_string(path) && json_string_length(path) > 0 && *json_string_value(path) != '/') {
        struct bytes absolute = {0};
        bytes_text(&absolute, FOLDER "/");
        bytes_add(&absolute, json_string_value(path), json_string_length(path));
        fits = fits && memchr(absolute.at, 0, absolute.length) == NULL;
        json_object_set_new(json_object_get(whole, "root"), "path", json_stringn(absolute.at, absolute.length));
        bytes_free(&absolute);
    }
    return fits;
}

static void answer_all(struct config *config)
{
    for (size_t i = 0; i < config->variables.count; i++) {
        struct variable *variable = &config->variables.at[i];
        struct bytes answer = {0};
        bytes_add(&answer, variable->text.at, variable->name_length + 1);
        bytes_text(&answer, value_for(variable->name_length));
        variables_answer(&config->variables, answer.at, answer.length);
        bytes_free(&answer);
    }
}

static void check_edit(struct config *config, json_t *tree, int is_bundle)
{
    struct bytes edited = {0};
    int fits = expect(tree, is_bundle);
    answer_all(config);
    struct config_fault fault = config_edit(config, is_bundle ? FOLDER : NULL, &edited);
    require((fault.why == NULL) == fits, "what does not fit is refused, and nothing else");
    if (fits) {
        json_t *result = json_loadb(edited.at, edited.length, JSON_DECODE_ANY | JSON_ALLOW_NUL, NULL);
        require(result != NULL, "the edited text is JSON");
        require(json_equal(tree, result), "nothing but the variables has changed");
        json_decref(result);
    }
    bytes_free(&edited);
}

static void check(const uint8_t *data, size_t size, int is_bundle)
{
    struct config config = {0};
    bytes_add(&config.content, data, size);
    enum json_answer answer = config_find(&config, is_bundle, 1);
    /* jansson takes a NUL for the end. */
    json_t *tree = memchr(data, 0, size) != NULL
        ? NULL
        : json_loadb((const char *)data, size, JSON_DECODE_ANY | JSON_ALLOW_NUL | JSON_REJECT_DUPLICATES, NULL);
    if (tree != NULL && depth_of(tree) < MAX_DEPTH) {
        struct json_span whole;
        struct json text = {config.content.at, config.content.length};
        require(json_whole(text, &whole) == JSON_FOUND, "what jansson takes is taken");
        if (answer == JSON_FOUND) {
            check_edit(&config, tree, is_bundle);
        }
    } else if (answer == JSON_FOUND) {
        /* Nothing to compare with; it must not crash. */
        struct bytes edited = {0};
        answer_all(&config);
        (void)config_edit(&config, FOLDER, &edited);
        bytes_free(&edited);
    }
    json_decref(tree);
    config_free(&config);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    check(data, size, 0);
    check(data, size, 1);
    return 0;
}

#ifdef WITHOUT_LIBFUZZER
#define CHANGES 20000

/* Cuts, doubles and overwrites, so that most of the text stays JSON. */
static void change(struct bytes *text)
{
    static const char *const pieces[] = {"\"", "\\", "=se://", "{", "}", "[", "]", ",", ":", "\\u00e4", "\\ud83d\\udd11",
        "\\ud83d", "null", "\"A=se://b\",", "\"B=\",", "0", " ", "\xff", "\"env\":[\"C=se://x\"],"};
    const char *piece = pieces[(size_t)rand() % (sizeof pieces / sizeof pieces[0])];
    size_t at = (size_t)rand() % (text->length + 1);
    size_t skipped = rand() % 2 == 0 ? 0 : (size_t)rand() % (text->length - at + 1) % 8;
    struct bytes changed = {0};
    bytes_add(&changed, text->at, at);
    bytes_text(&changed, piece);
    bytes_add(&changed, text->at + at + skipped, text->length - at - skipped);
    bytes_free(text);
    *text = changed;
}

int main(int argc, char **argv)
{
    srand(1);
    for (int i = 1; i < argc; i++) {
        struct bytes seed = {0};
        require(bytes_read_file(&seed, argv[i], 1 << 20) == 0, argv[i]);
        LLVMFuzzerTestOneInput((const uint8_t *)seed.at, seed.length);
        for (int round = 0; round < CHANGES / (argc - 1); round++) {
            struct bytes text = {0};
            bytes_add(&text, seed.at, seed.length);
            for (int changes = rand() % 4; changes >= 0; changes--) {
                change(&text);
                LLVMFuzzerTestOneInput((const uint8_t *)text.at, text.length);
            }
            bytes_free(&text);
        }
        bytes_free(&seed);
    }
    printf("%d configurations and their changes: equal but for process.env\n", argc - 1);
    return 0;
}
#endif
