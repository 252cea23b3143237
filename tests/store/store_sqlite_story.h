#ifndef WEIR_TESTS_STORE_STORE_SQLITE_STORY_H
#define WEIR_TESTS_STORE_STORE_SQLITE_STORY_H

// A story of store calls, from making home to a second run on it, that touches each kind of row and each kind of
// transaction. Told step by step, so that a step can fail, be told again, or be the last before the power goes. The
// same steps always lead to the same home, down to its ids and seqs.

#include "contract/store_contract_kit.h"

enum { STORY_PAGES = 6, STORY_STEPS_MAX = 40 };

struct story {
    struct kit kit;
    struct linkset *ponds;
    struct lease other; // another run's
    int64_t first[STORY_PAGES + 1];
    int64_t first_seq[STORY_PAGES + 1];
    int64_t seq;   // home's, when the last step has been told
    int64_t marks; // how often home.mark must have been moved
    bool in_snapshot;
};

size_t story_length(void);
const char *story_step_name(size_t step);
bool story_step_repeats(size_t step); // told again after it was done, it changes nothing
void story_begin(struct story *story, const char *folder);
bool story_tell(struct story *story, size_t step, struct error *error);
// Closes what is open, as the death of the process would.
void story_end(struct story *story);

// Opens the home as the next process would, whatever is in it, and commits a page of one edit.
bool story_go_on(struct story *story, struct error *error);

int64_t story_mark(const char *folder); // what home.mark says; 0 when there is none, -1 when it is damaged

// A fingerprint of all that home holds; false when it can't be read now. A home that is not there, and one that holds
// nothing yet, has the print {0, 0}. `damage` says what SQLite's own check found; NULL: it is not asked.
bool story_print(const char *folder, struct print *out, char damage[200]);

#endif
