#include "config.h"

#include <stdlib.h>
#include <string.h>

/* The kernel's limit for one string of an environment, its NUL included. */
#define MAX_STRING 131072

static struct json text_of(const struct config *config)
{
    return (struct json){config->content.at, config->content.length};
}

enum json_answer config_find(struct config *config, int is_bundle, int fill)
{
    struct json text = text_of(config);
    enum json_answer answer = json_whole(text, &config->whole);
    config->process = config->whole;
    if (answer == JSON_FOUND && is_bundle) {
        answer = json_member(text, config->whole, "process", &config->process);
    }
    if (answer == JSON_FOUND) {
        answer = variables_find(text, config->process, fill, &config->variables);
    }
    return answer == JSON_FOUND && config->variables.count == 0 ? JSON_ABSENT : answer;
}

/* The token of a variable as it is to be. One that was only to be filled stays as it is if its value does not fit. */
static const char *add_variable(const struct config *config, const struct variable *variable, struct bytes *edited)
{
    const char *why = NULL;
    size_t before = edited->length;
    if (variable->answer.length >= MAX_STRING) {
        why = "the value is too long for an environment, which takes less than 128 KiB: mount it as a file";
    } else if (variable->answer.length > 0
        && json_encode(edited, variable->answer.at, variable->answer.length) != 0) {
        why = "the value has a NUL byte or is not UTF-8, which a container's environment cannot hold: "
              "store it as text, for example in base64";
    }
    if (why != NULL || variable->answer.length == 0) {
        edited->length = before;
        bytes_add(edited, config->content.at + variable->token.start, variable->token.end - variable->token.start);
    }
    return variable->is_reference ? why : NULL;
}

/* The token of a root folder that is given relative to the bundle; 0 if it is absolute or there is none. */
static int find_relative_root(const struct config *config, struct json_span *token, struct bytes *path)
{
    struct json text = text_of(config);
    struct json_span root;
    if (json_member(text, config->whole, "root", &root) != JSON_FOUND
        || json_member(text, root, "path", token) != JSON_FOUND || !json_is_string(text, *token)) {
        return 0;
    }
    json_decode(text, *token, path);
    return path->length > 0 && path->at[0] != '/';
}

static const char *add_root(const struct bytes *path, const char *bundle, struct bytes *edited)
{
    struct bytes absolute = {0};
    char *folder = realpath(bundle, NULL);
    bytes_format(&absolute, "%s/", folder != NULL ? folder : "");
    bytes_add(&absolute, path->at, path->length);
    int encoded = json_encode(edited, absolute.at, absolute.length);
    bytes_free(&absolute);
    free(folder);
    return folder != NULL && encoded == 0 ? NULL : "the container's root folder is not there, or its name is not UTF-8";
}

/* Everything of the content from `*at` up to the token. */
static void add_until(const struct config *config, struct json_span token, size_t *at, struct bytes *edited)
{
    bytes_add(edited, config->content.at + *at, token.start - *at);
    *at = token.end;
}

struct config_fault config_edit(const struct config *config, const char *bundle, struct bytes *edited)
{
    struct config_fault fault = {0};
    struct json_span root = {0};
    struct bytes path = {0};
    size_t at = 0;
    int has_root = bundle != NULL && find_relative_root(config, &root, &path);
    for (size_t i = 0; i <= config->variables.count && fault.why == NULL; i++) {
        const struct variable *variable = i < config->variables.count ? &config->variables.at[i] : NULL;
        if (has_root && (variable == NULL || root.start < variable->token.start)) {
            has_root = 0;
            add_until(config, root, &at, edited);
            fault.why = add_root(&path, bundle, edited);
        }
        if (variable != NULL && fault.why == NULL) {
            add_until(config, variable->token, &at, edited);
            fault.why = add_variable(config, variable, edited);
            fault.variable = fault.why != NULL ? variable : NULL;
        }
    }
    bytes_add(edited, config->content.at + at, config->content.length - at);
    bytes_free(&path);
    return fault;
}

void config_free(struct config *config)
{
    variables_free(&config->variables);
    bytes_free(&config->content);
}
