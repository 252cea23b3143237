#include "engine/view_page.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "base/civil.h"
#include "engine/push_form.h"

enum { PAGE_BYTES = 16 * 1024 * 1024, VIEW_BYTES_MAX = 256 * 1024 * 1024 };

struct viewing {
    const struct view *view;
    const struct view_ask *ask;
    const struct sync_type *type;
    const struct datatype *known; // the datatype as home has it
    uint32_t *places;             // of the type's fields in it; SHAPE_NONE: home doesn't have it yet
    struct push_former former;
    struct linkset *links; // of the records; NULL: the datasource has none of them
    struct linkset **refs; // by field: of a reference that is shown as it is
    struct arena page;
    struct arena arena; // of one record
    struct home_row *rows;
    int64_t count;
    int64_t skip; // still to be stepped over
    bool more;
    bool waits; // some reference is null: perhaps since it waits
    bool (*show)(void *context, const struct view_row *row, struct error *error);
    void *context;
    struct view_end *end;
};

// --- the cursor ---

static bool cursor_write(const struct viewing *viewing, int64_t id, char out[VIEW_CURSOR_MAX], struct error *error) {
    const struct sync *sync = viewing->view->sync;
    struct arena arena;
    arena_init(&arena, 64 * 1024);
    // A cursor that somebody made up, or of another list, is noticed.
    const char *bound = arena_print(&arena, "%.*s/%.*s/%.*s/%" PRId64, TEXT_ARGS(sync->org), TEXT_ARGS(sync->name),
                                    TEXT_ARGS(viewing->type->name), id);
    if (bound != NULL) {
        snprintf(out, VIEW_CURSOR_MAX, "%" PRId64 "-%08x", id,
                 (unsigned)(print_of(text_of(bound), 0).low & 0xFFFFFFFF));
    }
    arena_clear(&arena);
    return bound != NULL || error_memory(error);
}

static bool cursor_read(const struct viewing *viewing, int64_t *after, struct error *error) {
    struct text cursor = viewing->ask->after;
    char meant[VIEW_CURSOR_MAX];
    *after = 0;
    if (cursor.length == 0) {
        return true;
    }
    const char *dash = memchr(cursor.data, '-', cursor.length);
    struct text number = {cursor.data, dash != NULL ? (size_t)(dash - cursor.data) : 0};
    if (!text_integer(number, after) || *after <= 0) {
        return error_set(error, ERROR_REQUEST, "`after` is no cursor; take `next` of the page before");
    }
    return cursor_write(viewing, *after, meant, error) &&
           (text_is(cursor, meant) ||
            error_set(error, ERROR_REQUEST, "`after` is a cursor of another list; take `next` of the page before"));
}

// --- what is asked for ---

static bool check_ask(struct viewing *viewing, struct error *error) {
    const struct sync *sync = viewing->view->sync;
    const struct view_ask *ask = viewing->ask;
    for (size_t i = 0; i < sync->type_count; i++) {
        if (text_same(sync->types[i].name, ask->type)) {
            viewing->type = &sync->types[i];
        }
    }
    if (viewing->type == NULL) {
        return error_set(error, ERROR_REQUEST, "the sync has no type '%.*s'", TEXT_ARGS(ask->type));
    }
    if (ask->limit < 1 || ask->limit > VIEW_LIMIT_MAX) {
        return error_set(error, ERROR_REQUEST, "`limit` takes 1 to %d", VIEW_LIMIT_MAX);
    }
    return ask->offset >= 0 || error_set(error, ERROR_REQUEST, "a page cannot begin before the first record");
}

// Where home keeps the fields. A script may be newer than home: what it declares anew is null until a run of it.
static bool find_places(struct viewing *viewing, struct error *error) {
    const struct datatype *datatype = viewing->type->datatype;
    viewing->places = arena_take(&viewing->page, (datatype->count + 1) * sizeof *viewing->places);
    if (viewing->places == NULL) {
        return error_memory(error);
    }
    for (size_t i = 0; i < datatype->count; i++) {
        uint32_t place = shape_find(viewing->known->shape, datatype->fields[i].name);
        viewing->places[i] = place;
        if (place != SHAPE_NONE && viewing->known->fields[place].type != datatype->fields[i].type) {
            return error_set(error, ERROR_SCHEMA_CHANGE, "home keeps %.*s.%.*s as %s, and the script declares it as %s",
                             TEXT_ARGS(datatype->name), TEXT_ARGS(datatype->fields[i].name),
                             field_type_name(viewing->known->fields[place].type),
                             field_type_name(datatype->fields[i].type));
        }
    }
    return true;
}

static bool open_links(struct viewing *viewing, struct error *error) {
    const struct sync *sync = viewing->view->sync;
    struct store *store = viewing->view->store;
    const struct datatype *datatype = viewing->type->datatype;
    viewing->refs = arena_take_zero(&viewing->page, datatype->count + 1, sizeof(struct linkset *));
    if (viewing->refs == NULL) {
        return error_memory(error);
    }
    for (size_t i = 0; !viewing->type->pushes && i < datatype->count; i++) {
        const struct datatype *target =
            datatype->fields[i].type == FIELD_REF ? sync_datatype(sync, datatype->fields[i].target) : NULL;
        if (target != NULL && !push_links_there(store, sync->datasource, target, &viewing->refs[i], error)) {
            return false;
        }
    }
    return push_links_there(store, sync->datasource, datatype, &viewing->links, error) &&
           (!viewing->type->pushes || push_former_view(&viewing->former, sync, viewing->type, store, error));
}

// --- the page ---

static bool copy_row(struct viewing *viewing, const struct home_row *from, struct error *error) {
    const struct datatype *datatype = viewing->type->datatype;
    struct home_row *to = &viewing->rows[viewing->count++];
    *to = (struct home_row){.id = from->id, .seq = from->seq};
    to->fields = arena_take(&viewing->page, (datatype->count + 1) * sizeof *to->fields);
    bool ok = to->fields != NULL && value_copy(&viewing->page, &from->extra, &to->extra);
    for (size_t i = 0; ok && i < datatype->count; i++) {
        struct value nothing = value_null();
        uint32_t place = viewing->places[i];
        ok = value_copy(&viewing->page, place != SHAPE_NONE ? &from->fields[place] : &nothing, &to->fields[i]);
        viewing->waits = viewing->waits || (ok && datatype->fields[i].type == FIELD_REF && value_empty(&to->fields[i]));
    }
    return ok || error_memory(error);
}

static bool take_row(void *context, const struct home_row *row, struct error *error) {
    struct viewing *viewing = context;
    if (viewing->skip > 0) {
        viewing->skip--;
        return true;
    }
    viewing->more = viewing->count == viewing->ask->limit || (viewing->count > 0 && viewing->page.held > PAGE_BYTES);
    return !viewing->more && copy_row(viewing, row, error);
}

static bool take_wait(void *context, const struct pending_row *row, struct error *error) {
    struct viewing *viewing = context;
    bool here = row->home >= viewing->rows[0].id && row->home <= viewing->rows[viewing->count - 1].id;
    return !here || !text_same(row->datasource, viewing->view->sync->datasource) ||
           push_former_wait(&viewing->former, row, error);
}

// A reference that waits is null in home, and goes out as it came.
static bool read_waits(struct viewing *viewing, struct error *error) {
    struct store *store = viewing->view->store;
    struct scan scan = {.filter = viewing->type->datatype->name};
    if (!viewing->type->pushes || !viewing->waits) {
        return true;
    }
    return store->type->pending_scan(store, &scan, take_wait, viewing, error);
}

// --- one record ---

// A value as it is shown where no push says how.
static bool show_plain(struct viewing *viewing, size_t index, const struct value *in, struct value *out,
                       struct error *error) {
    const struct field *field = &viewing->type->datatype->fields[index];
    struct store *store = viewing->view->store;
    struct text text;
    *out = *in;
    if (field->type == FIELD_TIME && in->kind == VALUE_INTEGER) {
        char iso[CIVIL_ISO_MAX];
        int length = civil_iso(in->as.integer, iso);
        bool kept = arena_text(&viewing->arena, (struct text){iso, (size_t)length}, &text);
        *out = kept ? value_text(text) : *in;
        return kept || error_memory(error);
    }
    if (field->type != FIELD_REF || in->kind != VALUE_INTEGER || viewing->refs[index] == NULL) {
        return true;
    }
    struct link link;
    if (!store->type->link_of(store, viewing->refs[index], in->as.integer, &viewing->arena, &link, &text, error)) {
        return false;
    }
    *out = link.home != 0 ? value_text(text) : *in;
    return true;
}

static bool form_plain(struct viewing *viewing, const struct home_row *row, const struct object **out,
                       struct error *error) {
    const struct datatype *datatype = viewing->type->datatype;
    const struct object *extra = row->extra.kind == VALUE_OBJECT ? row->extra.as.object : NULL;
    size_t room = datatype->count + (extra != NULL ? extra->shape->count : 0) + 1;
    struct text *names = arena_take(&viewing->arena, room * sizeof *names);
    struct value *values = arena_take(&viewing->arena, room * sizeof *values);
    struct shape *shape = arena_take(&viewing->arena, sizeof *shape);
    struct object *object = arena_take(&viewing->arena, sizeof *object);
    if (names == NULL || values == NULL || shape == NULL || object == NULL) {
        return error_memory(error);
    }
    uint32_t count = 0;
    for (; count < datatype->count; count++) {
        names[count] = datatype->fields[count].name;
        if (!show_plain(viewing, count, &row->fields[count], &values[count], error)) {
            return false;
        }
    }
    for (uint32_t i = 0; extra != NULL && i < extra->shape->count; i++) {
        names[count] = extra->shape->names[i];
        values[count++] = extra->values[i];
    }
    *shape = (struct shape){count, names};
    *object = (struct object){shape, values};
    *out = object;
    return true;
}

static bool form_row(struct viewing *viewing, const struct home_row *row, struct view_row *out, bool *skipped,
                     struct error *error) {
    struct push_formed formed = {0};
    struct error failure;
    error_clear(&failure);
    bool ok = viewing->type->pushes ? push_form(&viewing->former, row, &viewing->arena, &formed, &failure)
                                    : form_plain(viewing, row, &formed.form, &failure);
    if (!ok && failure.scope != ERROR_RECORD) {
        *error = failure;
        return error_place(error, "%.*s %" PRId64, TEXT_ARGS(viewing->type->datatype->name), row->id);
    }
    *skipped = ok && formed.skipped;
    out->form = formed.form;
    out->error = failure;
    return true;
}

static bool show_row(struct viewing *viewing, const struct home_row *row, struct error *error) {
    struct store *store = viewing->view->store;
    struct view_row out = {.id = row->id, .seq = row->seq};
    struct link link = {.home = 0};
    bool skipped = false;
    arena_reset(&viewing->arena);
    if (!form_row(viewing, row, &out, &skipped, error)) {
        return false;
    }
    if (skipped) {
        viewing->end->skipped++;
        return true;
    }
    if (viewing->links != NULL &&
        !store->type->link_of(store, viewing->links, row->id, &viewing->arena, &link, &out.external, error)) {
        return false;
    }
    return viewing->show(viewing->context, &out, error);
}

static bool show_rows(struct viewing *viewing, struct error *error) {
    bool ok = viewing->count == 0 || read_waits(viewing, error);
    for (int64_t i = 0; ok && i < viewing->count; i++) {
        ok = show_row(viewing, &viewing->rows[i], error);
    }
    return ok &&
           (!viewing->more || cursor_write(viewing, viewing->rows[viewing->count - 1].id, viewing->end->next, error));
}

static bool read_page(struct viewing *viewing, struct error *error) {
    struct store *store = viewing->view->store;
    struct scan scan = {0};
    if (!cursor_read(viewing, &scan.after, error) ||
        !store->type->datatype(store, viewing->type->datatype->name, &viewing->page, &viewing->known, error)) {
        return false;
    }
    if (viewing->known == NULL) {
        return true; // no run has made its table yet
    }
    viewing->skip = viewing->ask->offset;
    viewing->rows = arena_take(&viewing->page, (size_t)viewing->ask->limit * sizeof *viewing->rows);
    if (viewing->rows == NULL) {
        return error_memory(error);
    }
    return find_places(viewing, error) && open_links(viewing, error) &&
           store->type->record_scan(store, viewing->known, &scan, take_row, viewing, error) &&
           show_rows(viewing, error);
}

bool view_page(const struct view *view, const struct view_ask *ask,
               bool (*show)(void *context, const struct view_row *row, struct error *error), void *context,
               struct view_end *end, struct error *error) {
    struct viewing viewing = {.view = view, .ask = ask, .show = show, .context = context, .end = end};
    *end = (struct view_end){0};
    if (!check_ask(&viewing, error) || !view->store->type->snapshot(view->store, error)) {
        return false;
    }
    arena_init(&viewing.page, VIEW_BYTES_MAX);
    arena_init(&viewing.arena, VIEW_BYTES_MAX);
    bool ok = read_page(&viewing, error);
    view->store->type->snapshot_end(view->store);
    mapper_release(view->sync->mapper);
    push_former_clear(&viewing.former);
    arena_clear(&viewing.arena);
    arena_clear(&viewing.page);
    return ok;
}
