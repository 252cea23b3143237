#include "cli/run_show.h"

#include <errno.h>
#include <signal.h>
#include <sys/types.h>

const char *run_status_today(const struct run_row *row) {
    bool gone = row->status == RUN_RUNNING && row->process > 0 && kill((pid_t)row->process, 0) != 0 && errno == ESRCH;
    return run_status_name(gone ? RUN_INTERRUPTED : row->status);
}

void run_put(struct output *output, const struct run_row *row) {
    output_integer(output, "run", row->id);
    output_text(output, "sync", row->sync);
    output_json(output, "params", row->params);
    output_string(output, "status", run_status_today(row));
    output_counts(output, &row->counts);
    output_time(output, "started", row->started_us);
    output_time(output, "ended", row->ended_us);
    output_text(output, "message", row->message);
}
