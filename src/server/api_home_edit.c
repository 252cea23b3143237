// Edits of home's records by a person or a program.

#include "engine/edit.h"
#include "server/api.h"
#include "server/home_view.h"
#include "server/service.h"
#include "server/supervisor.h"

// --- what is asked for ---

// If-Match: "12" says which form of the record is meant; 0: any.
static bool match_read(struct exchange *exchange, int64_t *out) {
    struct text given = text_trim(exchange_header(exchange, "If-Match"));
    *out = 0;
    if (given.length == 0 || text_is(given, "*")) {
        return true;
    }
    bool quoted = given.length > 2 && given.data[0] == '"' && given.data[given.length - 1] == '"';
    struct text number = quoted ? (struct text){given.data + 1, given.length - 2} : given;
    if (!quoted || !text_integer(number, out) || *out <= 0) {
        exchange_refuse(exchange, 400, ERROR_REQUEST, "If-Match takes one ETag as a record's answer gave it, \"12\"");
        return false;
    }
    return true;
}

// The body's fields, without and with the id that they are for.
static bool fields_read(struct exchange *exchange, const struct object **out) {
    if (!exchange_object(exchange, out)) {
        return false;
    }
    if ((*out)->shape->count == 0) {
        exchange_refuse(exchange, 400, ERROR_REQUEST, "the body is the record's fields: {\"name\":\"…\"}");
        return false;
    }
    if (shape_find((*out)->shape, TEXT_LITERAL("id")) != SHAPE_NONE) {
        exchange_refuse(exchange, 400, ERROR_REQUEST, "a record is changed by its id with PATCH, and id is no field");
        return false;
    }
    return true;
}

static bool fields_of(struct exchange *exchange, int64_t id, const struct object *fields, struct object *out) {
    uint32_t count = fields->shape->count;
    struct text *names = arena_take(&exchange->arena, (count + 1) * sizeof *names);
    struct shape *shape = arena_take(&exchange->arena, sizeof *shape);
    out->values = arena_take(&exchange->arena, (count + 1) * sizeof *out->values);
    if (names == NULL || shape == NULL || out->values == NULL) {
        exchange_refuse(exchange, 503, ERROR_MEMORY, "there is no memory for this edit");
        return false;
    }
    for (uint32_t i = 0; i < count; i++) {
        names[i] = fields->shape->names[i];
        out->values[i] = fields->values[i];
    }
    names[count] = TEXT_LITERAL("id");
    out->values[count] = value_integer(id);
    *shape = (struct shape){count + 1, names};
    out->shape = shape;
    return true;
}

// --- the edit ---

struct editing {
    struct home_view view;
    struct edit edit;
};

// What an edit needs. False: answered, and nothing is open.
static bool editing_begin(struct exchange *exchange, struct editing *out) {
    struct edit *edit = &out->edit;
    *edit = (struct edit){.clock = exchange->service->setup->clock};
    if (!match_read(exchange, &edit->seq) || !home_origin(exchange, &edit->origin) ||
        !home_view_edit(exchange, &out->view)) {
        return false;
    }
    edit->store = out->view.store;
    if (!home_view_look(exchange, &out->view)) {
        home_view_close(exchange, &out->view);
        return false;
    }
    bool ok = home_view_type(exchange, &out->view, exchange->params[0], &edit->datatype);
    edit->store->type->snapshot_end(edit->store);
    out->view.looks = false;
    if (!ok) {
        home_view_close(exchange, &out->view);
    }
    return ok;
}

static bool is_stale(void *context, const struct stale_row *row, struct error *error) {
    (void)row;
    (void)error;
    *(bool *)context = true;
    return false;
}

// An edit is in; what follows from it is computed behind it. Whether there is anything is looked at in an open view;
// who can't look asks for it all the same.
static void derive_soon(struct exchange *exchange, struct home_view *view) {
    static const struct scan first = {.limit = 1};
    struct error error;
    bool stale = false;
    if (!view->store->type->stale_scan(view->store, &first, is_stale, &stale, &error) || stale) {
        supervisor_ask_derive(exchange->service->supervisor, exchange->org);
    }
}

// The answer shows what stands there now, which may be a later edit's already, under the seq that goes with it.
static void answer(struct exchange *exchange, struct editing *editing, int64_t id, const char *outcome) {
    const struct datatype *datatype = editing->edit.datatype;
    struct home_row row;
    struct error error;
    if (!home_view_look(exchange, &editing->view)) {
        return;
    }
    derive_soon(exchange, &editing->view);
    if (!editing->edit.store->type->record_find(editing->edit.store, datatype, id, &exchange->arena, &row, &error)) {
        home_view_fail(exchange, &error);
        return;
    }
    struct members *members = exchange_begin(exchange, text_is(text_of(outcome), "created") ? 201 : 200);
    members_open(members, NULL);
    members_string(members, "outcome", outcome);
    if (row.id != 0) {
        home_put_row(members, datatype, &row);
        home_put_tag(exchange, &row);
    } else {
        members_integer(members, "id", id); // it was deleted since
    }
    members_close(members);
    exchange_end(exchange);
}

static void put(struct exchange *exchange, const struct object *fields) {
    struct editing editing;
    struct error error;
    int64_t id;
    bool created;
    bool changed;
    if (!editing_begin(exchange, &editing)) {
        return;
    }
    if (edit_put(&editing.edit, fields, &id, &created, &changed, &error)) {
        answer(exchange, &editing, id, created ? "created" : changed ? "updated" : "unchanged");
    } else {
        home_view_fail(exchange, &error);
    }
    home_view_close(exchange, &editing.view);
}

void api_home_put(struct exchange *exchange) {
    const struct object *fields;
    if (exchange_header(exchange, "If-Match").length > 0) {
        exchange_refuse(exchange, 400, ERROR_REQUEST, "If-Match goes with PATCH and DELETE");
        return;
    }
    if (fields_read(exchange, &fields)) {
        put(exchange, fields);
    }
}

void api_home_change(struct exchange *exchange) {
    const struct object *fields;
    struct object whole;
    int64_t id;
    if (exchange_id(exchange, 1, &id) && fields_read(exchange, &fields) && fields_of(exchange, id, fields, &whole)) {
        put(exchange, &whole);
    }
}

void api_home_delete(struct exchange *exchange) {
    struct editing editing;
    struct error error;
    int64_t id;
    if (!exchange_id(exchange, 1, &id) || !editing_begin(exchange, &editing)) {
        return;
    }
    if (edit_delete(&editing.edit, id, &error)) {
        exchange_empty(exchange);
        if (home_view_look(exchange, &editing.view)) {
            derive_soon(exchange, &editing.view);
        }
    } else {
        home_view_fail(exchange, &error);
    }
    home_view_close(exchange, &editing.view);
}
