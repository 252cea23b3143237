#ifndef WEIR_STORE_STORE_MEMORY_PARTS_H
#define WEIR_STORE_STORE_MEMORY_PARTS_H

// The calls of store_memory, by file, and the steps that several of them take.

#include "store/store_memory_home.h"

// --- store_memory_records.c: records and their natural keys ---

// A new version of a record: the effect's fields by name over what it had (`old`, or NULL), under a seq.
bool ram_record_put(struct ram_home *home, struct ram_change *change, const struct effect *effect, struct text origin,
                    const struct ram_row *old, int64_t seq, struct error *error);
bool ram_record_drop(struct ram_home *home, struct ram_change *change, struct text datatype, int64_t id,
                     struct error *error);
bool ram_row_put(struct ram_home *home, struct ram_change *change, const struct datatype *datatype,
                 const struct ram_row *row, struct error *error);
bool ram_key_find(struct store *store, const struct datatype *datatype, const struct value *key, int64_t ids[2],
                  size_t *count, struct error *error);
// Whether a record that changed past `seen_seq`, before the page in hand, has the natural key of a new one.
bool ram_key_taken(struct ram_home *home, const struct effect *effect, int64_t seen_seq, bool *taken,
                   struct error *error);
bool ram_record_find(struct store *store, const struct datatype *datatype, int64_t id, struct arena *arena,
                     struct home_row *out, struct error *error);

// --- store_memory_prepare.c ---

bool ram_prepare(struct store *store, const struct datatype *const *datatypes, size_t count, struct text text,
                 struct error *error);

// --- store_memory_link.c ---

bool ram_linkset(struct store *store, struct text datasource, const struct datatype *datatype, bool bulk,
                 struct linkset **out, struct error *error);
bool ram_link_put(struct ram_home *home, struct ram_change *change, struct ram_links *links,
                  const struct ram_link *link, struct error *error);
bool ram_link_find(struct store *store, struct linkset *links, const struct text *externals, size_t count,
                   struct link *out, struct error *error);
bool ram_link_of(struct store *store, struct linkset *links, int64_t home, struct arena *arena, struct link *out,
                 struct text *external, struct error *error);
bool ram_link_drop(struct ram_home *home, struct ram_change *change, struct ram_links *links,
                   const struct ram_link *link, struct error *error);
bool ram_link_count(struct store *store, struct linkset *links, int64_t *out, struct error *error);
bool ram_unsettled(struct store *store, const struct datatype *datatype, struct arena *arena, struct text *datasource,
                   struct error *error);
static inline struct ram_links *ram_links_in(struct linkset *links) {
    return ((struct ram_linkset *)links)->links;
}

// --- store_memory_base.c: what merges begin from, and home's changes ---

bool ram_track(struct store *store, struct linkset *links, struct error *error);
bool ram_is_tracked(const struct ram_home *home, const struct ram_links *links);
// The base of a record at a seq, or NULL.
const struct ram_base *ram_base(const struct ram_home *home, int64_t id, int64_t seq, int64_t at);
// Before a record changes (`old`: what it was; NULL: it comes back): keeps what all links to it but `own`, which the
// change moves, agreed on, and the time.
bool ram_bases_keep(struct ram_home *home, struct ram_change *change, struct text datatype, int64_t id,
                    const struct ram_links *own, const struct ram_row *old, int64_t at_us, struct error *error);
// The record goes without a trace: its bases too.
bool ram_bases_drop(struct ram_home *home, struct ram_change *change, struct text datatype, int64_t id,
                    struct error *error);
// Puts the effect's `agreed` at a seq, for its own link, which hasn't moved yet. `at_us` is when home was edited since,
// if the link's base doesn't know.
bool ram_base_agree(struct ram_home *home, struct ram_change *change, const struct effect *effect, int64_t seq,
                    int64_t at_us, struct error *error);
// Lets a base go when no tracked link needs it any more.
bool ram_base_free(struct ram_home *home, struct ram_change *change, struct text datatype, int64_t id, int64_t seq,
                   struct error *error);
bool ram_base_find(struct store *store, const struct datatype *datatype, int64_t id, int64_t seq, struct arena *arena,
                   bool *found, struct value **fields, int64_t *edited_us, struct error *error);
bool ram_change_scan(struct store *store, const struct datatype *datatype, int64_t after, int64_t limit,
                     bool (*row)(void *context, const struct change_row *row, struct error *error), void *context,
                     struct error *error);

// --- store_memory_way.c: what the way back leaves in home: intents, watermarks, held deletes, stale rows, the mark ---

bool ram_way_done(struct ram_home *home, struct ram_change *change, const struct page *page, struct error *error);
bool ram_way_put(struct ram_home *home, struct ram_change *change, const struct page *page, struct error *error);
// Moves home's number "mark" on in the page's change; after it, ram_mark_tell tells the outside.
bool ram_mark_move(struct ram_home *home, struct ram_change *change, const struct page *page, struct error *error);
void ram_mark_tell(struct ram_home *home);
bool ram_restored(struct store *store, bool *out, struct error *error);
bool ram_referrers(struct store *store, const struct datatype *datatype, uint32_t field, int64_t target, int64_t after,
                   int64_t *ids, size_t max, size_t *count, struct error *error);
bool ram_watermark_find(struct store *store, struct text key, struct text type, struct text direction,
                        struct arena *arena, struct text *out, struct error *error);

// --- store_memory_run.c: leases, runs, ids ---

bool ram_lease_take(struct store *store, struct text key, struct lease *out, struct error *error);
void ram_lease_free(struct store *store, struct lease *lease);
bool ram_run_begin(struct store *store, const struct lease *lease, const struct run_row *row, int64_t *id,
                   struct error *error);
bool ram_run_end(struct store *store, const struct lease *lease, const struct run_row *row, bool complete,
                 const struct log_row *logs, size_t log_count, struct error *error);
bool ram_reserve(struct store *store, int64_t count, int64_t *first, struct error *error);

// --- store_memory_rows.c: pendings, deads, conflicts, logs ---

bool ram_pending_put(struct ram_home *home, struct ram_change *change, const struct pending_row *row,
                     struct error *error);
bool ram_dead_put(struct ram_home *home, struct ram_change *change, const struct dead_row *row, struct error *error);
// `added` (may be NULL) receives whether there was none like it.
bool ram_conflict_put(struct ram_home *home, struct ram_change *change, const struct conflict_row *row, bool *added,
                      struct error *error);
bool ram_logs_put(struct ram_home *home, struct ram_change *change, int64_t run, const struct log_row *logs,
                  size_t count, struct error *error);
// Removes rows by id. One that is not there any more is done already.
bool ram_rows_done(struct ram_change *change, struct ram_table *table, const int64_t *ids, size_t count,
                   struct error *error);

// --- store_memory_commit.c, store_memory_settle.c ---

bool ram_commit(struct store *store, const struct page *page, enum commit_outcome *outcome, struct error *error);
bool ram_settle(struct store *store, struct linkset *links, const struct lease *lease, int64_t run, int64_t at_us,
                int64_t *repeats, int64_t *conflicts, struct error *error);

// --- store_memory_inbox.c ---

// False with *stale set and no error when something isn't what the page was decided on.
bool ram_inboxes_put(struct ram_home *home, struct ram_change *change, const struct page *page, bool *stale,
                     struct error *error);
bool ram_inbox_scan(struct store *store, const struct inbox_ask *ask,
                    bool (*row)(void *context, const struct inbox_row *row, struct error *error), void *context,
                    struct error *error);
bool ram_inbox_count(struct store *store, struct text key, int64_t *out, struct error *error);
bool ram_closed(struct store *store, struct arena *arena, struct closed_row *out, struct error *error);
// ERROR_HOME_CLOSED while a run of another key closes home.
bool ram_closed_check(const struct ram_home *home, struct text key, struct error *error);
// A run of a key begins: checks that, and closes home where the run does; it ends: home is open.
bool ram_closed_begin(struct ram_home *home, struct ram_change *change, const struct lease *lease,
                      const struct run_row *row, struct error *error);
bool ram_closed_open(struct ram_home *home, struct ram_change *change, struct text key, struct error *error);

// --- store_memory_find.c ---

bool ram_datatype_find(struct store *store, struct text name, struct arena *arena, const struct datatype **out,
                       struct error *error);
bool ram_pending_count(struct store *store, struct text datasource, struct text type, int64_t *out,
                       struct error *error);
bool ram_pending_find(struct store *store, struct text datasource, struct text type, struct text external,
                      struct arena *arena, struct pending_row *out, size_t max, size_t *count, struct error *error);
bool ram_checkpoint_find(struct store *store, struct text key, struct arena *arena, bool *found, struct checkpoint *out,
                         struct error *error);

// Rows gathered out of tables, in the order of their ids.
struct ram_found {
    struct ram_version const **versions;
    size_t count;
    size_t capacity;
};

// `fits` NULL: all of them.
bool ram_found_add(struct ram_found *found, const struct ram_table *table, int64_t at,
                   bool (*fits)(const void *row, struct text filter), struct text filter, struct error *error);
void ram_found_sort(struct ram_found *found);
// In another order, of pointers to versions.
void ram_found_order(struct ram_found *found, int (*order)(const void *left, const void *right));
void ram_found_clear(struct ram_found *found);

// --- store_memory_scan.c ---

bool ram_run_scan(struct store *store, const struct scan *scan,
                  bool (*row)(void *context, const struct run_row *row, struct error *error), void *context,
                  struct error *error);
bool ram_log_scan(struct store *store, const struct scan *scan,
                  bool (*row)(void *context, const struct log_row *row, struct error *error), void *context,
                  struct error *error);
bool ram_dead_scan(struct store *store, const struct scan *scan,
                   bool (*row)(void *context, const struct dead_row *row, struct error *error), void *context,
                   struct error *error);
bool ram_pending_scan(struct store *store, const struct scan *scan,
                      bool (*row)(void *context, const struct pending_row *row, struct error *error), void *context,
                      struct error *error);
bool ram_conflict_scan(struct store *store, const struct scan *scan,
                       bool (*row)(void *context, const struct conflict_row *row, struct error *error), void *context,
                       struct error *error);
bool ram_link_scan(struct store *store, const struct datatype *datatype, const struct scan *scan,
                   bool (*row)(void *context, struct text datasource, struct text external, const struct link *link,
                               struct error *error),
                   void *context, struct error *error);
bool ram_record_scan(struct store *store, const struct datatype *datatype, const struct scan *scan,
                     bool (*row)(void *context, const struct home_row *row, struct error *error), void *context,
                     struct error *error);
bool ram_intent_scan(struct store *store, const struct scan *scan,
                     bool (*row)(void *context, const struct intent_row *row, struct error *error), void *context,
                     struct error *error);
bool ram_held_scan(struct store *store, const struct scan *scan,
                   bool (*row)(void *context, const struct held_row *row, struct error *error), void *context,
                   struct error *error);
bool ram_stale_scan(struct store *store, const struct scan *scan,
                    bool (*row)(void *context, const struct stale_row *row, struct error *error), void *context,
                    struct error *error);
bool ram_watermark_scan(struct store *store, const struct scan *scan,
                        bool (*row)(void *context, const struct watermark_row *row, struct error *error), void *context,
                        struct error *error);
bool ram_linkset_scan(struct store *store, const struct datatype *datatype,
                      bool (*row)(void *context, struct text datasource, struct error *error), void *context,
                      struct error *error);
bool ram_module_scan(struct store *store, bool (*row)(void *context, struct text text, struct error *error),
                     void *context, struct error *error);
bool ram_datatype_scan(struct store *store,
                       bool (*row)(void *context, const struct datatype *datatype, struct error *error), void *context,
                       struct error *error);

#endif
