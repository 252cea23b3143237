#include "server/scrub.h"

#include <string.h>

enum { HEX_DIGITS = 32 };

static bool is_hex(const char *bytes, size_t length) {
    for (size_t i = 0; i < HEX_DIGITS; i++) {
        bool digit = i < length && ((bytes[i] >= '0' && bytes[i] <= '9') || (bytes[i] >= 'a' && bytes[i] <= 'f'));
        if (!digit) {
            return false;
        }
    }
    return true;
}

static bool starts(const char *bytes, size_t length, const char *with) {
    size_t wanted = strlen(with);
    return length >= wanted && memcmp(bytes, with, wanted) == 0;
}

// Bytes behind DATA/ that are to go too; 0: it is none of those paths.
static size_t behind(const char *bytes, size_t length) {
    static const char scripts[] = "scripts/";
    static const char uploads[] = "/uploads/";
    size_t at = sizeof scripts - 1;
    if (starts(bytes, length, scripts) && is_hex(bytes + at, length - at) && length > at + HEX_DIGITS &&
        bytes[at + HEX_DIGITS] == '/') {
        return at + HEX_DIGITS + 1;
    }
    const char *slash = memchr(bytes, '/', length);
    size_t org = slash != NULL ? (size_t)(slash - bytes) : length;
    at = org + sizeof uploads - 1;
    return org < length && starts(slash, length - org, uploads) && is_hex(bytes + at, length - at) ? at : 0;
}

// How much is to be cut at this place.
static size_t cut_at(const char *folder, const char *bytes, size_t length) {
    size_t data = strlen(folder);
    if (data == 0 || !starts(bytes, length, folder) || length == data || bytes[data] != '/') {
        return 0;
    }
    size_t more = behind(bytes + data + 1, length - data - 1);
    return more > 0 ? data + 1 + more : 0;
}

static bool may_have(const char *bytes, size_t length) {
    return memmem(bytes, length, "/uploads/", strlen("/uploads/")) != NULL ||
           memmem(bytes, length, "/scripts/", strlen("/scripts/")) != NULL;
}

size_t scrub_bytes(const struct service *service, char *bytes, size_t length) {
    size_t kept = 0;
    if (length == 0 || !may_have(bytes, length)) {
        return length;
    }
    for (size_t at = 0; at < length;) {
        size_t whole = cut_at(service->folder, bytes + at, length - at);
        size_t cut = whole > 0 ? whole : cut_at(service->setup->data, bytes + at, length - at);
        if (cut > 0) {
            at += cut;
        } else {
            bytes[kept++] = bytes[at++];
        }
    }
    return kept;
}

struct text scrub_text(const struct service *service, struct text text, struct arena *arena) {
    char *copy = text.length > 0 && may_have(text.data, text.length) ? arena_copy(arena, text.data, text.length) : NULL;
    return copy != NULL ? (struct text){copy, scrub_bytes(service, copy, text.length)} : text;
}
