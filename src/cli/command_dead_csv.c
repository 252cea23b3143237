// Dead letters as CSV: the columns of all payloads in the order in which they first come, then why each was refused.

#include "base/map.h"
#include "cli/cli_file.h"
#include "cli/command_dead.h"
#include "format/format_csv_write.h"

enum { CSV_BYTES_MAX = 256 * 1024 * 1024, COLUMNS_MAX = 4096, OWN_COLUMNS = 4 };

struct writing {
    struct arena arena;
    struct map places; // column name -> its place
    struct text *names;
    size_t count;
    struct value *row; // a row in the making, OWN_COLUMNS more than names
    struct buffer line;
    struct cli_file file;
    int64_t rows;
};

static bool add_column(struct writing *writing, struct text name, struct error *error) {
    if (map_find(&writing->places, name) != NULL) {
        return true;
    }
    if (writing->count == COLUMNS_MAX) {
        return error_set(error, ERROR_LIMIT, "the dead letters have more than %d columns; write out one sync's alone",
                         COLUMNS_MAX);
    }
    struct text kept;
    if (!arena_text(&writing->arena, name, &kept) || !map_put(&writing->places, kept, writing->count)) {
        return error_memory(error);
    }
    writing->names[writing->count++] = kept;
    return true;
}

static bool on_columns(void *context, const struct dead_row *row, struct error *error) {
    struct writing *writing = context;
    if (row->payload.kind != VALUE_OBJECT) {
        return true;
    }
    const struct shape *shape = row->payload.as.object->shape;
    for (uint32_t i = 0; i < shape->count; i++) {
        if (!add_column(writing, shape->names[i], error)) {
            return false;
        }
    }
    return true;
}

static bool write_row(struct writing *writing, struct error *error) {
    const struct csv_style style = {.delimiter = ','};
    buffer_reset(&writing->line);
    csv_write_values(&writing->line, &style, writing->row, writing->count + OWN_COLUMNS);
    return writing->line.failed ? error_memory(error)
                                : cli_file_write(&writing->file, buffer_view(&writing->line), error);
}

static bool on_row(void *context, const struct dead_row *row, struct error *error) {
    struct writing *writing = context;
    memset(writing->row, 0, (writing->count + OWN_COLUMNS) * sizeof *writing->row); // all missing
    struct value *own = writing->row + writing->count;
    own[0] = value_text(row->code);
    own[1] = value_text(row->reason);
    own[2] = value_text(row->place);
    if (row->payload.kind == VALUE_OBJECT) {
        const struct object *object = row->payload.as.object;
        for (uint32_t i = 0; i < object->shape->count; i++) {
            const uint64_t *place = map_find(&writing->places, object->shape->names[i]);
            writing->row[*place] = object->values[i];
        }
    } else {
        own[3] = row->payload;
    }
    writing->rows++;
    return write_row(writing, error);
}

static bool write_head(struct writing *writing, struct error *error) {
    static const char *const own[OWN_COLUMNS] = {"weir_code", "weir_reason", "weir_place", "weir_raw"};
    for (size_t i = 0; i < writing->count; i++) {
        writing->row[i] = value_text(writing->names[i]);
    }
    for (size_t i = 0; i < OWN_COLUMNS; i++) {
        writing->row[writing->count + i] = value_text(text_of(own[i]));
    }
    return write_row(writing, error);
}

bool dead_csv(const struct cli *cli, struct store *store, const struct scan *scan, const char *path,
              struct error *error) {
    struct writing writing = {.count = 0};
    arena_init(&writing.arena, CSV_BYTES_MAX);
    map_init(&writing.places);
    buffer_init(&writing.line, CSV_BYTES_MAX);
    writing.names = arena_take(&writing.arena, COLUMNS_MAX * sizeof *writing.names);
    writing.row = arena_take(&writing.arena, (COLUMNS_MAX + OWN_COLUMNS) * sizeof *writing.row);
    bool ok = writing.names != NULL && writing.row != NULL ? true : error_memory(error);
    ok = ok && store->type->dead_scan(store, scan, on_columns, &writing, error);
    if (ok && cli_file_open(cli, path, &writing.file, error)) {
        ok = write_head(&writing, error) && store->type->dead_scan(store, scan, on_row, &writing, error);
        struct error ignored; // the first error is the one to report
        ok = cli_file_close(&writing.file, ok, ok ? error : &ignored) && ok;
    } else {
        ok = false;
    }
    if (ok && path != NULL && !cli->quiet) {
        fprintf(cli->err, "%lld rejected rows are in %s\n", (long long)writing.rows, path);
    }
    buffer_clear(&writing.line);
    map_clear(&writing.places);
    arena_clear(&writing.arena);
    return ok;
}
