// Home and each datasource, record by record, as the sync's direction says.

#include "sim_check_work.h"

// A record and the row that it is linked to.
struct pair {
    const struct sim_papers *papers;
    int source;
    const struct sim_record *record;
    const struct sim_row *row;
    const struct value *fields; // home's side: the record as it stands, or the form that both agreed on
    bool is_base;
};

// --- equal ---

static struct text text_at(const struct value *value) {
    return value->kind == VALUE_TEXT ? value_slice(value) : TEXT_LITERAL("");
}

// Under push alone what people change there stays there: only what weir said last must be as home has it.
static bool must_equal(const struct pair *pair, int field) {
    const struct sim *sim = pair->papers->sim;
    // What was pushed since the backup is newer there than what home says again.
    return sim_pulls(sim, pair->source) ||
           (!pair->papers->restored && sim_weir_said(sim, pair->source, pair->row, field));
}

static bool trims_anywhere(const struct sim_papers *papers) {
    bool trims = false;
    for (int source = 0; source < SIM_SOURCES; source++) {
        bool is_ours = sim_org_of((enum sim_place)(SIM_EAST + source)) == papers->org;
        trims = trims || (is_ours && sim_knob(papers->sim, source, KNOB_TRIMS) != 0);
    }
    return trims;
}

static void check_text(const struct pair *pair, int field, int says, const char *name) {
    struct sim *sim = pair->papers->sim;
    struct text ours = text_at(&pair->fields[field]);
    char room[TEXT_INTEGER_MAX];
    struct text theirs = sim_says(&pair->row->form, says, room);
    // A lookup takes a value for the one that was written though it was trimmed.
    if (trims_anywhere(pair->papers)) {
        ours = text_trim(ours);
        theirs = text_trim(theirs);
    }
    if (!text_same(ours, theirs) && must_equal(pair, says)) {
        sim_find(sim, "%s of %s %lld (k%d) is '%.*s' in %s%s and '%.*s' at %s, %lld", name,
                 sim_type_name(pair->record->type), (long long)pair->record->id, pair->record->identity,
                 TEXT_ARGS(ours), sim_place_name((enum sim_place)pair->papers->org),
                 pair->is_base ? " (as they agreed last)" : "", TEXT_ARGS(theirs), sim_source_name(pair->source),
                 (long long)pair->row->id);
    }
}

// Whether the datasource's well is the one that home's record refers to; or nobody can tell.
static bool is_well(const struct pair *pair, int64_t home, int64_t there) {
    const struct sim_papers *papers = pair->papers;
    char room[TEXT_INTEGER_MAX];
    const struct sim_tie *tie = sim_tie_of(papers, pair->source, SIM_WELL, home);
    bool unknown = tie == NULL || papers->anew; // one that was made anew has another id there
    return unknown || (there != 0 && text_same(tie->external, text_digits(there, room)));
}

static void check_reference(const struct pair *pair) {
    const struct sim_papers *papers = pair->papers;
    const struct value *value = &pair->fields[SIM_FIELD_REF];
    int64_t home = value->kind == VALUE_INTEGER ? value->as.integer : 0;
    int64_t there = pair->row->form.ref;
    bool waits = sim_waits_ref(papers, pair->record->type, pair->record->id);
    bool same = home == 0 ? there == 0 || waits : is_well(pair, home, there);
    if (!same && must_equal(pair, SIM_SAYS_REF)) {
        sim_find(papers->sim, "%s %lld (k%d) refers to well %lld in %s, and to %lld at %s, %lld",
                 sim_type_name(pair->record->type), (long long)pair->record->id, pair->record->identity,
                 (long long)home, sim_place_name((enum sim_place)papers->org), (long long)there,
                 sim_source_name(pair->source), (long long)pair->row->id);
    }
}

static void check_equal(const struct pair *pair) {
    check_text(pair, SIM_FIELD_LEGACY, SIM_SAYS_LEGACY, "legacy");
    check_text(pair, SIM_FIELD_NAME, SIM_SAYS_NAME, "name");
    check_text(pair, SIM_FIELD_CODE, SIM_SAYS_CODE, "code");
    if (!pair->is_base) {
        check_reference(pair);
    }
}

// Whether the row changed last while a run was under way, by somebody else than weir.
static bool changed_in_run(const struct sim_remote *remote, const struct sim_row *row) {
    const struct sim_entry *last = NULL;
    for (size_t i = 0; i < remote->journal_count; i++) {
        const struct sim_entry *entry = &remote->journal[i];
        last = entry->type == row->type && entry->id == row->id ? entry : last;
    }
    return last != NULL && last->author != SIM_WEIR && last->run != 0;
}

// Windows end at weir's own time: what is dated later is not met. And pages by their number don't overlap: a row that
// moves from one in front of the next page's begin to the end of those, while another one goes behind it, stands on no
// page that is read, and no count tells.
static bool is_beyond(const struct sim_papers *papers, int source, const struct sim_row *row) {
    const struct sim *sim = papers->sim;
    int64_t pager = sim_knob(sim, source, KNOB_PAGER);
    return (pager == SIM_WINDOWS && row->stamp_us > sim->now_us + sim->jump_us) ||
           (pager == SIM_COUNTS_PAGES && changed_in_run(&sim->remotes[source], row));
}

// --- one that is there ---

// Linked, and home's record is gone.
static void check_bereft(const struct sim_papers *papers, int source, const struct sim_row *row,
                         const struct sim_tie *tie) {
    struct sim *sim = papers->sim;
    int identity = sim_identity_of(text_of(row->form.legacy));
    int64_t home = tie->link.home;
    if (!sim_mourned(sim, identity)) {
        sim_find(sim, "%s %lld (k%d) is at %s, its record %lld is gone from %s, and nobody deleted it",
                 sim_type_name(row->type), (long long)row->id, identity, sim_source_name(source), (long long)home,
                 sim_place_name((enum sim_place)papers->org));
        return;
    }
    bool carries = sim_pushes(sim, source) && sim_knob(sim, source, KNOB_DELETES) != 0;
    bool excused = sim_held(papers, source, row->type, home) || sim_parked(papers, source, row->type, home) != NULL ||
                   sim_dead_push(papers, source, row->type, home) != NULL ||
                   sim_dead_pull(papers, source, row->type, row->id) != NULL ||
                   sim_waits_whole(papers, source, row->type, row->id); // it was changed there: that is weighed first
    if (carries && !excused) {
        sim_find(sim, "%s %lld (k%d) was deleted in %s as %lld and is still at %s", sim_type_name(row->type),
                 (long long)row->id, identity, sim_place_name((enum sim_place)papers->org), (long long)home,
                 sim_source_name(source));
    }
}

static void check_row(const struct sim_papers *papers, int source, const struct sim_row *row) {
    struct sim *sim = papers->sim;
    const struct sim_tie *tie = sim_tie_to(papers, source, row->type, row->id);
    if (tie != NULL && sim_record_of(papers, row->type, tie->link.home) == NULL) {
        check_bereft(papers, source, row, tie);
    }
    if (tie == NULL && sim_pulls(sim, source) && !is_beyond(papers, source, row) &&
        sim_dead_pull(papers, source, row->type, row->id) == NULL &&
        !sim_waits_whole(papers, source, row->type, row->id)) {
        sim_find(sim, "%s %lld (%s, %s) at %s is not in %s: it has no link, no dead letter, and doesn't wait",
                 sim_type_name(row->type), (long long)row->id, row->form.legacy, row->form.name,
                 sim_source_name(source), sim_place_name((enum sim_place)papers->org));
    }
}

// --- a record of home ---

// Whether home can't have learned that something is gone there.
static bool may_miss(const struct sim_papers *papers, int source) {
    const struct sim *sim = papers->sim;
    bool windows = sim_knob(sim, source, KNOB_PAGER) == SIM_WINDOWS; // they never say that they have shown everything
    bool silent = sim_knob(sim, source, KNOB_TOMBSTONES) == 0 && windows;
    // An operation of before the backup is answered as it was then, whatever has happened to its record since.
    bool forgot = sim_knob(sim, source, KNOB_KEYS) != 0 && papers->restored;
    return sim_knob(sim, source, KNOB_DELETES) == 0 || silent || forgot;
}

// Its row is gone there.
static void check_left(const struct pair *pair, const struct sim_tie *tie) {
    const struct sim_papers *papers = pair->papers;
    struct sim *sim = papers->sim;
    const struct sim_record *record = pair->record;
    int64_t there = pair->row->id;
    bool by_weir = !sim_touched(sim, pair->source, record->type, there, SIM_DELETED);
    bool edited = tie->link.agreed_seq != record->seq; // then it stays
    bool both = sim_pulls(sim, pair->source) && sim_pushes(sim, pair->source);
    bool is_finding = sim_pulls(sim, pair->source) ? !may_miss(papers, pair->source) && (both || !edited)
                                                   : by_weir && !papers->restored;
    bool waits = sim_waits_whole(papers, pair->source, record->type, there); // what it said last is still to be weighed
    if (is_finding && !waits && !sim_held(papers, pair->source, record->type, record->id)) {
        sim_find(sim, "%s %lld (k%d) is in %s; its row %lld is gone at %s%s", sim_type_name(record->type),
                 (long long)record->id, record->identity, sim_place_name((enum sim_place)papers->org), (long long)there,
                 sim_source_name(pair->source), by_weir ? ", deleted by weir" : "");
    }
}

// What both agreed on last; home may keep its own edit under pull alone. False: home hasn't kept it.
static bool find_base(struct pair *pair, int64_t seq) {
    const struct sim_papers *papers = pair->papers;
    const struct sim_home *home = &papers->sim->homes[papers->org];
    struct error error;
    struct value *fields;
    bool found = false;
    int64_t edited_us;
    struct store *store = home->people != NULL ? home->people : home->store;
    SIM_CHECK(home->type->base_find(store, home->list[pair->record->type], pair->record->id, seq, &papers->sim->arena,
                                    &found, &fields, &edited_us, &error));
    pair->is_base = true;
    pair->fields = fields;
    return found;
}

static void check_linked(const struct sim_papers *papers, int source, const struct sim_record *record,
                         const struct sim_tie *tie) {
    struct sim *sim = papers->sim;
    struct pair pair = {papers, source, record, sim_row_of(sim, tie), record->fields, false};
    if (pair.row == NULL) {
        sim_find(sim, "%s %lld (k%d) of %s is linked to %.*s of %s, which never was there", sim_type_name(record->type),
                 (long long)record->id, record->identity, sim_place_name((enum sim_place)papers->org),
                 TEXT_ARGS(tie->external), sim_source_name(source));
        return;
    }
    if (pair.row->gone) {
        check_left(&pair, tie);
        return;
    }
    // What it says now was put aside, or could not be met.
    if (is_beyond(papers, source, pair.row) || sim_dead_pull(papers, source, record->type, pair.row->id) != NULL ||
        sim_waits_whole(papers, source, record->type, pair.row->id)) {
        return;
    }
    bool edited = tie->link.agreed_seq != record->seq;
    if (edited && sim_pushes(sim, source)) {
        sim_find(sim, "%s %lld (k%d) of %s has seq %lld, and %s agreed on %lld: a change waits to be pushed",
                 sim_type_name(record->type), (long long)record->id, record->identity,
                 sim_place_name((enum sim_place)papers->org), (long long)record->seq, sim_source_name(source),
                 (long long)tie->link.agreed_seq);
        return;
    }
    if (!edited || find_base(&pair, tie->link.agreed_seq)) {
        check_equal(&pair);
    }
}

static void check_record(const struct sim_papers *papers, int source, const struct sim_record *record) {
    struct sim *sim = papers->sim;
    const struct sim_tie *tie = sim_tie_of(papers, source, record->type, record->id);
    bool excused = sim_dead_push(papers, source, record->type, record->id) != NULL ||
                   sim_held(papers, source, record->type, record->id) ||
                   sim_parked(papers, source, record->type, record->id) != NULL;
    if (tie != NULL && !excused) {
        check_linked(papers, source, record, tie);
    } else if (tie == NULL && sim_pushes(sim, source) && !excused) {
        sim_find(sim, "%s %lld (k%d) of %s is not at %s: it has no link, no dead letter, and no write is parked",
                 sim_type_name(record->type), (long long)record->id, record->identity,
                 sim_place_name((enum sim_place)papers->org), sim_source_name(source));
    }
}

void sim_check_sides(const struct sim_papers *papers) {
    struct sim *sim = papers->sim;
    for (int source = 0; source < SIM_SOURCES && !sim->failed; source++) {
        const struct sim_remote *remote = &sim->remotes[source];
        if (!sim_source_used(sim, source) || sim_org_of((enum sim_place)(SIM_EAST + source)) != papers->org) {
            continue;
        }
        for (size_t i = 0; i < papers->record_count; i++) {
            check_record(papers, source, &papers->records[i]);
        }
        for (size_t i = 0; i < remote->row_count; i++) {
            if (!remote->rows[i].gone && !remote->rows[i].hidden) {
                check_row(papers, source, &remote->rows[i]);
            }
        }
    }
}
