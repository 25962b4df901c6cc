/* The thin client: hands its command line to the engine and does what that asks. */
#ifndef CLIENT_H
#define CLIENT_H

int client_main(int argc, char **argv);

#endif
