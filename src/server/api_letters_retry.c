// Dead letters that are tried again: a run of the method "retry", which a child does as any other.

#include "server/api.h"
#include "server/home_view.h"
#include "server/job_json.h"
#include "server/service.h"
#include "server/supervisor.h"
#include "server/sync_params.h"

// A run is given its letters as words on its command line.
enum { IDS_MAX = 100, DEADS_BYTES = IDS_MAX * (TEXT_INTEGER_MAX + 1) };

struct retrying {
    struct exchange *exchange;
    int64_t ids[IDS_MAX];
    size_t count;                // 0: all of the sync's
    struct text sync;            // NAME
    const struct object *params; // as they were given; NULL: those that the first letter's run had
    // what home says
    int64_t looking; // for this letter, and then for its run
    bool found;
    struct text flow; // ORG/NAME of the letter
    int64_t run;
    struct text run_params; // canonical JSON; empty: home has forgotten it
};

// --- what is asked for ---

static bool ids_read(struct exchange *exchange, const struct object *body, struct retrying *out) {
    const struct value *list = object_find(body, TEXT_LITERAL("ids"));
    if (list == NULL || list->kind == VALUE_NULL) {
        return true;
    }
    bool ok = list->kind == VALUE_LIST && list->length > 0 && list->length <= IDS_MAX;
    for (uint32_t i = 0; ok && i < list->length; i++) {
        ok = list->as.items[i].kind == VALUE_INTEGER && list->as.items[i].as.integer > 0;
        out->ids[out->count++] = ok ? list->as.items[i].as.integer : 0;
    }
    if (!ok) {
        exchange_refuse(exchange, 400, ERROR_REQUEST, "\"ids\" is a list of 1 to %d dead letters' numbers", IDS_MAX);
    }
    return ok;
}

static bool params_read(struct exchange *exchange, const struct object *body, struct retrying *out) {
    const struct value *params = object_find(body, TEXT_LITERAL("params"));
    if (params == NULL || params->kind == VALUE_NULL) {
        return true;
    }
    if (params->kind != VALUE_OBJECT) {
        exchange_refuse(exchange, 400, ERROR_REQUEST, "\"params\" is an object of names and values");
        return false;
    }
    out->params = params->as.object;
    return true;
}

// --- what home knows of them ---

static bool on_dead(void *context, const struct dead_row *row, struct error *error) {
    struct retrying *retrying = context;
    retrying->found = row->id == retrying->looking;
    retrying->run = row->run;
    return !retrying->found || arena_text(&retrying->exchange->arena, row->flow, &retrying->flow) ||
           error_memory(error);
}

static bool on_run(void *context, const struct run_row *row, struct error *error) {
    struct retrying *retrying = context;
    return row->id != retrying->looking || arena_text(&retrying->exchange->arena, row->params, &retrying->run_params) ||
           error_memory(error);
}

// The NAME of ORG/NAME, empty when it is of another organisation.
static struct text name_of(struct text flow, struct text org) {
    bool ours = flow.length > org.length && text_same((struct text){flow.data, org.length}, org) &&
                flow.data[org.length] == '/';
    return ours ? (struct text){flow.data + org.length + 1, flow.length - org.length - 1} : (struct text){"", 0};
}

// All letters are there and of the sync (which the first one names where nobody did). False: answered.
static bool letters_check(struct exchange *exchange, struct home_view *view, struct retrying *retrying) {
    struct error error;
    int64_t run = 0;
    for (size_t i = 0; i < retrying->count; i++) {
        retrying->looking = retrying->ids[i];
        retrying->found = false;
        struct scan scan = {.after = retrying->looking - 1, .limit = 1};
        if (!view->store->type->dead_scan(view->store, &scan, on_dead, retrying, &error)) {
            home_view_fail(exchange, &error);
            return false;
        }
        struct text name = name_of(retrying->flow, exchange->org);
        retrying->sync = retrying->sync.length > 0 ? retrying->sync : name;
        if (!retrying->found || !text_same(name, retrying->sync)) {
            exchange_refuse(exchange, 404, ERROR_NOT_THERE, "%.*s%s%.*s has no dead letter %lld; nothing is tried",
                            TEXT_ARGS(exchange->org), retrying->sync.length > 0 ? "/" : "", TEXT_ARGS(retrying->sync),
                            (long long)retrying->looking);
            return false;
        }
        run = i == 0 ? retrying->run : run;
    }
    if (run > 0) {
        struct scan scan = {.after = run - 1, .limit = 1};
        retrying->looking = run;
        if (!view->store->type->run_scan(view->store, &scan, on_run, retrying, &error)) {
            home_view_fail(exchange, &error);
            return false;
        }
    }
    return true;
}

// --- the run ---

// A live retry of the same sync would be joined, whatever letters it is for: that is said and not passed over.
static void ask(struct exchange *exchange, const struct job *job) {
    struct service *service = exchange->service;
    struct actor who = job_actor(exchange);
    struct job live;
    struct error error;
    bool joined;
    bool found = false;
    int64_t id;
    if (!ledger_job_add(service->ledger, job, &who, &joined, &id, &error) ||
        (joined && !ledger_job_find(service->ledger, id, &exchange->arena, &found, &live, &error))) {
        exchange_fail(exchange, &error);
        return;
    }
    if (joined && found && !text_same(live.deads, job->deads)) {
        exchange_header_put(exchange, "Retry-After", TEXT_LITERAL("5"));
        exchange_refuse(exchange, 409, ERROR_SERVER_BUSY,
                        "run %lld tries other dead letters of %.*s; ask again when it has ended", (long long)id,
                        TEXT_ARGS(job->sync));
        return;
    }
    supervisor_nudge(service->supervisor);
    job_answer_asked(exchange, id, joined);
}

static bool deads_write(struct exchange *exchange, const struct retrying *retrying, struct text *out) {
    struct buffer buffer;
    buffer_init(&buffer, DEADS_BYTES);
    for (size_t i = 0; i < retrying->count; i++) {
        buffer_print(&buffer, i > 0 ? " %lld" : "%lld", (long long)retrying->ids[i]);
    }
    bool ok = !buffer.failed && arena_text(&exchange->arena, buffer_view(&buffer), out);
    buffer_clear(&buffer);
    if (!ok) {
        exchange_refuse(exchange, 503, ERROR_MEMORY, "there is no memory for this run");
    }
    return ok;
}

static void retry(struct exchange *exchange, struct retrying *retrying) {
    struct home_view view;
    struct catalog_sync sync;
    struct job job = {.method = TEXT_LITERAL("retry"), .cause = TEXT_LITERAL("api")};
    if (!home_view_open(exchange, &view)) {
        return;
    }
    bool ok = letters_check(exchange, &view, retrying);
    home_view_close(exchange, &view);
    exchange->params[0] = retrying->sync; // as if the path had named it
    if (!ok || !sync_find_good(exchange, &sync) || !deads_write(exchange, retrying, &job.deads)) {
        return;
    }
    job.params = retrying->run_params.length > 0 ? retrying->run_params : TEXT_LITERAL("{}");
    bool read = retrying->params != NULL ? sync_params_read(exchange, &sync, retrying->params, false, &job.params)
                                         : sync_params_of_run(exchange, &sync, job.params, &job.params);
    if (!read) {
        return;
    }
    job.org = sync.org;
    job.sync = sync.name;
    job.asked_by = exchange->identity.name;
    ask(exchange, &job);
}

void api_dead_retry(struct exchange *exchange) {
    static const char *const known[] = {"params", NULL};
    struct retrying retrying = {.exchange = exchange, .count = 1};
    const struct object *body;
    if (exchange_id(exchange, 0, &retrying.ids[0]) && exchange_object(exchange, &body) &&
        exchange_members_known(exchange, body, known) && params_read(exchange, body, &retrying)) {
        retry(exchange, &retrying);
    }
}

void api_dead_retry_some(struct exchange *exchange) {
    static const char *const known[] = {"sync", "ids", "params", NULL};
    struct retrying retrying = {.exchange = exchange};
    const struct object *body;
    if (!exchange_object(exchange, &body) || !exchange_members_known(exchange, body, known) ||
        !exchange_member_text(exchange, body, "sync", &retrying.sync) || !ids_read(exchange, body, &retrying) ||
        !params_read(exchange, body, &retrying)) {
        return;
    }
    if (retrying.sync.length == 0) {
        exchange_refuse(exchange, 400, ERROR_REQUEST, "\"sync\" is missing: the sync whose dead letters are meant");
        return;
    }
    retry(exchange, &retrying);
}
