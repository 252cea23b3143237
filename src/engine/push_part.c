// External ids taken apart: ["313603","1111"] is an id of two parts, all else is one of one.

#include "engine/push_form.h"

// Reads the JSON string that begins at `at`; `out` receives its text, unescaped into `room`. NULL when it is none.
static const char *string_read(const char *at, const char *end, char *room, struct text *out) {
    size_t length = 0;
    if (at == end || *at++ != '"') {
        return NULL;
    }
    while (at < end && *at != '"') {
        char byte = *at++;
        if (byte == '\\') {
            static const char from[] = "\"\\/bfnrt";
            static const char to[] = "\"\\/\b\f\n\r\t";
            const char *found = at < end ? memchr(from, *at, sizeof from - 1) : NULL;
            if (found != NULL) {
                byte = to[found - from];
                at++;
            } else if (end - at >= 5 && at[0] == 'u' && at[1] == '0' && at[2] == '0') {
                // Only control characters are written so.
                static const char digits[] = "0123456789abcdef";
                const char *high = memchr(digits, at[3] | 0x20, sizeof digits - 1);
                const char *low = memchr(digits, at[4] | 0x20, sizeof digits - 1);
                if (high == NULL || low == NULL) {
                    return NULL;
                }
                byte = (char)((high - digits) * 16 + (low - digits));
                at += 5;
            } else {
                return NULL;
            }
        }
        room[length++] = byte;
    }
    *out = (struct text){room, length};
    return at < end ? at + 1 : NULL;
}

static bool no_part(struct text external, uint32_t part, struct error *error) {
    return error_set(error, ERROR_KEY_EMPTY, "the id %.*s has no part %u",
                     (int)(external.length < 80 ? external.length : 80), external.data, (unsigned)part);
}

bool push_part(struct text external, uint32_t part, struct arena *arena, struct text *out, struct error *error) {
    bool is_list = external.length > 1 && external.data[0] == '[' && external.data[external.length - 1] == ']';
    *out = external;
    if (part == 0 || (part == 1 && !is_list)) {
        return true;
    }
    if (!is_list) {
        return no_part(external, part, error);
    }
    char *room = arena_take(arena, external.length + 1);
    if (room == NULL) {
        return error_memory(error);
    }
    const char *end = external.data + external.length;
    const char *at = external.data + 1;
    for (uint32_t i = 1; at != NULL && i <= part; i++) {
        at = string_read(at, end, room, out);
        if (at == NULL || at == end || (*at != ',' && *at != ']')) {
            break;
        }
        if (i == part) {
            return true;
        }
        if (*at++ == ']') {
            break;
        }
    }
    return no_part(external, part, error);
}
