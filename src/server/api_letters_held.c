// What else waits for a person: conflicts, which are forms of records that lost, and deletes that a run held back.

#include "engine/letters.h"
#include "server/api.h"
#include "server/home_view.h"
#include "server/service.h"

enum { LIST_LIMIT = 100, LIST_LIMIT_MAX = 1000 };

struct listing {
    struct exchange *exchange;
    int64_t limit;
    int64_t count;
    int64_t last;
    bool more;
};

// Whether a list takes this row too.
static bool listing_takes(struct listing *listing, int64_t id) {
    listing->more = listing->count == listing->limit;
    if (!listing->more) {
        listing->count++;
        listing->last = id;
    }
    return !listing->more;
}

static bool list_begin(struct exchange *exchange, struct listing *listing, struct scan *scan, struct home_view *view,
                       const char *name) {
    *listing = (struct listing){.exchange = exchange};
    *scan = (struct scan){.limit = 0};
    if (!exchange_count(exchange, "limit", LIST_LIMIT, 1, LIST_LIMIT_MAX, &listing->limit) ||
        !exchange_count(exchange, "after", 0, 0, INT64_MAX, &scan->after) || !home_view_open(exchange, view)) {
        return false;
    }
    members_open(exchange_begin(exchange, 200), NULL);
    members_open_list(&exchange->members, name);
    return true;
}

static void list_end(struct listing *listing, struct home_view *view, bool ok, const struct error *error) {
    struct exchange *exchange = listing->exchange;
    members_close_list(&exchange->members);
    if (listing->more) {
        members_integer(&exchange->members, "next", listing->last);
    } else {
        members_null(&exchange->members, "next");
    }
    members_close(&exchange->members);
    exchange_end(exchange);
    if (!ok) {
        home_view_fail(exchange, error);
    }
    home_view_close(exchange, view);
}

// --- conflicts ---

static void put_conflict(struct members *members, const struct conflict_row *row) {
    members_integer(members, "id", row->id);
    members_text(members, "kind", row->kind);
    members_text(members, "datasource", row->datasource);
    members_text(members, "type", row->datatype);
    members_text(members, "external", row->external);
    members_integer(members, "home", row->home);
    members_text(members, "place", row->place);
    members_time(members, "at", row->at_us);
    members_integer(members, "home_run", row->run);
    members_value(members, "lost", &row->payload);
}

static bool on_conflict(void *context, const struct conflict_row *row, struct error *error) {
    (void)error;
    struct listing *listing = context;
    struct members *members = &listing->exchange->members;
    if (!listing_takes(listing, row->id)) {
        return false;
    }
    members_open(members, NULL);
    put_conflict(members, row);
    members_close(members);
    return true;
}

void api_conflicts_list(struct exchange *exchange) {
    struct listing listing;
    struct home_view view;
    struct scan scan;
    struct error error;
    if (list_begin(exchange, &listing, &scan, &view, "conflicts")) {
        scan.filter = exchange_query(exchange, "type");
        bool ok = view.store->type->conflict_scan(view.store, &scan, on_conflict, &listing, &error);
        list_end(&listing, &view, ok, &error);
    }
}

static bool on_shown(void *context, const struct conflict_row *row, struct error *error) {
    (void)error;
    struct home_showing *showing = context;
    showing->found = row->id == showing->id;
    if (showing->found) {
        put_conflict(&showing->exchange->members, row);
    }
    return true;
}

static bool look(struct store *store, const struct scan *scan, struct home_showing *showing, struct error *error) {
    return store->type->conflict_scan(store, scan, on_shown, showing, error);
}

void api_conflicts_show(struct exchange *exchange) {
    home_show_one(exchange, "conflict", look);
}

// --- what is done about them ---

static bool letters_begin(struct exchange *exchange, int64_t *id, struct home_view *view, struct letters *out) {
    out->clock = exchange->service->setup->clock;
    if (!exchange_id(exchange, 0, id) || !home_origin(exchange, &out->origin) || !home_view_edit(exchange, view)) {
        return false;
    }
    out->store = view->store;
    return true;
}

void api_conflicts_drop(struct exchange *exchange) {
    struct letters letters;
    struct home_view view;
    struct error error;
    int64_t id;
    if (!letters_begin(exchange, &id, &view, &letters)) {
        return;
    }
    if (letters_drop_conflict(&letters, id, &error)) {
        exchange_empty(exchange);
    } else {
        home_view_fail(exchange, &error);
    }
    home_view_close(exchange, &view);
}

// --- held deletes ---

static bool on_held(void *context, const struct held_row *row, struct error *error) {
    (void)error;
    struct listing *listing = context;
    struct members *members = &listing->exchange->members;
    if (!listing_takes(listing, row->id)) {
        return false;
    }
    members_open(members, NULL);
    members_integer(members, "id", row->id);
    members_integer(members, "home_run", row->run);
    members_text(members, "key", row->key);
    members_string(members, "deletes_in", text_is(row->direction, "push") ? "datasource" : "home");
    members_text(members, "datasource", row->datasource);
    members_text(members, "type", row->datatype);
    members_text(members, "external", row->external);
    members_integer(members, "home", row->home);
    members_bool(members, "approved", row->approved);
    members_time(members, "at", row->at_us);
    members_close(members);
    return true;
}

void api_deletes_list(struct exchange *exchange) {
    struct listing listing;
    struct home_view view;
    struct scan scan;
    struct error error;
    if (list_begin(exchange, &listing, &scan, &view, "deletes")) {
        bool ok = view.store->type->held_scan(view.store, &scan, on_held, &listing, &error);
        list_end(&listing, &view, ok, &error);
    }
}

static void settle(struct exchange *exchange, bool approve) {
    struct letters letters;
    struct home_view view;
    struct error error;
    int64_t run;
    int64_t count;
    if (!letters_begin(exchange, &run, &view, &letters)) {
        return;
    }
    bool ok = letters_settle_held(&letters, run, approve, &count, &error);
    home_view_close(exchange, &view);
    if (!ok) {
        home_view_fail(exchange, &error);
        return;
    }
    if (count == 0) {
        exchange_refuse(exchange, 404, ERROR_NOT_THERE, "home's run %lld holds no deletes", (long long)run);
        return;
    }
    struct members *members = exchange_begin(exchange, 200);
    members_open(members, NULL);
    members_integer(members, approve ? "approved" : "dropped", count);
    members_close(members);
    exchange_end(exchange);
}

void api_deletes_approve(struct exchange *exchange) {
    settle(exchange, true);
}

void api_deletes_drop(struct exchange *exchange) {
    settle(exchange, false);
}
