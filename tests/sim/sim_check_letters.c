// What home has put aside: each dead letter and each conflict has its reason, and no write is left open.

#include "sim_check_work.h"

// --- writes ---

void sim_check_intents(const struct sim_papers *papers) {
    for (size_t i = 0; i < papers->intent_count; i++) {
        const struct intent_row *intent = &papers->intents[i];
        int source = sim_source_named(intent->datasource);
        int type = sim_type_named(intent->datatype);
        bool parked = intent->state == INTENT_PARKED;
        bool told = parked && source >= 0 && type >= 0 &&
                    sim_dead_push(papers, source, (enum sim_type)type, intent->home) != NULL;
        if (!told) {
            sim_find(papers->sim, "write %lld (%.*s of %.*s %lld to %.*s) is %s", (long long)intent->id,
                     TEXT_ARGS(intent->verb), TEXT_ARGS(intent->datatype), (long long)intent->home,
                     TEXT_ARGS(intent->datasource),
                     parked                            ? "parked, and no dead letter tells of it"
                     : intent->state == INTENT_SENDING ? "still said to be under way"
                                                       : "still unknown");
        }
    }
}

// --- dead letters ---

struct letter {
    const struct sim_papers *papers;
    const struct dead_row *row;
    int source;
    enum sim_type type;
    bool push;
    int identity;
    int64_t home;                    // push
    const struct sim_record *record; // push: NULL: it is gone
};

static int identity_in(const struct value *payload) {
    const struct value *legacy =
        payload->kind == VALUE_OBJECT ? object_find(payload->as.object, TEXT_LITERAL("legacy")) : NULL;
    return legacy != NULL && legacy->kind == VALUE_TEXT ? sim_identity_of(value_slice(legacy)) : 0;
}

// W4005: there are several of it, or another one in its place.
static bool earned_ambiguous(const struct letter *letter) {
    int identity = letter->identity != 0 ? letter->identity : letter->record != NULL ? letter->record->identity : 0;
    int64_t id;
    if (!letter->push && text_integer(letter->row->external, &id) &&
        sim_tie_to(letter->papers, letter->source, letter->type, id) != NULL) {
        return false; // it is in by now
    }
    // What refers to a record that went since the backup can't be looked up: a pull brings it as a new one.
    return identity == 0 || letter->papers->restored || !sim_is_single(letter->papers, identity);
}

// W4021: the well that it refers to is not there. It goes by itself when that one is. A record whose
// form of there waits isn't pushed meanwhile, and keeps its letter.
static bool earned_waiting(const struct letter *letter) {
    const struct sim_record *record = letter->record;
    if (!letter->push || record == NULL) {
        return letter->push;
    }
    const struct value *ref = &record->fields[SIM_FIELD_REF];
    const struct sim_tie *own = sim_tie_of(letter->papers, letter->source, letter->type, letter->home);
    int64_t id;
    return (own != NULL && text_integer(own->external, &id) &&
            sim_waits_whole(letter->papers, letter->source, letter->type, id)) ||
           (ref->kind == VALUE_INTEGER &&
            sim_tie_of(letter->papers, letter->source, SIM_WELL, ref->as.integer) == NULL);
}

// W4022: nobody can be asked, or the answer went wrong.
static bool earned_unknown(const struct letter *letter) {
    const struct sim_papers *papers = letter->papers;
    bool parked = letter->push && sim_parked(papers, letter->source, letter->type, letter->home) != NULL;
    bool can_ask =
        sim_knob(papers->sim, letter->source, KNOB_FINDS) != 0 || sim_knob(papers->sim, letter->source, KNOB_KEYS) != 0;
    // A retry may have found out that it isn't there, and have died: then it is still to be retried.
    return (parked || papers->disturbed) &&
           (!can_ask || papers->disturbed || papers->restored || earned_ambiguous(letter));
}

// W4024: it was edited in home and is gone there, and the policy doesn't give it to home.
static bool earned_gone(const struct letter *letter) {
    int64_t policy = sim_knob(letter->papers->sim, letter->source, KNOB_POLICY);
    return letter->push && (policy == CONFLICT_DATASOURCE || policy == CONFLICT_FUNCTION);
}

// W4002: a reading that refers to no well.
static bool earned_required(const struct letter *letter) {
    const struct value *payload = &letter->row->payload;
    const struct value *ref =
        payload->kind == VALUE_OBJECT ? object_find(payload->as.object, TEXT_LITERAL("ref")) : NULL;
    return letter->type == SIM_READING && payload->kind == VALUE_OBJECT && (ref == NULL || value_empty(ref));
}

// W4020: it refers to a well that is gone there or isn't shown yet, or fate answered in the datasource's place.
static bool earned_refused(const struct letter *letter) {
    const struct sim_papers *papers = letter->papers;
    const struct value *ref = letter->record != NULL ? &letter->record->fields[SIM_FIELD_REF] : NULL;
    if (!letter->push || papers->disturbed || ref == NULL) {
        return letter->push;
    }
    const struct sim_tie *tie =
        ref->kind == VALUE_INTEGER ? sim_tie_of(papers, letter->source, SIM_WELL, ref->as.integer) : NULL;
    const struct sim_row *well = tie != NULL ? sim_row_of(papers->sim, tie) : NULL;
    bool delayed = sim_knob(papers->sim, letter->source, KNOB_DELAY) != 0;
    return delayed || (ref->kind == VALUE_INTEGER && (well == NULL || well->gone || papers->anew));
}

static bool is_earned(const struct letter *letter) {
    struct text code = letter->row->code;
    if (text_is(code, "W4005")) {
        return earned_ambiguous(letter);
    }
    if (text_is(code, "W4021")) {
        return earned_waiting(letter);
    }
    if (text_is(code, "W4022")) {
        return earned_unknown(letter);
    }
    if (text_is(code, "W4024")) {
        return earned_gone(letter);
    }
    if (text_is(code, "W4002")) {
        return earned_required(letter);
    }
    if (text_is(code, "W4023")) { // trimmed each time, where weir is not told so
        return letter->push && sim_knob(letter->papers->sim, letter->source, KNOB_TRIMS) != 0 &&
               sim_is_blind(letter->papers->sim, letter->source);
    }
    if (text_is(code, "W4020")) {
        return earned_refused(letter);
    }
    // An answer that is none: somebody must have sent it.
    bool is_answer = code.length == 5 && text_is((struct text){code.data, 3}, "W30");
    return is_answer && letter->push && letter->papers->disturbed;
}

void sim_check_letters(const struct sim_papers *papers) {
    for (size_t i = 0; i < papers->dead_count; i++) {
        const struct dead_row *row = &papers->deads[i];
        int type = sim_type_named(row->type);
        struct letter letter = {.papers = papers,
                                .row = row,
                                .source = sim_source_named(row->datasource),
                                .type = type == SIM_READING ? SIM_READING : SIM_WELL,
                                .push = text_is(row->direction, "push"),
                                .identity = identity_in(&row->payload)};
        if (letter.push && text_integer(row->external, &letter.home)) {
            letter.record = sim_record_of(papers, letter.type, letter.home);
        }
        if (letter.source < 0 || type < 0 || !is_earned(&letter)) {
            sim_find(papers->sim, "dead letter %lld (%.*s of %.*s %.*s, k%d, %.*s) has no reason: %.*s %.*s",
                     (long long)row->id, TEXT_ARGS(row->direction), TEXT_ARGS(row->type), TEXT_ARGS(row->external),
                     letter.identity, TEXT_ARGS(row->datasource), TEXT_ARGS(row->code), TEXT_ARGS(row->reason));
        }
    }
}

// --- conflicts ---

// How often the row changed, and whether a person made it there.
static int changes_of(const struct sim *sim, int source, enum sim_type type, int64_t id) {
    const struct sim_remote *remote = &sim->remotes[source];
    int count = 0;
    for (size_t i = 0; i < remote->journal_count; i++) {
        count += remote->journal[i].type == type && remote->journal[i].id == id;
    }
    return count;
}

// A form that came beside another in one pass: the row had two. (One that weir made may be met without a past.)
static bool earned_repeat(const struct sim *sim, int source, enum sim_type type, int64_t id) {
    return changes_of(sim, source, type, id) != 1 || !sim_touched(sim, source, type, id, SIM_CREATED);
}

// Both sides changed it: somebody other than weir had a hand in the row. Where a record may be adopted without a past
// (by its key, as trimmed, after a backup) both sides count as changed.
static bool earned_clash(const struct sim_papers *papers, int source, enum sim_type type, int64_t id, int identity) {
    const struct sim *sim = papers->sim;
    bool adopts = sim->plan->world.world[KNOB_NATURAL] != 0 || sim_knob(sim, source, KNOB_TRIMS) != 0;
    // What taught nothing may refer to a well that went: then it can't be told from a change.
    bool refers = sim->plan->world.world[KNOB_PARENTS] != 0 || type == SIM_READING;
    bool unread = sim_knob(sim, source, KNOB_READ_BACK) == 1 && papers->disturbed; // reading back went wrong
    bool blind = refers && (unread || sim_is_blind(sim, source));
    // A lookup that meets one of several with the same identity weighs it against the wrong one.
    bool several = sim->births[identity] > 1;
    return adopts || blind || several || papers->restored || changes_of(sim, source, type, id) == 0 ||
           sim_touched(sim, source, type, id, SIM_CREATED) || sim_touched(sim, source, type, id, SIM_UPDATED) ||
           sim_touched(sim, source, type, id, SIM_DELETED);
}

void sim_check_conflicts(const struct sim_papers *papers) {
    for (size_t i = 0; i < papers->conflict_count; i++) {
        const struct conflict_row *row = &papers->conflicts[i];
        int source = sim_source_named(row->datasource);
        int type = sim_type_named(row->datatype);
        int64_t id = 0;
        bool known = source >= 0 && type >= 0 && text_integer(row->external, &id);
        bool earned =
            known && (text_is(row->kind, "repeat")
                          ? earned_repeat(papers->sim, source, (enum sim_type)type, id)
                          : earned_clash(papers, source, (enum sim_type)type, id, identity_in(&row->payload)));
        if (!earned) {
            sim_find(papers->sim, "conflict %lld (%.*s) about %.*s %lld, %.*s of %.*s, where only one side changed it",
                     (long long)row->id, TEXT_ARGS(row->kind), TEXT_ARGS(row->datatype), (long long)row->home,
                     TEXT_ARGS(row->external), TEXT_ARGS(row->datasource));
        }
    }
}

// --- dead letters about what is in ---

// W4005 says that a record can't be told from another. One that got a link in the same run can. (After a
// backup, and of what is made anew, the push may find the row that the pull could not tell: the next pull ends that.)
void sim_check_known(const struct sim_papers *papers) {
    int64_t last = 0;
    for (size_t i = 0; i < papers->run_count; i++) {
        last = papers->runs[i].id > last ? papers->runs[i].id : last;
    }
    bool excused = papers->restored || papers->anew;
    for (size_t i = 0; i < papers->dead_count && !excused; i++) {
        const struct dead_row *row = &papers->deads[i];
        int source = sim_source_named(row->datasource), type = sim_type_named(row->type);
        int64_t id;
        bool is_pull = source >= 0 && type >= 0 && !text_is(row->direction, "push");
        if (is_pull && row->run == last && text_is(row->code, "W4005") && text_integer(row->external, &id) &&
            sim_tie_to(papers, source, (enum sim_type)type, id) != NULL) {
            sim_find(papers->sim,
                     "dead letter %lld says of %.*s %lld of %s that it can't be told from another, and it is in",
                     (long long)row->id, TEXT_ARGS(row->type), (long long)id, sim_source_name(source));
        }
    }
}
