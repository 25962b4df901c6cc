/*
 * What we call of CoreFoundation and of the Security framework, as far as items need it, with the signatures of Apple's
 * headers. Objects are counted, so that a test sees one that nobody released.
 */
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

enum type { STRING = 7, NULL_ALLOCATOR, BOOLEAN, DATA, DATE, DICTIONARY, ARRAY };

struct object {
    enum type type;
    long references, length;
    const uint8_t *bytes;
    double seconds;
    const struct object **keys, **values;
};
typedef const struct object *ref;

/* Objects that were made and not released. */
int outstanding;

static struct object no_allocator = {.type = NULL_ALLOCATOR}, yes = {.type = BOOLEAN, .length = 1}, no = {.type = BOOLEAN};
ref kCFAllocatorNull = &no_allocator, kCFBooleanTrue = &yes, kCFBooleanFalse = &no;
struct callbacks {
    long version;
    void *functions[5];
} kCFTypeDictionaryKeyCallBacks, kCFTypeDictionaryValueCallBacks;

#define CONSTANT(name)                                                                                              \
    static struct object object_##name = {                                                                          \
        .type = STRING, .references = 1 << 20, .bytes = (const uint8_t *)#name, .length = sizeof #name - 1};         \
    ref name = &object_##name;
CONSTANT(kSecClass)
CONSTANT(kSecClassGenericPassword)
CONSTANT(kSecAttrAccount)
CONSTANT(kSecAttrService)
CONSTANT(kSecAttrAccessGroup)
CONSTANT(kSecAttrLabel)
CONSTANT(kSecAttrGeneric)
CONSTANT(kSecAttrAccessible)
CONSTANT(kSecAttrAccessibleAfterFirstUnlock)
CONSTANT(kSecAttrCreationDate)
CONSTANT(kSecAttrModificationDate)
CONSTANT(kSecValueData)
CONSTANT(kSecMatchLimit)
CONSTANT(kSecMatchLimitOne)
CONSTANT(kSecMatchLimitAll)
CONSTANT(kSecReturnAttributes)
CONSTANT(kSecReturnData)

static struct object *make(enum type type, const void *bytes, long length) {
    struct object *made = calloc(1, sizeof *made);
    *made = (struct object){.type = type, .references = 1, .bytes = bytes, .length = length};
    outstanding++;
    return made;
}

static void *copy(const void *bytes, size_t size) { return memcpy(malloc(size + 1), bytes, size); }

static ref retain(ref object) {
    ((struct object *)object)->references++;
    return object;
}

void CFRelease(ref object) {
    struct object *released = (struct object *)object;
    if (released->type == BOOLEAN || released->type == NULL_ALLOCATOR) abort();
    if (--released->references > 0) return;
    for (long i = 0; i < released->length && released->values != NULL; i++) {
        if (released->keys != NULL) CFRelease(released->keys[i]);
        if (released->values[i]->type != BOOLEAN) CFRelease(released->values[i]);
    }
    outstanding--;
    free(released);
}

unsigned long CFGetTypeID(ref object) { return object->type; }
unsigned long CFStringGetTypeID(void) { return STRING; }
unsigned long CFDataGetTypeID(void) { return DATA; }
unsigned long CFDateGetTypeID(void) { return DATE; }
unsigned long CFArrayGetTypeID(void) { return ARRAY; }

ref CFStringCreateWithBytes(ref allocator, const uint8_t *bytes, long length, uint32_t encoding, unsigned char external) {
    if (allocator != NULL || encoding != 0x08000100 || external != 0) return NULL;
    return make(STRING, copy(bytes, (size_t)length), length);
}

long CFStringGetLength(ref string) { return string->length; }

long CFStringGetMaximumSizeForEncoding(long length, uint32_t encoding) { return encoding == 0x08000100 ? 3 * length : -1; }

unsigned char CFStringGetCString(ref string, char *buffer, long size, uint32_t encoding) {
    if (encoding != 0x08000100 || size <= string->length) return 0;
    memcpy(buffer, string->bytes, (size_t)string->length);
    buffer[string->length] = 0;
    return 1;
}

ref CFDataCreateWithBytesNoCopy(ref allocator, const uint8_t *bytes, long length, ref deallocator) {
    return allocator != NULL || deallocator != &no_allocator ? NULL : make(DATA, bytes, length);
}

long CFDataGetLength(ref data) { return data->length; }
const uint8_t *CFDataGetBytePtr(ref data) { return data->bytes; }
double CFDateGetAbsoluteTime(ref date) { return date->seconds; }
long CFArrayGetCount(ref array) { return array->length; }
ref CFArrayGetValueAtIndex(ref array, long index) { return array->values[index]; }

ref CFDictionaryCreate(ref allocator, ref *keys, ref *values, long count, struct callbacks *of_keys,
                       struct callbacks *of_values) {
    if (allocator != NULL || of_keys != &kCFTypeDictionaryKeyCallBacks || of_values != &kCFTypeDictionaryValueCallBacks) {
        return NULL;
    }
    struct object *made = make(DICTIONARY, NULL, count);
    made->keys = copy(keys, (size_t)count * sizeof *keys);
    made->values = copy(values, (size_t)count * sizeof *values);
    for (long i = 0; i < count; i++) {
        retain(keys[i]);
        if (values[i]->type != BOOLEAN) retain(values[i]);
    }
    return made;
}

ref CFDictionaryGetValue(ref dictionary, ref key) {
    for (long i = 0; i < dictionary->length; i++) {
        if (dictionary->keys[i] == key) return dictionary->values[i];
    }
    return NULL;
}

/* The items: what was given when they were added or changed, each in memory of its own. */
struct item {
    ref account, service, group, label, generic, data;
};
static struct item items[64];
static long count;

static ref keep(ref value) {
    return value == NULL ? NULL : make(value->type, copy(value->bytes, (size_t)value->length), value->length);
}

static int differ(ref query, ref key, ref held) {
    ref wanted = CFDictionaryGetValue(query, key);
    return wanted != NULL &&
           (wanted->length != held->length || memcmp(wanted->bytes, held->bytes, (size_t)held->length) != 0);
}

static long find(ref query, long from) {
    if (CFDictionaryGetValue(query, kSecClass) != kSecClassGenericPassword) return count;
    while (from < count && (differ(query, kSecAttrAccount, items[from].account) ||
                            differ(query, kSecAttrService, items[from].service))) {
        from++;
    }
    return from;
}

static void set(ref *held, ref from, ref key) {
    ref value = CFDictionaryGetValue(from, key);
    if (value != NULL) {
        if (*held != NULL) CFRelease(*held);
        *held = keep(value);
    }
}

static void change(struct item *item, ref from) {
    set(&item->label, from, kSecAttrLabel);
    set(&item->generic, from, kSecAttrGeneric);
    set(&item->data, from, kSecValueData);
}

int32_t SecItemAdd(ref item, ref *result) {
    if (result != NULL || CFDictionaryGetValue(item, kSecMatchLimit) != NULL ||
        CFDictionaryGetValue(item, kSecAttrAccessible) != kSecAttrAccessibleAfterFirstUnlock) {
        return -50;
    }
    if (find(item, 0) < count) return -25299;
    struct item *added = &items[count++];
    *added = (struct item){0};
    set(&added->account, item, kSecAttrAccount);
    set(&added->service, item, kSecAttrService);
    set(&added->group, item, kSecAttrAccessGroup);
    change(added, item);
    return 0;
}

int32_t SecItemUpdate(ref query, ref changes) {
    long at = find(query, 0);
    if (at == count) return -25300;
    change(&items[at], changes);
    return 0;
}

int32_t SecItemDelete(ref query) {
    long at = find(query, 0);
    if (at == count) return -25300;
    ref held[] = {items[at].account, items[at].service, items[at].group, items[at].label, items[at].generic, items[at].data};
    for (size_t i = 0; i < sizeof held / sizeof *held; i++) CFRelease(held[i]);
    items[at] = items[--count];
    return 0;
}

static ref describe(const struct item *item, ref with_data) {
    struct object *created = make(DATE, NULL, 0);
    /* 2026-01-02T03:04:05.6Z, from the start of 2001. */
    created->seconds = 789015845.6;
    ref keys[] = {kSecAttrAccount, kSecAttrService, kSecAttrAccessGroup, kSecAttrGeneric, kSecAttrCreationDate, kSecValueData};
    ref values[] = {item->account, item->service, item->group, item->generic, created, item->data};
    ref made = CFDictionaryCreate(NULL, keys, values, with_data == kCFBooleanTrue ? 6 : 5, &kCFTypeDictionaryKeyCallBacks,
                                  &kCFTypeDictionaryValueCallBacks);
    CFRelease(created);
    return made;
}

int32_t SecItemCopyMatching(ref query, ref *result) {
    ref with_data = CFDictionaryGetValue(query, kSecReturnData), limit = CFDictionaryGetValue(query, kSecMatchLimit);
    if (CFDictionaryGetValue(query, kSecReturnAttributes) != kCFBooleanTrue) return -50;
    long at = find(query, 0);
    if (at == count) return -25300;
    if (limit == kSecMatchLimitOne) {
        *result = describe(&items[at], with_data);
        return 0;
    }
    if (limit != kSecMatchLimitAll || with_data != NULL) return -50;
    struct object *array = make(ARRAY, NULL, 0);
    array->values = malloc(sizeof items / sizeof *items * sizeof *array->values);
    for (; at < count; at = find(query, at + 1)) array->values[array->length++] = describe(&items[at], NULL);
    *result = array;
    return 0;
}
