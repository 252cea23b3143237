#include "cli/run_show.h"

#include <errno.h>
#include <signal.h>
#include <sys/types.h>

#include "base/visible.h"
#include "cli/field_show.h"

enum { SHOWN_BYTES_MAX = 64 * 1024 * 1024 };

const char *run_status_today(const struct run_row *row) {
    bool gone = row->status == RUN_RUNNING && row->process > 0 && kill((pid_t)row->process, 0) != 0 && errno == ESRCH;
    return run_status_name(gone ? RUN_INTERRUPTED : row->status);
}

// --- status ---

const char *const status_heads[] = {"SYNC", "STATUS", "RUN", "WHEN", "READ", "CREATED", "UPDATED", "DEAD", "", NULL};

// The members "run" to "message" of a JSON line.
static void run_put(struct output *output, const struct run_row *row, struct text status) {
    output_integer(output, "run", row->id);
    output_text(output, "sync", row->sync);
    output_json(output, "params", row->params);
    output_text(output, "status", status);
    output_counts(output, &row->counts);
    output_time(output, "started", row->started_us);
    output_time(output, "ended", row->ended_us);
    output_text(output, "message", row->message);
}

static void put_time(struct table *table, int64_t time_us) {
    struct buffer when;
    buffer_init(&when, 256);
    time_show(&when, time_us);
    table_text(table, buffer_view(&when));
    buffer_clear(&when);
}

static void put_status(struct table *table, const struct run_row *row, struct text status, int64_t deads) {
    bool bare = row->params.length == 0 || text_is(row->params, "{}");
    struct buffer what; // why it is as it is, and which of the sync's runs it is
    buffer_init(&what, SHOWN_BYTES_MAX);
    buffer_text(&what, row->message);
    buffer_string(&what, row->message.length > 0 && !bare ? "  " : "");
    buffer_text(&what, bare ? (struct text){"", 0} : row->params);
    table_text(table, row->sync);
    table_text(table, status);
    table_id(table, row->id);
    put_time(table, row->ended_us != 0 ? row->ended_us : row->started_us);
    table_number(table, row->counts.read);
    table_number(table, row->counts.created);
    table_number(table, row->counts.updated);
    table_number(table, deads);
    table_text(table, buffer_view(&what));
    buffer_clear(&what);
}

bool status_show(const struct cli *cli, struct table *table, const struct run_row *row, struct text status,
                 int64_t deads, struct error *error) {
    if (!cli->json) {
        put_status(table, row, status, deads);
        return true;
    }
    struct output output;
    output_init(&output, cli);
    output_begin(&output);
    run_put(&output, row, status);
    output_integer(&output, "dead_letters", deads);
    bool ok = output_end(&output, error);
    output_clear(&output);
    return ok;
}

// --- log ---

const char *const run_heads[] = {"RUN", "SYNC", "STATUS", "STARTED", "READ", "CREATED", "UPDATED", "DEAD", "", NULL};

bool run_show(const struct cli *cli, struct table *table, const struct run_row *row, struct text status,
              struct error *error) {
    if (cli->json) {
        struct output output;
        output_init(&output, cli);
        output_begin(&output);
        run_put(&output, row, status);
        bool ok = output_end(&output, error);
        output_clear(&output);
        return ok;
    }
    table_id(table, row->id);
    table_text(table, row->sync);
    table_text(table, status);
    put_time(table, row->started_us);
    table_number(table, row->counts.read);
    table_number(table, row->counts.created);
    table_number(table, row->counts.updated);
    table_number(table, row->counts.dead);
    table_text(table, row->message);
    return true;
}

bool run_show_head(const struct cli *cli, const struct run_row *row, struct text status, struct error *error) {
    if (cli->json) {
        return run_show(cli, NULL, row, status, error);
    }
    struct buffer out;
    buffer_init(&out, SHOWN_BYTES_MAX);
    buffer_print(&out, "run %lld of ", (long long)row->id);
    visible_write(&out, row->key, 0);
    buffer_string(&out, ": ");
    visible_write(&out, status, 0);
    buffer_byte(&out, '\n');
    if (row->message.length > 0) {
        buffer_string(&out, "  ");
        visible_write(&out, row->message, 0);
        buffer_byte(&out, '\n');
    }
    buffer_byte(&out, '\n');
    bool ok = out.failed ? error_memory(error) : cli_write(cli, buffer_view(&out), error);
    buffer_clear(&out);
    return ok;
}

bool log_show(const struct cli *cli, const struct log_row *row, struct error *error) {
    struct buffer out;
    bool ok;
    if (cli->json) {
        struct output output;
        output_init(&output, cli);
        output_begin(&output);
        output_time(&output, "at", row->at_us);
        output_string(&output, "level", log_level_name(row->level));
        output_text(&output, "text", row->text);
        ok = output_end(&output, error);
        output_clear(&output);
        return ok;
    }
    buffer_init(&out, SHOWN_BYTES_MAX);
    time_show(&out, row->at_us);
    buffer_print(&out, "  %-7s  ", log_level_name(row->level));
    visible_write(&out, row->text, 0);
    buffer_byte(&out, '\n');
    ok = out.failed ? error_memory(error) : cli_write(cli, buffer_view(&out), error);
    buffer_clear(&out);
    return ok;
}
