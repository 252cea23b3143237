#include "engine/derive.h"
#include "engine/push.h"
#include "engine/run_work.h"

static bool prepare_push(struct run *run, const struct sync_type *type, struct push_pass *pass, struct error *error) {
    struct linkset *links;
    if (!run_links(run, type->datatype, &links, error) || (!links->tracked && !store_track(run->store, links, error)) ||
        !run_session(run, error)) {
        return false;
    }
    *pass = (struct push_pass){
        .request = run->request,
        .sync = run->sync,
        .type = type,
        .store = run->store,
        .links = links,
        .session = run->session,
        .resolver = &run->resolver,
        .lease = &run->lease,
        .run = run->row.id,
        .key = run->key,
        .name = run->name,
        .log = &run->journal.log,
        .counts = &run->pushed,
        .restored = run->restored,
    };
    return true;
}

static bool any_intent(void *context, const struct intent_row *row, struct error *error) {
    (void)row;
    (void)error;
    *(bool *)context = true;
    return false;
}

bool run_push_resume(struct run *run, struct error *error) {
    bool open = false;
    struct scan scan = {.filter = run->key, .limit = 1};
    bool pushes = false;
    for (size_t i = 0; i < run->sync->type_count; i++) {
        pushes = pushes || run->sync->types[i].pushes;
    }
    // Without an intent there is nothing to settle, and a first load goes on unindexed.
    if (!pushes) {
        return true;
    }
    if (!run->store->type->intent_scan(run->store, &scan, any_intent, &open, error)) {
        return false;
    }
    for (size_t i = 0; (open || run->restored) && i < run->sync->type_count; i++) {
        struct push_pass pass;
        if (run->sync->types[i].pushes &&
            (!prepare_push(run, &run->sync->types[i], &pass, error) || !push_resume(&pass, error))) {
            return false;
        }
        mapper_release(run->sync->mapper);
    }
    return true;
}

bool run_derive(struct run *run, struct error *error) {
    bool derives = false;
    int64_t changed = 0;
    for (size_t i = 0; i < run->sync->datatype_count; i++) {
        derives = derives || run->sync->datatypes[i]->derive_count > 0;
    }
    if (!derives) {
        return true;
    }
    struct derive_setup setup = {
        .store = run->store,
        .datatypes = run->sync->datatypes,
        .datatype_count = run->sync->datatype_count,
        .mapper = run->sync->mapper,
        .clock = run->request->clock,
        .log = run->log,
        .lease = &run->lease,
        .run = run->row.id,
    };
    bool ok = derive_run(&setup, &changed, error);
    mapper_release(run->sync->mapper);
    if (ok && changed > 0) {
        log_line(run->log, LOG_INFO, "%lld records have new derived fields", (long long)changed);
    }
    return ok;
}

struct open_writes {
    int64_t unknown;
    int64_t parked;
};

static bool count_open(void *context, const struct intent_row *row, struct error *error) {
    struct open_writes *open = context;
    (void)error;
    open->unknown += row->state != INTENT_PARKED;
    open->parked += row->state == INTENT_PARKED;
    return true;
}

// Says what the push leaves open: such records are not sent meanwhile, whatever changes in home.
static bool tell_open(struct run *run, struct error *error) {
    struct open_writes open = {0};
    struct scan scan = {.filter = run->key};
    if (!run->store->type->intent_scan(run->store, &scan, count_open, &open, error)) {
        return false;
    }
    run->unknown = open.unknown;
    if (open.unknown > 0) {
        log_line(&run->journal.log, LOG_WARNING, "nobody knows yet whether %lld writes went in; the next run asks",
                 (long long)open.unknown);
    }
    if (open.parked > 0) {
        log_line(
            &run->journal.log, LOG_WARNING,
            "%lld records were sent, nobody knows whether they went in, and %.*s can't be asked: they are not sent "
            "until somebody retries their dead letter or a pull finds them",
            (long long)open.parked, TEXT_ARGS(run->sync->datasource));
    }
    return true;
}

bool run_push(struct run *run, enum pass_end *end, struct error *error) {
    bool pushes = false;
    if (!run_derive(run, error)) {
        return false;
    }
    if (run->request->way == RUN_PULL_ALONE) {
        return true;
    }
    for (size_t i = 0; i < run->sync->type_count && *end == PASS_COMPLETE; i++) {
        struct push_pass pass;
        if (!run->sync->types[i].pushes) {
            continue;
        }
        pushes = true;
        bool ok = run_settle(run, run->sync->types[i].datatype, error) &&
                  prepare_push(run, &run->sync->types[i], &pass, error) && push_run(&pass, end, error);
        mapper_release(run->sync->mapper);
        if (!ok) {
            return false;
        }
    }
    return !pushes || tell_open(run, error);
}
