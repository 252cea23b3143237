#include "cli/cli_report.h"

#include <string.h>

#include "base/buffer.h"
#include "base/civil.h"
#include "base/visible.h"
#include "cli/output.h"
#include "cli/table.h"

enum { REPORT_BYTES_MAX = 256 * 1024, SECOND_US = 1000000 };

enum cli_exit cli_report_exit(const struct run_report *report) {
    switch (report->status) {
    case RUN_DONE:
    case RUN_NOT_NEEDED:
        return CLI_DONE;
    case RUN_WAITING:
        return CLI_WAITING;
    case RUN_WARNING:
        return CLI_WARNING;
    case RUN_INTERRUPTED:
    case RUN_RUNNING: // it was joined, and the wait for it was interrupted
        return CLI_INTERRUPTED;
    case RUN_PENDING:
    case RUN_FAILED:
        break;
    }
    enum cli_exit code = cli_exit_of(&report->error);
    return code == CLI_HOME ? CLI_HOME : CLI_FAILED;
}

void cli_report_put(struct output *output, const struct sync *sync, const struct run_report *report) {
    if (report->run > 0) {
        output_integer(output, "run", report->run);
    } else {
        output_null(output, "run");
    }
    output_string(output, "status", run_status_name(report->status));
    output_counts(output, &report->counts);
    output_seconds(output, "seconds", report->span_us);
    if (sync != NULL) {
        char name[512];
        int length = snprintf(name, sizeof name, "%.*s/%.*s", TEXT_ARGS(sync->org), TEXT_ARGS(sync->name));
        bool whole = length > 0 && (size_t)length < sizeof name;
        output_text(output, "sync", (struct text){name, whole ? (size_t)length : sizeof name - 1});
        output_json(output, "params", sync->params);
        if (report->pending_now >= 0) {
            output_integer(output, "pending", report->pending_now);
        } else {
            output_null(output, "pending");
        }
        output_time(output, "until", report->until_us);
        output_bool(output, "resumed", report->resumed);
        output_bool(output, "answered", report->answered);
    }
    if (report->error.code != ERROR_NONE) {
        output_error(output, &report->error);
    }
}

bool cli_report_json(const struct cli *cli, const struct sync *sync, const struct run_report *report,
                     struct error *error) {
    struct output output;
    output_init(&output, cli);
    output_begin(&output);
    cli_report_put(&output, sync, report);
    bool ok = output_end(&output, error);
    output_clear(&output);
    return ok;
}

static void write_span(struct buffer *out, int64_t span_us) {
    int64_t seconds = span_us / 1000000;
    if (seconds >= 60) {
        buffer_print(out, "%lld min %lld s", (long long)(seconds / 60), (long long)(seconds % 60));
    } else {
        buffer_print(out, "%lld.%lld s", (long long)seconds, (long long)(span_us / 100000 % 10));
    }
}

static void write_head(struct buffer *out, const struct sync *sync, const struct run_report *report, bool joined) {
    visible_write(out, sync->org, 0);
    buffer_byte(out, '/');
    visible_write(out, sync->name, 0);
    buffer_print(out, ": %s", run_status_name(report->status));
    if (report->run > 0) {
        buffer_print(out, ", run %lld", (long long)report->run);
    }
    if (joined) {
        buffer_string(out, ", which was going on already");
    } else if (report->answered) {
        buffer_string(out, " before, and it runs once; --force runs it again");
    } else {
        buffer_string(out, ", ");
        write_span(out, report->span_us);
    }
    buffer_string(out, report->resumed && !report->answered ? ", went on where an earlier run stopped\n" : "\n");
}

struct count_line {
    const char *name;
    int64_t count;
    bool always;
};

static bool write_lines(struct buffer *out, const struct count_line *lines, size_t count, struct error *error) {
    struct table table;
    table_init(&table, (const char *const[]){"", "", "", NULL});
    for (size_t i = 0; i < count; i++) {
        if (lines[i].always || lines[i].count > 0) {
            table_string(&table, "");
            table_string(&table, lines[i].name);
            table_number(&table, lines[i].count);
        }
    }
    bool ok = table_write(&table, 0, out, error);
    table_clear(&table);
    return ok;
}

static bool write_counts(struct buffer *out, const struct sync *sync, const struct run_report *report,
                         struct error *error) {
    const struct counts *counts = &report->counts;
    bool pulls = sync->direction != SYNC_PUSH;
    bool pushes = sync->direction != SYNC_PULL;
    const struct count_line lines[] = {
        {"read", counts->read, pulls},           {"created", counts->created, pulls},
        {"updated", counts->updated, pulls},     {"unchanged", counts->unchanged, pulls},
        {"skipped", counts->skipped, false},     {"deleted", counts->deleted, false},
        {"pushed", counts->pushed, pushes},      {"conflicts", counts->conflicts, false},
        {"deletes held", counts->held, false},   {"dead letters", counts->dead, false},
        {"waiting", report->pending_now, false},
    };
    return write_lines(out, lines, sizeof lines / sizeof lines[0], error);
}

// What to type next, the most pressing first.
static void write_next(const struct cli *cli, struct buffer *out, const struct sync *sync,
                       const struct run_report *report, const char *again) {
    char data[CLI_HINT_MAX];
    cli_place_hint(cli, data);
    char number[NUMBER_TEXT_MAX];
    if (report->counts.dead > 0) {
        buffer_print(out, "%s records could not go in: weir dead list %.*s/%.*s%s\n",
                     number_text(report->counts.dead, number), TEXT_ARGS(sync->org), TEXT_ARGS(sync->name), data);
    }
    if (report->pending_now > 0) {
        buffer_print(out, "%s wait for a record that they refer to and go in by themselves when it comes\n",
                     number_text(report->pending_now, number));
    }
    if (report->counts.conflicts > 0) {
        buffer_print(out, "what lost where both sides changed a record: weir conflicts list %.*s%s\n",
                     TEXT_ARGS(sync->org), data);
    }
    if (report->counts.held > 0) {
        buffer_print(out, "too many deletes for one run wait for approval: weir deletes list %.*s%s\n",
                     TEXT_ARGS(sync->org), data);
    }
    if (report->status == RUN_WAITING) {
        char iso[CIVIL_ISO_MAX];
        civil_iso((report->until_us + SECOND_US - 1) / SECOND_US * SECOND_US, iso); // whole seconds are easier to read
        if (cli->server != NULL) {
            buffer_print(out, "its place is kept; the server goes on with it after %s: weir log %s\n", iso,
                         cli_run_hint(cli, report->run, data));
        } else {
            buffer_print(out, "its place is kept; after %s the same command goes on: weir run %s%s …\n", iso, again,
                         data);
        }
    } else if (report->status == RUN_INTERRUPTED && cli->server != NULL) {
        buffer_print(out, "it goes on where it stopped with: weir resume %s\n", cli_run_hint(cli, report->run, data));
    } else if (report->status == RUN_INTERRUPTED) {
        buffer_print(out, "the same command goes on where it stopped: weir run %s%s …\n", again, data);
    } else if (report->status == RUN_FAILED || report->status == RUN_WARNING) {
        if (cli->server != NULL) {
            buffer_print(out, "its story: weir log %s\n", cli_run_hint(cli, report->run, data));
        } else {
            buffer_print(out, "its story: weir log %.*s %lld%s\n", TEXT_ARGS(sync->org), (long long)report->run, data);
        }
    } else if (report->status == RUN_DONE && report->counts.dead == 0 && sync->type_count > 0 &&
               sync->direction != SYNC_PUSH) {
        buffer_print(out, "look at it: weir get %.*s %.*s%s\n", TEXT_ARGS(sync->org),
                     TEXT_ARGS(sync->types[sync->type_count - 1].datatype->name), data);
    }
}

bool cli_report_show(const struct cli *cli, const struct sync *sync, const struct run_report *report, bool joined,
                     const char *again, struct error *error) {
    struct buffer out;
    buffer_init(&out, REPORT_BYTES_MAX);
    write_head(&out, sync, report, joined);
    bool ok = write_counts(&out, sync, report, error);
    if (ok) {
        write_next(cli, &out, sync, report, again);
        ok = out.failed ? error_memory(error) : cli_write(cli, buffer_view(&out), error);
    }
    buffer_clear(&out);
    return ok;
}

bool cli_validate_json(const struct cli *cli, const struct sync *sync, const struct validate_report *report,
                       struct error *error) {
    struct output output;
    output_init(&output, cli);
    output_begin(&output);
    cli_report_put(&output, sync, &report->run);
    output_integer(&output, "valid", report->valid);
    bool ok = output_end(&output, error);
    output_clear(&output);
    return ok;
}

bool cli_validate_show(const struct cli *cli, const struct sync *sync, const struct validate_report *report,
                       struct error *error) {
    const struct counts *counts = &report->run.counts;
    const struct count_line lines[] = {
        {"read", counts->read, true},
        {"valid", report->valid, true},
        {"skipped", counts->skipped, false},
        {"refused", counts->dead, true},
    };
    struct buffer out;
    buffer_init(&out, REPORT_BYTES_MAX);
    write_head(&out, sync, &report->run, false);
    bool ok = write_lines(&out, lines, sizeof lines / sizeof lines[0], error);
    buffer_string(&out, "it was only looked at: nothing is written\n");
    ok = ok && (!out.failed || error_memory(error)) && cli_write(cli, buffer_view(&out), error);
    buffer_clear(&out);
    return ok;
}
