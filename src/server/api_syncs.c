// Syncs: what there is, asking for a run, the schedule's pause.

#include "server/api.h"
#include "server/job_json.h"
#include "server/script_tree.h"
#include "server/service.h"
#include "server/sync_json.h"
#include "server/sync_params.h"

// --- list and show ---

void api_syncs_list(struct exchange *exchange) {
    struct catalog_sync *syncs;
    struct error error;
    size_t count;
    if (!catalog_list(exchange->service->catalog, exchange->org, &exchange->arena, &syncs, &count, &error)) {
        exchange_fail(exchange, &error);
        return;
    }
    struct members *members = exchange_begin(exchange, 200);
    members_open(members, NULL);
    members_open_list(members, "syncs");
    for (size_t i = 0; i < count; i++) {
        members_open(members, NULL);
        sync_put(members, &syncs[i]);
        members_close(members);
    }
    members_close_list(members);
    members_close(members);
    exchange_end(exchange);
}

// What syncs can be made of: the organisation's own, and those that all share.
static void put_templates(struct members *members, const struct catalog_sync *syncs, size_t count, bool shared) {
    for (size_t i = 0; i < count; i++) {
        const struct value *offered = syncs[i].declared.kind == VALUE_OBJECT
                                          ? object_find(syncs[i].declared.as.object, TEXT_LITERAL("template"))
                                          : NULL;
        if (offered != NULL && offered->kind == VALUE_BOOL && offered->as.boolean) {
            members_open(members, NULL);
            sync_put(members, &syncs[i]);
            members_bool(members, "shared", shared);
            members_close(members);
        }
    }
}

void api_templates_list(struct exchange *exchange) {
    struct catalog *catalog = exchange->service->catalog;
    struct catalog_sync *own;
    struct catalog_sync *shared;
    struct error error;
    size_t own_count;
    size_t shared_count;
    if (!catalog_list(catalog, exchange->org, &exchange->arena, &own, &own_count, &error) ||
        !catalog_list(catalog, TEXT_LITERAL(TREE_TEMPLATES), &exchange->arena, &shared, &shared_count, &error)) {
        exchange_fail(exchange, &error);
        return;
    }
    struct members *members = exchange_begin(exchange, 200);
    members_open(members, NULL);
    members_open_list(members, "templates");
    put_templates(members, own, own_count, false);
    put_templates(members, shared, shared_count, true);
    members_close_list(members);
    members_close(members);
    exchange_end(exchange);
}

static bool put_last(void *context, const struct job *job, struct error *error) {
    (void)error;
    struct members *members = context;
    members_open(members, "last");
    job_put(members, job);
    members_close(members);
    return false; // the newest is enough
}

void api_syncs_show(struct exchange *exchange) {
    struct catalog_sync sync;
    struct error error;
    if (!sync_find(exchange, &sync)) {
        return;
    }
    struct job_filter filter = {.org = sync.org, .sync = sync.name, .limit = 1};
    struct members *members = exchange_begin(exchange, 200);
    members_open(members, NULL);
    sync_put(members, &sync);
    error_clear(&error);
    if (!ledger_job_scan(exchange->service->ledger, &filter, put_last, members, &error) && error.code != ERROR_NONE) {
        exchange_fail(exchange, &error);
        return;
    }
    members_json(members, "manifest", sync.manifest);
    members_close(members);
    exchange_end(exchange);
}

// --- asking for a run ---

void api_syncs_run(struct exchange *exchange) {
    static const char *const known[] = {"params", "force", "method", NULL};
    static const char *const methods[] = {"run", "validate", "pull", "push"};
    static const struct shape no_names = {0, NULL};
    static const struct object nothing = {&no_names, NULL};
    struct catalog_sync sync;
    const struct object *body;
    const struct object *params = &nothing;
    struct job job = {.method = TEXT_LITERAL("run"), .cause = TEXT_LITERAL("api"), .asked_by = exchange->identity.name};
    if (!exchange_object(exchange, &body) || !exchange_members_known(exchange, body, known) ||
        !exchange_member_bool(exchange, body, "force", &job.force) ||
        !exchange_member_text(exchange, body, "method", &job.method) || !sync_find_good(exchange, &sync)) {
        return;
    }
    const struct value *given = object_find(body, TEXT_LITERAL("params"));
    if (given != NULL && given->kind != VALUE_OBJECT && given->kind != VALUE_NULL) {
        exchange_refuse(exchange, 400, ERROR_REQUEST, "\"params\" is an object of names and values");
        return;
    }
    params = given != NULL && given->kind == VALUE_OBJECT ? given->as.object : params;
    bool method_known = false;
    for (size_t i = 0; i < sizeof methods / sizeof methods[0]; i++) {
        method_known = method_known || text_is(job.method, methods[i]);
    }
    if (!method_known) {
        exchange_refuse(exchange, 422, ERROR_REQUEST, "\"method\" is run, validate, pull or push");
        return;
    }
    if (sync_params_read(exchange, &sync, params, false, &job.params)) {
        job.org = sync.org;
        job.sync = sync.name;
        job_ask(exchange, &job);
    }
}

// --- the schedule ---

static void pause_set(struct exchange *exchange, bool paused) {
    struct actor who = job_actor(exchange);
    struct catalog_sync sync;
    struct error error;
    if (!sync_find(exchange, &sync)) {
        return;
    }
    if (!catalog_pause(exchange->service->catalog, sync.org, sync.name, paused, &who, &error)) {
        exchange_fail(exchange, &error);
        return;
    }
    sync.paused = paused;
    struct members *members = exchange_begin(exchange, 200);
    members_open(members, NULL);
    sync_put(members, &sync);
    members_close(members);
    exchange_end(exchange);
}

void api_syncs_pause(struct exchange *exchange) {
    pause_set(exchange, true);
}

void api_syncs_resume(struct exchange *exchange) {
    pause_set(exchange, false);
}

// --- status, for those that know their parameters alone ---

struct latest {
    struct exchange *exchange;
    bool found;
};

static bool take_latest(void *context, const struct job *job, struct error *error) {
    (void)error;
    struct latest *latest = context;
    struct members *members = exchange_begin(latest->exchange, 200);
    latest->found = true;
    members_open(members, NULL);
    job_put(members, job);
    members_close(members);
    exchange_end(latest->exchange);
    return true;
}

void api_syncs_status(struct exchange *exchange) {
    static const char *const others[] = {"org", NULL};
    struct catalog_sync sync;
    struct error error;
    struct latest latest = {.exchange = exchange};
    struct job_filter filter = {.limit = 1};
    if (!sync_find_good(exchange, &sync) || !sync_params_query(exchange, &sync, others, &filter.params)) {
        return;
    }
    filter.org = sync.org;
    filter.sync = sync.name;
    if (!ledger_job_scan(exchange->service->ledger, &filter, take_latest, &latest, &error)) {
        exchange_fail(exchange, &error);
    } else if (!latest.found) {
        exchange_refuse(exchange, 404, ERROR_NOT_THERE, "%.*s was not run with these parameters", TEXT_ARGS(sync.name));
    }
}
