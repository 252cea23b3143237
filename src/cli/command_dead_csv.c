// Dead letters as CSV, to a file or to standard output.

#include "cli/cli_file.h"
#include "cli/command_dead.h"
#include "format/format_csv_dead.h"

enum { CSV_BYTES_MAX = 256 * 1024 * 1024 };

struct writing {
    struct csv_dead *csv;
    struct buffer line;
    struct cli_file file;
    int64_t rows;
};

static bool on_columns(void *context, const struct dead_row *row, struct error *error) {
    struct writing *writing = context;
    return csv_dead_see(writing->csv, &row->payload, error);
}

static bool write_line(struct writing *writing, struct error *error) {
    bool ok = cli_file_write(&writing->file, buffer_view(&writing->line), error);
    buffer_reset(&writing->line);
    return ok;
}

static bool on_row(void *context, const struct dead_row *row, struct error *error) {
    struct writing *writing = context;
    struct csv_dead_row dead = {row->code, row->reason, row->place, &row->payload};
    writing->rows++;
    return csv_dead_write(writing->csv, &dead, &writing->line, error) && write_line(writing, error);
}

bool dead_csv(const struct cli *cli, struct store *store, const struct scan *scan, const char *path,
              struct error *error) {
    const struct csv_style style = {.delimiter = ','};
    struct writing writing = {.csv = NULL};
    buffer_init(&writing.line, CSV_BYTES_MAX);
    bool ok =
        csv_dead_open(&style, &writing.csv, error) && store->type->dead_scan(store, scan, on_columns, &writing, error);
    if (ok && cli_file_open(cli, path, &writing.file, error)) {
        ok = csv_dead_head(writing.csv, &writing.line, error) && write_line(&writing, error) &&
             store->type->dead_scan(store, scan, on_row, &writing, error);
        struct error ignored; // the first error is the one to report
        ok = cli_file_close(&writing.file, ok, ok ? error : &ignored) && ok;
    } else {
        ok = false;
    }
    if (ok && path != NULL && !cli->quiet) {
        fprintf(cli->err, "%lld rejected rows are in %s\n", (long long)writing.rows, path);
    }
    buffer_clear(&writing.line);
    csv_dead_close(writing.csv);
    return ok;
}
