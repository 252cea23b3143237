// Feeds bytes to the JSON reader. Whatever it takes must come back from the writer as the same value, in any form;
// whatever it refuses must leave an error that can be shown.

#include <stdio.h>
#include <stdlib.h>

#include "base/buffer.h"
#include "format/format_json.h"

enum { ARENA_MAX = 64 << 20, BUFFER_MAX = 64 << 20 };

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void demand(bool holds, const char *what) {
    if (!holds) {
        fprintf(stderr, "broken: %s\n", what);
        abort();
    }
}

static void check_error(const struct error *error) {
    demand(error->code != ERROR_NONE && error->message[0] != '\0', "a refusal says why");
    demand(text_utf8(text_of(error->message), NULL), "a message is UTF-8");
    demand(error->code == ERROR_MEMORY || error->place[0] != '\0', "a refusal says where");
}

// Reads what was written for `value` and demands that it is the same; gives its canonical bytes.
static void check_written(struct text text, const struct value *value, struct arena *arena, struct json_shapes *shapes,
                          struct buffer *bytes) {
    struct value again;
    struct error error;
    demand(json_read(text, arena, shapes, &again, &error), "what was written can be read");
    demand(value_same(value, &again) && value_same(&again, value), "it is the same value");
    demand(json_write_canonical(bytes, &again, arena), "it has a canonical form");
}

static void check_value(const struct value *value, struct arena *arena, struct json_shapes *shapes) {
    struct buffer plain;
    struct buffer canonical;
    struct buffer from_plain;
    struct buffer from_canonical;
    struct value copy;
    buffer_init(&plain, BUFFER_MAX);
    buffer_init(&canonical, BUFFER_MAX);
    buffer_init(&from_plain, BUFFER_MAX);
    buffer_init(&from_canonical, BUFFER_MAX);
    demand(value_same(value, value), "a value is the same as itself");
    demand(value_copy(arena, value, &copy) && value_same(value, &copy), "a copy is the same");
    json_write(&plain, value);
    demand(!plain.failed && text_utf8(buffer_view(&plain), NULL), "what is written is UTF-8");
    demand(json_write_canonical(&canonical, value, arena), "a value has a canonical form");
    check_written(buffer_view(&plain), value, arena, shapes, &from_plain);
    check_written(buffer_view(&canonical), value, arena, NULL, &from_canonical);
    demand(text_same(buffer_view(&canonical), buffer_view(&from_plain)), "equal values have equal bytes");
    demand(text_same(buffer_view(&canonical), buffer_view(&from_canonical)), "the canonical form is stable");
    buffer_clear(&plain);
    buffer_clear(&canonical);
    buffer_clear(&from_plain);
    buffer_clear(&from_canonical);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
    struct arena arena;
    struct json_shapes shapes = {0};
    struct value alone;
    struct value shared;
    struct error error;
    arena_init(&arena, ARENA_MAX);
    error_clear(&error);
    struct text text = {(const char *)data, size};
    bool is_read = json_read(text, &arena, NULL, &alone, &error);
    if (!is_read) {
        check_error(&error);
    }
    // Known shapes change the speed and nothing else: twice, so that the second round finds what the first left.
    for (int round = 0; round < 2; round++) {
        demand(json_read(text, &arena, &shapes, &shared, &error) == is_read, "shapes do not decide what is JSON");
        if (is_read) {
            demand(value_same(&alone, &shared), "shapes do not change a value");
            check_value(&shared, &arena, &shapes);
        }
    }
    arena_clear(&arena);
    return 0;
}
