#ifndef WEIR_STORE_STORE_MEMORY_HOME_H
#define WEIR_STORE_STORE_MEMORY_HOME_H

// One home in memory, and the things its calls have in common: the lock, the change, numbers, the tables of a datatype
// and of a linkset. A home belongs to the process's registry; everything in it belongs to the home. Its lock is held
// through every call but never while a scan calls out.

#include <pthread.h>

#include "port/store.h"
#include "store/store_memory_copy.h"
#include "store/store_memory_table.h"

// Where records of a natural key may be: every id that ever had it. Who looks must check the row.
struct ram_key_id {
    int64_t id;
    struct ram_key_id *next;
};

struct ram_records {
    struct ram_records *next;
    struct text datatype;
    struct ram_table rows; // by id: struct ram_row
    struct text *key;      // the fields that `ids` is made for
    size_t key_count;
    struct map ids; // canonical key -> struct ram_key_id
};

// In a bulk linkset, by_external is empty until it is settled.
struct ram_links {
    struct ram_links *next;
    struct text datasource;
    struct text datatype;
    struct text mode;             // the number that says 1 while it is bulk
    struct text tracks;           // the number that says 1 since it is tracked
    struct ram_table by_home;     // struct ram_link
    struct ram_table by_external; // the same rows
};

enum { RAM_MODULES = 1 }; // the one row of `modules`

// Who holds a lease is nothing that a home remembers: it ends with the process.
struct ram_holder {
    struct ram_holder *next;
    struct text key;
    int64_t token; // 0: nobody
};

struct ram_home {
    struct ram_home *next;
    struct text folder;
    pthread_mutex_t mutex;
    struct arena arena;
    int64_t commit; // the newest
    int64_t mark;   // beside home: how far its number "mark" was, by what was told outside
    struct ram_table numbers, datatypes, modules, runs, logs, deads, pendings, conflicts, checkpoints, audits;
    struct ram_table graves; // by id
    struct ram_table bases;  // by id and seq
    struct ram_table texts;  // of the module of each datatype, by its name
    struct ram_table intents, watermarks, helds, stales, inboxes, closeds;
    struct ram_records *records;
    struct ram_links *links;
    struct ram_holder *holders;
};

struct ram_linkset {
    struct linkset linkset;
    struct ram_links *links;
    struct ram_linkset *next;
};

struct ram_store {
    struct store store;
    struct ram_home *home;
    int64_t at; // what the reading side sees
    bool read_only;
    struct ram_linkset *linksets;
};

// NULL when there is none; with `make`, when out of memory.
struct ram_home *ram_home_find(struct text folder, bool make);

// A writing call lies between the two. ram_finish keeps the change when `ok` and the hook lets it, and gives what the
// call is to return.
struct ram_home *ram_begin(struct store *store, struct ram_change *change);
bool ram_finish(struct ram_home *home, struct ram_change *change, const char *call, bool ok, struct error *error);

// A reading call lies between the two. `at` receives what it sees.
struct ram_home *ram_read(struct store *store, int64_t *at);
void ram_leave(struct ram_home *home);

// A number by its name, 0 at first.
int64_t ram_number(const struct ram_home *home, struct text name, int64_t at);
bool ram_number_put(struct ram_home *home, struct ram_change *change, struct text name, int64_t value,
                    struct error *error);
// Counts it up and gives it.
bool ram_number_next(struct ram_home *home, struct ram_change *change, const char *name, int64_t *out,
                     struct error *error);

// Finds or makes. NULL only when out of memory.
struct ram_records *ram_records_of(struct ram_home *home, struct text datatype);
struct ram_links *ram_links_of(struct ram_home *home, struct text datasource, struct text datatype);
struct ram_holder *ram_holder_of(struct ram_home *home, struct text key);

const struct datatype *ram_datatype(const struct ram_home *home, struct text name, int64_t at);
const struct ram_row *ram_row(const struct ram_records *records, int64_t id, int64_t at);
const struct ram_link *ram_link(const struct ram_links *links, int64_t home, int64_t at);
const struct ram_grave *ram_grave(const struct ram_home *home, int64_t id, int64_t at);

// ERROR_LEASE_LOST unless the lease is the one that is held. NULL is fine.
bool ram_lease_check(struct ram_home *home, const struct lease *lease, struct error *error);

#endif
