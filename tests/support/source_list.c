#include "support/source_list.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "base/memory.h"
#include "format/format_json.h"

struct list_pass {
    struct source source;
    struct source_list *list;
    size_t next;
    size_t reads;
    size_t page;
    uint64_t seed;
    char since[64];
    char cursor[64]; // the highest met
};

const struct object *source_list_settings(struct source_list *list) {
    list->setting_name = text_of("list");
    list->setting_shape = (struct shape){1, &list->setting_name};
    list->setting_value = value_integer((int64_t)(intptr_t)list);
    list->settings = (struct object){&list->setting_shape, &list->setting_value};
    return &list->settings;
}

static bool list_open(const struct source_setup *setup, struct source **out, struct error *error) {
    struct source_list *list = (struct source_list *)(intptr_t)option_integer(setup->settings, "list");
    list->opens++;
    if (list->fail_open.code != ERROR_NONE) {
        *error = list->fail_open;
        return false;
    }
    size_t next = 0;
    char cursor[64] = "";
    snprintf(list->since, sizeof list->since, "%.*s", TEXT_ARGS(setup->since));
    if (setup->position.length > 0) {
        char position[64];
        int64_t version = 0;
        snprintf(position, sizeof position, "%.*s", TEXT_ARGS(setup->position));
        if (sscanf(position, "v1 %zu %" SCNd64 " %63s", &next, &version, cursor) < 2 || version != list->version ||
            next > list->count) {
            return error_set(error, ERROR_SOURCE_CHANGED, "the list is not the one that was read");
        }
    }
    struct list_pass *pass = memory_take(sizeof *pass);
    if (pass == NULL) {
        return error_memory(error);
    }
    *pass = (struct list_pass){
        .source = {&source_list}, .list = list, .next = next, .page = setup->page_records, .seed = setup->seed};
    snprintf(pass->since, sizeof pass->since, "%s", list->since);
    snprintf(pass->cursor, sizeof pass->cursor, "%s", cursor);
    *out = &pass->source;
    return true;
}

// Name and text in turn, as an object of texts.
static bool take_pairs(const char *const *pairs, struct arena *arena, struct object *out) {
    uint32_t count = 0;
    while (pairs[2 * count] != NULL) {
        count++;
    }
    struct shape *shape = arena_take(arena, sizeof *shape);
    struct text *names = arena_take(arena, count * sizeof *names);
    out->values = arena_take(arena, count * sizeof *out->values);
    if (shape == NULL || names == NULL || out->values == NULL) {
        return false;
    }
    for (uint32_t i = 0; i < count; i++) {
        names[i] = text_of(pairs[2 * i]);
        out->values[i] = value_text(text_of(pairs[2 * i + 1]));
    }
    *shape = (struct shape){count, names};
    out->shape = shape;
    return true;
}

static struct print pairs_print(const char *const *pairs, uint64_t seed) {
    struct print print = print_of(text_of(""), seed);
    for (size_t i = 0; pairs[i] != NULL; i++) {
        print = print_join(print, print_of(text_of(pairs[i]), 0));
    }
    return print;
}

// A row's cursor; an empty text when it has none.
static const char *row_cursor(const struct source_list *list, const struct source_list_row *row) {
    for (size_t i = 0; list->cursor != NULL && row->pairs != NULL && row->pairs[i] != NULL; i += 2) {
        if (strcmp(row->pairs[i], list->cursor) == 0) {
            return row->pairs[i + 1];
        }
    }
    return "";
}

static bool take_row(struct list_pass *pass, struct batch *batch, struct json_shapes *shapes, struct error *error) {
    const struct source_list_row *row = &pass->list->rows[pass->next];
    uint64_t line = pass->next + 1;
    if (row->raw != NULL) {
        struct reject reject = {
            .line = line,
            .column = text_of(""),
            .code = ERROR_CSV_RAGGED,
            .reason = text_of(row->reason),
            .raw = text_of(row->raw),
            .print = print_of(text_of(row->raw), pass->seed),
        };
        return batch_reject(batch, &reject, error);
    }
    struct record record = {.line = line, .gone = row->gone};
    if (row->pairs != NULL) {
        record.print = pairs_print(row->pairs, pass->seed);
        if (!take_pairs(row->pairs, &batch->arena, &record.fields)) {
            return error_memory(error);
        }
    } else {
        struct value value;
        record.print = print_of(text_of(row->json), pass->seed);
        if (!json_read(text_of(row->json), &batch->arena, shapes, &value, error)) {
            return false;
        }
        record.fields = *value.as.object;
    }
    batch->records[batch->count++] = record;
    return true;
}

static bool list_read(struct source *source, struct batch *batch, struct error *error) {
    struct list_pass *pass = (struct list_pass *)source;
    struct source_list *list = pass->list;
    list->reads++;
    pass->reads++;
    bool spent = list->fail_times > 0 && list->failed >= list->fail_times;
    if (pass->reads == list->fail_read && !spent) {
        list->failed++;
        pass->reads--; // tried again, it is the same read
        *error = list->fail;
        return false;
    }
    struct json_shapes shapes = {0};
    size_t page = pass->page < batch->capacity ? pass->page : batch->capacity;
    for (size_t taken = 0; taken < page && pass->next < list->count; pass->next++) {
        const char *cursor = row_cursor(list, &list->rows[pass->next]);
        if (pass->since[0] != '\0' && strcmp(cursor, pass->since) < 0) {
            continue;
        }
        if (!take_row(pass, batch, &shapes, error)) {
            return false;
        }
        if (strcmp(cursor, pass->cursor) > 0) {
            snprintf(pass->cursor, sizeof pass->cursor, "%s", cursor);
        }
        taken++;
    }
    const char *position = arena_print(&batch->arena, "v1 %zu %" PRId64 " %s", pass->next, list->version, pass->cursor);
    const char *cursor = arena_print(&batch->arena, "%s", pass->cursor);
    if (position == NULL || cursor == NULL) {
        return error_memory(error);
    }
    batch->cursor = text_of(cursor);
    batch->full = list->full && pass->since[0] == '\0';
    batch->position = text_of(position);
    batch->place = text_of("a list");
    batch->last = pass->next == list->count;
    batch->done_bytes = pass->next;
    batch->total_bytes = list->count;
    return true;
}

static void list_close(struct source *source) {
    struct list_pass *pass = (struct list_pass *)source;
    if (pass != NULL) {
        pass->list->closes++;
        memory_free(pass);
    }
}

static const struct option list_options[] = {
    {"list", OPTION_INTEGER, true, NULL, NULL, NULL, "Where the rows are; source_list_settings puts it in."},
    {0},
};
static const struct option_list list_list = {"list", "Rows that a test wrote down.", list_options};

const struct source_type source_list = {
    .kind = "list",
    .options = &list_list,
    .type_options = &list_list,
    .open = list_open,
    .read = list_read,
    .close = list_close,
};
