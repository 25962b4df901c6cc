/*
 * The five functions of the Credential Manager that we call, with the structures as a C compiler lays them out for a
 * 64-bit system. A credential is identified by its type and its target name, in any case. GetLastError is errno here.
 */
#include <errno.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

typedef uint16_t wide;

struct filetime {
    uint32_t low, high;
};

struct attribute {
    wide *keyword;
    uint32_t flags, value_size;
    uint8_t *value;
};

struct credential {
    uint32_t flags, type;
    wide *target_name, *comment;
    struct filetime last_written;
    uint32_t blob_size;
    uint8_t *blob;
    uint32_t persist, attribute_count;
    struct attribute *attributes;
    wide *target_alias, *user_name;
};

_Static_assert(sizeof(struct credential) == 80, "CREDENTIALW");
_Static_assert(offsetof(struct credential, type) == 4, "Type");
_Static_assert(offsetof(struct credential, target_name) == 8, "TargetName");
_Static_assert(offsetof(struct credential, comment) == 16, "Comment");
_Static_assert(offsetof(struct credential, last_written) == 24, "LastWritten");
_Static_assert(offsetof(struct credential, blob_size) == 32, "CredentialBlobSize");
_Static_assert(offsetof(struct credential, blob) == 40, "CredentialBlob");
_Static_assert(offsetof(struct credential, persist) == 48, "Persist");
_Static_assert(offsetof(struct credential, attribute_count) == 52, "AttributeCount");
_Static_assert(offsetof(struct credential, attributes) == 56, "Attributes");
_Static_assert(offsetof(struct credential, target_alias) == 64, "TargetAlias");
_Static_assert(offsetof(struct credential, user_name) == 72, "UserName");
_Static_assert(sizeof(struct attribute) == 24, "CREDENTIAL_ATTRIBUTEW");
_Static_assert(offsetof(struct attribute, flags) == 8, "Flags");
_Static_assert(offsetof(struct attribute, value_size) == 12, "ValueSize");
_Static_assert(offsetof(struct attribute, value) == 16, "Value");

enum { NOT_FOUND = 1168, INVALID_PARAMETER = 87, STUB_DATA = 1783, MANY = 4096 };

static struct credential *held[MANY];
static size_t count;

/* What was handed out and not freed. */
int outstanding;

static size_t length(const wide *text) {
    size_t units = 0;
    while (text[units] != 0) units++;
    return units;
}

static void *copy(const void *bytes, size_t size) {
    return size == 0 ? NULL : memcpy(malloc(size), bytes, size);
}

static wide *copy_text(const wide *text) { return copy(text, (length(text) + 1) * sizeof(wide)); }

static wide fold(wide unit) { return unit >= 'A' && unit <= 'Z' ? unit + 'a' - 'A' : unit; }

static int starts(const wide *text, const wide *prefix, size_t units) {
    if (length(text) < units) return 0;
    for (size_t i = 0; i < units; i++) {
        if (fold(text[i]) != fold(prefix[i])) return 0;
    }
    return 1;
}

static struct credential *duplicate(const struct credential *from) {
    struct credential *made = copy(from, sizeof *from);
    made->target_name = copy_text(from->target_name);
    made->user_name = copy_text(from->user_name);
    made->blob = copy(from->blob, from->blob_size);
    made->attributes = copy(from->attributes, from->attribute_count * sizeof(struct attribute));
    for (uint32_t i = 0; i < from->attribute_count; i++) {
        made->attributes[i].keyword = copy_text(from->attributes[i].keyword);
        made->attributes[i].value = copy(from->attributes[i].value, from->attributes[i].value_size);
    }
    return made;
}

static size_t find(const wide *target, uint32_t type) {
    size_t at = 0;
    while (at < count && (held[at]->type != type || length(held[at]->target_name) != length(target) ||
                          !starts(held[at]->target_name, target, length(target)))) {
        at++;
    }
    return at;
}

static int failed(int code) {
    errno = code;
    return 0;
}

int CredWriteW(struct credential *credential, uint32_t flags) {
    if (flags != 0 || credential->flags != 0 || credential->persist != 2 ||
        credential->comment != NULL || credential->target_alias != NULL ||
        (credential->blob_size == 0) != (credential->blob == NULL)) {
        return failed(INVALID_PARAMETER);
    }
    if (credential->blob_size > 2560 || credential->attribute_count > 64) return failed(STUB_DATA);
    for (uint32_t i = 0; i < credential->attribute_count; i++) {
        if (credential->attributes[i].flags != 0 || credential->attributes[i].value_size > 256) return failed(STUB_DATA);
    }
    size_t at = find(credential->target_name, credential->type);
    held[at] = duplicate(credential);
    /* 2026-01-02T03:04:05.6Z */
    uint64_t ticks = 116444736000000000u + 1767323045u * 10000000ull + 6000000u;
    held[at]->last_written = (struct filetime){(uint32_t)ticks, (uint32_t)(ticks >> 32)};
    if (at == count) count++;
    return 1;
}

int CredReadW(const wide *target, uint32_t type, uint32_t flags, struct credential **result) {
    if (type == 0 || flags != 0) return failed(INVALID_PARAMETER);
    size_t at = find(target, type);
    if (at == count) return failed(NOT_FOUND);
    *result = duplicate(held[at]);
    outstanding++;
    return 1;
}

int CredEnumerateW(const wide *filter, uint32_t flags, uint32_t *found, struct credential ***result) {
    size_t prefix = length(filter) - 1;
    if (flags != 0 || filter[prefix] != '*') return failed(INVALID_PARAMETER);
    struct credential **all = malloc(MANY * sizeof *all);
    *found = 0;
    for (size_t i = 0; i < count; i++) {
        if (starts(held[i]->target_name, filter, prefix)) all[(*found)++] = duplicate(held[i]);
    }
    if (*found == 0) return failed(NOT_FOUND);
    *result = all;
    outstanding++;
    return 1;
}

int CredDeleteW(const wide *target, uint32_t type, uint32_t flags) {
    if (type == 0 || flags != 0) return failed(INVALID_PARAMETER);
    size_t at = find(target, type);
    if (at == count) return failed(NOT_FOUND);
    held[at] = held[--count];
    return 1;
}

void CredFree(void *buffer) {
    if (buffer != NULL) outstanding--;
}
