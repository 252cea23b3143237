#ifndef WEIR_CLI_AFAR_JOB_H
#define WEIR_CLI_AFAR_JOB_H

// A run as a server tells of it, and waiting for its end. The number of such a run is the server's own: it counts the
// runs of all organisations, and one run may have several attempts, each with a number of its own in home.

#include <stdbool.h>
#include <stdint.h>

#include "cli/afar.h"
#include "cli/progress.h"
#include "format/format_members.h"
#include "port/store.h"

struct afar_job {
    struct run_row row; // id and sync as the server has them, "ORG/NAME"
    struct text status; // "cancelled" and "pending" too, which no run of a home says
    struct text state;  // "queued", "running", "ended"
    struct text method; // "run", "validate", …
    int64_t home_run;   // 0: it didn't get that far
    int64_t attempts;
    int64_t due_us;      // queued: not before
    int64_t valid;       // of a validation
    struct error reason; // why it failed; ERROR_NONE otherwise
};

// Reads a run's JSON. What it points at lives in the arena.
bool afar_job_read(const struct object *run, struct arena *arena, struct afar_job *out, struct error *error);

// The run that stands in the answer of a question that asked for one: {"run":{…},"joined":…}.
bool afar_job_asked(const struct value *answer, struct arena *arena, struct afar_job *out, bool *joined,
                    struct error *error);

// Whether nothing more comes of it soon: it ended, or it waits for its datasource.
bool afar_job_rests(const struct afar_job *job);

// Waits until it rests, and shows meanwhile how it goes: by the stream of its events, or where that can't be had by
// asking again and again. A connection that is lost is taken up again; when the server can't be reached for
// `patience_us`, that is the error, and the run goes on without anybody who watches.
bool afar_job_follow(struct afar *afar, struct progress *progress, int64_t patience_us, struct afar_job *job,
                     struct error *error);

// Options of a run that have no meaning at a server are a mistake.
bool afar_run_options(const struct cli_arguments *arguments, struct error *error);

// "params":{…} of what --param gives. A file's is uploaded first, where the sync (NULL: not asked) says that it is one.
bool afar_params_put(struct afar *afar, const struct cli_arguments *arguments, const struct object *sync,
                     struct members *members, struct error *error);

// Waits for a run that was asked for, and tells its end as `weir run` does.
enum cli_exit afar_run_watch(struct afar *afar, const struct cli_arguments *arguments, struct afar_job *job,
                             bool joined);

#endif
