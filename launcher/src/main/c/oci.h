/* The command line of an OCI runtime, as runc and crun have it. */
#ifndef OCI_H
#define OCI_H

enum oci_command { OCI_OTHER, OCI_CREATE, OCI_EXEC };

/* An option's value, and where it stands. */
struct oci_option {
    const char *value;
    int argument;
    /* How much of the argument stands before the value: of "--bundle=DIR" nine characters; 0 if it is all of it. */
    int prefix;
};

struct oci_call {
    enum oci_command command;
    /* The index of the command itself. */
    int at;
    /* --bundle of create and run, --process of exec; value NULL if it is not given. */
    struct oci_option file;
    const char *log;
    const char *root;
    /* The container's ID; NULL if none is given. */
    const char *id;
};

/* Reads what stands in argv from `first` on. */
void oci_parse(int argc, char **argv, int first, struct oci_call *call);

#endif
