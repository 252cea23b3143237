#include "support/remote_fake.h"

#include <inttypes.h>
#include <stdio.h>

#include "base/memory.h"
#include "format/format_json.h"
#include "test.h"

enum { REMOTE_CEILING = 256 * 1024 * 1024 };

static const struct text id_name = {"id", 2};
static const struct text cursor_name = {"updatedAt", 9};

void remote_open(struct remote_fake *remote) {
    *remote = (struct remote_fake){.next_id = 1};
    arena_init(&remote->arena, REMOTE_CEILING);
    buffer_init(&remote->log, REMOTE_CEILING);
}

void remote_close(struct remote_fake *remote) {
    memory_free(remote->rows);
    memory_free(remote->keys);
    buffer_clear(&remote->log);
    arena_clear(&remote->arena);
}

const struct object *remote_settings(struct remote_fake *remote) {
    remote->setting_name = text_of("remote");
    remote->setting_shape = (struct shape){1, &remote->setting_name};
    remote->setting_value = value_integer((int64_t)(intptr_t)remote);
    remote->settings = (struct object){&remote->setting_shape, &remote->setting_value};
    return &remote->settings;
}

struct remote_fake *remote_of(const struct object *settings) {
    return (struct remote_fake *)(intptr_t)option_integer(settings, "remote");
}

void remote_fault(struct remote_fake *remote, size_t write, enum remote_trouble trouble) {
    CHECK(remote->fault_count < REMOTE_FAULTS);
    remote->fault_at[remote->fault_count] = write;
    remote->faults[remote->fault_count++] = trouble;
}

struct remote_row *remote_find(const struct remote_fake *remote, struct text type, struct text id) {
    for (size_t i = 0; i < remote->count; i++) {
        struct remote_row *row = &remote->rows[i];
        if (text_same(row->type, type) && text_same(row->id, id)) {
            return row;
        }
    }
    return NULL;
}

static struct text kept(struct remote_fake *remote, struct text text) {
    struct text out;
    CHECK(arena_text(&remote->arena, text, &out));
    return out;
}

// The id that a form names, or an empty text.
static struct text form_id(struct remote_fake *remote, const struct object *form) {
    const struct value *id = object_find(form, id_name);
    if (id == NULL || value_empty(id)) {
        return text_of("");
    }
    if (id->kind == VALUE_INTEGER) {
        char digits[TEXT_INTEGER_MAX];
        return kept(remote, text_digits(id->as.integer, digits));
    }
    CHECK(id->kind == VALUE_TEXT);
    return value_slice(id);
}

static void put(struct text *names, struct value *values, uint32_t *count, struct text name, struct value value) {
    for (uint32_t i = 0; i < *count; i++) {
        if (text_same(names[i], name)) {
            values[i] = value;
            return;
        }
    }
    names[*count] = name;
    values[(*count)++] = value;
}

static struct value taken(const struct remote_fake *remote, struct value value) {
    return remote->trims && value.kind == VALUE_TEXT ? value_text(text_trim(value_slice(&value))) : value;
}

// The row's new fields: what it had (unless the form is the whole), the form's, and updatedAt.
static struct object mixed(struct remote_fake *remote, const struct remote_row *row, const struct object *form,
                           struct value id, bool whole) {
    uint32_t old = row->fields.shape != NULL && !whole ? row->fields.shape->count : 0;
    size_t most = (size_t)old + form->shape->count + 2;
    struct shape *shape = arena_take(&remote->arena, sizeof *shape);
    struct text *names = arena_take(&remote->arena, most * sizeof *names);
    struct value *values = arena_take(&remote->arena, most * sizeof *values);
    CHECK(shape != NULL && names != NULL && values != NULL);
    uint32_t count = 0;
    put(names, values, &count, id_name, id);
    for (uint32_t i = 0; i < old; i++) {
        put(names, values, &count, row->fields.shape->names[i], row->fields.values[i]);
    }
    for (uint32_t i = 0; i < form->shape->count; i++) {
        if (form->values[i].kind != VALUE_MISSING && !text_same(form->shape->names[i], id_name)) {
            put(names, values, &count, form->shape->names[i], taken(remote, form->values[i]));
        }
    }
    put(names, values, &count, cursor_name, value_integer(row->cursor));
    *shape = (struct shape){count, names};
    struct object object = {shape, values};
    struct value from = value_object(&object), copy;
    CHECK(value_copy(&remote->arena, &from, &copy));
    return *copy.as.object;
}

struct remote_row *remote_keep(struct remote_fake *remote, struct text type, struct remote_row *row,
                               const struct object *form, bool whole) {
    struct text id = row != NULL ? row->id : form_id(remote, form);
    row = row == NULL && id.length > 0 ? remote_find(remote, type, id) : row;
    const struct value *given = object_find(row != NULL ? &row->fields : form, id_name);
    struct value id_value = given != NULL ? *given : value_null();
    if (row == NULL) {
        if (remote->count == remote->capacity) {
            remote->capacity = remote->capacity > 0 ? remote->capacity * 2 : 64;
            remote->rows = memory_grow(remote->rows, remote->capacity, sizeof *remote->rows);
            CHECK(remote->rows != NULL);
        }
        if (id.length == 0) {
            char digits[TEXT_INTEGER_MAX];
            id_value = value_integer(remote->next_id);
            id = text_digits(remote->next_id++, digits);
            id = kept(remote, id);
        } else if (id_value.kind == VALUE_INTEGER && id_value.as.integer >= remote->next_id) {
            remote->next_id = id_value.as.integer + 1;
        }
        row = &remote->rows[remote->count++];
        *row = (struct remote_row){.type = kept(remote, type), .id = kept(remote, id)};
    }
    row->gone = false;
    row->cursor = ++remote->tick;
    row->fields = mixed(remote, row, form, id_value, whole);
    return row;
}

void remote_put(struct remote_fake *remote, const char *type, const char *json) {
    struct value value;
    struct error error;
    CHECK_OK(json_read(kept(remote, text_of(json)), &remote->arena, NULL, &value, &error), &error);
    CHECK(value.kind == VALUE_OBJECT);
    remote_keep(remote, text_of(type), NULL, value.as.object, false);
}

void remote_remove(struct remote_fake *remote, const char *type, const char *id) {
    struct remote_row *row = remote_find(remote, text_of(type), text_of(id));
    CHECK(row != NULL && !row->gone);
    row->gone = true;
    row->cursor = ++remote->tick;
}

size_t remote_count(const struct remote_fake *remote, const char *type) {
    size_t count = 0;
    for (size_t i = 0; i < remote->count; i++) {
        count += text_is(remote->rows[i].type, type) && !remote->rows[i].gone ? 1 : 0;
    }
    return count;
}

struct text remote_get(struct remote_fake *remote, const char *type, const char *id) {
    struct remote_row *row = remote_find(remote, text_of(type), text_of(id));
    if (row == NULL || row->gone) {
        return text_of("");
    }
    struct value value;
    struct value from = value_object(&row->fields);
    CHECK(value_copy(&remote->arena, &from, &value));
    uint32_t at = shape_find(value.as.object->shape, cursor_name);
    value.as.object->values[at].kind = VALUE_MISSING;
    struct buffer json;
    buffer_init(&json, REMOTE_CEILING);
    json_write(&json, &value);
    CHECK(!json.failed);
    struct text text = kept(remote, buffer_view(&json));
    buffer_clear(&json);
    return text;
}

struct text remote_log(struct remote_fake *remote) {
    CHECK(!remote->log.failed);
    return remote->log.length > 0 ? buffer_view(&remote->log) : text_of("");
}

void remote_log_reset(struct remote_fake *remote) {
    buffer_reset(&remote->log);
    remote->changes = 0;
}

struct print remote_print(const struct object *fields, uint64_t seed) {
    struct arena scratch;
    struct buffer json;
    arena_init(&scratch, REMOTE_CEILING);
    buffer_init(&json, REMOTE_CEILING);
    struct value value = value_object(fields);
    CHECK(json_write_canonical(&json, &value, &scratch));
    struct print print = print_of(buffer_view(&json), seed);
    buffer_clear(&json);
    arena_clear(&scratch);
    return print;
}

// --- reading: rows in the order of their cursors, so that a change made while a pass runs comes at its end ---

struct remote_pass {
    struct source source;
    struct remote_fake *remote;
    struct text type;
    int64_t after; // the cursor of the last row that was given
    int64_t highest;
    int64_t until; // what changed after it is not given
    uint64_t line;
    bool whole; // from the beginning
    uint64_t seed;
};

static bool pass_open(const struct source_setup *setup, struct source **out, struct error *error) {
    struct remote_fake *remote = remote_of(setup->settings);
    int64_t since = 0, after = 0, until = remote->frozen ? remote->tick : INT64_MAX;
    uint64_t line = 0;
    char position[64];
    remote->opens++;
    if (setup->since.length > 0 && !text_integer(setup->since, &since)) {
        return error_set(error, ERROR_SOURCE_CHANGED, "the watermark is none of the fake's");
    }
    snprintf(position, sizeof position, "%.*s", TEXT_ARGS(setup->position));
    if (setup->position.length > 0 &&
        (sscanf(position, "cursor %" SCNd64 " line %" SCNu64 " until %" SCNd64, &after, &line, &until) != 3 ||
         after > remote->tick)) {
        return error_set(error, ERROR_SOURCE_CHANGED, "the position is none of the fake's");
    }
    struct remote_pass *pass = memory_take(sizeof *pass);
    if (pass == NULL) {
        return error_memory(error);
    }
    int64_t from = since > 0 && since - 1 > after ? since - 1 : after;
    *pass = (struct remote_pass){
        .source = {&remote_fake},
        .remote = remote,
        .type = setup->type_name,
        .after = from,
        .highest = after > since ? after : since,
        .until = until,
        .line = line,
        .whole = setup->since.length == 0,
        .seed = setup->seed,
    };
    *out = &pass->source;
    return true;
}

// The row with the lowest cursor behind the pass, or NULL.
static const struct remote_row *pass_next(const struct remote_pass *pass) {
    const struct remote_row *next = NULL;
    for (size_t i = 0; i < pass->remote->count; i++) {
        const struct remote_row *row = &pass->remote->rows[i];
        bool shown = !row->gone || pass->remote->tombstones;
        if (shown && text_same(row->type, pass->type) && row->cursor > pass->after && row->cursor <= pass->until &&
            (next == NULL || row->cursor < next->cursor)) {
            next = row;
        }
    }
    return next;
}

static bool pass_read(struct source *source, struct batch *batch, struct error *error) {
    struct remote_pass *pass = (struct remote_pass *)source;
    struct remote_fake *remote = pass->remote;
    remote->reads++;
    if (remote->reads == remote->fail_read_at) {
        *error = remote->fail_read;
        return false;
    }
    const struct remote_row *row = pass_next(pass);
    while (row != NULL && batch->count < batch->capacity) {
        struct value from = value_object(&row->fields), copy;
        if (!value_copy(&batch->arena, &from, &copy)) {
            return error_memory(error);
        }
        batch->records[batch->count++] = (struct record){
            .fields = *copy.as.object,
            .print = remote_print(copy.as.object, pass->seed),
            .line = ++pass->line,
            .gone = row->gone,
        };
        pass->after = row->cursor;
        pass->highest = row->cursor > pass->highest ? row->cursor : pass->highest;
        row = pass_next(pass);
    }
    const char *position = arena_print(&batch->arena, "cursor %" PRId64 " line %" PRIu64 " until %" PRId64, pass->after,
                                       pass->line, pass->until);
    const char *cursor = arena_print(&batch->arena, "%" PRId64, pass->highest);
    if (position == NULL || cursor == NULL) {
        return error_memory(error);
    }
    batch->position = text_of(position);
    batch->place = text_of("the fake remote");
    batch->cursor = pass->highest > 0 ? text_of(cursor) : text_of("");
    batch->last = row == NULL;
    batch->full = batch->last && pass->whole && !remote->never_full;
    batch->done_bytes = pass->line;
    return true;
}

static void pass_close(struct source *source) {
    memory_free(source);
}

static const struct option remote_options[] = {
    {"remote", OPTION_INTEGER, true, NULL, NULL, NULL, "Where the remote is; remote_settings puts it in."},
    {0},
};
static const struct option_list remote_list = {"remote", "A datasource in memory.", remote_options};

const struct source_type remote_fake = {
    .kind = "remote",
    .options = &remote_list,
    .type_options = &remote_list,
    .target = &remote_fake_target,
    .open = pass_open,
    .read = pass_read,
    .close = pass_close,
};
