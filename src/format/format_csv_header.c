#include "format/format_csv_header.h"

#include "base/map.h"

// A name as a message shows it.
enum { SHOWN_BYTES = 60 };

static int shown(struct text name) {
    return name.length < SHOWN_BYTES ? (int)name.length : SHOWN_BYTES;
}

static bool check_name(struct text name, size_t column, struct error *error) {
    size_t bad = 0;
    if (name.length == 0) {
        return error_set(error, ERROR_CSV_HEADER, "column %zu has no name; name it, or give columns = { … }",
                         column + 1);
    }
    if (!text_utf8(name, &bad)) {
        return error_set(error, ERROR_CSV_HEADER,
                         "the name of column %zu is not UTF-8 (byte 0x%02X); say which encoding the file has, for "
                         "instance encoding = \"latin-1\"",
                         column + 1, (unsigned)(unsigned char)name.data[bad]);
    }
    if (memchr(name.data, '\0', name.length) != NULL) {
        return error_set(error, ERROR_CSV_HEADER,
                         "the name of column %zu holds a NUL; if the file is UTF-16, say encoding = \"utf-16le\"",
                         column + 1);
    }
    return true;
}

static bool check_names(const struct text *names, size_t count, struct error *error) {
    struct map seen;
    map_init(&seen);
    bool ok = true;
    for (size_t i = 0; ok && i < count; i++) {
        ok = check_name(names[i], i, error);
        const uint64_t *earlier = ok ? map_find(&seen, names[i]) : NULL;
        if (earlier != NULL) {
            ok = error_set(error, ERROR_CSV_HEADER,
                           "columns %zu and %zu are both named \"%.*s\"; rename one, or give columns = { … }",
                           (size_t)*earlier + 1, i + 1, shown(names[i]), names[i].data);
        } else if (ok && !map_put(&seen, names[i], i)) {
            ok = error_memory(error);
        }
    }
    map_clear(&seen);
    return ok;
}

bool csv_header_shape(const struct text *names, size_t count, struct arena *arena, const struct shape **out,
                      struct error *error) {
    if (!check_names(names, count, error)) {
        return false;
    }
    struct shape *shape = arena_take(arena, sizeof *shape);
    struct text *copies = arena_take(arena, count * sizeof *copies);
    if (shape == NULL || copies == NULL) {
        return error_memory(error);
    }
    for (size_t i = 0; i < count; i++) {
        if (!arena_text(arena, names[i], &copies[i])) {
            return error_memory(error);
        }
    }
    *shape = (struct shape){(uint32_t)count, copies};
    *out = shape;
    return true;
}

bool csv_header_same(const struct shape *shape, const struct text *names, size_t count) {
    if (shape->count != count) {
        return false;
    }
    for (size_t i = 0; i < count; i++) {
        if (!text_same(shape->names[i], names[i])) {
            return false;
        }
    }
    return true;
}

struct print csv_header_print(const struct shape *shape, char delimiter, char quote, uint64_t seed) {
    const char marks[2] = {delimiter, quote};
    struct print print = print_of((struct text){marks, sizeof marks}, seed);
    for (uint32_t i = 0; i < shape->count; i++) {
        print = print_join(print, print_of(shape->names[i], 0));
    }
    return print;
}
