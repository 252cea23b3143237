// What people wrote, made and deleted: no value is lost, nothing is there twice, nothing goes that nobody deleted.

#include <stdlib.h>
#include <string.h>

#include "sim_check_work.h"

// --- every value that nobody ended is somewhere ---

static const struct sim_event *event_of(const struct sim *sim, int number) {
    for (size_t i = 0; i < sim->plan->count; i++) {
        if (sim->plan->events[i].number == number) {
            return &sim->plan->events[i];
        }
    }
    return NULL;
}

static void mark(void *context, int token) {
    ((bool *)context)[token] = true;
}

static void mark_text(void *context, struct text text) {
    sim_each_token(text, mark, context);
}

static void mark_paper(void *context, struct text text, const char *where, int64_t id) {
    (void)where;
    (void)id;
    mark_text(context, text);
}

// What a request that came twice, or late, wrote over: nobody could have kept it. Nor what the lost home alone knew of
// where nothing is read.
static void mark_fate(const struct sim_papers *papers, int source, bool *there) {
    const struct sim_remote *remote = &papers->sim->remotes[source];
    bool forgot = papers->restored && !sim_pulls(papers->sim, source);
    for (size_t i = 0; i < remote->journal_count; i++) {
        const struct sim_entry *entry = &remote->journal[i];
        if ((entry->again || forgot) && entry->verb != SIM_CREATED) {
            mark_text(there, text_of(entry->before.name));
            mark_text(there, text_of(entry->before.code));
        }
    }
}

static void mark_all(const struct sim_papers *papers, bool *there) {
    const struct sim *sim = papers->sim;
    for (size_t i = 0; i < papers->record_count; i++) {
        for (size_t field = 0; field < SIM_HOME_FIELDS; field++) {
            sim_each_text(&papers->records[i].fields[field], mark_text, there);
        }
    }
    sim_each_paper(papers, mark_paper, there);
    for (int source = 0; source < SIM_SOURCES; source++) {
        const struct sim_remote *remote = &sim->remotes[source];
        if (!sim_source_used(sim, source) || sim_org_of((enum sim_place)(SIM_EAST + source)) != papers->org) {
            continue;
        }
        for (size_t i = 0; i < remote->row_count; i++) {
            if (!remote->rows[i].gone && !remote->rows[i].hidden) {
                mark_text(there, text_of(remote->rows[i].form.name));
                mark_text(there, text_of(remote->rows[i].form.code));
            }
        }
        mark_fate(papers, source, there);
    }
}

static bool is_beyond(const struct sim *sim, const struct sim_event *event) {
    int source = sim_source_of(event->place);
    return source >= 0 && event->what == SIM_FUTURE && sim_knob(sim, source, KNOB_PAGER) == SIM_WINDOWS;
}

// What people write where nothing is read, or date beyond all windows, stands only until home's form is sent over it.
// After a backup so does what home had pushed into such a row.
static bool is_read(const struct sim_papers *papers, const struct sim_event *event) {
    const struct sim *sim = papers->sim;
    int source = sim_source_of(event->place);
    bool beyond = is_beyond(sim, event);
    for (size_t i = 0; source < 0 && papers->restored && i < sim->plan->count; i++) {
        beyond = beyond || is_beyond(sim, &sim->plan->events[i]);
    }
    return !beyond && (source < 0 || sim_pulls(sim, source));
}

void sim_check_values(const struct sim_papers *papers) {
    struct sim *sim = papers->sim;
    bool there[SIM_TOKENS] = {false};
    mark_all(papers, there);
    for (int token = 1; token < SIM_TOKENS; token++) {
        const struct sim_event *event = sim->tokens[token].made ? event_of(sim, token) : NULL;
        if (event != NULL && !sim->tokens[token].over && !there[token] && sim_org_of(event->place) == papers->org &&
            is_read(papers, event)) {
            sim_find(sim,
                     "the value <%d>, written at %s, is lost: it stands in no record, in no row and in nothing that "
                     "was put aside",
                     token, sim_place_name(event->place));
        }
    }
}

// --- nothing is there more often than people made it ---

struct tally {
    int count;
    int64_t first, second;
};

static void add(struct tally *tallies, int identity, int64_t id) {
    struct tally *tally = &tallies[identity];
    tally->count++;
    tally->first = tally->count == 1 ? id : tally->first;
    tally->second = tally->count == 2 ? id : tally->second;
}

static void compare(const struct sim_papers *papers, const struct tally *tallies, const char *place) {
    for (int identity = 1; identity < SIM_TOKENS; identity++) {
        const struct tally *tally = &tallies[identity];
        if (tally->count > 1 && sim_is_single(papers, identity)) {
            sim_find(papers->sim, "k%d was made once and is %d times at %s: %lld, %lld%s", identity, tally->count,
                     place, (long long)tally->first, (long long)tally->second, tally->count > 2 ? ", …" : "");
        }
    }
}

// One that a datasource refuses as somebody else's is a dead letter, and no second one.
static bool is_refused(const struct sim_papers *papers, const struct sim_record *record) {
    for (int source = 0; source < SIM_SOURCES; source++) {
        if (sim_dead_push(papers, source, record->type, record->id) != NULL) {
            return true;
        }
    }
    return false;
}

void sim_check_doubles(const struct sim_papers *papers) {
    struct sim *sim = papers->sim;
    struct tally tallies[SIM_TOKENS] = {{0}};
    for (size_t i = 0; i < papers->record_count; i++) {
        if (!is_refused(papers, &papers->records[i])) {
            add(tallies, papers->records[i].identity, papers->records[i].id);
        }
    }
    compare(papers, tallies, sim_place_name((enum sim_place)papers->org));
    for (int source = 0; source < SIM_SOURCES; source++) {
        const struct sim_remote *remote = &sim->remotes[source];
        if (!sim_source_used(sim, source) || sim_org_of((enum sim_place)(SIM_EAST + source)) != papers->org) {
            continue;
        }
        memset(tallies, 0, sizeof tallies);
        for (size_t i = 0; i < remote->row_count; i++) {
            if (!remote->rows[i].gone && !remote->rows[i].hidden) {
                add(tallies, sim_identity_of(text_of(remote->rows[i].form.legacy)), remote->rows[i].id);
            }
        }
        compare(papers, tallies, sim_source_name(source));
    }
}

// --- nothing goes that nobody deleted ---

static void check_deleted_rows(const struct sim_papers *papers, int source) {
    struct sim *sim = papers->sim;
    const struct sim_remote *remote = &sim->remotes[source];
    for (size_t i = 0; i < remote->journal_count; i++) {
        const struct sim_entry *entry = &remote->journal[i];
        int identity = sim_identity_of(text_of(entry->before.legacy));
        if (entry->verb == SIM_DELETED && entry->author == SIM_WEIR && !entry->again && !sim_mourned(sim, identity)) {
            sim_find(sim, "weir deleted %s %lld (k%d) at %s in run %d, and nobody had deleted it",
                     sim_type_name(entry->type), (long long)entry->id, identity, sim_source_name(source), entry->run);
        }
    }
}

static bool is_in_home(const struct sim_papers *papers, int identity) {
    for (size_t i = 0; i < papers->record_count; i++) {
        if (papers->records[i].identity == identity) {
            return true;
        }
    }
    return false;
}

// Those that people made in home itself. (Of those that came from elsewhere their links tell: see the sides.)
static void check_births(const struct sim_papers *papers) {
    struct sim *sim = papers->sim;
    for (size_t i = 0; i < sim->plan->count && !papers->restored; i++) {
        const struct sim_event *event = &sim->plan->events[i];
        bool is_ours = event->what == SIM_MAKE && (int)event->place == papers->org && event->number < SIM_TOKENS;
        int identity = is_ours && sim->identities[event->number] != 0 ? event->number : 0;
        // On a disk that failed nobody knows whether it was made at all.
        bool in_doubt = sim->plan->world.world[KNOB_SQLITE] != 0 && sim->tokens[event->number].over;
        if (identity != 0 && sim->births[identity] > 0 && sim->tokens[identity].made && !in_doubt &&
            !sim_mourned(sim, identity) && !is_in_home(papers, identity)) {
            sim_find(sim, "k%d was made in %s, nobody deleted it, and it is gone from there", identity,
                     sim_place_name(event->place));
        }
    }
}

// Whether anybody but weir did this to one of that identity, at any datasource.
static bool was_touched(const struct sim *sim, int identity, enum sim_verb verb) {
    for (int source = 0; source < SIM_SOURCES; source++) {
        const struct sim_remote *remote = &sim->remotes[source];
        for (size_t i = 0; i < remote->journal_count; i++) {
            const struct sim_entry *entry = &remote->journal[i];
            bool is_weirs = entry->author == SIM_WEIR && !entry->again;
            if (entry->verb == verb && !is_weirs && sim_identity_of(text_of(entry->before.legacy)) == identity) {
                return true;
            }
        }
    }
    return false;
}

// What a person deleted in home comes back only where somebody changed it at a datasource. (A backup brings it back as
// well, and a disk that failed may have kept it.)
static void check_returns(const struct sim_papers *papers) {
    struct sim *sim = papers->sim;
    bool excused = papers->restored || sim->plan->world.world[KNOB_SQLITE] != 0;
    bool blind = false;
    // What taught nothing may refer to a well that went: then it can't be told from a change.
    bool refers = sim->plan->world.world[KNOB_PARENTS] != 0 || sim->plan->world.world[KNOB_READINGS] != 0;
    for (int source = 0; source < SIM_SOURCES; source++) {
        // And a create that nobody can be asked about comes back as a new record.
        bool asks = sim_knob(sim, source, KNOB_FINDS) != 0 ||
                    (sim_knob(sim, source, KNOB_KEYS) != 0 && sim_knob(sim, source, KNOB_ARRAYS) == 0);
        blind = blind || !asks || sim->lied_once || (refers && sim_is_blind(sim, source)) ||
                (sim_knob(sim, source, KNOB_TRIMS) != 0 &&
                 (sim_is_blind(sim, source) || (sim_knob(sim, source, KNOB_READ_BACK) == 1 && papers->disturbed)));
    }
    for (size_t i = 0; i < papers->record_count && !excused; i++) {
        const struct sim_record *record = &papers->records[i];
        int identity = record->identity;
        // A value that was trimmed where weir was not told so looks like a change.
        if (sim->deaths[identity] > 0 && !blind && sim_is_single(papers, identity) &&
            !was_touched(sim, identity, SIM_DELETED) && !was_touched(sim, identity, SIM_UPDATED)) {
            sim_find(sim, "%s %lld (k%d) was deleted in %s, nobody changed it anywhere else, and it is there again",
                     sim_type_name(record->type), (long long)record->id, identity,
                     sim_place_name((enum sim_place)papers->org));
        }
    }
}

void sim_check_deaths(const struct sim_papers *papers) {
    for (int source = 0; source < SIM_SOURCES; source++) {
        if (sim_source_used(papers->sim, source) && sim_org_of((enum sim_place)(SIM_EAST + source)) == papers->org) {
            check_deleted_rows(papers, source);
        }
    }
    check_births(papers);
    check_returns(papers);
}
