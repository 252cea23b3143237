// What is one organisation's stands in none of the other's places.

#include <inttypes.h>

#include "sim_check_work.h"

struct look {
    const struct sim_papers *papers;
    const char *place; // whose: "a", "east"
    const char *where; // "record", "row", …
    int64_t id;
};

static int org_of_token(const struct sim *sim, int token) {
    for (size_t i = 0; i < sim->plan->count; i++) {
        if (sim->plan->events[i].number == token) {
            return sim_org_of(sim->plan->events[i].place);
        }
    }
    return -1;
}

static void look_at_token(void *context, int token) {
    const struct look *look = context;
    struct sim *sim = look->papers->sim;
    int org = sim->tokens[token].made ? org_of_token(sim, token) : -1;
    if (org != look->papers->org) {
        sim_find(sim, "the value <%d> stands in %s %" PRId64 " of %s: %s", token, look->where, look->id, look->place,
                 org < 0 ? "nobody ever wrote it" : "it is another organisation's");
    }
}

static void look_at_text(void *context, struct text text) {
    const struct look *look = context;
    struct sim *sim = look->papers->sim;
    int identity = sim_identity_of(text);
    int org = sim->identities[identity] != 0 ? (sim->identities[identity] - 1) / SIM_TYPES : -1;
    sim_each_token(text, look_at_token, context);
    if (identity != 0 && org != look->papers->org) {
        sim_find(sim, "k%d stands in %s %" PRId64 " of %s: %s", identity, look->where, look->id, look->place,
                 org < 0 ? "nobody ever made it" : "it is another organisation's");
    }
}

static void look_at_paper(void *context, struct text text, const char *where, int64_t id) {
    struct look look = *(struct look *)context;
    look.where = where;
    look.id = id;
    look_at_text(&look, text);
}

static void look_at_row(const struct sim_papers *papers, int source, const struct sim_row *row) {
    struct look look = {papers, sim_source_name(source), "row", row->id};
    look_at_text(&look, text_of(row->form.legacy));
    look_at_text(&look, text_of(row->form.name));
    look_at_text(&look, text_of(row->form.code));
}

// A line of a log may quote anything: only values of the others are looked for, not identities.
static bool look_at_line(void *context, const struct log_row *row, struct error *error) {
    (void)error;
    struct look *look = context;
    sim_each_token(row->text, look_at_token, look);
    return true;
}

static void look_at_logs(const struct sim_papers *papers, int64_t run) {
    const struct sim_home *home = &papers->sim->homes[papers->org];
    struct store *store = home->people != NULL ? home->people : home->store;
    char room[TEXT_INTEGER_MAX];
    struct scan scan = {.filter = text_digits(run, room)};
    struct look look = {papers, sim_place_name((enum sim_place)papers->org), "the log of run", run};
    struct error error;
    if (!home->type->log_scan(store, &scan, look_at_line, &look, &error)) {
        sim_find(papers->sim, "the logs of %s cannot be read: W%d %s", look.place, (int)error.code, error.message);
    }
}

void sim_check_apart(const struct sim_papers *papers) {
    struct sim *sim = papers->sim;
    struct look look = {papers, sim_place_name((enum sim_place)papers->org), "record", 0};
    for (size_t i = 0; i < papers->record_count; i++) {
        look.id = papers->records[i].id;
        for (size_t field = 0; field < SIM_HOME_FIELDS; field++) {
            sim_each_text(&papers->records[i].fields[field], look_at_text, &look);
        }
    }
    sim_each_paper(papers, look_at_paper, &look);
    for (size_t i = 0; i < papers->dead_count; i++) {
        look = (struct look){papers, look.place, "the reason of dead letter", papers->deads[i].id};
        sim_each_token(papers->deads[i].reason, look_at_token, &look);
    }
    for (int source = 0; source < SIM_SOURCES; source++) {
        const struct sim_remote *remote = &sim->remotes[source];
        bool is_ours = sim_org_of((enum sim_place)(SIM_EAST + source)) == papers->org;
        for (size_t i = 0; is_ours && sim_source_used(sim, source) && i < remote->row_count; i++) {
            look_at_row(papers, source, &remote->rows[i]);
        }
    }
    if (papers->run_count > 0) {
        look_at_logs(papers, papers->runs[papers->run_count - 1].id);
    }
}
