#include <stdio.h>
#include <stdlib.h>

#include "base/memory.h"
#include "base/quote.h"
#include "format/format_json_reader.h"

// Up to so many names each is compared with each; more are sorted first.
enum { PAIRS_MAX = 24 };

static const struct shape shape_empty = {0, NULL};

static int name_order(const void *a, const void *b) {
    return text_compare(*(const struct text *)a, *(const struct text *)b);
}

// The first name found twice, or NULL. `sorted` is in order.
static const struct text *repeat_sorted(const struct text *sorted, size_t count) {
    for (size_t i = 1; i < count; i++) {
        if (text_same(sorted[i - 1], sorted[i])) {
            return &sorted[i];
        }
    }
    return NULL;
}

static const struct text *repeat_pairs(const struct text *names, size_t count) {
    for (size_t i = 1; i < count; i++) {
        for (size_t j = 0; j < i; j++) {
            if (text_same(names[i], names[j])) {
                return &names[i];
            }
        }
    }
    return NULL;
}

static bool repeats_refuse(struct json_reader *reader, const struct text *names, size_t count) {
    struct text *sorted = NULL;
    const struct text *repeat;
    if (count <= PAIRS_MAX) {
        repeat = repeat_pairs(names, count);
    } else {
        // Sorted and not hashed: no choice of names makes this slow.
        sorted = memory_take(count * sizeof *sorted);
        if (sorted == NULL) {
            return error_memory(reader->error);
        }
        memcpy(sorted, names, count * sizeof *sorted);
        qsort(sorted, count, sizeof *sorted, name_order);
        repeat = repeat_sorted(sorted, count);
    }
    if (repeat != NULL) {
        struct value name = value_text(*repeat);
        char room[VALUE_SHOW_MAX];
        char message[VALUE_SHOW_MAX + 64];
        snprintf(message, sizeof message, "the object that ends here has the key %s twice", value_show(&name, room));
        json_fail(reader, reader->at - 1, ERROR_JSON_DUPLICATE, message);
    }
    memory_free(sorted);
    return repeat == NULL;
}

static bool shape_fits(const struct shape *shape, const struct json_slot *slots, size_t count) {
    for (size_t i = 0; i < count; i++) {
        if (shape->names[i].data != slots[i].name.data && !text_same(shape->names[i], slots[i].name)) {
            return false;
        }
    }
    return true;
}

const struct shape *json_guess(const struct json_reader *reader, size_t base, size_t count, struct text name) {
    const struct json_shapes *shapes = reader->shapes;
    for (int i = 0; i < JSON_SHAPES; i++) {
        const struct shape *shape = shapes->recent[i];
        if (shape != NULL && shapes->plain[i] && shape->count > count && text_same(shape->names[count], name) &&
            shape_fits(shape, reader->slots + base, count)) {
            return shape;
        }
    }
    return NULL;
}

// Keeps the shape in the place of the oldest. Its names are copied: other objects will use them when the text that
// they were read from may be gone.
static bool shape_keep(struct json_reader *reader, const struct shape *shape, struct text *names) {
    struct json_shapes *shapes = reader->shapes;
    bool plain = true;
    for (uint32_t i = 0; i < shape->count; i++) {
        if (!arena_text(reader->arena, names[i], &names[i])) {
            return error_memory(reader->error);
        }
        plain = plain && quote_length(names[i]) == names[i].length + 2;
    }
    unsigned place = shapes->next % JSON_SHAPES;
    shapes->recent[place] = shape;
    shapes->plain[place] = plain;
    shapes->next = (place + 1) % JSON_SHAPES;
    return true;
}

bool json_shape(struct json_reader *reader, size_t base, size_t count, const struct shape **out) {
    const struct json_slot *slots = reader->slots + base;
    if (count == 0) {
        *out = &shape_empty;
        return true;
    }
    for (int i = 0; reader->shapes != NULL && i < JSON_SHAPES; i++) {
        const struct shape *recent = reader->shapes->recent[i];
        if (recent != NULL && recent->count == count && shape_fits(recent, slots, count)) {
            *out = recent;
            return true;
        }
    }
    struct shape *shape = arena_take(reader->arena, sizeof *shape);
    struct text *names = arena_take_zero(reader->arena, count, sizeof *names);
    if (shape == NULL || names == NULL) {
        return error_memory(reader->error);
    }
    for (size_t i = 0; i < count; i++) {
        names[i] = slots[i].name;
    }
    *shape = (struct shape){(uint32_t)count, names};
    if (!repeats_refuse(reader, names, count) || (reader->shapes != NULL && !shape_keep(reader, shape, names))) {
        return false;
    }
    *out = shape;
    return true;
}
