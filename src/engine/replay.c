#include "engine/replay.h"

#include "base/arena.h"
#include "base/memory.h"

struct replay_source {
    struct source base;
    struct replay *replay;
    int64_t after;
    struct text filter;
    struct arena arena;
};

enum { FILTER_BYTES_MAX = 64 * 1024 };

static bool replay_open(const struct source_setup *setup, struct source **out, struct error *error) {
    struct replay *replay = setup->context;
    struct replay_source *source = memory_zero(1, sizeof *source);
    if (source == NULL) {
        return error_memory(error);
    }
    source->base.type = &source_replay;
    source->replay = replay;
    arena_init(&source->arena, FILTER_BYTES_MAX);
    char *filter = arena_print(&source->arena, "%.*s:%.*s", TEXT_ARGS(replay->flow), TEXT_ARGS(setup->type_name));
    if (filter == NULL) {
        arena_clear(&source->arena);
        memory_free(source);
        return error_memory(error);
    }
    source->filter = text_of(filter);
    *out = &source->base;
    return true;
}

static bool is_wanted(const struct replay *replay, int64_t id) {
    for (size_t i = 0; i < replay->id_count; i++) {
        if (replay->ids[i] == id) {
            return true;
        }
    }
    return replay->ids == NULL;
}

struct filling {
    struct replay_source *source;
    struct batch *batch;
};

static bool take_row(void *context, const struct dead_row *row, struct error *error) {
    struct filling *filling = context;
    struct batch *batch = filling->batch;
    filling->source->after = row->id;
    if (text_is(row->direction, "push") || !is_wanted(filling->source->replay, row->id)) {
        return true; // a push's are for the push: nothing was read there
    }
    if (row->payload.kind != VALUE_OBJECT || text_is(row->direction, DEAD_FORM)) {
        filling->source->replay->unreplayable++;
        return true;
    }
    struct value copy;
    if (!value_copy(&batch->arena, &row->payload, &copy)) {
        return error_memory(error);
    }
    batch->records[batch->count++] =
        (struct record){.fields = *copy.as.object, .print = row->print, .line = (uint64_t)row->id};
    return true;
}

static bool replay_read(struct source *base, struct batch *batch, struct error *error) {
    struct replay_source *source = (struct replay_source *)base;
    struct store *store = source->replay->store;
    struct filling filling = {source, batch};
    int64_t before = source->after;
    struct scan scan = {.filter = source->filter, .after = before, .limit = (int64_t)batch->capacity};
    if (!store->type->dead_scan(store, &scan, take_row, &filling, error)) {
        return false;
    }
    batch->place = TEXT_LITERAL("dead letters");
    batch->position = TEXT_LITERAL("");
    batch->last = source->after == before;
    return true;
}

static void replay_close(struct source *base) {
    struct replay_source *source = (struct replay_source *)base;
    if (source != NULL) {
        arena_clear(&source->arena);
        memory_free(source);
    }
}

const struct source_type source_replay = {
    .kind = "replay",
    .open = replay_open,
    .read = replay_read,
    .close = replay_close,
};
