#ifndef WEIR_TESTS_SIM_SIM_REMOTE_H
#define WEIR_TESTS_SIM_SIM_REMOTE_H

// A simulated datasource: a web API over two tables, wells and readings, with the knobs of its world. It answers
// requests; people edit it directly. It keeps a log of all that ever changed in it, which the checker reads: the engine
// has no part in that.
//
//     GET    /wells?…            a page (sim_remote_list.c says what each pager is asked by and answers)
//     GET    /wells?legacy=k12   those of that identity
//     GET    /wells/7            one, or 404
//     POST   /wells              creates: one, or an array
//     PATCH  /wells/7            changes what the body names; 404 when it is gone
//     DELETE /wells/7            404 when it is gone
//
//     {"id":7,"legacy":"k12","name":"<12>","code":null,"ref":3,"updatedAt":"2026-01-01T00:00:00.000000Z"}
//     Of both, "ref" is the id of a well. A deleted one, where tombstones are listed, has
//     "deleted":true as well.

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/arena.h"
#include "base/buffer.h"
#include "base/text.h"
#include "sim_plan.h"

struct sim;

#define SIM_DAY_US INT64_C(86400000000)

// Values of KNOB_PAGER: those that say how many rows or pages to pass over, and the one that never says that it has
// shown everything.
enum { SIM_COUNTS_ROWS = 1, SIM_COUNTS_PAGES = 2, SIM_WINDOWS = 7 };

enum { SIM_ROWS = 600, SIM_JOURNAL = 8000, SIM_VALUE = 24 };

// What a row says. Empty texts are null.
struct sim_form {
    char legacy[SIM_VALUE], name[SIM_VALUE], code[SIM_VALUE];
    int64_t ref; // the id of a well here; 0: null
};

struct sim_row {
    enum sim_type type;
    int64_t id;
    struct sim_form form; // as readers see it
    int64_t stamp_us;     // its updatedAt, by the datasource's own clock, not yet rounded
    bool gone;
    // A person's change that nobody sees yet (KNOB_DELAY): shown at `shown_us` of the world's time.
    bool hidden; // the row itself is new and not seen yet
    bool changes;
    struct sim_form next;
    bool next_gone;
    int64_t next_stamp_us;
    int64_t shown_us;
};

enum sim_author { SIM_PERSON, SIM_WEIR };
enum sim_verb { SIM_CREATED, SIM_UPDATED, SIM_DELETED };

// A line of its log: everything that ever changed what readers see.
struct sim_entry {
    int64_t moment;
    int run; // the number of the event of the run that is under way; 0 for none, and while things settle
    enum sim_author author;
    enum sim_verb verb;
    enum sim_type type;
    int64_t id;
    struct sim_form before, after;
    bool again; // a request that came twice, or late: whoever sent it did not do this
};

// An operation that was seen, for KNOB_KEYS.
struct sim_key {
    struct text key;
    int status;
    struct text body;
};

struct sim_remote {
    struct sim *sim;
    enum sim_place place;
    const int64_t *knobs; // KNOB_… of its world
    struct sim_row rows[SIM_ROWS];
    size_t row_count;
    struct sim_entry journal[SIM_JOURNAL];
    size_t journal_count;
    struct sim_key *keys;
    size_t key_count, key_capacity;
    struct arena arena;
    int64_t last_id;
    int64_t floor_us; // no change has an earlier time than this
    uint64_t writes;  // requests that ask for a change, whatever came of them
};

void sim_remote_open(struct sim_remote *remote, struct sim *sim, enum sim_place place);
void sim_remote_close(struct sim_remote *remote);

// What its clock says: the world's time and its skew.
int64_t sim_remote_now(const struct sim_remote *remote);
// Lets people's changes be seen whose time has come. Called before each request and each act.
void sim_remote_show(struct sim_remote *remote);
// Lets all be seen at once: the storm is over.
void sim_remote_show_all(struct sim_remote *remote);

// --- people ---

// The rows that a person sees (their own unseen changes included): alive ones of the type, or of all with type < 0.
size_t sim_remote_alive(const struct sim_remote *remote, int type, struct sim_row *list[SIM_ROWS]);
const struct sim_form *sim_row_form(const struct sim_row *row); // as a person sees it
// Each marks in the sim's tokens what it ends.
struct sim_row *sim_remote_make(struct sim_remote *remote, enum sim_type type, const struct sim_form *form);
void sim_remote_edit(struct sim_remote *remote, struct sim_row *row, const struct sim_form *form, bool future);
void sim_remote_delete(struct sim_remote *remote, struct sim_row *row);

// --- requests ---

struct sim_ask {
    struct text verb;
    struct text path; // "/wells/7", without the query
    struct text query;
    struct text body;
    struct text key; // Idempotency-Key, or empty
    bool again;      // it comes twice, or late
};

struct sim_say {
    int status;
    struct text type;  // of the content
    struct text body;  // in the arena
    struct text link;  // a Link header, or empty
    struct text moved; // a Location header, or empty
    int64_t retry_s;   // a Retry-After header; 0: none
    bool list;         // the body is a page of records
};

// Carries the request out and answers it. The body's tokens count as served only by sim_remote_served.
void sim_remote_answer(struct sim_remote *remote, const struct sim_ask *ask, struct arena *arena, struct sim_say *say);
// A body has reached weir whole.
void sim_remote_served(struct sim_remote *remote, struct text body);

struct sim_row *sim_remote_find(const struct sim_remote *remote, enum sim_type type, int64_t id);

// --- the settings of a script for it (sim_settings.c), as JSON that source_http's options take ---

void sim_settings_source(const int64_t *knobs, enum sim_place place, struct buffer *out);
void sim_settings_type(const int64_t *knobs, enum sim_type type, struct buffer *out);

#endif
