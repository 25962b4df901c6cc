/* The description of a process that an OCI runtime starts: a bundle's config.json, or the file of exec. */
#ifndef CONFIG_H
#define CONFIG_H

#include "variables.h"

struct config {
    struct bytes content;
    struct json_span whole;
    struct json_span process;
    struct variables variables;
};

/* Why an edit cannot be done; all zero if it can. */
struct config_fault {
    /* The variable whose value does not fit; NULL if it is something else. */
    const struct variable *variable;
    const char *why;
};

/*
 * Finds the variables in `content`: of the process that is a member of a bundle's configuration, or that the text is
 * itself. Absent if there are none to be filled in.
 */
enum json_answer config_find(struct config *config, int is_bundle, int fill);

/*
 * Appends the text with the answers of the variables in it; every other byte stays. `bundle` is the folder that a
 * relative root folder is made absolute by, NULL where there is none.
 */
struct config_fault config_edit(const struct config *config, const char *bundle, struct bytes *edited);

void config_free(struct config *config);

#endif
