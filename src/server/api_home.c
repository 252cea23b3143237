// Home: its datatypes, one of its records, and which record is which outside.

#include "server/api.h"
#include "server/home_view.h"
#include "server/service.h"

enum { LINK_EXTERNAL_MAX = 4096 };

// --- datatypes ---

static bool is_derived(const struct datatype *datatype, size_t field) {
    for (size_t i = 0; i < datatype->derive_count; i++) {
        if (datatype->derives[i].field == field) {
            return true;
        }
    }
    return false;
}

static bool put_datatype(void *context, const struct datatype *datatype, struct error *error) {
    (void)error;
    struct members *members = context;
    members_open(members, NULL);
    members_text(members, "name", datatype->name);
    members_open_list(members, "key");
    for (size_t i = 0; i < datatype->key_count; i++) {
        members_text(members, NULL, datatype->fields[datatype->key[i]].name);
    }
    members_close_list(members);
    members_bool(members, "keeps_undeclared", datatype->keeps_extra);
    members_open_list(members, "fields");
    for (size_t i = 0; i < datatype->count; i++) {
        const struct field *field = &datatype->fields[i];
        members_open(members, NULL);
        members_text(members, "name", field->name);
        members_string(members, "type", field_type_name(field->type));
        members_bool(members, "required", field->required);
        members_bool(members, "derived", is_derived(datatype, i));
        if (field->type == FIELD_REF) {
            members_text(members, "target", field->target);
        }
        members_close(members);
    }
    members_close_list(members);
    members_close(members);
    return true;
}

void api_home_types(struct exchange *exchange) {
    struct home_view view;
    struct error error;
    if (!home_view_open(exchange, &view)) {
        return;
    }
    struct members *members = exchange_begin(exchange, 200);
    members_open(members, NULL);
    members_open_list(members, "types");
    bool ok = view.store->type->datatype_scan(view.store, put_datatype, members, &error);
    members_close_list(members);
    members_close(members);
    exchange_end(exchange);
    if (!ok) {
        home_view_fail(exchange, &error);
    }
    home_view_close(exchange, &view);
}

// --- one record ---

static bool find(struct exchange *exchange, struct home_view *view, const struct datatype *datatype, int64_t id,
                 struct home_row *row) {
    struct error error;
    if (!view->store->type->record_find(view->store, datatype, id, &exchange->arena, row, &error)) {
        home_view_fail(exchange, &error);
        return false;
    }
    if (row->id == 0) {
        exchange_refuse(exchange, 404, ERROR_NOT_THERE, "%.*s has no %.*s %lld", TEXT_ARGS(exchange->org),
                        TEXT_ARGS(datatype->name), (long long)id);
    }
    return row->id != 0;
}

static void show(struct exchange *exchange, struct home_view *view, int64_t id, bool links) {
    const struct datatype *datatype;
    struct home_row row;
    struct error error;
    if (!home_view_type(exchange, view, exchange->params[0], &datatype) || !find(exchange, view, datatype, id, &row)) {
        return;
    }
    struct members *members = exchange_begin(exchange, 200);
    members_open(members, NULL);
    home_put_row(members, datatype, &row);
    bool ok = !links || home_put_links(exchange, view, datatype, id, &error);
    members_close(members);
    exchange_end(exchange);
    if (!ok) {
        home_view_fail(exchange, &error);
        return;
    }
    home_put_tag(exchange, &row);
}

void api_home_show(struct exchange *exchange) {
    struct home_view view;
    struct text links = exchange_query(exchange, "links");
    int64_t id;
    if (!exchange_id(exchange, 1, &id)) {
        return;
    }
    if (links.length > 0 && !text_is(links, "true") && !text_is(links, "false")) {
        exchange_refuse(exchange, 400, ERROR_REQUEST, "links is true or false");
        return;
    }
    if (home_view_open(exchange, &view)) {
        show(exchange, &view, id, text_is(links, "true"));
        home_view_close(exchange, &view);
    }
}

// --- links ---

struct looking {
    struct exchange *exchange;
    struct store *store;
    const struct datatype *datatype;
    struct text datasource; // empty: of any
    struct text external;
};

static bool put_found(void *context, struct text datasource, struct error *error) {
    struct looking *looking = context;
    struct members *members = &looking->exchange->members;
    struct linkset *links;
    struct link link;
    if (looking->datasource.length > 0 && !text_same(looking->datasource, datasource)) {
        return true;
    }
    if (!store_linkset(looking->store, datasource, looking->datatype, false, &links, error) ||
        !looking->store->type->link_find(looking->store, links, &looking->external, 1, &link, error)) {
        return false;
    }
    if (link.home != 0) {
        members_open(members, NULL);
        members_text(members, "datasource", datasource);
        members_text(members, "external", looking->external);
        members_integer(members, "id", link.home);
        members_close(members);
    }
    return true;
}

static bool put_by_external(struct exchange *exchange, struct home_view *view, const struct datatype *datatype,
                            struct error *error) {
    struct looking looking = {
        .exchange = exchange,
        .store = view->store,
        .datatype = datatype,
        .datasource = exchange_query(exchange, "datasource"),
        .external = exchange_query(exchange, "external"),
    };
    members_open_list(&exchange->members, "links");
    bool ok = view->store->type->linkset_scan(view->store, datatype, put_found, &looking, error);
    members_close_list(&exchange->members);
    return ok;
}

static void show_links(struct exchange *exchange, struct home_view *view, int64_t id) {
    const struct datatype *datatype;
    struct error error;
    if (!home_view_type(exchange, view, exchange_query(exchange, "type"), &datatype)) {
        return;
    }
    struct members *members = exchange_begin(exchange, 200);
    members_open(members, NULL);
    members_text(members, "type", datatype->name);
    if (id != 0) {
        members_integer(members, "id", id);
    }
    bool ok = id != 0 ? home_put_links(exchange, view, datatype, id, &error)
                      : put_by_external(exchange, view, datatype, &error);
    members_close(members);
    exchange_end(exchange);
    if (!ok) {
        home_view_fail(exchange, &error);
    }
}

void api_links_find(struct exchange *exchange) {
    struct home_view view;
    int64_t id;
    struct text external = exchange_query(exchange, "external");
    if (!exchange_count(exchange, "id", 0, 1, INT64_MAX, &id)) {
        return;
    }
    bool one = (id != 0) != (external.length > 0);
    if (!one || exchange_query(exchange, "type").length == 0 || external.length > LINK_EXTERNAL_MAX) {
        exchange_refuse(exchange, 400, ERROR_REQUEST,
                        "a link is asked for by type and either external (with or without datasource) or id");
        return;
    }
    if (home_view_open(exchange, &view)) {
        show_links(exchange, &view, id);
        home_view_close(exchange, &view);
    }
}
