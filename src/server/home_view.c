#include "server/home_view.h"

#include "server/service.h"

// --- borrowing ---

static bool take(struct exchange *exchange, bool writes, struct home_view *out) {
    struct error error;
    *out = (struct home_view){.home = NULL};
    if (!homes_take(exchange->service->homes, exchange->org, writes, false, &out->home, &error)) {
        home_view_fail(exchange, &error);
        return false;
    }
    out->store = out->home->store;
    return true;
}

bool home_view_look(struct exchange *exchange, struct home_view *view) {
    struct error error;
    view->looks = view->store->type->snapshot(view->store, &error);
    if (!view->looks) {
        home_view_fail(exchange, &error);
    }
    return view->looks;
}

bool home_view_open(struct exchange *exchange, struct home_view *out) {
    if (!take(exchange, false, out)) {
        return false;
    }
    if (!home_view_look(exchange, out)) {
        home_view_close(exchange, out);
        return false;
    }
    return true;
}

bool home_view_edit(struct exchange *exchange, struct home_view *out) {
    return take(exchange, true, out);
}

void home_view_close(struct exchange *exchange, struct home_view *view) {
    if (view->looks) {
        view->store->type->snapshot_end(view->store);
        view->looks = false;
    }
    homes_give(exchange->service->homes, view->home);
    view->home = NULL;
}

// --- errors ---

void home_view_fail(struct exchange *exchange, const struct error *error) {
    switch (error->code) {
    case ERROR_HOME_MISSING: // its message names a folder, which is nobody's business
        exchange_refuse(exchange, 404, ERROR_HOME_MISSING, "%.*s has no home yet", TEXT_ARGS(exchange->org));
        break;
    case ERROR_HOME_CLOSED: // a run closed it since the request was let in
    case ERROR_HOME_BUSY:
        exchange_header_put(exchange, "Retry-After", TEXT_LITERAL("30"));
        exchange_refuse(exchange, 503, error->code, "%s", error->message);
        break;
    case ERROR_SEQ_PASSED:
        exchange_refuse(exchange, 412, ERROR_SEQ_PASSED, "%s", error->message);
        break;
    case ERROR_KEY_AMBIGUOUS:
        exchange_refuse(exchange, 409, ERROR_KEY_AMBIGUOUS, "%s", error->message);
        break;
    default:
        exchange_fail(exchange, error);
    }
}

// --- datatypes and records ---

bool home_view_type(struct exchange *exchange, struct home_view *view, struct text name, const struct datatype **out) {
    struct error error;
    if (!view->store->type->datatype(view->store, name, &exchange->arena, out, &error)) {
        home_view_fail(exchange, &error);
        return false;
    }
    if (*out == NULL) {
        exchange_refuse(exchange, 404, ERROR_NOT_THERE, "%.*s has no datatype %.*s", TEXT_ARGS(exchange->org),
                        TEXT_ARGS(name));
    }
    return *out != NULL;
}

void home_put_row(struct members *members, const struct datatype *datatype, const struct home_row *row) {
    members_integer(members, "id", row->id);
    members_integer(members, "seq", row->seq);
    members_text(members, "origin", row->origin);
    members_open(members, "fields");
    members_fields(members, datatype, row->fields, &row->extra);
    members_close(members);
}

struct linking {
    struct exchange *exchange;
    struct store *store;
    const struct datatype *datatype;
    int64_t id;
};

static bool put_link(void *context, struct text datasource, struct error *error) {
    struct linking *linking = context;
    struct members *members = &linking->exchange->members;
    struct linkset *links;
    struct link link;
    struct text external;
    if (!store_linkset(linking->store, datasource, linking->datatype, false, &links, error) ||
        !linking->store->type->link_of(linking->store, links, linking->id, &linking->exchange->arena, &link, &external,
                                       error)) {
        return false;
    }
    if (link.home != 0) {
        members_open(members, NULL);
        members_text(members, "datasource", datasource);
        members_text(members, "external", external);
        members_close(members);
    }
    return true;
}

bool home_put_links(struct exchange *exchange, struct home_view *view, const struct datatype *datatype, int64_t id,
                    struct error *error) {
    struct linking linking = {exchange, view->store, datatype, id};
    members_open_list(&exchange->members, "links");
    bool ok = view->store->type->linkset_scan(view->store, datatype, put_link, &linking, error);
    members_close_list(&exchange->members);
    return ok;
}

void home_put_tag(struct exchange *exchange, const struct home_row *row) {
    const char *tag = arena_print(&exchange->arena, "\"%lld\"", (long long)row->seq);
    if (tag != NULL) {
        exchange_header_put(exchange, "ETag", text_of(tag));
    }
}

bool home_origin(struct exchange *exchange, struct text *out) {
    const char *origin = arena_print(&exchange->arena, "api:%.*s", TEXT_ARGS(exchange->identity.name));
    if (origin == NULL) {
        exchange_refuse(exchange, 503, ERROR_MEMORY, "there is no memory for this edit");
        return false;
    }
    *out = text_of(origin);
    return true;
}

void home_show_one(struct exchange *exchange, const char *what,
                   bool (*look)(struct store *store, const struct scan *scan, struct home_showing *showing,
                                struct error *error)) {
    struct home_view view;
    struct error error;
    struct home_showing showing = {.exchange = exchange};
    if (!exchange_id(exchange, 0, &showing.id) || !home_view_open(exchange, &view)) {
        return;
    }
    struct scan scan = {.after = showing.id - 1, .limit = 1};
    struct members *members = exchange_begin(exchange, 200);
    members_open(members, NULL);
    bool ok = look(view.store, &scan, &showing, &error);
    members_close(members);
    exchange_end(exchange);
    if (!ok) {
        home_view_fail(exchange, &error);
    } else if (!showing.found) {
        exchange_refuse(exchange, 404, ERROR_NOT_THERE, "%.*s has no %s %lld", TEXT_ARGS(exchange->org), what,
                        (long long)showing.id);
    }
    home_view_close(exchange, &view);
}
