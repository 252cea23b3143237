#include "engine/derive.h"

#include "base/memory.h"
#include "engine/derive_work.h"

// A change travels along references one step a pass; a chain that is longer than this is a circle.
enum {
    DERIVE_PASSES_MAX = 20,
    DERIVE_ROWS_MAX = 1000000, // stale rows a pass
    DERIVE_STALE_MAX = 20,     // edits under one page
};

// --- what makes what stale ---

// Whether a derived field of `datatype` sees records of `target`.
bool derive_sees(const struct datatype *datatype, struct text target) {
    bool refers = false;
    for (size_t i = 0; i < datatype->count; i++) {
        const struct field *field = &datatype->fields[i];
        refers = refers || (field->type == FIELD_REF && text_same(field->target, target));
    }
    return refers && datatype->derive_count > 0;
}

bool derive_is_seen(const struct datatype *const *datatypes, size_t count, struct text target) {
    for (size_t i = 0; i < count; i++) {
        if (derive_sees(datatypes[i], target)) {
            return true;
        }
    }
    return false;
}

bool derive_marks(const struct datatype *const *datatypes, size_t count, const struct datatype *datatype) {
    return datatype->derive_count > 0 || derive_is_seen(datatypes, count, datatype->name);
}

bool derive_is_computed(const struct datatype *datatype) {
    for (size_t i = 0; i < datatype->derive_count; i++) {
        if (datatype->derives[i].function == DERIVE_ELSEWHERE) {
            return false;
        }
    }
    return true;
}

static const struct datatype *datatype_at(const struct deriving *deriving, size_t index) {
    return deriving->setup->datatypes[index];
}

// --- one stale row, block by block ---

// Where a stale row's work stands: its own record, then the records that refer to it.
struct walk {
    struct stale stale;
    bool own_done;
    size_t datatype; // whose records refer
    uint32_t field;  // by which field
    int64_t after;
    int64_t seen_seq; // home's when it began: a mark that is newer stays
    bool ended;
};

// Moves on to the next reference field that leads to the record, and says whether there is one.
static bool walk_next(const struct deriving *deriving, struct walk *walk) {
    const struct derive_setup *setup = deriving->setup;
    struct text target = datatype_at(deriving, walk->stale.datatype)->name;
    for (; walk->datatype < setup->datatype_count; walk->datatype++, walk->field = 0) {
        const struct datatype *datatype = datatype_at(deriving, walk->datatype);
        for (; derive_sees(datatype, target) && walk->field < datatype->count; walk->field++) {
            const struct field *field = &datatype->fields[walk->field];
            if (field->type == FIELD_REF && text_same(field->target, target)) {
                return true;
            }
        }
    }
    walk->ended = true;
    return false;
}

// Fills one page; inside a snapshot.
static bool walk_block(struct deriving *deriving, struct walk *walk, struct error *error) {
    const struct derive_setup *setup = deriving->setup;
    struct store *store = setup->store;
    int64_t ids[DERIVE_BLOCK];
    size_t count = 0;
    if (!walk->own_done) {
        walk->own_done = true;
        if (!store->type->seq(store, &walk->seen_seq, error) ||
            !derive_into(deriving, datatype_at(deriving, walk->stale.datatype), walk->stale.home, error)) {
            return false;
        }
        walk_next(deriving, walk);
        return true; // a page of its own: those that refer to it see it as it is then
    }
    const struct datatype *datatype = datatype_at(deriving, walk->datatype);
    if (!store->type->referrers(store, datatype, walk->field, walk->stale.home, walk->after, ids, DERIVE_BLOCK, &count,
                                error)) {
        return false;
    }
    for (size_t i = 0; i < count; i++) {
        if (!derive_into(deriving, datatype, ids[i], error)) {
            return false;
        }
    }
    walk->after = count > 0 ? ids[count - 1] : walk->after;
    if (count < DERIVE_BLOCK) {
        walk->field++;
        walk->after = 0;
        walk_next(deriving, walk);
    }
    return true;
}

static bool commit_block(struct deriving *deriving, const struct walk *walk, enum commit_outcome *outcome,
                         struct error *error) {
    const struct derive_setup *setup = deriving->setup;
    bool is_done = walk->ended && deriving->complete[walk->stale.datatype];
    struct stale_row done = {datatype_at(deriving, walk->stale.datatype)->name, walk->stale.home};
    struct page page = {
        .lease = setup->lease,
        .run = setup->run,
        .origin = TEXT_LITERAL("derive"),
        .at_us = clock_now(setup->clock),
        .seen_seq = walk->seen_seq,
        .effects = deriving->effects,
        .effect_count = deriving->effect_count,
        .stales = deriving->stales,
        .stale_count = deriving->stale_count,
        .stales_done = &done,
        .stale_done_count = is_done,
    };
    *outcome = COMMIT_DONE;
    if (page.effect_count + page.stale_count + page.stale_done_count == 0) {
        return true;
    }
    return store_commit(setup->store, &page, outcome, error);
}

// One page of a walk; made again when home changes under it.
static bool walk_page(struct deriving *deriving, struct walk *walk, struct error *error) {
    struct store *store = deriving->setup->store;
    for (int tries = 0; tries < DERIVE_STALE_MAX; tries++) {
        struct walk next = *walk;
        enum commit_outcome outcome = COMMIT_DONE;
        arena_reset(&deriving->arena);
        deriving->effect_count = deriving->stale_count = 0;
        if (!store->type->snapshot(store, error)) {
            return false;
        }
        bool ok = walk_block(deriving, &next, error);
        store->type->snapshot_end(store);
        ok = ok && commit_block(deriving, &next, &outcome, error);
        mapper_release(deriving->setup->mapper);
        if (!ok) {
            return false;
        }
        if (outcome == COMMIT_DONE) {
            *deriving->changed += (int64_t)deriving->effect_count;
            *walk = next;
            return true;
        }
    }
    return error_set(error, ERROR_HOME_BUSY, "home changed under derived fields %d times; try again", DERIVE_STALE_MAX);
}

// --- passes ---

static bool take_stale(void *context, const struct stale_row *row, struct error *error) {
    struct deriving *deriving = context;
    size_t at = 0;
    while (at < deriving->setup->datatype_count && !text_same(datatype_at(deriving, at)->name, row->datatype)) {
        at++;
    }
    if (at == deriving->setup->datatype_count) {
        return true; // of a datatype that this script doesn't know: another's work
    }
    if (deriving->count == deriving->capacity) {
        size_t capacity = deriving->capacity > 0 ? deriving->capacity * 2 : 256;
        struct stale *rows = memory_grow(deriving->rows, capacity, sizeof *rows);
        if (rows == NULL) {
            return error_memory(error);
        }
        deriving->rows = rows;
        deriving->capacity = capacity;
    }
    deriving->rows[deriving->count++] = (struct stale){at, row->home};
    return deriving->count < DERIVE_ROWS_MAX;
}

static bool gather(struct deriving *deriving, struct error *error) {
    struct store *store = deriving->setup->store;
    struct scan scan = {.filter = {"", 0}};
    deriving->count = 0;
    error_clear(error);
    return store->type->stale_scan(store, &scan, take_stale, deriving, error);
}

static bool work_off(struct deriving *deriving, bool *complete, struct error *error) {
    *complete = false;
    for (size_t i = 0; i < deriving->count; i++) {
        struct walk walk = {.stale = deriving->rows[i]};
        while (!walk.ended) {
            if (!walk_page(deriving, &walk, error)) {
                return false;
            }
        }
        *complete = *complete || deriving->complete[walk.stale.datatype];
    }
    return true;
}

// Derived fields that never rest: what is still stale is given up, so that runs end and pushes don't go on for ever.
static bool give_up(struct deriving *deriving, struct error *error) {
    const struct derive_setup *setup = deriving->setup;
    if (!gather(deriving, error)) {
        return false;
    }
    size_t given = 0;
    for (size_t i = 0; i < deriving->count; i++) {
        const struct stale *stale = &deriving->rows[i];
        struct stale_row done = {datatype_at(deriving, stale->datatype)->name, stale->home};
        struct page page = {
            .lease = setup->lease,
            .run = setup->run,
            .origin = TEXT_LITERAL("derive"),
            .at_us = clock_now(setup->clock),
            .stales_done = &done,
            .stale_done_count = 1,
        };
        enum commit_outcome outcome;
        if (!deriving->complete[stale->datatype]) {
            continue;
        }
        if (!store_commit(setup->store, &page, &outcome, error)) {
            return false;
        }
        if (given++ == 0) {
            log_line(setup->log, LOG_ERROR,
                     "derived fields change each other in a circle: after %d passes %.*s %lld is still not at rest; "
                     "it and what goes with it are left as they are. Look at the derive functions of the datatypes "
                     "that refer to each other",
                     DERIVE_PASSES_MAX, TEXT_ARGS(done.datatype), (long long)stale->home);
        }
    }
    return true;
}

struct knowing {
    struct deriving *deriving;
};

// A datatype of home that is derived elsewhere: what makes its records stale can't be worked off here.
static bool know_datatype(void *context, const struct datatype *datatype, struct error *error) {
    (void)error;
    struct deriving *deriving = ((struct knowing *)context)->deriving;
    const struct derive_setup *setup = deriving->setup;
    bool computed = datatype->derive_count == 0;
    for (size_t i = 0; i < setup->datatype_count; i++) {
        computed = computed ||
                   (text_same(setup->datatypes[i]->name, datatype->name) && derive_is_computed(setup->datatypes[i]));
    }
    for (size_t i = 0; !computed && i < setup->datatype_count; i++) {
        const struct datatype *ours = datatype_at(deriving, i);
        if (text_same(ours->name, datatype->name) || derive_sees(datatype, ours->name)) {
            deriving->complete[i] = false;
        }
    }
    return true;
}

static bool know_all(struct deriving *deriving, struct error *error) {
    const struct derive_setup *setup = deriving->setup;
    struct knowing knowing = {deriving};
    deriving->complete = memory_zero(setup->datatype_count + 1, sizeof *deriving->complete);
    if (deriving->complete == NULL) {
        return error_memory(error);
    }
    for (size_t i = 0; i < setup->datatype_count; i++) {
        deriving->complete[i] = true;
    }
    error_clear(error);
    return setup->store->type->datatype_scan(setup->store, know_datatype, &knowing, error);
}

static bool derive_all(struct deriving *deriving, struct error *error) {
    if (!gather(deriving, error)) {
        return false;
    }
    if (deriving->count == 0) {
        return true; // mostly
    }
    if (!know_all(deriving, error)) {
        return false;
    }
    bool more = true;
    for (int pass = 0; more && pass < DERIVE_PASSES_MAX;) {
        pass += deriving->count < DERIVE_ROWS_MAX; // else it isn't whole yet
        if (!work_off(deriving, &more, error) || !gather(deriving, error)) {
            return false;
        }
        more = more && deriving->count > 0;
    }
    return !more || give_up(deriving, error);
}

bool derive_run(const struct derive_setup *setup, int64_t *changed, struct error *error) {
    struct deriving *deriving = memory_zero(1, sizeof *deriving);
    *changed = 0;
    if (deriving == NULL) {
        return error_memory(error);
    }
    deriving->setup = setup;
    deriving->changed = changed;
    arena_init(&deriving->arena, DERIVE_BYTES_MAX);
    bool ok = derive_all(deriving, error);
    arena_clear(&deriving->arena);
    memory_free(deriving->rows);
    memory_free(deriving->complete);
    memory_free(deriving);
    return ok;
}
