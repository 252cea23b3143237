// No run lets more records go than nobody has to approve: neither there nor in home, of each type.

#include "sim_check_work.h"

enum { CHANGES_MAX = 1000000 };

static int64_t gone_there(const struct sim *sim, int source, enum sim_type type) {
    const struct sim_remote *remote = &sim->remotes[source];
    int64_t count = 0;
    for (size_t i = 0; i < remote->journal_count; i++) {
        const struct sim_entry *entry = &remote->journal[i];
        count += entry->moment > sim->run_moment && entry->verb == SIM_DELETED && entry->author == SIM_WEIR &&
                 !entry->again && entry->type == type;
    }
    return count;
}

struct counting {
    struct text origin;
    int64_t count, seq;
};

static bool count_gone(void *context, const struct change_row *change, struct error *error) {
    (void)error;
    struct counting *counting = context;
    counting->seq = change->seq;
    counting->count += change->deleted && text_same(change->row.origin, counting->origin);
    return true;
}

// Those that this sync took from home since it was looked at last: in this run, for people's have another origin.
static int64_t gone_in_home(const struct sim_papers *papers, int source, enum sim_type type) {
    struct sim *sim = papers->sim;
    const struct sim_home *home = &sim->homes[papers->org];
    int64_t *looked = &sim->syncs[source].looked[type];
    bool is_known = *looked >= 0; // what a home that came back from a backup took earlier is counted already
    struct counting counting = {.origin = text_of(sim_source_name(source)), .seq = is_known ? *looked : 0};
    struct store *store = home->people != NULL ? home->people : home->store;
    struct error error;
    bool was = sim->person;
    sim->person = true;
    error_clear(&error);
    SIM_CHECK(
        home->type->change_scan(store, home->list[type], counting.seq, CHANGES_MAX, count_gone, &counting, &error));
    sim->person = was;
    *looked = counting.seq;
    return is_known ? counting.count : 0;
}

void sim_check_guard(const struct sim_papers *papers, int source) {
    struct sim *sim = papers->sim;
    int64_t most = sim_knob(sim, source, KNOB_AT_MOST), approved = sim->syncs[source].approved;
    for (int type = 0; type < SIM_TYPES; type++) {
        int64_t there = gone_there(sim, source, (enum sim_type)type);
        int64_t here = gone_in_home(papers, source, (enum sim_type)type);
        bool only_absent = !sim->report.resumed && sim_knob(sim, source, KNOB_TOMBSTONES) == 0;
        if (sim->emptied[type] && only_absent && here > approved) {
            sim_find(sim, "%s said that it has nothing at all, and %lld of %s went from %s", sim_source_name(source),
                     (long long)here, sim_type_name((enum sim_type)type), sim_place_name((enum sim_place)papers->org));
        }
        // A dead letter that is retried was weighed before it became one; a run that goes on reads twice.
        if (!sim->retries && there > most + approved) {
            sim_find(sim, "one run deleted %lld of %s at %s, where %lld may go and %lld were approved",
                     (long long)there, sim_type_name((enum sim_type)type), sim_source_name(source), (long long)most,
                     (long long)approved);
        }
        if (here > (sim->report.resumed ? 2 : 1) * most + approved) {
            sim_find(sim, "one run of %s deleted %lld of %s in %s, where %lld may go and %lld were approved",
                     sim_source_name(source), (long long)here, sim_type_name((enum sim_type)type),
                     sim_place_name((enum sim_place)papers->org), (long long)most, (long long)approved);
        }
    }
}
