// Dead letters that are tried again: a run of the method "retry", which a child does as any other.

#include <stdio.h>

#include "server/api.h"
#include "server/home_view.h"
#include "server/run_json.h"
#include "server/service.h"
#include "server/supervisor.h"
#include "server/sync_params.h"

// A run is given its letters as words on its command line.
enum { IDS_MAX = 100, DEADS_BYTES = IDS_MAX * TEXT_INTEGER_MAX };

struct retrying {
    int64_t ids[IDS_MAX];
    size_t count; // 0: all of the sync's
    struct text sync;
    const struct object *params; // as they were given; NULL: those that the first letter's run had
    // what was found
    int64_t looking;
    bool found;
    struct text flow;
    int64_t run;
    struct text run_params;
};

// --- what is asked for ---

static bool ids_read(struct exchange *exchange, const struct object *body, struct retrying *out) {
    const struct value *list = object_find(body, TEXT_LITERAL("ids"));
    bool ok = true;
    if (list == NULL || list->kind == VALUE_NULL) {
        return true;
    }
    ok = list->kind == VALUE_LIST && list->length > 0 && list->length <= IDS_MAX;
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
    if (!retrying->found || retrying->flow.length > 0) {
        // All are of one sync.
        retrying->found = retrying->found && text_same(row->flow, retrying->flow);
        return true;
    }
    retrying->run = row->run;
    // The scan's own texts end with its row.
    return arena_text(&((struct exchange *)retrying->params)->arena, row->flow, &retrying->flow) || error_memory(error);
}
