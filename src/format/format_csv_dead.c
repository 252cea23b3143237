#include "format/format_csv_dead.h"

#include "base/arena.h"
#include "base/map.h"
#include "base/memory.h"

enum { NAMES_BYTES_MAX = 256 * 1024 * 1024, COLUMNS_MAX = 4096, OWN_COLUMNS = 4 };

struct csv_dead {
    struct csv_style style;
    struct arena arena; // the names
    struct map places;  // column name -> its place
    size_t count;
    struct text names[COLUMNS_MAX];
    struct value row[COLUMNS_MAX + OWN_COLUMNS]; // in the making
};

bool csv_dead_open(const struct csv_style *style, struct csv_dead **out, struct error *error) {
    struct csv_dead *dead = memory_take(sizeof *dead);
    if (dead == NULL) {
        return error_memory(error);
    }
    dead->style = *style;
    dead->count = 0;
    arena_init(&dead->arena, NAMES_BYTES_MAX);
    map_init(&dead->places);
    *out = dead;
    return true;
}

void csv_dead_close(struct csv_dead *dead) {
    if (dead != NULL) {
        map_clear(&dead->places);
        arena_clear(&dead->arena);
        memory_free(dead);
    }
}

static bool add_column(struct csv_dead *dead, struct text name, struct error *error) {
    if (map_find(&dead->places, name) != NULL) {
        return true;
    }
    if (dead->count == COLUMNS_MAX) {
        return error_set(error, ERROR_LIMIT, "the dead letters have more than %d columns; write out one sync's alone",
                         COLUMNS_MAX);
    }
    struct text kept;
    if (!arena_text(&dead->arena, name, &kept) || !map_put(&dead->places, kept, dead->count)) {
        return error_memory(error);
    }
    dead->names[dead->count++] = kept;
    return true;
}

bool csv_dead_see(struct csv_dead *dead, const struct value *payload, struct error *error) {
    if (payload->kind != VALUE_OBJECT) {
        return true;
    }
    const struct shape *shape = payload->as.object->shape;
    for (uint32_t i = 0; i < shape->count; i++) {
        if (!add_column(dead, shape->names[i], error)) {
            return false;
        }
    }
    return true;
}

static bool write_row(struct csv_dead *dead, struct buffer *out, struct error *error) {
    csv_write_values(out, &dead->style, dead->row, dead->count + OWN_COLUMNS);
    return !out->failed || error_memory(error);
}

bool csv_dead_head(struct csv_dead *dead, struct buffer *out, struct error *error) {
    static const char *const own[OWN_COLUMNS] = {"weir_code", "weir_reason", "weir_place", "weir_raw"};
    for (size_t i = 0; i < dead->count; i++) {
        dead->row[i] = value_text(dead->names[i]);
    }
    for (size_t i = 0; i < OWN_COLUMNS; i++) {
        dead->row[dead->count + i] = value_text(text_of(own[i]));
    }
    return write_row(dead, out, error);
}

// False when one of its names has no column.
static bool take_fields(struct csv_dead *dead, const struct object *object) {
    for (uint32_t i = 0; i < object->shape->count; i++) {
        const uint64_t *place = map_find(&dead->places, object->shape->names[i]);
        if (place == NULL) {
            return false;
        }
        dead->row[*place] = object->values[i];
    }
    return true;
}

bool csv_dead_write(struct csv_dead *dead, const struct csv_dead_row *row, struct buffer *out, struct error *error) {
    size_t columns = dead->count + OWN_COLUMNS;
    struct value *own = dead->row + dead->count;
    memset(dead->row, 0, columns * sizeof *dead->row); // all missing
    if (row->payload->kind != VALUE_OBJECT || !take_fields(dead, row->payload->as.object)) {
        memset(dead->row, 0, columns * sizeof *dead->row);
        own[3] = *row->payload;
    }
    own[0] = value_text(row->code);
    own[1] = value_text(row->reason);
    own[2] = value_text(row->place);
    return write_row(dead, out, error);
}
