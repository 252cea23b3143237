// Small questions about the books, the datasources' rows and their logs.

#include <string.h>

#include "sim_check_work.h"

// --- the world ---

bool sim_source_used(const struct sim *sim, int source) {
    return sim_knob(sim, source, KNOB_USED) != 0;
}

int64_t sim_knob(const struct sim *sim, int source, enum sim_knob knob) {
    return sim->plan->world.sources[source][knob];
}

bool sim_pulls(const struct sim *sim, int source) {
    return sim_knob(sim, source, KNOB_DIRECTION) != SYNC_PUSH;
}

bool sim_pushes(const struct sim *sim, int source) {
    return sim_knob(sim, source, KNOB_DIRECTION) != SYNC_PULL;
}

const char *sim_source_name(int source) {
    return sim_place_name((enum sim_place)(SIM_EAST + source));
}

const char *sim_type_name(enum sim_type type) {
    return type == SIM_WELL ? "well" : "reading";
}

int sim_source_named(struct text name) {
    for (int source = 0; source < SIM_SOURCES; source++) {
        if (text_is(name, sim_source_name(source))) {
            return source;
        }
    }
    return -1;
}

int sim_type_named(struct text name) {
    for (int type = 0; type < SIM_TYPES; type++) {
        if (text_is(name, sim_type_name((enum sim_type)type))) {
            return type;
        }
    }
    return -1;
}

// --- rows and records ---

const struct sim_row *sim_row_at(const struct sim *sim, int source, enum sim_type type, int64_t id) {
    const struct sim_remote *remote = &sim->remotes[source];
    for (size_t i = 0; i < remote->row_count; i++) {
        if (remote->rows[i].type == type && remote->rows[i].id == id) {
            return &remote->rows[i];
        }
    }
    return NULL;
}

const struct sim_row *sim_row_of(const struct sim *sim, const struct sim_tie *tie) {
    int64_t id;
    return tie->source >= 0 && text_integer(tie->external, &id) ? sim_row_at(sim, tie->source, tie->type, id) : NULL;
}

const struct sim_record *sim_record_of(const struct sim_papers *papers, enum sim_type type, int64_t id) {
    for (size_t i = 0; i < papers->record_count; i++) {
        if (papers->records[i].type == type && papers->records[i].id == id) {
            return &papers->records[i];
        }
    }
    return NULL;
}

const struct sim_tie *sim_tie_of(const struct sim_papers *papers, int source, enum sim_type type, int64_t home) {
    for (size_t i = 0; i < papers->tie_count; i++) {
        const struct sim_tie *tie = &papers->ties[i];
        if (tie->source == source && tie->type == type && tie->link.home == home) {
            return tie;
        }
    }
    return NULL;
}

const struct sim_tie *sim_tie_to(const struct sim_papers *papers, int source, enum sim_type type, int64_t id) {
    char room[TEXT_INTEGER_MAX];
    struct text external = text_digits(id, room);
    for (size_t i = 0; i < papers->tie_count; i++) {
        const struct sim_tie *tie = &papers->ties[i];
        if (tie->source == source && tie->type == type && text_same(tie->external, external)) {
            return tie;
        }
    }
    return NULL;
}

// --- what was put aside ---

static const struct dead_row *find_dead(const struct sim_papers *papers, int source, enum sim_type type, bool push,
                                        int64_t id) {
    char room[TEXT_INTEGER_MAX];
    struct text external = text_digits(id, room);
    for (size_t i = 0; i < papers->dead_count; i++) {
        const struct dead_row *dead = &papers->deads[i];
        if (text_is(dead->direction, "push") == push && text_is(dead->datasource, sim_source_name(source)) &&
            text_is(dead->type, sim_type_name(type)) && text_same(dead->external, external)) {
            return dead;
        }
    }
    return NULL;
}

const struct dead_row *sim_dead_push(const struct sim_papers *papers, int source, enum sim_type type, int64_t home) {
    return find_dead(papers, source, type, true, home);
}

const struct dead_row *sim_dead_pull(const struct sim_papers *papers, int source, enum sim_type type, int64_t id) {
    return find_dead(papers, source, type, false, id);
}

const struct intent_row *sim_parked(const struct sim_papers *papers, int source, enum sim_type type, int64_t home) {
    for (size_t i = 0; i < papers->intent_count; i++) {
        const struct intent_row *intent = &papers->intents[i];
        if (intent->state == INTENT_PARKED && intent->home == home &&
            text_is(intent->datasource, sim_source_name(source)) && text_is(intent->datatype, sim_type_name(type))) {
            return intent;
        }
    }
    return NULL;
}

bool sim_held(const struct sim_papers *papers, int source, enum sim_type type, int64_t home) {
    for (size_t i = 0; i < papers->held_count; i++) {
        const struct held_row *held = &papers->helds[i];
        if (held->home == home && text_is(held->datasource, sim_source_name(source)) &&
            text_is(held->datatype, sim_type_name(type))) {
            return true;
        }
    }
    return false;
}

bool sim_is_blind(const struct sim *sim, int source) {
    int64_t read_back = sim_knob(sim, source, KNOB_READ_BACK);
    return read_back == 2 || (read_back == 0 && sim_knob(sim, source, KNOB_SILENT) != 0);
}

bool sim_waits_whole(const struct sim_papers *papers, int source, enum sim_type type, int64_t id) {
    char room[TEXT_INTEGER_MAX];
    struct text external = text_digits(id, room);
    for (size_t i = 0; i < papers->pending_count; i++) {
        const struct pending_row *row = &papers->pendings[i];
        if (row->home == 0 && text_is(row->datasource, sim_source_name(source)) &&
            text_is(row->datatype, sim_type_name(type)) && text_same(row->external, external)) {
            return true;
        }
    }
    return false;
}

bool sim_waits_ref(const struct sim_papers *papers, enum sim_type type, int64_t home) {
    for (size_t i = 0; i < papers->pending_count; i++) {
        const struct pending_row *row = &papers->pendings[i];
        if (home != 0 && row->home == home && text_is(row->datatype, sim_type_name(type))) {
            return true;
        }
    }
    return false;
}

// --- a datasource's log ---

struct text sim_says(const struct sim_form *form, int field, char room[TEXT_INTEGER_MAX]) {
    switch (field) {
    case SIM_SAYS_LEGACY:
        return text_of(form->legacy);
    case SIM_SAYS_NAME:
        return text_of(form->name);
    case SIM_SAYS_CODE:
        return text_of(form->code);
    default:
        return form->ref != 0 ? text_digits(form->ref, room) : TEXT_LITERAL("");
    }
}

static bool is_weirs(const struct sim_entry *entry) {
    return entry->author == SIM_WEIR && !entry->again;
}

bool sim_touched(const struct sim *sim, int source, enum sim_type type, int64_t id, enum sim_verb verb) {
    const struct sim_remote *remote = &sim->remotes[source];
    for (size_t i = 0; i < remote->journal_count; i++) {
        const struct sim_entry *entry = &remote->journal[i];
        if (entry->type == type && entry->id == id && entry->verb == verb && !is_weirs(entry)) {
            return true;
        }
    }
    return false;
}

bool sim_weir_said(const struct sim *sim, int source, const struct sim_row *row, int field) {
    const struct sim_remote *remote = &sim->remotes[source];
    bool weirs = false;
    for (size_t i = 0; i < remote->journal_count; i++) {
        const struct sim_entry *entry = &remote->journal[i];
        char before[TEXT_INTEGER_MAX], after[TEXT_INTEGER_MAX];
        bool is_ours = entry->type == row->type && entry->id == row->id && entry->verb != SIM_DELETED;
        if (is_ours && (entry->verb == SIM_CREATED ||
                        !text_same(sim_says(&entry->before, field, before), sim_says(&entry->after, field, after)))) {
            weirs = is_weirs(entry);
        }
    }
    return weirs;
}

int sim_fate(const struct sim *sim, int identity, enum sim_verb verb) {
    int count = 0;
    for (int source = 0; source < SIM_SOURCES; source++) {
        const struct sim_remote *remote = &sim->remotes[source];
        for (size_t i = 0; i < remote->journal_count; i++) {
            const struct sim_entry *entry = &remote->journal[i];
            const struct sim_form *form = verb == SIM_DELETED ? &entry->before : &entry->after;
            count += entry->again && entry->verb == verb && sim_identity_of(text_of(form->legacy)) == identity;
        }
    }
    return count;
}

bool sim_mourned(const struct sim *sim, int identity) {
    return sim->deaths[identity] > 0 || sim->lied_once || sim_fate(sim, identity, SIM_DELETED) > 0;
}

bool sim_is_single(const struct sim_papers *papers, int identity) {
    return papers->can_know && !papers->sim->lied_once && papers->sim->births[identity] == 1 &&
           sim_fate(papers->sim, identity, SIM_CREATED) == 0;
}

// --- texts in values ---

void sim_each_text(const struct value *value, void (*take)(void *context, struct text text), void *context) {
    if (value->kind == VALUE_TEXT) {
        take(context, value_slice(value));
    } else if (value->kind == VALUE_LIST) {
        for (uint32_t i = 0; i < value->length; i++) {
            sim_each_text(&value->as.items[i], take, context);
        }
    } else if (value->kind == VALUE_OBJECT) {
        for (uint32_t i = 0; i < value->as.object->shape->count; i++) {
            sim_each_text(&value->as.object->values[i], take, context);
        }
    }
}

void sim_each_token(struct text text, void (*take)(void *context, int token), void *context) {
    for (size_t i = 0; i < text.length; i++) {
        size_t end = i + 1;
        while (text.data[i] == '<' && end < text.length && text.data[end] >= '0' && text.data[end] <= '9') {
            end++;
        }
        int token = end < text.length ? sim_token_of((struct text){text.data + i, end + 1 - i}) : 0;
        if (token != 0) {
            take(context, token);
        }
    }
}

struct paper {
    void (*take)(void *context, struct text text, const char *where, int64_t id);
    void *context;
    const char *where;
    int64_t id;
};

static void take_text(void *context, struct text text) {
    const struct paper *paper = context;
    paper->take(paper->context, text, paper->where, paper->id);
}

void sim_each_paper(const struct sim_papers *papers,
                    void (*take)(void *context, struct text text, const char *where, int64_t id), void *context) {
    for (size_t i = 0; i < papers->dead_count; i++) {
        struct paper paper = {take, context, "dead letter", papers->deads[i].id};
        sim_each_text(&papers->deads[i].payload, take_text, &paper);
    }
    for (size_t i = 0; i < papers->conflict_count; i++) {
        struct paper paper = {take, context, "conflict", papers->conflicts[i].id};
        sim_each_text(&papers->conflicts[i].payload, take_text, &paper);
    }
    for (size_t i = 0; i < papers->pending_count; i++) {
        struct paper paper = {take, context, "row that waits", papers->pendings[i].id};
        sim_each_text(&papers->pendings[i].fields, take_text, &paper);
    }
    for (size_t i = 0; i < papers->intent_count; i++) {
        struct paper paper = {take, context, "write", papers->intents[i].id};
        sim_each_text(&papers->intents[i].form, take_text, &paper);
    }
}
