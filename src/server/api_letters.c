// Dead letters: records that could not go in, and what a person does about them.

#include "base/text.h"
#include "engine/letters.h"
#include "format/format_csv_dead.h"
#include "server/api.h"
#include "server/home_view.h"
#include "server/service.h"

enum { LIST_LIMIT = 100, LIST_LIMIT_MAX = 1000, CSV_ROWS_MAX = 100000 };

struct listing {
    struct exchange *exchange;
    int64_t limit;
    int64_t count;
    int64_t last;
    bool more;
};

// ORG/NAME of the query's sync, or empty.
static bool flow_of(struct exchange *exchange, struct text *out) {
    struct text name = exchange_query(exchange, "sync");
    *out = (struct text){"", 0};
    if (name.length == 0) {
        return true;
    }
    const char *flow = arena_print(&exchange->arena, "%.*s/%.*s", TEXT_ARGS(exchange->org), TEXT_ARGS(name));
    if (flow == NULL) {
        exchange_refuse(exchange, 400, ERROR_REQUEST, "the sync's name is too long");
        return false;
    }
    *out = text_of(flow);
    return true;
}

// --- list and show ---

static void put_members(struct members *members, const struct exchange *exchange, const struct dead_row *row) {
    struct text sync = row->flow;
    if (sync.length > exchange->org.length && sync.data[exchange->org.length] == '/') {
        sync = (struct text){sync.data + exchange->org.length + 1, sync.length - exchange->org.length - 1};
    }
    members_integer(members, "id", row->id);
    members_text(members, "sync", sync);
    members_text(members, "direction", row->direction.length > 0 ? row->direction : TEXT_LITERAL("pull"));
    members_text(members, "datasource", row->datasource);
    members_text(members, "type", row->type);
    members_text(members, "external", row->external);
    members_text(members, "code", row->code);
    members_text(members, "reason", row->reason);
    members_text(members, "place", row->place);
    members_integer(members, "attempts", row->attempts);
    members_time(members, "at", row->at_us);
    members_integer(members, "home_run", row->run);
}

static bool on_listed(void *context, const struct dead_row *row, struct error *error) {
    (void)error;
    struct listing *listing = context;
    struct members *members = &listing->exchange->members;
    listing->more = listing->count == listing->limit;
    if (listing->more) {
        return false;
    }
    listing->count++;
    listing->last = row->id;
    members_open(members, NULL);
    put_members(members, listing->exchange, row);
    members_close(members);
    return true;
}

void api_dead_list(struct exchange *exchange) {
    struct home_view view;
    struct error error;
    struct listing listing = {.exchange = exchange};
    struct scan scan = {.limit = 0};
    if (!exchange_count(exchange, "limit", LIST_LIMIT, 1, LIST_LIMIT_MAX, &listing.limit) ||
        !exchange_count(exchange, "after", 0, 0, INT64_MAX, &scan.after) || !flow_of(exchange, &scan.filter) ||
        !home_view_open(exchange, &view)) {
        return;
    }
    struct members *members = exchange_begin(exchange, 200);
    members_open(members, NULL);
    members_open_list(members, "dead");
    bool ok = view.store->type->dead_scan(view.store, &scan, on_listed, &listing, &error);
    members_close_list(members);
    if (listing.more) {
        members_integer(members, "next", listing.last);
    } else {
        members_null(members, "next");
    }
    members_close(members);
    exchange_end(exchange);
    if (!ok) {
        home_view_fail(exchange, &error);
    }
    home_view_close(exchange, &view);
}

static bool on_shown(void *context, const struct dead_row *row, struct error *error) {
    (void)error;
    struct home_showing *showing = context;
    struct members *members = &showing->exchange->members;
    showing->found = row->id == showing->id;
    if (showing->found) {
        put_members(members, showing->exchange, row);
        if (row->payload.kind == VALUE_TEXT) { // bytes that were no record
            members_text(members, "payload", value_slice(&row->payload));
        } else {
            members_value(members, "payload", &row->payload);
        }
    }
    return true;
}

static bool look(struct store *store, const struct scan *scan, struct home_showing *showing, struct error *error) {
    return store->type->dead_scan(store, scan, on_shown, showing, error);
}

void api_dead_show(struct exchange *exchange) {
    home_show_one(exchange, "dead letter", look);
}

// --- drop ---

void api_dead_drop(struct exchange *exchange) {
    struct home_view view;
    struct error error;
    struct letters letters = {.clock = exchange->service->setup->clock};
    int64_t id;
    size_t dropped;
    if (!exchange_id(exchange, 0, &id) || !home_origin(exchange, &letters.origin) || !home_view_edit(exchange, &view)) {
        return;
    }
    letters.store = view.store;
    if (letters_drop_dead(&letters, (struct text){"", 0}, &id, 1, &dropped, &error)) {
        exchange_empty(exchange);
    } else {
        home_view_fail(exchange, &error);
    }
    home_view_close(exchange, &view);
}

// --- as CSV, for people ---

struct writing {
    struct csv_dead *csv;
    struct buffer *out;
    int64_t rows;
};

static bool on_columns(void *context, const struct dead_row *row, struct error *error) {
    struct writing *writing = context;
    return csv_dead_see(writing->csv, &row->payload, error);
}

static bool on_written(void *context, const struct dead_row *row, struct error *error) {
    struct writing *writing = context;
    struct csv_dead_row dead = {row->code, row->reason, row->place, &row->payload};
    return csv_dead_write(writing->csv, &dead, writing->out, error);
}

static bool write_csv(struct store *store, const struct scan *scan, struct buffer *out, struct error *error) {
    static const struct csv_style style = {.delimiter = ',', .people = true};
    struct writing writing = {.out = out};
    bool ok = csv_dead_open(&style, &writing.csv, error) &&
              store->type->dead_scan(store, scan, on_columns, &writing, error) &&
              csv_dead_head(writing.csv, out, error) &&
              store->type->dead_scan(store, scan, on_written, &writing, error);
    csv_dead_close(writing.csv);
    return ok;
}

void api_dead_csv(struct exchange *exchange) {
    struct home_view view;
    struct error error;
    struct scan scan = {.limit = CSV_ROWS_MAX};
    if (!exchange_count(exchange, "after", 0, 0, INT64_MAX, &scan.after) || !flow_of(exchange, &scan.filter) ||
        !home_view_open(exchange, &view)) {
        return;
    }
    if (write_csv(view.store, &scan, &exchange->answer, &error)) {
        exchange_header_put(exchange, "Content-Disposition", TEXT_LITERAL("attachment; filename=\"rejected.csv\""));
        exchange_text(exchange, 200, "text/csv; charset=utf-8");
    } else {
        home_view_fail(exchange, &error);
    }
    home_view_close(exchange, &view);
}
