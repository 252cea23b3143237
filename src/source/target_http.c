#include "source/target_http.h"

#include "base/memory.h"
#include "source/target_http_internal.h"

enum { SETTINGS_MAX = 16 * 1024 * 1024, CHUNK_ONE_BY_ONE = 16 };

static bool open_target(const struct target_setup *setup, struct target **out, struct error *error) {
    struct target_http *target = memory_zero(1, sizeof *target);
    if (target == NULL) {
        return error_memory(error);
    }
    target->target.type = &target_http;
    target->setup = *setup;
    target->session = (const struct http_session *)setup->session;
    arena_init(&target->arena, SETTINGS_MAX);
    map_init(&target->doubted);
    if (!target_http_ways(target, error)) {
        arena_clear(&target->arena);
        memory_free(target);
        return false;
    }
    *out = &target->target;
    return true;
}

// Whether it can be found out later what became of a write.
static bool can_resolve(const struct target_http *target, enum target_verb verb) {
    if (target->idempotency.length > 0 && !target->ways[verb].array) {
        return true;
    }
    return verb == TARGET_CREATE ? target->find_count > 0 : target->one.length > 0;
}

// What can't be found out later goes out in the smallest steps: a crash must leave as few open as it can.
static size_t chunk(struct target *base, const struct target_item *items, size_t count) {
    struct target_http *target = (struct target_http *)base;
    double used = 0;
    size_t taken = 0;
    while (taken < count && used < 1) {
        const struct target_way *way = &target->ways[items[taken].verb];
        if (!can_resolve(target, items[taken].verb)) {
            if (taken == 0) {
                return way->array ? parcel_count(target, items, count) : count < way->at_once ? count : way->at_once;
            }
            return taken;
        }
        used += 1.0 / (double)(way->at_once * (way->array ? way->items_max : CHUNK_ONE_BY_ONE));
        taken++;
    }
    return taken;
}

static bool work_begin(struct work *work, struct target_http *target, const struct target_item *items, size_t count,
                       struct arena *arena, struct target_receipt *receipts, struct error *error) {
    *work = (struct work){.target = target, .arena = arena, .count = count};
    work->parts = arena_take_zero(arena, count, sizeof *work->parts);
    for (size_t i = 0; i < count; i++) {
        receipts[i] = (struct target_receipt){.outcome = TARGET_FAILED, .external = {"", 0}};
        error_memory(&receipts[i].error);
        receipts[i].error.scope = ERROR_BATCH;
        if (work->parts != NULL) {
            work->parts[i] = (struct part){.item = &items[i], .receipt = &receipts[i], .step = STEP_SEND};
        }
    }
    return work->parts != NULL || error_memory(error);
}

static bool work_end(struct work *work, struct error *error) {
    doubts_run(work);
    reads_run(work);
    parts_close(work);
    if (work->ended && error != NULL) {
        *error = work->error;
        error->scope = ERROR_RUN;
    }
    return !work->ended;
}

static bool write_items(struct target *base, const struct target_item *items, size_t count, struct arena *arena,
                        struct target_receipt *receipts, struct error *error) {
    struct work work;
    if (!work_begin(&work, (struct target_http *)base, items, count, arena, receipts, error)) {
        return false;
    }
    for (size_t i = 0; i < count; i++) {
        if (items[i].verb == TARGET_CREATE && map_find(&work.target->doubted, items[i].operation) != NULL) {
            work.parts[i].step = STEP_FIND;
            work.parts[i].may_alone = true;
        }
    }
    parcels_run(&work, work.parts, count, false);
    return work_end(&work, error);
}

// What was sent is sent again where its operation is an idempotency key, but for a change of another life; else it is
// looked up.
static bool resolve_item(struct target *base, const struct target_item *item, struct arena *arena,
                         struct target_receipt *receipt, struct error *error) {
    struct target_http *target = (struct target_http *)base;
    struct work work;
    if (!work_begin(&work, target, item, 1, arena, receipt, error)) {
        return false;
    }
    bool may_send = !item->late || item->verb == TARGET_CREATE;
    may_send = may_send && (!item->forgotten || target->find_count == 0);
    if (may_send && target->idempotency.length > 0 && !target->ways[item->verb].array) {
        work.parts[0].doubtful = true;
        parcels_run(&work, work.parts, 1, false);
    } else {
        struct error why;
        if (can_resolve(target, item->verb)) {
            error_set(&why, ERROR_HTTP_UNKNOWN, "its answer was lost");
        } else {
            error_set(&why, ERROR_PUSH_UNKNOWN, "its answer was lost, and nothing says how to look it up; give find");
        }
        part_doubt(&work, &work.parts[0], &why);
    }
    return work_end(&work, error);
}

static void close_target(struct target *base) {
    struct target_http *target = (struct target_http *)base;
    if (target != NULL) {
        map_clear(&target->doubted);
        arena_clear(&target->arena);
        memory_free(target);
    }
}

const struct target_type target_http = {
    .open = open_target,
    .chunk = chunk,
    .write = write_items,
    .resolve = resolve_item,
    .close = close_target,
};
