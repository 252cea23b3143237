// Reads an organisation's books: every row is copied into the papers' arena.

#include <string.h>

#include "sim_check_work.h"

enum { PAPERS_MAX = 256 * 1024 * 1024, LIST_MIN = 16 };

static const struct scan everything;

// Room for one more row at the end of a list that lives in the arena.
static void *room_for(struct sim_papers *papers, void **list, size_t *count, size_t size) {
    size_t has = *count;
    bool is_full = has == 0 || (has >= LIST_MIN && (has & (has - 1)) == 0);
    if (is_full) {
        void *more = arena_take_zero(&papers->arena, has == 0 ? LIST_MIN : has * 2, size);
        SIM_CHECK(more != NULL);
        if (has > 0) {
            memcpy(more, *list, has * size);
        }
        *list = more;
    }
    return (char *)*list + size * (*count)++;
}

static void keep_text(struct sim_papers *papers, struct text *text) {
    SIM_CHECK(arena_text(&papers->arena, *text, text));
}

static void keep_value(struct sim_papers *papers, struct value *value) {
    struct value copy;
    SIM_CHECK(value_copy(&papers->arena, value, &copy));
    *value = copy;
}

// --- a function a kind of row ---

struct taking {
    struct sim_papers *papers;
    enum sim_type type;
};

static bool take_record(void *context, const struct home_row *row, struct error *error) {
    (void)error;
    const struct taking *taking = context;
    struct sim_papers *papers = taking->papers;
    struct sim_record *record =
        room_for(papers, (void **)&papers->records, &papers->record_count, sizeof *papers->records);
    *record = (struct sim_record){.type = taking->type, .id = row->id, .seq = row->seq};
    record->fields = arena_take_zero(&papers->arena, SIM_HOME_FIELDS, sizeof *record->fields);
    SIM_CHECK(record->fields != NULL);
    for (size_t i = 0; i < SIM_HOME_FIELDS; i++) {
        record->fields[i] = row->fields[i];
        keep_value(papers, &record->fields[i]);
    }
    const struct value *legacy = &record->fields[SIM_FIELD_LEGACY];
    record->identity = legacy->kind == VALUE_TEXT ? sim_identity_of(value_slice(legacy)) : 0;
    return true;
}

static bool take_link(void *context, struct text datasource, struct text external, const struct link *link,
                      struct error *error) {
    (void)error;
    const struct taking *taking = context;
    struct sim_papers *papers = taking->papers;
    struct sim_tie *tie = room_for(papers, (void **)&papers->ties, &papers->tie_count, sizeof *papers->ties);
    *tie = (struct sim_tie){taking->type, sim_source_named(datasource), external, *link};
    keep_text(papers, &tie->external);
    return true;
}

static bool take_dead(void *context, const struct dead_row *row, struct error *error) {
    (void)error;
    struct sim_papers *papers = context;
    struct dead_row *copy = room_for(papers, (void **)&papers->deads, &papers->dead_count, sizeof *copy);
    *copy = *row;
    keep_text(papers, &copy->flow);
    keep_text(papers, &copy->direction);
    keep_text(papers, &copy->datasource);
    keep_text(papers, &copy->type);
    keep_text(papers, &copy->external);
    keep_text(papers, &copy->code);
    keep_text(papers, &copy->reason);
    keep_text(papers, &copy->place);
    keep_value(papers, &copy->payload);
    return true;
}

static bool take_conflict(void *context, const struct conflict_row *row, struct error *error) {
    (void)error;
    struct sim_papers *papers = context;
    struct conflict_row *copy = room_for(papers, (void **)&papers->conflicts, &papers->conflict_count, sizeof *copy);
    *copy = *row;
    keep_text(papers, &copy->kind);
    keep_text(papers, &copy->datasource);
    keep_text(papers, &copy->datatype);
    keep_text(papers, &copy->external);
    keep_text(papers, &copy->place);
    keep_value(papers, &copy->payload);
    return true;
}

static bool take_pending(void *context, const struct pending_row *row, struct error *error) {
    (void)error;
    struct sim_papers *papers = context;
    struct pending_row *copy = room_for(papers, (void **)&papers->pendings, &papers->pending_count, sizeof *copy);
    *copy = *row;
    keep_text(papers, &copy->awaits_datasource);
    keep_text(papers, &copy->awaits_type);
    keep_text(papers, &copy->awaits_external);
    keep_text(papers, &copy->datatype);
    keep_text(papers, &copy->field);
    keep_text(papers, &copy->datasource);
    keep_text(papers, &copy->external);
    keep_text(papers, &copy->place);
    keep_value(papers, &copy->fields);
    return true;
}

static bool take_held(void *context, const struct held_row *row, struct error *error) {
    (void)error;
    struct sim_papers *papers = context;
    struct held_row *copy = room_for(papers, (void **)&papers->helds, &papers->held_count, sizeof *copy);
    *copy = *row;
    keep_text(papers, &copy->key);
    keep_text(papers, &copy->direction);
    keep_text(papers, &copy->datasource);
    keep_text(papers, &copy->datatype);
    keep_text(papers, &copy->external);
    return true;
}

static bool take_intent(void *context, const struct intent_row *row, struct error *error) {
    (void)error;
    struct sim_papers *papers = context;
    struct intent_row *copy = room_for(papers, (void **)&papers->intents, &papers->intent_count, sizeof *copy);
    *copy = *row;
    keep_text(papers, &copy->operation);
    keep_text(papers, &copy->key);
    keep_text(papers, &copy->datasource);
    keep_text(papers, &copy->datatype);
    keep_text(papers, &copy->verb);
    keep_text(papers, &copy->external);
    keep_value(papers, &copy->form);
    return true;
}

static bool take_watermark(void *context, const struct watermark_row *row, struct error *error) {
    (void)error;
    struct sim_papers *papers = context;
    struct watermark_row *copy = room_for(papers, (void **)&papers->watermarks, &papers->watermark_count, sizeof *copy);
    *copy = *row;
    keep_text(papers, &copy->key);
    keep_text(papers, &copy->type);
    keep_text(papers, &copy->direction);
    keep_text(papers, &copy->text);
    return true;
}

static bool take_run(void *context, const struct run_row *row, struct error *error) {
    (void)error;
    struct sim_papers *papers = context;
    struct run_row *copy = room_for(papers, (void **)&papers->runs, &papers->run_count, sizeof *copy);
    *copy = *row;
    keep_text(papers, &copy->key);
    keep_text(papers, &copy->sync);
    keep_text(papers, &copy->params);
    keep_text(papers, &copy->message);
    copy->script_text = TEXT_LITERAL("");
    return true;
}

// --- the whole ---

static void learn_excuses(struct sim_papers *papers) {
    const struct sim *sim = papers->sim;
    papers->restored = sim->homes[papers->org].restored;
    papers->can_know = true;
    for (int source = 0; source < SIM_SOURCES; source++) {
        bool is_ours = sim_org_of((enum sim_place)(SIM_EAST + source)) == papers->org;
        papers->anew = papers->anew || (is_ours && sim->syncs[source].anew);
    }
    for (int source = 0; source < SIM_SOURCES; source++) {
        bool is_ours = sim_org_of((enum sim_place)(SIM_EAST + source)) == papers->org;
        if (!is_ours || !sim_source_used(sim, source) || !sim_pushes(sim, source)) {
            continue;
        }
        bool finds = sim_knob(sim, source, KNOB_FINDS) != 0;
        bool keys = sim_knob(sim, source, KNOB_KEYS) != 0 && sim_knob(sim, source, KNOB_ARRAYS) == 0;
        papers->can_know = papers->can_know && (finds ? !papers->restored || !papers->anew : keys && !papers->restored);
    }
    // What two datasources bring anew after a backup are two records: nothing says any more that they are one.
    int sources = 0;
    for (int source = 0; source < SIM_SOURCES; source++) {
        sources += sim_org_of((enum sim_place)(SIM_EAST + source)) == papers->org && sim_source_used(sim, source);
    }
    papers->can_know = papers->can_know && (!papers->restored || sources < 2);
    for (size_t i = 0; i < sim->plan->count; i++) {
        papers->disturbed = papers->disturbed || sim->plan->events[i].what == SIM_REQUEST;
    }
}

bool sim_papers_read(struct sim *sim, int org, struct sim_papers *out) {
    const struct sim_home *home = &sim->homes[org];
    struct store *store = home->people != NULL ? home->people : home->store;
    struct error error;
    *out = (struct sim_papers){.sim = sim, .org = org};
    if (store == NULL) {
        return false;
    }
    arena_init(&out->arena, PAPERS_MAX);
    bool was = sim->person;
    sim->person = true; // no fault touches whoever looks
    bool ok = true;
    for (int type = 0; ok && type < SIM_TYPES; type++) {
        struct taking taking = {out, (enum sim_type)type};
        ok = home->type->record_scan(store, home->list[type], &everything, take_record, &taking, &error) &&
             home->type->link_scan(store, home->list[type], &everything, take_link, &taking, &error);
    }
    ok = ok && home->type->dead_scan(store, &everything, take_dead, out, &error) &&
         home->type->conflict_scan(store, &everything, take_conflict, out, &error) &&
         home->type->pending_scan(store, &everything, take_pending, out, &error) &&
         home->type->held_scan(store, &everything, take_held, out, &error) &&
         home->type->intent_scan(store, &everything, take_intent, out, &error) &&
         home->type->watermark_scan(store, &everything, take_watermark, out, &error) &&
         home->type->run_scan(store, &everything, take_run, out, &error);
    sim->person = was;
    if (!ok) {
        sim_find(sim, "the home of %s cannot be read: W%d %s", sim_place_name((enum sim_place)org), (int)error.code,
                 error.message);
    }
    learn_excuses(out);
    return true;
}

void sim_papers_clear(struct sim_papers *papers) {
    arena_clear(&papers->arena);
}
