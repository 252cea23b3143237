// The schedule: what is due is queued, in one transaction with the plan that it used up.

#include "base/memory.h"
#include "server/schedule.h"
#include "server/supervisor_work.h"
#include "server/web.h"

enum { PLAN_ARENA_MAX = 64 * 1024 * 1024 };
#define CLOCK_BACK_US (3600LL * 1000 * 1000)

static struct schedule_terms terms_of(const struct object *manifest, struct text name) {
    return (struct schedule_terms){
        .every_us = object_integer(manifest, "every_us"),
        .cron = object_text(manifest, "cron"),
        .zone = object_text(manifest, "zone"),
        .jitter_us = object_integer(manifest, "jitter_us"),
        .name = name,
    };
}

static bool terms_same(const struct schedule_terms *a, const struct schedule_terms *b) {
    return a->every_us == b->every_us && a->jitter_us == b->jitter_us && text_same(a->cron, b->cron) &&
           text_same(a->zone, b->zone);
}

static bool schedule_of(struct supervisor *supervisor, const struct object *manifest, const struct sync_row *row,
                        struct arena *arena, struct schedule *out) {
    struct error error;
    char *name = arena_print(arena, "%.*s/%.*s", TEXT_ARGS(row->org), TEXT_ARGS(row->name));
    struct schedule_terms terms = terms_of(manifest, text_of(name != NULL ? name : ""));
    if (name == NULL || !schedule_read(&terms, out, &error)) {
        supervisor_log(supervisor, LOG_ERROR, "the schedule of %.*s/%.*s can't be read: %s", TEXT_ARGS(row->org),
                       TEXT_ARGS(row->name), name != NULL ? error.message : "out of memory");
        return false;
    }
    return true;
}

void supervisor_plan_next(struct supervisor *supervisor, const struct object *manifest, struct sync_row *row) {
    struct arena arena;
    struct error error;
    struct catalog_sync known;
    struct schedule schedule;
    bool found;
    int64_t now_us = clock_now(supervisor->service->setup->clock);
    arena_init(&arena, PLAN_ARENA_MAX);
    bool ok = catalog_find(supervisor->service->catalog, row->org, row->name, &arena, &found, &known, &error);
    struct schedule_terms terms = terms_of(manifest, row->name);
    bool same = false;
    if (ok && found && known.declared.kind == VALUE_OBJECT) {
        struct schedule_terms before = terms_of(known.declared.as.object, row->name);
        same = terms_same(&before, &terms);
    }
    // A new schedule missed nothing yet.
    row->planned_us = same && row->planned_us != 0 ? row->planned_us : now_us;
    row->next_us = 0;
    const struct value *key = object_find(manifest, TEXT_LITERAL("key"));
    if (key != NULL && key->kind != VALUE_TEXT && (terms.every_us > 0 || terms.cron.length > 0)) {
        supervisor_log(
            supervisor, LOG_WARNING,
            "%.*s/%.*s has a schedule and a parameter without a default: it can't run by itself; make a sync "
            "of it with settings",
            TEXT_ARGS(row->org), TEXT_ARGS(row->name));
    } else if (schedule_of(supervisor, manifest, row, &arena, &schedule) && schedule_plans(&schedule)) {
        struct plan plan = schedule_next(&schedule, row->planned_us, now_us);
        row->next_us = plan.planned_us != 0 ? plan.due_us : 0;
    }
    arena_clear(&arena);
}

static bool use_up(struct supervisor *supervisor, const struct catalog_sync *sync, int64_t now_us, struct arena *arena,
                   struct error *error) {
    struct service *service = supervisor->service;
    struct sync_row row = {.org = sync->org,
                           .name = sync->name,
                           .manifest = sync->manifest,
                           .snapshot = sync->snapshot,
                           .broken = sync->broken,
                           .planned_us = sync->planned_us};
    struct job job = {.org = sync->org,
                      .sync = sync->name,
                      .params = TEXT_LITERAL("{}"),
                      .method = TEXT_LITERAL("run"),
                      .cause = TEXT_LITERAL("schedule"),
                      .asked_by = TEXT_LITERAL("schedule")};
    struct schedule schedule;
    bool joined;
    int64_t id;
    if (sync->declared.kind == VALUE_OBJECT &&
        schedule_of(supervisor, sync->declared.as.object, &row, arena, &schedule) && schedule_plans(&schedule)) {
        struct plan plan = schedule_next(&schedule, row.planned_us, now_us);
        if (plan.planned_us != 0 && plan.due_us > now_us) {
            row.next_us = plan.due_us; // the clock was set back
            return ledger_sync_due(service->ledger, &row, NULL, &joined, &id, error) &&
                   catalog_note(service->catalog, &row, error);
        }
        row.planned_us = plan.planned_us;
        plan = schedule_next(&schedule, row.planned_us, now_us);
        row.next_us = plan.planned_us != 0 ? plan.due_us : 0;
    }
    // While it is paused, or its last run still goes, the time passes unused.
    return ledger_sync_due(service->ledger, &row, &job, &joined, &id, error) &&
           catalog_note(service->catalog, &row, error);
}

void supervisor_plan(struct supervisor *supervisor) {
    struct arena arena;
    struct error error;
    struct catalog_sync *syncs;
    size_t count = 0;
    int64_t now_us = clock_now(supervisor->service->setup->clock);
    // A clock that was set back far has planned the future: it is all planned again.
    bool back = now_us < supervisor->planned_us - CLOCK_BACK_US;
    supervisor->planned_us = now_us;
    int64_t next_us = catalog_next(supervisor->service->catalog);
    if (next_us == 0 || (next_us > now_us && !back)) {
        return;
    }
    arena_init(&arena, PLAN_ARENA_MAX);
    bool ok = catalog_due(supervisor->service->catalog, back ? INT64_MAX : now_us, &arena, &syncs, &count, &error);
    for (size_t i = 0; ok && i < count; i++) {
        ok = use_up(supervisor, &syncs[i], now_us, &arena, &error);
    }
    if (!ok) {
        supervisor_log(supervisor, LOG_ERROR, "the schedule can't be kept: %s", error.message);
    }
    arena_clear(&arena);
}
