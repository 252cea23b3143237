// References that wait: null in home since what they refer to isn't known here, and no edit of home's.

#include <stdio.h>

#include "base/memory.h"
#include "engine/push_form.h"

enum { WAITS_MAX = 200000, WAIT_KEY_MAX = 300 };

static struct text wait_key(char out[WAIT_KEY_MAX], int64_t home, struct text field, struct text target) {
    int length = snprintf(out, WAIT_KEY_MAX, "%lld/%.*s/%.*s", (long long)home, TEXT_ARGS(field), TEXT_ARGS(target));
    return (struct text){out, (size_t)length < WAIT_KEY_MAX ? (size_t)length : WAIT_KEY_MAX - 1};
}

bool push_former_wait(struct push_former *former, const struct pending_row *row, struct error *error) {
    char room[WAIT_KEY_MAX];
    struct text key = wait_key(room, row->home, row->field, row->awaits_type);
    size_t count = former->waits.count;
    if (!text_same(row->awaits_datasource, former->sync->datasource) || count == WAITS_MAX ||
        map_find(&former->waits, key) != NULL) {
        return true;
    }
    if (count == former->awaited_capacity) {
        size_t capacity = count > 0 ? count * 2 : 64;
        struct text *awaited = memory_grow(former->awaited, capacity, sizeof *awaited);
        if (awaited == NULL) {
            return error_memory(error);
        }
        former->awaited = awaited;
        former->awaited_capacity = capacity;
    }
    return (arena_text(&former->arena, row->awaits_external, &former->awaited[count]) &&
            arena_text(&former->arena, key, &key) && map_put(&former->waits, key, count)) ||
           error_memory(error);
}

const struct text *push_former_awaited(const struct push_former *former, const struct linkset *links,
                                       const struct field *field, const struct object *view) {
    char room[WAIT_KEY_MAX];
    if (former->waits.count == 0 || field == NULL || links == NULL ||
        !text_same(links->datasource, former->sync->datasource)) {
        return NULL;
    }
    struct text key = wait_key(room, view->values[0].as.integer, field->name, links->datatype->name);
    const uint64_t *at = map_find(&former->waits, key);
    return at != NULL ? &former->awaited[*at] : NULL;
}
