#include "model/value.h"

#include <inttypes.h>
#include <stdio.h>

#include "base/map.h"
#include "model/decimal.h"

// From so many names on two differently ordered objects are compared through a table.
enum { TABLE_FROM = 32 };

const char *value_kind_name(enum value_kind kind) {
    static const char *const names[] = {
        [VALUE_MISSING] = "nothing", [VALUE_NULL] = "null", [VALUE_BOOL] = "bool", [VALUE_INTEGER] = "integer",
        [VALUE_DECIMAL] = "decimal", [VALUE_TEXT] = "text", [VALUE_LIST] = "list", [VALUE_OBJECT] = "object",
    };
    return names[kind];
}

uint32_t shape_find(const struct shape *shape, struct text name) {
    const struct text *names = shape->names;
    for (uint32_t i = 0; i < shape->count; i++) {
        if (names[i].length == name.length &&
            (name.length == 0 ||
             (names[i].data[0] == name.data[0] && memcmp(names[i].data, name.data, name.length) == 0))) {
            return i;
        }
    }
    return SHAPE_NONE;
}

const struct value *object_find(const struct object *object, struct text name) {
    uint32_t place = shape_find(object->shape, name);
    if (place == SHAPE_NONE || object->values[place].kind == VALUE_MISSING) {
        return NULL;
    }
    return &object->values[place];
}

static const struct value *member_of(const struct object *object, const char *name, enum value_kind kind) {
    const struct value *found = object != NULL ? object_find(object, text_of(name)) : NULL;
    return found != NULL && found->kind == kind ? found : NULL;
}

struct text object_text(const struct object *object, const char *name) {
    const struct value *found = member_of(object, name, VALUE_TEXT);
    return found != NULL ? value_slice(found) : (struct text){"", 0};
}

int64_t object_integer(const struct object *object, const char *name) {
    const struct value *found = member_of(object, name, VALUE_INTEGER);
    return found != NULL ? found->as.integer : 0;
}

bool object_bool(const struct object *object, const char *name) {
    const struct value *found = member_of(object, name, VALUE_BOOL);
    return found != NULL && found->as.boolean;
}

const struct value *path_find(const struct object *object, const struct path *path) {
    const struct value *found = NULL;
    for (size_t i = 0; i < path->count; i++) {
        if (i > 0) {
            if (found->kind != VALUE_OBJECT) {
                return NULL;
            }
            object = found->as.object;
        }
        found = object_find(object, path->names[i]);
        if (found == NULL) {
            return NULL;
        }
    }
    return found;
}

static bool shape_copy(struct arena *arena, const struct shape *source, const struct shape **out) {
    struct shape *shape = arena_take(arena, sizeof *shape);
    struct text *names = arena_take_zero(arena, source->count, sizeof *names);
    if (shape == NULL || names == NULL) {
        return false;
    }
    for (uint32_t i = 0; i < source->count; i++) {
        if (!arena_text(arena, source->names[i], &names[i])) {
            return false;
        }
    }
    *shape = (struct shape){source->count, names};
    *out = shape;
    return true;
}

static bool values_copy(struct arena *arena, const struct value *source, size_t count, struct value **out) {
    struct value *values = arena_take_zero(arena, count, sizeof *values);
    if (values == NULL) {
        return false;
    }
    for (size_t i = 0; i < count; i++) {
        if (!value_copy(arena, &source[i], &values[i])) {
            return false;
        }
    }
    *out = values;
    return true;
}

static bool object_copy(struct arena *arena, const struct object *source, const struct object **out) {
    struct object *object = arena_take(arena, sizeof *object);
    if (object == NULL || !shape_copy(arena, source->shape, &object->shape) ||
        !values_copy(arena, source->values, source->shape->count, &object->values)) {
        return false;
    }
    *out = object;
    return true;
}

bool value_copy(struct arena *arena, const struct value *source, struct value *out) {
    struct value copy = *source;
    struct value *items = NULL;
    switch ((enum value_kind)source->kind) {
    case VALUE_DECIMAL:
    case VALUE_TEXT:
        copy.as.text = arena_copy(arena, source->as.text, source->length);
        if (copy.as.text == NULL) {
            return false;
        }
        break;
    case VALUE_LIST:
        if (!values_copy(arena, source->as.items, source->length, &items)) {
            return false;
        }
        copy.as.items = items;
        break;
    case VALUE_OBJECT:
        if (!object_copy(arena, source->as.object, &copy.as.object)) {
            return false;
        }
        break;
    case VALUE_MISSING:
    case VALUE_NULL:
    case VALUE_BOOL:
    case VALUE_INTEGER:
        break;
    }
    *out = copy;
    return true;
}

// A number's text; `room` holds an integer's digits.
static struct text number_text(const struct value *value, char room[TEXT_INTEGER_MAX]) {
    if (value->kind == VALUE_DECIMAL) {
        return value_slice(value);
    }
    return text_digits(value->as.integer, room);
}

static bool is_number(const struct value *value) {
    return value->kind == VALUE_INTEGER || value->kind == VALUE_DECIMAL;
}

static bool number_same(const struct value *a, const struct value *b) {
    if (a->kind == VALUE_INTEGER && b->kind == VALUE_INTEGER) {
        return a->as.integer == b->as.integer;
    }
    char a_room[TEXT_INTEGER_MAX];
    char b_room[TEXT_INTEGER_MAX];
    return decimal_compare(number_text(a, a_room), number_text(b, b_room)) == 0;
}

static uint32_t named_count(const struct object *object) {
    uint32_t count = 0;
    for (uint32_t i = 0; i < object->shape->count; i++) {
        count += object->values[i].kind != VALUE_MISSING;
    }
    return count;
}

// Fills the table from names to places. Without memory it stays empty and the search is merely slow.
static void table_fill(struct map *table, const struct shape *shape) {
    for (uint32_t i = 0; i < shape->count; i++) {
        if (!map_put(table, shape->names[i], i)) {
            map_clear(table);
            return;
        }
    }
}

static const struct value *member_find(const struct object *object, const struct map *table, uint32_t guess,
                                       struct text name) {
    const struct shape *shape = object->shape;
    if (guess < shape->count && text_same(shape->names[guess], name)) {
        return &object->values[guess];
    }
    if (table->count == 0) {
        return object_find(object, name);
    }
    const uint64_t *place = map_find(table, name);
    return place != NULL ? &object->values[*place] : NULL;
}

static bool object_same(const struct object *a, const struct object *b) {
    if (a->shape == b->shape) {
        for (uint32_t i = 0; i < a->shape->count; i++) {
            if (!value_same(&a->values[i], &b->values[i])) {
                return false;
            }
        }
        return true;
    }
    if (named_count(a) != named_count(b)) {
        return false;
    }
    struct map table;
    map_init(&table);
    bool same = true;
    bool is_asked = false;
    for (uint32_t i = 0; same && i < a->shape->count; i++) {
        if (a->values[i].kind == VALUE_MISSING) {
            continue;
        }
        struct text name = a->shape->names[i];
        bool is_beside = i < b->shape->count && text_same(b->shape->names[i], name);
        if (!is_beside && !is_asked && b->shape->count >= TABLE_FROM) {
            table_fill(&table, b->shape);
            is_asked = true;
        }
        const struct value *other = member_find(b, &table, i, name);
        same = other != NULL && value_same(&a->values[i], other);
    }
    map_clear(&table);
    return same;
}

bool value_same(const struct value *a, const struct value *b) {
    if (is_number(a) && is_number(b)) {
        return number_same(a, b);
    }
    if (a->kind != b->kind) {
        return false;
    }
    switch ((enum value_kind)a->kind) {
    case VALUE_BOOL:
        return a->as.boolean == b->as.boolean;
    case VALUE_TEXT:
        return text_same(value_slice(a), value_slice(b));
    case VALUE_LIST:
        for (uint32_t i = 0; a->length == b->length && i < a->length; i++) {
            if (!value_same(&a->as.items[i], &b->as.items[i])) {
                return false;
            }
        }
        return a->length == b->length;
    case VALUE_OBJECT:
        return object_same(a->as.object, b->as.object);
    case VALUE_MISSING:
    case VALUE_NULL:
    case VALUE_INTEGER:
    case VALUE_DECIMAL:
        break;
    }
    return true;
}

// Copies as much of a text as is shown, with a \ form for what would disturb a line, and cuts between characters.
static void text_show(struct text text, char *to, size_t room, size_t shown_max) {
    size_t used = 0;
    size_t shown = 0;
    size_t i = 0;
    while (i < text.length && shown < shown_max) {
        unsigned char byte = (unsigned char)text.data[i];
        size_t width = byte < 0x80 ? 1 : byte < 0xE0 ? 2 : byte < 0xF0 ? 3 : 4;
        bool is_whole = i + width <= text.length && text_utf8((struct text){text.data + i, width}, NULL);
        width = is_whole ? width : 1;
        if (used + 8 > room) {
            break;
        }
        if (byte < 0x20 || byte == 0x7F || !is_whole) {
            used += (size_t)snprintf(to + used, room - used, "\\x%02x", byte);
        } else {
            memcpy(to + used, text.data + i, width);
            used += width;
        }
        i += width;
        shown++;
    }
    const char *more = i < text.length ? "…" : "";
    snprintf(to + used, room - used, "%s", more);
}

const char *value_show(const struct value *value, char out[VALUE_SHOW_MAX]) {
    enum { SHOWN = 40 };
    char text[VALUE_SHOW_MAX - 2];
    switch ((enum value_kind)value->kind) {
    case VALUE_BOOL:
        snprintf(out, VALUE_SHOW_MAX, "%s", value->as.boolean ? "true" : "false");
        break;
    case VALUE_INTEGER:
        snprintf(out, VALUE_SHOW_MAX, "%" PRId64, value->as.integer);
        break;
    case VALUE_DECIMAL:
        text_show(value_slice(value), out, VALUE_SHOW_MAX, SHOWN);
        break;
    case VALUE_TEXT:
        text_show(value_slice(value), text, sizeof text, SHOWN);
        snprintf(out, VALUE_SHOW_MAX, "'%s'", text);
        break;
    case VALUE_LIST:
    case VALUE_OBJECT:
        snprintf(out, VALUE_SHOW_MAX, "%s %s", value->kind == VALUE_LIST ? "a" : "an",
                 value_kind_name((enum value_kind)value->kind));
        break;
    case VALUE_MISSING:
    case VALUE_NULL:
        snprintf(out, VALUE_SHOW_MAX, "%s", value_kind_name((enum value_kind)value->kind));
        break;
    }
    return out;
}

struct print value_print(const struct value *value) {
    uint64_t seed = value->kind;
    struct print print = print_of((struct text){"", 0}, seed);
    switch ((enum value_kind)value->kind) {
    case VALUE_MISSING:
    case VALUE_NULL:
        break;
    case VALUE_BOOL:
        print.low ^= value->as.boolean;
        break;
    case VALUE_INTEGER:
        print.low ^= (uint64_t)value->as.integer;
        break;
    case VALUE_DECIMAL:
    case VALUE_TEXT:
        print = print_of(value_slice(value), seed);
        break;
    case VALUE_LIST:
        for (uint32_t i = 0; i < value->length; i++) {
            print = print_join(print, value_print(&value->as.items[i]));
        }
        break;
    case VALUE_OBJECT:
        for (uint32_t i = 0; i < value->as.object->shape->count; i++) {
            struct print name = print_of(value->as.object->shape->names[i], seed);
            print = print_join(print, print_join(name, value_print(&value->as.object->values[i])));
        }
        break;
    }
    return print;
}
