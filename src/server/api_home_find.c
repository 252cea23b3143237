// Home's records: listed by id, and searched by what stands in their fields.

#include "server/api.h"
#include "server/home_view.h"

// One request looks at so many records and writes so much, then says where to go on: none is endless. 60,000 records
// of three fields, a filter that nothing fits: 9 ms to the first answer.
enum { LIST_LIMIT = 100, LIST_LIMIT_MAX = 1000, LOOK_MAX = 50000, LIST_BYTES = 16 * 1024 * 1024 };

// What a field must say.
struct wish {
    const struct field *field;
    uint32_t place;
    struct value value; // null: nothing, or an empty text
};

struct search {
    struct exchange *exchange;
    const struct datatype *datatype;
    struct wish wishes[QUERY_MAX];
    size_t wish_count;
    int64_t after;
    int64_t limit;
    int64_t count;
    int64_t looked;
    int64_t last; // the last one that was looked at
    bool more;    // there may be some behind it
};

// --- what is asked for ---

static const struct field *field_named(const struct datatype *datatype, struct text name, uint32_t *place) {
    *place = shape_find(datatype->shape, name);
    return *place != SHAPE_NONE ? &datatype->fields[*place] : NULL;
}

static void refuse_unknown(struct exchange *exchange, const struct datatype *datatype, struct text name) {
    struct buffer known;
    buffer_init(&known, ERROR_MESSAGE_MAX);
    for (size_t i = 0; i < datatype->count; i++) {
        if (datatype->fields[i].type != FIELD_JSON) {
            buffer_string(&known, ", ");
            buffer_text(&known, datatype->fields[i].name);
        }
    }
    exchange_refuse(exchange, 400, ERROR_REQUEST, "\"%.*s\" is not known here; known are org, limit, after%.*s",
                    TEXT_ARGS(name), TEXT_ARGS(buffer_view(&known)));
    buffer_clear(&known);
}

// A query's text in the field's form.
static bool wish_read(struct exchange *exchange, const struct pair *pair, struct wish *wish) {
    struct value given = value_text(pair->value);
    struct error error;
    int64_t number;
    bool ok = true;
    if (pair->value.length == 0) {
        wish->value = value_null();
        return true;
    }
    if (wish->field->type == FIELD_BOOL) {
        ok = text_is(pair->value, "true") || text_is(pair->value, "false");
        wish->value = value_bool(text_is(pair->value, "true"));
    } else if (wish->field->type == FIELD_REF) {
        ok = text_integer(pair->value, &number) && number > 0;
        wish->value = value_integer(number);
    } else if (!field_take(wish->field, &given, &exchange->arena, &wish->value, &error)) {
        exchange_fail(exchange, &error);
        return false;
    }
    if (!ok) {
        exchange_refuse(exchange, 422, ERROR_FIELD_TYPE, "%.*s takes %s", TEXT_ARGS(wish->field->name),
                        wish->field->type == FIELD_BOOL ? "true or false" : "the id of a record");
    }
    return ok;
}

static bool wishes_read(struct exchange *exchange, struct search *search) {
    static const char *const others[] = {"org", "limit", "after"};
    for (size_t i = 0; i < exchange->query_count; i++) {
        const struct pair *pair = &exchange->query[i];
        bool other = false;
        for (size_t j = 0; j < sizeof others / sizeof others[0]; j++) {
            other = other || text_is(pair->name, others[j]);
        }
        if (other) {
            continue;
        }
        struct wish *wish = &search->wishes[search->wish_count];
        wish->field = field_named(search->datatype, pair->name, &wish->place);
        if (wish->field == NULL || wish->field->type == FIELD_JSON) {
            refuse_unknown(exchange, search->datatype, pair->name);
            return false;
        }
        if (!wish_read(exchange, pair, wish)) {
            return false;
        }
        search->wish_count++;
    }
    return true;
}

// --- looking ---

static bool fits(const struct search *search, const struct home_row *row) {
    for (size_t i = 0; i < search->wish_count; i++) {
        const struct wish *wish = &search->wishes[i];
        const struct value *value = &row->fields[wish->place];
        bool empty = value_empty(value) || (value->kind == VALUE_TEXT && value->length == 0);
        if (wish->value.kind == VALUE_NULL ? !empty : empty || !field_same(wish->field, value, &wish->value)) {
            return false;
        }
    }
    return true;
}

static void put(struct search *search, const struct home_row *row) {
    struct members *members = &search->exchange->members;
    members_open(members, NULL);
    home_put_row(members, search->datatype, row);
    members_close(members);
    search->count++;
}

static bool on_record(void *context, const struct home_row *row, struct error *error) {
    (void)error;
    struct search *search = context;
    if (search->count == search->limit || search->looked == LOOK_MAX || search->exchange->answer.length > LIST_BYTES) {
        search->more = true;
        return false;
    }
    search->looked++;
    search->last = row->id;
    if (fits(search, row)) {
        put(search, row);
    }
    return true;
}

// The values of the whole natural key, when the query says all of them.
static bool key_said(const struct search *search, struct value *key) {
    const struct datatype *datatype = search->datatype;
    for (size_t i = 0; i < datatype->key_count; i++) {
        size_t at = 0;
        while (at < search->wish_count &&
               (search->wishes[at].place != datatype->key[i] || search->wishes[at].value.kind == VALUE_NULL)) {
            at++;
        }
        if (at == search->wish_count) {
            return false;
        }
        key[i] = search->wishes[at].value;
    }
    return datatype->key_count > 0;
}

static bool look(struct search *search, struct store *store, struct error *error) {
    struct scan scan = {.after = search->after};
    struct arena *arena = &search->exchange->arena;
    struct value *key = arena_take(arena, (search->datatype->key_count + 1) * sizeof *key);
    int64_t ids[2];
    size_t count = 2;
    if (key == NULL) {
        return error_memory(error);
    }
    if (key_said(search, key) && !store->type->key_find(store, search->datatype, key, ids, &count, error)) {
        return false;
    }
    if (count < 2) { // its key tells the one
        struct home_row row;
        if (count == 0 || ids[0] <= search->after) {
            return true;
        }
        return store->type->record_find(store, search->datatype, ids[0], arena, &row, error) &&
               (row.id == 0 || on_record(search, &row, error));
    }
    return store->type->record_scan(store, search->datatype, &scan, on_record, search, error);
}

static void list(struct exchange *exchange, struct home_view *view, struct search *search) {
    struct error error;
    if (!home_view_type(exchange, view, exchange->params[0], &search->datatype) || !wishes_read(exchange, search)) {
        return;
    }
    struct members *members = exchange_begin(exchange, 200);
    members_open(members, NULL);
    members_open_list(members, "records");
    bool ok = look(search, view->store, &error);
    members_close_list(members);
    if (search->more) {
        members_integer(members, "next", search->last);
    } else {
        members_null(members, "next");
    }
    members_close(members);
    exchange_end(exchange);
    if (!ok) {
        home_view_fail(exchange, &error);
    }
}

void api_home_list(struct exchange *exchange) {
    struct home_view view;
    struct search search = {.exchange = exchange};
    if (!exchange_count(exchange, "limit", LIST_LIMIT, 1, LIST_LIMIT_MAX, &search.limit) ||
        !exchange_count(exchange, "after", 0, 0, INT64_MAX, &search.after)) {
        return;
    }
    if (home_view_open(exchange, &view)) {
        list(exchange, &view, &search);
        home_view_close(exchange, &view);
    }
}
