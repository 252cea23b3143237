// Posted records that wait though nobody asked for a drain: the server ended between the post and it, or the drain
// failed. So the inboxes are looked at once at the start, and now and then.

#include <string.h>

#include "server/homes.h"
#include "server/supervisor_work.h"
#include "server/warm.h"

enum { ORGS_ARENA_MAX = 64 * 1024 * 1024, WAITING_LOOKED = 1000 };
static const int64_t inbox_every_us = 30 * 1000 * 1000;

struct waiting_keys {
    struct arena *arena;
    struct text *keys; // of the syncs, as they are in home
    size_t count, room;
};

static bool take_key(void *context, const struct inbox_row *row, struct error *error) {
    struct waiting_keys *waiting = context;
    for (size_t i = 0; i < waiting->count; i++) {
        if (text_same(waiting->keys[i], row->key)) {
            return true;
        }
    }
    return waiting->count == waiting->room || arena_text(waiting->arena, row->key, &waiting->keys[waiting->count++]) ||
           error_memory(error);
}

static bool look(struct supervisor *supervisor, struct text org, struct waiting_keys *waiting, struct error *error) {
    struct homes *homes = supervisor->service->homes;
    struct inbox_ask ask = {.waiting = true, .limit = WAITING_LOOKED};
    struct home *home;
    waiting->count = 0;
    if (!homes_take(homes, org, false, false, &home, error)) {
        return error->code == ERROR_HOME_MISSING;
    }
    bool ok = home->store->type->snapshot(home->store, error);
    if (ok) {
        ok = home->store->type->inbox_scan(home->store, &ask, take_key, waiting, error);
        home->store->type->snapshot_end(home->store);
    }
    homes_give(homes, home);
    return ok;
}

// "ORG/NAME" or "ORG/NAME {…}": only what needs no further parameters was posted here (api_records.c).
static void drain(struct supervisor *supervisor, const struct catalog_sync *sync) {
    struct warm_ask ask = {"inbox", sync->org, sync->name, TEXT_LITERAL("{}"), TEXT_LITERAL("{\"drain\":true}")};
    struct error error;
    if (!warm_wish(supervisor->service->warm, &ask, &error)) {
        supervisor_log(supervisor, LOG_WARNING, "what was posted to %.*s/%.*s waits: %s", TEXT_ARGS(sync->org),
                       TEXT_ARGS(sync->name), error.message);
    }
}

static bool key_is(const struct catalog_sync *sync, struct text key) {
    const struct value *own =
        sync->declared.kind == VALUE_OBJECT ? object_find(sync->declared.as.object, TEXT_LITERAL("key")) : NULL;
    return own != NULL && own->kind == VALUE_TEXT && text_same(value_slice(own), key);
}

void supervisor_inboxes(struct supervisor *supervisor) {
    struct arena arena;
    struct error error;
    struct catalog_sync *syncs;
    size_t count;
    struct text org = {"", 0};
    if (supervisor->scans == 0 || clock_coarse_us() < supervisor->inbox_us) {
        return;
    }
    supervisor->inbox_us = clock_coarse_us() + inbox_every_us;
    arena_init(&arena, ORGS_ARENA_MAX);
    struct waiting_keys waiting = {.arena = &arena, .room = WAITING_LOOKED};
    waiting.keys = arena_take(&arena, waiting.room * sizeof *waiting.keys);
    bool ok = waiting.keys != NULL && catalog_list(supervisor->service->catalog, org, &arena, &syncs, &count, &error);
    for (size_t i = 0; ok && i < count; i++) {
        if (!text_same(org, syncs[i].org)) {
            org = syncs[i].org;
            if (!look(supervisor, org, &waiting, &error)) {
                supervisor_log(supervisor, LOG_WARNING, "the inbox of %.*s can't be read: %s", TEXT_ARGS(org),
                               error.message);
                waiting.count = 0;
            }
        }
        for (size_t j = 0; j < waiting.count; j++) {
            if (key_is(&syncs[i], waiting.keys[j])) {
                drain(supervisor, &syncs[i]);
            }
        }
    }
    arena_clear(&arena);
}
