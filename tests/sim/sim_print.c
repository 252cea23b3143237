#include "sim_print.h"

#include <inttypes.h>

struct row {
    const char *name;
    uint64_t count;
    bool memory, sqlite; // it is wanted there
};

static void print_row(const struct row *row) {
    printf("  %-24s %12" PRIu64 "\n", row->name, row->count);
}

enum { ROWS = SIM_FAULTS + SIM_WHATS + RUN_NOT_NEEDED + 10 };

// Everything of which each kind must happen.
static size_t list_rows(const struct sim_counters *counters, struct row rows[ROWS]) {
    size_t count = 0;
    for (enum sim_fault fault = 0; fault < SIM_FAULTS; fault++) {
        rows[count++] = (struct row){sim_fault_name(fault), counters->faults[fault], true, true};
    }
    for (enum sim_what what = 0; what < SIM_WHATS; what++) {
        bool in_memory = what == SIM_COMMIT;
        bool on_disk = what == SIM_POWER || what == SIM_DISK;
        rows[count++] = (struct row){sim_what_name(what), counters->what[what], !on_disk, !in_memory};
    }
    for (enum run_status status = 0; status <= RUN_NOT_NEEDED; status++) {
        // Of a run that is broken, none is known: it counts as pending. The syncs here are not `once`.
        bool ends = status != RUN_RUNNING && status != RUN_NOT_NEEDED;
        rows[count++] = (struct row){run_status_name(status), counters->statuses[status], ends, ends};
    }
    rows[count++] = (struct row){"crashed before a step", counters->crashed_before, true, true};
    rows[count++] = (struct row){"crashed after a step", counters->crashed_after, true, true};
    rows[count++] = (struct row){"commits refused", counters->commits_refused, true, false};
    rows[count++] = (struct row){"commits silent", counters->commits_silent, true, false};
    rows[count++] = (struct row){"people in runs", counters->people_in_runs, true, true};
    return count;
}

void sim_print_counters(const struct sim_counters *counters) {
    struct row rows[ROWS];
    size_t count = list_rows(counters, rows);
    const struct row sums[] = {
        {.name = "plans", .count = counters->plans},
        {.name = "runs", .count = counters->runs},
        {.name = "requests", .count = counters->requests},
        {.name = "transactions", .count = counters->transactions},
        {.name = "doors", .count = counters->doors},
        {.name = "rounds in the calm", .count = counters->rounds},
        {.name = "values nobody could keep", .count = counters->excused},
    };
    for (size_t i = 0; i < sizeof sums / sizeof *sums; i++) {
        print_row(&sums[i]);
    }
    for (size_t i = 0; i < count; i++) {
        if (i == 0) {
            puts("requests that went wrong");
        } else if (i == SIM_FAULTS) {
            puts("events that happened");
        } else if (i == SIM_FAULTS + SIM_WHATS) {
            puts("how runs ended, and what else befell them");
        }
        print_row(&rows[i]);
    }
}

bool sim_all_fired(const struct sim_counters *counters, bool sqlite) {
    struct row rows[ROWS];
    size_t count = list_rows(counters, rows);
    bool all = true;
    for (size_t i = 0; i < count; i++) {
        if (rows[i].count == 0 && (sqlite ? rows[i].sqlite : rows[i].memory)) {
            printf("never happened: %s\n", rows[i].name);
            all = false;
        }
    }
    return all;
}
