#include "server/web_target.h"

#include <string.h>

static int hex_of(char c) {
    return c >= '0' && c <= '9'   ? c - '0'
           : c >= 'a' && c <= 'f' ? c - 'a' + 10
           : c >= 'A' && c <= 'F' ? c - 'A' + 10
                                  : -1;
}

bool web_target_decode(struct text text, bool plus, struct arena *arena, struct text *out) {
    char *room = arena_take(arena, text.length + 1);
    size_t length = 0;
    if (room == NULL) {
        return false;
    }
    for (size_t i = 0; i < text.length; i++) {
        char c = text.data[i];
        if (c == '%') {
            int high = i + 2 < text.length ? hex_of(text.data[i + 1]) : -1;
            int low = i + 2 < text.length ? hex_of(text.data[i + 2]) : -1;
            if (high < 0 || low < 0) {
                return false;
            }
            c = (char)(high << 4 | low);
            i += 2;
        } else if (c == '+' && plus) {
            c = ' ';
        }
        if ((unsigned char)c < ' ' || c == 0x7F) {
            return false;
        }
        room[length++] = c;
    }
    room[length] = '\0';
    *out = (struct text){room, length};
    return text_utf8(*out, NULL);
}

static bool take_pair(struct text pair, struct arena *arena, struct pair *out) {
    const char *equals = memchr(pair.data, '=', pair.length);
    size_t name = equals != NULL ? (size_t)(equals - pair.data) : pair.length;
    struct text value = {"", 0};
    if (equals != NULL) {
        value = (struct text){equals + 1, pair.length - name - 1};
    }
    return web_target_decode((struct text){pair.data, name}, true, arena, &out->name) &&
           web_target_decode(value, true, arena, &out->value);
}

bool web_target_read(struct text target, struct arena *arena, struct text *path, struct pair query[QUERY_MAX],
                     size_t *query_count, const char **wrong) {
    const char *mark = target.length > 0 ? memchr(target.data, '?', target.length) : NULL;
    size_t end = mark != NULL ? (size_t)(mark - target.data) : target.length;
    struct text ignored;
    *query_count = 0;
    *path = (struct text){target.data, end};
    if (end == 0 || target.data[0] != '/' || !web_target_decode(*path, false, arena, &ignored)) {
        *wrong = "the path cannot be read";
        return false;
    }
    struct text rest = {target.data + end, target.length - end};
    while (rest.length > 1) {
        rest = (struct text){rest.data + 1, rest.length - 1};
        const char *and = memchr(rest.data, '&', rest.length);
        struct text pair = {rest.data, and != NULL ? (size_t)(and-rest.data) : rest.length};
        rest = (struct text){rest.data + pair.length, rest.length - pair.length};
        if (pair.length == 0) {
            continue;
        }
        if (*query_count == QUERY_MAX) {
            *wrong = "the query has too many parameters";
            return false;
        }
        if (!take_pair(pair, arena, &query[*query_count])) {
            *wrong = "the query cannot be read";
            return false;
        }
        for (size_t i = 0; i < *query_count; i++) {
            if (text_same(query[i].name, query[*query_count].name)) {
                *wrong = "the query has a parameter twice";
                return false;
            }
        }
        ++*query_count;
    }
    return true;
}
