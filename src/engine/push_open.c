#include <string.h>

#include "base/memory.h"
#include "engine/derive.h"
#include "engine/push_work.h"

enum { ENDS_BYTES_MAX = 64 * 1024 * 1024 };

// --- what earlier pushes left ---

static bool end_put(struct push_ends *ends, struct map *map, const struct push_end *end, struct error *error) {
    struct text key = {(const char *)&end->home, sizeof end->home};
    uint64_t *known = map_find(map, key);
    if (known != NULL) {
        ends->list[*known] = *end;
        return true;
    }
    if (ends->count == ends->capacity) {
        size_t capacity = ends->capacity > 0 ? ends->capacity * 2 : 64;
        struct push_end *list = memory_grow(ends->list, capacity, sizeof *list);
        if (list == NULL) {
            return error_memory(error);
        }
        ends->list = list;
        ends->capacity = capacity;
    }
    ends->list[ends->count] = *end;
    if (!arena_text(&ends->arena, key, &key) || !map_put(map, key, ends->count)) {
        return error_memory(error);
    }
    ends->count++;
    return true;
}

static bool read_dead(void *context, const struct dead_row *row, struct error *error) {
    struct push_ends *ends = context;
    struct push_end end = {.id = row->id, .attempts = row->attempts, .print = row->print};
    int64_t code = 0;
    ends->dead_last = row->id;
    if (ends->deads.count >= PUSH_ENDS_MAX) {
        return true; // a sync with so many has a mistake at its root
    }
    if (!text_is(row->direction, "push") || !text_integer(row->external, &end.home)) {
        return true;
    }
    if (row->code.length > 1) {
        (void)!text_integer((struct text){row->code.data + 1, row->code.length - 1}, &code);
    }
    end.code = (enum error_code)code;
    return end_put(ends, &ends->deads, &end, error);
}

bool push_refresh(struct pushing *push, struct error *error) {
    struct store *store = push->pass->store;
    struct scan deads = {.filter = push->ends.dead_filter, .after = push->ends.dead_last};
    return store->type->dead_scan(store, &deads, read_dead, &push->ends, error);
}

bool push_keep_intent(struct pushing *push, int64_t home, int64_t id, enum intent_state state, struct error *error) {
    struct push_end end = {.home = home, .id = id, .state = state};
    return end_put(&push->ends, &push->ends.intents, &end, error);
}

static bool read_intent(void *context, const struct intent_row *row, struct error *error) {
    struct pushing *push = context;
    push->intent_last = row->id;
    if (!text_same(row->datasource, push->pass->sync->datasource) ||
        !text_same(row->datatype, push->pass->type->datatype->name)) {
        return true;
    }
    return push_keep_intent(push, row->home, row->id, row->state, error);
}

// Those of earlier runs, and only once: while this one has the lease, nobody else adds any.
static bool read_intents(struct pushing *push, struct error *error) {
    struct store *store = push->pass->store;
    struct scan intents = {.filter = push->pass->key};
    return store->type->intent_scan(store, &intents, read_intent, push, error);
}

static bool read_wait(void *context, const struct pending_row *row, struct error *error) {
    struct pushing *push = context;
    struct push_ends *ends = &push->ends;
    struct text key;
    if (!text_same(row->datasource, push->pass->sync->datasource)) {
        return true;
    }
    if (row->home != 0) {
        return push_former_wait(&push->former, row, error);
    }
    if (push->pass->sync->direction != SYNC_BOTH || ends->waits.count >= PUSH_ENDS_MAX) {
        return true;
    }
    return (arena_text(&ends->arena, row->external, &key) && map_put(&ends->waits, key, 1)) || error_memory(error);
}

// What was pulled in this run waits by now, and a push adds none.
static bool read_waits(struct pushing *push, struct error *error) {
    struct store *store = push->pass->store;
    struct scan waits = {.filter = push->pass->type->datatype->name};
    return store->type->pending_scan(store, &waits, read_wait, push, error);
}

bool push_waits(const struct pushing *push, struct text external) {
    return push->ends.waits.count > 0 && map_find(&push->ends.waits, external) != NULL;
}

static struct push_end *end_find(const struct push_ends *ends, const struct map *map, int64_t home) {
    uint64_t *at = map_find(map, (struct text){(const char *)&home, sizeof home});
    return at != NULL && ends->list[*at].id != 0 ? &ends->list[*at] : NULL;
}

struct push_end *push_dead(const struct pushing *push, int64_t home) {
    return end_find(&push->ends, &push->ends.deads, home);
}

struct push_end *push_intent(const struct pushing *push, int64_t home) {
    return end_find(&push->ends, &push->ends.intents, home);
}

// --- blocks ---

static bool block_open(struct pushing *push, struct error *error) {
    struct push_page *page = &push->page;
    push->items = memory_zero(PUSH_BLOCK, sizeof *push->items);
    push->chosen = memory_zero(PUSH_BLOCK, sizeof *push->chosen);
    push->sends = memory_zero(PUSH_BLOCK, sizeof *push->sends);
    push->got = memory_zero(PUSH_BLOCK, sizeof *push->got);
    // Every item comes into a page at most once a list; with its old link's end, twice among the effects.
    page->ends = memory_zero(PUSH_BLOCK, sizeof *page->ends);
    page->deads = memory_zero(PUSH_BLOCK, sizeof *page->deads);
    page->deads_done = memory_zero(PUSH_BLOCK, sizeof *page->deads_done);
    page->intents = memory_zero(PUSH_BLOCK, sizeof *page->intents);
    page->intents_done = memory_zero(PUSH_BLOCK, sizeof *page->intents_done);
    page->helds = memory_zero(PUSH_BLOCK, sizeof *page->helds);
    page->helds_done = memory_zero(PUSH_BLOCK, sizeof *page->helds_done);
    page->effects = memory_zero((size_t)2 * PUSH_BLOCK, sizeof *page->effects);
    page->stales = memory_zero(PUSH_BLOCK, sizeof *page->stales);
    bool ok = push->items != NULL && push->chosen != NULL && push->sends != NULL && push->got != NULL &&
              page->ends != NULL && page->deads != NULL && page->deads_done != NULL && page->intents != NULL &&
              page->intents_done != NULL && page->helds != NULL && page->helds_done != NULL && page->effects != NULL &&
              page->stales != NULL;
    return ok || error_memory(error);
}

static void block_close(struct pushing *push) {
    struct push_page *page = &push->page;
    memory_free(push->items);
    memory_free(push->chosen);
    memory_free(push->sends);
    memory_free(push->got);
    memory_free(page->ends);
    memory_free(page->deads);
    memory_free(page->deads_done);
    memory_free(page->intents);
    memory_free(page->intents_done);
    memory_free(page->helds);
    memory_free(page->helds_done);
    memory_free(page->effects);
    memory_free(page->stales);
}

void push_block(struct pushing *push) {
    mapper_release(push->pass->sync->mapper);
    if (push->arena.held > PUSH_BLOCK_BYTES) {
        arena_clear(&push->arena); // its size says when a block is full
        arena_init(&push->arena, PUSH_BYTES_MAX);
    }
    arena_reset(&push->arena);
    push->count = 0;
    push->turn = 0;
}

bool push_block_full(const struct pushing *push) {
    return push->count == PUSH_BLOCK || push->arena.held > PUSH_BLOCK_BYTES;
}

bool push_add(struct pushing *push, struct push_item **out, struct error *error) {
    if (push->count == PUSH_BLOCK) {
        return error_set(error, ERROR_LIMIT, "a block of a push takes at most %d records", PUSH_BLOCK);
    }
    *out = &push->items[push->count++];
    memset(*out, 0, sizeof **out);
    return true;
}

// --- the whole ---

static bool target_of(struct pushing *push, struct error *error) {
    const struct push_pass *pass = push->pass;
    const struct sync *sync = pass->sync;
    if (sync->source->target == NULL) {
        return error_set(error, ERROR_SCRIPT_SHAPE,
                         "the datasource %.*s is of kind %s, which can't be written to; leave %.*s out of push",
                         TEXT_ARGS(sync->datasource), sync->source->kind, TEXT_ARGS(pass->type->name));
    }
    struct target_setup setup = {
        .session = pass->session,
        .settings = sync->source_settings,
        .type = pass->type->settings,
        .type_name = pass->type->name,
        .key = pass->type->key,
        .key_count = pass->type->key_count,
        .mapper = sync->mapper,
        .clock = pass->request->clock,
        .log = pass->log,
    };
    return target_open(sync->source->target, &setup, &push->target, error);
}

bool push_open(struct pushing *push, struct push_pass *pass, struct error *error) {
    const struct sync *sync = pass->sync;
    memset(push, 0, sizeof *push);
    push->pass = pass;
    arena_init(&push->arena, PUSH_BYTES_MAX);
    arena_init(&push->ends.arena, ENDS_BYTES_MAX);
    if (!push_former_init(&push->former, sync, pass->type, pass->store, pass->lease, pass->run, push_now(push),
                          error) ||
        !block_open(push, error)) {
        return false;
    }
    char *filter = arena_print(&push->ends.arena, "%.*s:%.*s", TEXT_ARGS(pass->name), TEXT_ARGS(pass->type->name));
    if (filter == NULL) {
        return error_memory(error);
    }
    push->ends.dead_filter = text_of(filter);
    push->marks = derive_marks(sync->datatypes, sync->datatype_count, pass->type->datatype);
    return push_refresh(push, error) && read_intents(push, error) && read_waits(push, error) && target_of(push, error);
}

void push_close(struct pushing *push) {
    target_close(push->target);
    mapper_release(push->pass->sync->mapper);
    push_former_clear(&push->former);
    block_close(push);
    memory_free(push->deletes);
    memory_free(push->ends.list);
    map_clear(&push->ends.deads);
    map_clear(&push->ends.intents);
    map_clear(&push->ends.waits);
    arena_clear(&push->ends.arena);
    arena_clear(&push->arena);
}
