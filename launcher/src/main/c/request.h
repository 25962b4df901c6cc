/* What the client tells the engine before it waits. */
#ifndef REQUEST_H
#define REQUEST_H

#include "bytes.h"

/* Appends a whole request: these words, which end with NULL, and what of this process concerns the engine. */
void request_add(struct bytes *request, char *const *words);

/* Refuses references that the engine, which reads text, would answer under another name. */
void request_check(void);

#endif
