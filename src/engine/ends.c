#include "engine/ends.h"

#include <stdio.h>
#include <string.h>

#include "base/memory.h"
#include "engine/gone.h"

// More ends than this are not remembered in memory: a flow with so many has a mistake at its root, and its repeats
// are then closed by a retry. 200,000 take about 40 MB, and only where they exist.
enum { ENDS_MAX = 200000, ENDS_BYTES_MAX = 128 * 1024 * 1024 };

bool ends_init(struct ends *ends, struct store *store, struct text key, struct text flow, struct text type,
               struct text datasource, struct text datatype, int64_t run, struct error *error) {
    *ends = (struct ends){.store = store, .datasource = datasource, .datatype = datatype, .key = key, .run = run};
    arena_init(&ends->arena, ENDS_BYTES_MAX);
    char *filter = arena_print(&ends->arena, "%.*s:%.*s", TEXT_ARGS(flow), TEXT_ARGS(type));
    if (filter == NULL) {
        return error_memory(error);
    }
    ends->dead_filter = text_of(filter);
    return true;
}

void ends_clear(struct ends *ends) {
    map_clear(&ends->deads);
    map_clear(&ends->held);
    map_clear(&ends->waiting);
    map_clear(&ends->goings);
    map_clear(&ends->losers);
    memory_free(ends->list);
    memory_free(ends->lost);
    arena_clear(&ends->arena);
}

static bool end_add(struct ends *ends, struct map *map, struct text key, struct end end, struct error *error) {
    uint64_t *known = map_find(map, key);
    if (known != NULL) {
        ends->list[*known] = end;
        return true;
    }
    if (ends->count == ENDS_MAX) {
        return true;
    }
    if (ends->count == ends->capacity) {
        size_t capacity = ends->capacity > 0 ? ends->capacity * 2 : 64;
        struct end *list = memory_grow(ends->list, capacity, sizeof *list);
        if (list == NULL) {
            return error_memory(error);
        }
        ends->list = list;
        ends->capacity = capacity;
    }
    ends->list[ends->count] = end;
    if (!arena_text(&ends->arena, key, &key) || !map_put(map, key, ends->count)) {
        return error_memory(error);
    }
    ends->count++;
    return true;
}

static bool read_dead(void *context, const struct dead_row *row, struct error *error) {
    struct ends *ends = context;
    ends->dead_last = row->id;
    if (text_is(row->direction, "push")) {
        return true; // of the way back: reading the record again says nothing about it
    }
    struct end end = {.id = row->id, .attempts = row->attempts, .run = row->run};
    return end_add(ends, &ends->deads, row->external, end, error);
}

static struct text waiting_key(char out[160], int64_t home, struct text field) {
    int length = snprintf(out, 160, "%lld/%.*s", (long long)home, TEXT_ARGS(field));
    return (struct text){out, (size_t)length < 160 ? (size_t)length : 159};
}

static bool read_pending(void *context, const struct pending_row *row, struct error *error) {
    struct ends *ends = context;
    ends->pending_last = row->id;
    struct end end = {.id = row->id, .print = row->seen, .run = row->run};
    if (!text_same(row->datasource, ends->datasource)) {
        return true; // another datasource's: nothing that this one says is about it
    }
    if (row->home != 0) {
        char key[160];
        return end_add(ends, &ends->waiting, waiting_key(key, row->home, row->field), end, error);
    }
    return end_add(ends, &ends->held, row->external, end, error);
}

static bool read_conflict(void *context, const struct conflict_row *row, struct error *error) {
    struct ends *ends = context;
    ends->conflict_last = row->id;
    if (!text_is(row->kind, "repeat") || !text_same(row->datasource, ends->datasource) ||
        ends->lost_count == ENDS_MAX) {
        return true;
    }
    if (ends->lost_count == ends->lost_capacity) {
        size_t capacity = ends->lost_capacity > 0 ? ends->lost_capacity * 2 : 64;
        struct loser *lost = memory_grow(ends->lost, capacity, sizeof *lost);
        if (lost == NULL) {
            return error_memory(error);
        }
        ends->lost = lost;
        ends->lost_capacity = capacity;
    }
    struct loser *loser = &ends->lost[ends->lost_count];
    uint64_t *before = map_find(&ends->losers, row->external);
    *loser = (struct loser){.id = row->id, .print = row->print, .home = row->home};
    loser->met = row->met_run == ends->run;
    loser->next = before != NULL ? (size_t)*before + 1 : 0;
    if (!arena_text(&ends->arena, row->external, &loser->external) ||
        !value_copy(&ends->arena, &row->payload, &loser->payload) ||
        !map_put(&ends->losers, loser->external, ends->lost_count)) {
        return error_memory(error);
    }
    ends->lost_count++;
    return true;
}

static bool read_going(void *context, const struct held_row *row, struct error *error) {
    struct ends *ends = context;
    ends->going_last = row->id;
    bool gone = text_is(row->direction, GONE_DIRECTION);
    if ((!gone && !text_is(row->direction, "pull")) || !text_same(row->datatype, ends->datatype) ||
        !text_same(row->datasource, ends->datasource)) {
        return true;
    }
    struct end end = {.id = row->id, .run = row->run, .gone = gone, .approved = row->approved};
    return end_add(ends, &ends->goings, row->external, end, error);
}

bool ends_refresh(struct ends *ends, struct error *error) {
    struct store *store = ends->store;
    struct scan deads = {.filter = ends->dead_filter, .after = ends->dead_last};
    struct scan pendings = {.filter = ends->datatype, .after = ends->pending_last};
    struct scan conflicts = {.filter = ends->datatype, .after = ends->conflict_last};
    struct scan goings = {.filter = ends->key, .after = ends->going_last};
    return store->type->dead_scan(store, &deads, read_dead, ends, error) &&
           store->type->pending_scan(store, &pendings, read_pending, ends, error) &&
           store->type->conflict_scan(store, &conflicts, read_conflict, ends, error) &&
           store->type->held_scan(store, &goings, read_going, ends, error);
}

static struct end *end_find(struct ends *ends, const struct map *map, struct text key) {
    uint64_t *at = map_find(map, key);
    return at != NULL ? &ends->list[*at] : NULL;
}

struct end *ends_dead(struct ends *ends, struct text external) {
    return end_find(ends, &ends->deads, external);
}

struct end *ends_held(struct ends *ends, struct text external) {
    return end_find(ends, &ends->held, external);
}

struct end *ends_going(struct ends *ends, struct text external) {
    return end_find(ends, &ends->goings, external);
}

struct end *ends_waiting(struct ends *ends, int64_t home, struct text field) {
    if (ends->waiting.count == 0) {
        return NULL;
    }
    char key[160];
    return end_find(ends, &ends->waiting, waiting_key(key, home, field));
}

static struct loser *loser_first(struct ends *ends, struct text external) {
    uint64_t *at = map_find(&ends->losers, external);
    return at != NULL ? &ends->lost[*at] : NULL;
}

static struct loser *loser_next(struct ends *ends, const struct loser *loser) {
    return loser->next > 0 ? &ends->lost[loser->next - 1] : NULL;
}

struct loser *ends_loser(struct ends *ends, struct text external, struct print print) {
    struct loser *loser = loser_first(ends, external);
    while (loser != NULL && !print_same(loser->print, print)) {
        loser = loser_next(ends, loser);
    }
    return loser;
}

struct loser *ends_met(struct ends *ends, struct text external) {
    struct loser *loser = loser_first(ends, external);
    while (loser != NULL && !loser->met) {
        loser = loser_next(ends, loser);
    }
    return loser;
}
