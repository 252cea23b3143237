#ifndef WEIR_TESTS_SIM_SIM_CHECK_WORK_H
#define WEIR_TESTS_SIM_SIM_CHECK_WORK_H

// What the parts of the checker share: all that an organisation's home has in its books, read at once through the
// store's port.

#include "sim_check.h"

struct sim_record {
    enum sim_type type;
    int64_t id, seq;
    int identity;
    struct value *fields;
};

// A link, and which datasource it is to (-1: none that the world has).
struct sim_tie {
    enum sim_type type;
    int source;
    struct text external;
    struct link link;
};

struct sim_papers {
    struct sim *sim;
    int org;
    struct arena arena;
    struct sim_record *records;
    struct sim_tie *ties;
    struct dead_row *deads;
    struct conflict_row *conflicts;
    struct pending_row *pendings;
    struct held_row *helds;
    struct intent_row *intents;
    struct watermark_row *watermarks;
    struct run_row *runs;
    size_t record_count, tie_count, dead_count, conflict_count, pending_count, held_count, intent_count,
        watermark_count, run_count;
    // What excuses that something is there twice, or not: known of the whole organisation, since what one datasource
    // does comes to the others.
    bool restored, anew;
    bool can_know;  // each datasource that is written to can tell whether it has a record already
    bool disturbed; // the plan has requests that go wrong
};

// False: the organisation has no home.
bool sim_papers_read(struct sim *sim, int org, struct sim_papers *out);
void sim_papers_clear(struct sim_papers *papers);

// --- looking things up ---

bool sim_source_used(const struct sim *sim, int source);
int64_t sim_knob(const struct sim *sim, int source, enum sim_knob knob);
bool sim_pulls(const struct sim *sim, int source);
bool sim_pushes(const struct sim *sim, int source);
const char *sim_source_name(int source);
const char *sim_type_name(enum sim_type type);
// Of a datasource by its name, of a type by its; -1: there is none.
int sim_source_named(struct text name);
int sim_type_named(struct text name);

const struct sim_row *sim_row_at(const struct sim *sim, int source, enum sim_type type, int64_t id);
const struct sim_row *sim_row_of(const struct sim *sim, const struct sim_tie *tie);
const struct sim_record *sim_record_of(const struct sim_papers *papers, enum sim_type type, int64_t id);
const struct sim_tie *sim_tie_of(const struct sim_papers *papers, int source, enum sim_type type, int64_t home);
const struct sim_tie *sim_tie_to(const struct sim_papers *papers, int source, enum sim_type type, int64_t id);

// Why home may have something that its datasource hasn't, or has otherwise.
const struct dead_row *sim_dead_push(const struct sim_papers *papers, int source, enum sim_type type, int64_t home);
const struct dead_row *sim_dead_pull(const struct sim_papers *papers, int source, enum sim_type type, int64_t id);
const struct intent_row *sim_parked(const struct sim_papers *papers, int source, enum sim_type type, int64_t home);
bool sim_held(const struct sim_papers *papers, int source, enum sim_type type, int64_t home);
// Whether a write teaches nothing of how the datasource keeps it.
bool sim_is_blind(const struct sim *sim, int source);
bool sim_waits_whole(const struct sim_papers *papers, int source, enum sim_type type, int64_t id);
bool sim_waits_ref(const struct sim_papers *papers, enum sim_type type, int64_t home);

// --- a datasource's log ---

enum { SIM_SAYS_LEGACY, SIM_SAYS_NAME, SIM_SAYS_CODE, SIM_SAYS_REF, SIM_SAYS };

// What a form says, as text: a reference's id in `room`.
struct text sim_says(const struct sim_form *form, int field, char room[TEXT_INTEGER_MAX]);
// Whether anybody but weir ever did this to the row: a person, or fate with a request that came twice or late.
bool sim_touched(const struct sim *sim, int source, enum sim_type type, int64_t id, enum sim_verb verb);
// Whether weir's was the last word about the field of a row.
bool sim_weir_said(const struct sim *sim, int source, const struct sim_row *row, int field);
// How often fate created one of that identity, or deleted one.
int sim_fate(const struct sim *sim, int identity, enum sim_verb verb);
// Whether a person, or fate, ever deleted one of that identity, anywhere.
bool sim_mourned(const struct sim *sim, int identity);
// Whether there can be only one of it in a place.
bool sim_is_single(const struct sim_papers *papers, int identity);

// --- texts in values ---

// Calls for each text in the value, also of what it consists of.
void sim_each_text(const struct value *value, void (*take)(void *context, struct text text), void *context);
// Calls for each "<12>" that stands somewhere in the text.
void sim_each_token(struct text text, void (*take)(void *context, int token), void *context);
// Calls for each text of what a home has put aside; `where` says in what, for a person.
void sim_each_paper(const struct sim_papers *papers,
                    void (*take)(void *context, struct text text, const char *where, int64_t id), void *context);

// --- the parts: each ends with the first finding ---

void sim_check_values(const struct sim_papers *papers);
void sim_check_doubles(const struct sim_papers *papers);
void sim_check_deaths(const struct sim_papers *papers);
void sim_check_sides(const struct sim_papers *papers);
void sim_check_intents(const struct sim_papers *papers);
void sim_check_letters(const struct sim_papers *papers);
void sim_check_conflicts(const struct sim_papers *papers);
void sim_check_apart(const struct sim_papers *papers);
void sim_check_known(const struct sim_papers *papers);             // after each run
void sim_check_guard(const struct sim_papers *papers, int source); // of a run that has just ended

#endif
