/* One program with two names: docker-pass, the client, and secrets-engine-runtime, the OCI runtime wrapper. */
#include "client.h"
#include "wrapper.h"

#include <string.h>

int main(int argc, char **argv)
{
    const char *name = argc > 0 ? argv[0] : "";
    const char *slash = strrchr(name, '/');
    if (strcmp(slash != NULL ? slash + 1 : name, "secrets-engine-runtime") == 0) {
        return wrapper_main(argc, argv);
    }
    return client_main(argc, argv);
}
