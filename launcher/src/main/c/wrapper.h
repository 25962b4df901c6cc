/* The OCI runtime wrapper: replaces references in a container's environment and becomes the real runtime. */
#ifndef WRAPPER_H
#define WRAPPER_H

int wrapper_main(int argc, char **argv);

#endif
