#ifndef WEIR_STORE_STORE_SQLITE_INTERNAL_H
#define WEIR_STORE_STORE_SQLITE_INTERNAL_H

// What the files of the SQLite home share.
//
//    store_sqlite.c            the contract's table, open and close
//    store_sqlite_open.c       connections, settings, migrations     store_sqlite_schema.c   weir's own tables
//    store_sqlite_column.c     values <-> columns                    (statements and errors: sqlite/sqlite_call.h)
//    store_sqlite_lock.c       transactions, checkpoints             store_sqlite_lease.c    leases, runs, counters
//    store_sqlite_prepare.c    datatypes <-> typed tables            store_sqlite_table.c    a typed table's statements
//    store_sqlite_batch.c      effects as a virtual table            store_sqlite_link.c     links
//    store_sqlite_commit.c     a page's transaction                  store_sqlite_apply.c    its effects
//    store_sqlite_memory.c     its pendings, deads, conflicts        store_sqlite_settle.c   the end of a bulk load
//    store_sqlite_find.c       single answers                        store_sqlite_scan.c     lists
//    store_sqlite_base.c       what merges begin from                store_sqlite_change.c   home's changes by seq
//    store_sqlite_way.c        intents, watermarks, held, stale      store_sqlite_mark.c     the mark beside home
//    store_sqlite_index.c      indexes of the typed tables
//
// A store has two connections, one a side. Each is used by one thread at a time; sqlite_begin … sqlite_commit hold a
// mutex, so that the few calls of the writing side that any thread may make (store_linkset) wait their turn.

#include <pthread.h>
#include <sqlite3.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/buffer.h"
#include "port/store.h"
#include "sqlite/sqlite_call.h"

struct sqlite_table;

// The effects that the virtual table weir_batch shows in the statement that runs now.
struct sqlite_batch {
    const struct effect *effects;
    size_t count;
    int64_t first_seq;     // of the first effect; the others follow it. 0: each shows its own base_seq
    int64_t seq_step;      // from one to the next
    bool ids_follow;       // only the first shows its id: SQLite gives the others the next ones by itself
    struct buffer scratch; // a JSON column's text
};

struct sqlite_linkset;

// A tracked linkset, as the writing side knows it.
struct sqlite_track {
    int64_t number;
    char datatype[DATATYPE_NAME_MAX + 1];
    sqlite3_stmt *agreed; // a record's agreed_seq in it
};

struct sqlite_tracks {
    struct sqlite_track *items;
    size_t count;
    int64_t generation; // home's counter "track" when they were read; 0: never
    bool is_fresh;      // looked at in the page in hand
};

struct sqlite_store {
    struct store store;
    bool read_only;
    bool ids_scatter; // ids were met that don't grow: they are always shown
    char *folder;
    char *path; // of home.db
    int lock_file;
    pthread_mutex_t writing;
    pthread_mutex_t linking; // guards `linksets`
    bool in_transaction;
    bool in_snapshot;
    int page_bytes;
    int wal_bytes;         // HOME_WAL_BYTES, unless a test wants less
    int wal_pages;         // in the log after the last commit
    int wal_checkpoint_at; // the next checkpoint is due at so many
    struct sqlite_side writer;
    struct sqlite_side reader;
    struct sqlite_batch batch;
    struct buffer scratch; // the writing side's SQL and JSON
    struct sqlite_linkset *linksets;
    struct sqlite_tracks tracks; // the writing side's
    int64_t mark_due;            // to be told beside home with the commit in hand; 0: nothing
};

// How long SQLite waits for another program's lock on the file.
enum { HOME_BUSY_WAIT_MS = 10 * 1000 };

// The log is copied into the file past this size; store_sqlite_lock.c has the measurement.
enum { HOME_WAL_BYTES = 16 * 1024 * 1024 };

// No record, page of logs or declaration comes near this; it stops a runaway.
enum { HOME_TEXT_MAX = 256 * 1024 * 1024 };

// --- store_sqlite_call.c: statements ---

// --- store_sqlite_open.c ---

bool sqlite_open(struct sqlite_store *store, const struct store_setup *setup, struct error *error);
bool sqlite_pragma(sqlite3 *db, const char *sql, int64_t *out, struct error *error); // a number
bool sqlite_is_wal(sqlite3 *db, const char *sql, bool *out, struct error *error);
// Makes the names in a folder outlive a power failure. False with errno.
bool sqlite_folder_sync(const char *folder);

// --- store_sqlite_schema.c ---

// Home's own tables, a step a version: the statements of sqlite_migrations[v] lead from version v to v + 1. NULL ends
// a step's statements, and the steps.
extern const char *const *const sqlite_migrations[];
bool sqlite_migrate_links(sqlite3 *db, int64_t version, struct error *error);
enum { HOME_VERSION = 3, HOME_APPLICATION_ID = 0x77656972 }; // "weir"

// --- store_sqlite_lock.c ---

// Takes home's lock; waits for others, up to a limit. sqlite_lock_free accepts a lock not held.
bool sqlite_lock_take(struct sqlite_store *store, struct error *error);
void sqlite_lock_free(struct sqlite_store *store);

// A write transaction under home's lock. sqlite_commit ends it either way; sqlite_rollback accepts one already ended.
bool sqlite_begin(struct sqlite_store *store, struct error *error);
bool sqlite_commit(struct sqlite_store *store, struct error *error);
void sqlite_rollback(struct sqlite_store *store);
// After a commit that failed, when it has been undone: what it left in the log goes, if that can be done now.
void sqlite_log_cut(struct sqlite_store *store);

// --- store_sqlite_lease.c ---

bool sqlite_lease_take(struct store *base, struct text key, struct lease *out, struct error *error);
void sqlite_lease_free(struct store *base, struct lease *lease);
// Whether some process holds the lease of a key.
bool sqlite_lease_is_live(const struct sqlite_store *store, struct text key, bool *live, struct error *error);
bool sqlite_lease_check(struct sqlite_store *store, const struct lease *lease, struct error *error);
bool sqlite_run_begin(struct store *base, const struct lease *lease, const struct run_row *row, int64_t *id,
                      struct error *error);
bool sqlite_run_end(struct store *base, const struct lease *lease, const struct run_row *row, bool complete,
                    const struct log_row *logs, size_t log_count, struct error *error);
bool sqlite_reserve(struct store *base, int64_t count, int64_t *first, struct error *error);
// Moves a counter on inside a transaction; gives its new value.
bool sqlite_count(struct sqlite_store *store, const char *name, int64_t by, int64_t *out, struct error *error);
bool sqlite_pin(struct sqlite_store *store, struct text text, struct print *out, struct error *error);
void sqlite_give_counts(struct sqlite_query *query, const struct counts *counts);
void sqlite_counts_at(sqlite3_stmt *statement, int column, struct counts *out);
enum { HOME_COUNTS = 11 };
#define HOME_COUNT_COLUMNS "read, created, updated, unchanged, skipped, dead, deleted, pushed, pending, conflicts, held"

// --- store_sqlite_column.c ---

// A field's value as a column's: what to give SQLite, and how to read it back.
bool sqlite_give_value(struct sqlite_query *query, const struct field *field, const struct value *value,
                       struct buffer *scratch);
void sqlite_result_value(sqlite3_context *context, const struct field *field, const struct value *value,
                         struct buffer *scratch);
bool sqlite_value_at(sqlite3_stmt *statement, int column, const struct field *field, struct arena *arena,
                     struct value *out, struct error *error);
// JSON columns: a MISSING value is NULL.
bool sqlite_give_json(struct sqlite_query *query, const struct value *value, struct buffer *scratch);
bool sqlite_json_at(sqlite3_stmt *statement, int column, struct arena *arena, struct value *out, struct error *error);
const char *sqlite_column_type(enum field_type type); // "INTEGER" or "TEXT"
// A value as SQL text, for a column's DEFAULT.
bool sqlite_literal(struct buffer *buffer, const struct field *field, const struct value *value, struct error *error);

// --- store_sqlite_table.c ---

// The statements of one typed table on one side, prepared as they are needed.
struct sqlite_table {
    struct sqlite_table *next;
    struct arena arena;
    const struct datatype *datatype; // its layout, copied
    sqlite3_stmt *insert, *clash;    // through weir_batch
    sqlite3_stmt *update, *remove, *seq;
    sqlite3_stmt *find, *key;
};

bool sqlite_table(struct sqlite_side *side, const struct datatype *datatype, struct sqlite_table **out,
                  struct error *error);
bool sqlite_table_insert(struct sqlite_side *side, struct sqlite_table *table, struct error *error);
bool sqlite_table_clash(struct sqlite_side *side, struct sqlite_table *table, struct error *error);
bool sqlite_table_update(struct sqlite_side *side, struct sqlite_table *table, struct error *error);
bool sqlite_table_remove(struct sqlite_side *side, struct sqlite_table *table, struct error *error);
bool sqlite_table_seq(struct sqlite_side *side, struct sqlite_table *table, struct error *error);
bool sqlite_table_find(struct sqlite_side *side, struct sqlite_table *table, struct error *error);
bool sqlite_table_key(struct sqlite_side *side, struct sqlite_table *table, struct error *error);
void sqlite_tables_close(struct sqlite_side *side);

// "SELECT id, seq, origin, the fields, extra FROM the table", and a row of it.
void sqlite_table_select(struct buffer *buffer, const struct datatype *datatype);
bool sqlite_row_at(sqlite3_stmt *statement, const struct datatype *datatype, struct arena *arena, struct home_row *out,
                   struct error *error);
// What the index of a datatype's natural key holds for one field.
void sqlite_key_part(struct buffer *buffer, const char *of, struct text column, enum field_type type);

// --- store_sqlite_index.c ---

// Appends what makes, if they aren't there, or drops the indexes that a declaration asks for: of the natural key, and
// of the references of a datatype with derived fields.
void sqlite_indexes_make(struct buffer *sql, const struct datatype *datatype);
void sqlite_indexes_drop(struct buffer *sql, const struct datatype *datatype);
// Likewise the index on seq.
void sqlite_seq_index(struct buffer *sql, const struct datatype *datatype);

// --- store_sqlite_prepare.c ---

bool sqlite_store_prepare(struct store *base, const struct datatype *const *datatypes, size_t count, struct text text,
                          struct error *error);
bool sqlite_datatype(struct store *base, struct text name, struct arena *arena, const struct datatype **out,
                     struct error *error);

// --- store_sqlite_batch.c ---

bool sqlite_batch_register(sqlite3 *db, struct sqlite_batch *batch, struct error *error);

// --- store_sqlite_link.c ---

struct sqlite_linkset {
    struct linkset links;
    struct sqlite_linkset *next;
    bool is_indexed;                // a bulk one that keeps its index, since its ids come in order
    bool scatters;                  // a bulk one whose ids don't: it is indexed when it is settled
    int64_t number;                 // of its table, weir_link_<number>
    char *name;                     // of its datasource, and behind it
    struct text type;               // of its datatype, which may go before the store does
    sqlite3_stmt *add, *agree;      // the writer's
    sqlite3_stmt *send, *forget;    //
    sqlite3_stmt *scan, *seek, *of; // the reader's
    bool reads_sent;                // they give what was sent too: nobody sends through an untracked one
    bool is_scanning;               // `scan` stands on a row
    int64_t scan_home;              // of that row; else where to start it
    int64_t seek_home;              // the last one that a seek gave
    int credit;                     // how many misses of the scan are forgiven before it is given up
};

bool sqlite_linkset(struct store *base, struct text datasource, const struct datatype *datatype, bool bulk,
                    struct linkset **out, struct error *error);
void sqlite_linksets_close(struct sqlite_store *store);
void sqlite_linksets_rest(struct sqlite_store *store); // the reader's scans: their snapshot ends
bool sqlite_link_add(struct sqlite_store *store, struct sqlite_linkset *links, struct error *error);
bool sqlite_link_index(struct sqlite_store *store, struct sqlite_linkset *links, bool keep, struct error *error);
bool sqlite_link_agree(struct sqlite_store *store, struct sqlite_linkset *links, struct error *error);
bool sqlite_link_send(struct sqlite_store *store, struct sqlite_linkset *links, struct error *error);
bool sqlite_link_forget(struct sqlite_store *store, struct sqlite_linkset *links, struct error *error);
bool sqlite_link_count(struct store *base, struct linkset *links, int64_t *out, struct error *error);
bool sqlite_unsettled(struct store *base, const struct datatype *datatype, struct arena *arena, struct text *datasource,
                      struct error *error);
bool sqlite_link_find(struct store *base, struct linkset *links, const struct text *externals, size_t count,
                      struct link *out, struct error *error);
bool sqlite_link_of(struct store *base, struct linkset *links, int64_t home, struct arena *arena, struct link *out,
                    struct text *external, struct error *error);
// Makes a linkset bulk or ends that. Two links of one external id are a clash: then only a rollback may follow.
bool sqlite_linkset_turn(struct sqlite_store *store, int64_t number, const struct datatype *datatype, bool bulk,
                         bool *clash, struct error *error);
bool sqlite_linkset_settled(struct sqlite_store *store, const struct sqlite_linkset *links, bool *settled,
                            bool *tracked, struct error *error);
// A row of "SELECT home, seen, agreed_seq, external" and, when `sent`, ", sent, sent_before, bounces".
void sqlite_link_at(sqlite3_stmt *statement, bool sent, struct link *out);

// --- store_sqlite_commit.c, store_sqlite_apply.c, store_sqlite_memory.c ---

bool sqlite_store_commit(struct store *base, const struct page *page, enum commit_outcome *outcome,
                         struct error *error);
// These give false with *stale set and no error when something isn't what the page was decided on.
bool sqlite_apply(struct sqlite_store *store, const struct page *page, bool *stale, struct error *error);
// Runs a statement that deletes one row by its number, for each of them.
bool sqlite_delete_by_id(struct sqlite_store *store, const char *sql, const int64_t *ids, size_t count,
                         struct error *error);

bool sqlite_put_pendings(struct sqlite_store *store, const struct page *page, struct error *error);
bool sqlite_put_deads(struct sqlite_store *store, const struct page *page, struct error *error);
bool sqlite_put_conflicts(struct sqlite_store *store, const struct page *page, struct error *error);
bool sqlite_put_conflict(struct sqlite_store *store, const struct conflict_row *row, bool *added, struct error *error);
bool sqlite_put_logs(struct sqlite_store *store, int64_t run, const struct log_row *logs, size_t count,
                     struct error *error);

// --- store_sqlite_inbox.c ---

// Like sqlite_apply with *stale.
bool sqlite_put_inboxes(struct sqlite_store *store, const struct page *page, bool *stale, struct error *error);
bool sqlite_inbox_scan(struct store *base, const struct inbox_ask *ask,
                       bool (*row)(void *context, const struct inbox_row *row, struct error *error), void *context,
                       struct error *error);
bool sqlite_inbox_count(struct store *base, struct text key, int64_t *out, struct error *error);

// --- store_sqlite_closed.c ---

bool sqlite_closed(struct store *base, struct arena *arena, struct closed_row *out, struct error *error);
// ERROR_HOME_CLOSED while a run of another key closes home.
bool sqlite_closed_check(struct sqlite_store *store, struct text key, struct error *error);
// A run of a key begins: checks that, and closes home where the run does; it ends: home is open.
bool sqlite_closed_begin(struct sqlite_store *store, const struct lease *lease, const struct run_row *row, int64_t run,
                         struct error *error);
bool sqlite_closed_open(struct sqlite_store *store, struct text key, struct error *error);

// --- store_sqlite_settle.c ---

bool sqlite_settle(struct store *base, struct linkset *links, const struct lease *lease, int64_t run, int64_t at_us,
                   int64_t *repeats, int64_t *conflicts, struct error *error);

// --- store_sqlite_find.c, store_sqlite_scan.c ---

bool sqlite_snapshot(struct store *base, struct error *error);
void sqlite_snapshot_end(struct store *base);
bool sqlite_seq(struct store *base, int64_t *out, struct error *error);
bool sqlite_record_find(struct store *base, const struct datatype *datatype, int64_t id, struct arena *arena,
                        struct home_row *out, struct error *error);
bool sqlite_key_find(struct store *base, const struct datatype *datatype, const struct value *key, int64_t ids[2],
                     size_t *count, struct error *error);
bool sqlite_pending_count(struct store *base, struct text datasource, struct text type, int64_t *out,
                          struct error *error);
bool sqlite_pending_find(struct store *base, struct text datasource, struct text type, struct text external,
                         struct arena *arena, struct pending_row *out, size_t max, size_t *count, struct error *error);
bool sqlite_checkpoint_find(struct store *base, struct text key, struct arena *arena, bool *found,
                            struct checkpoint *out, struct error *error);
bool sqlite_pending_at(sqlite3_stmt *statement, struct arena *arena, struct pending_row *out, struct error *error);
#define HOME_PENDING_COLUMNS                                                                                           \
    "id, awaits_datasource, awaits_type, awaits_external, datatype, home, field, datasource, external, seen, fields, " \
    "place, run"

bool sqlite_run_scan(struct store *base, const struct scan *scan,
                     bool (*row)(void *context, const struct run_row *row, struct error *error), void *context,
                     struct error *error);
bool sqlite_log_scan(struct store *base, const struct scan *scan,
                     bool (*row)(void *context, const struct log_row *row, struct error *error), void *context,
                     struct error *error);
bool sqlite_dead_scan(struct store *base, const struct scan *scan,
                      bool (*row)(void *context, const struct dead_row *row, struct error *error), void *context,
                      struct error *error);
bool sqlite_pending_scan(struct store *base, const struct scan *scan,
                         bool (*row)(void *context, const struct pending_row *row, struct error *error), void *context,
                         struct error *error);
bool sqlite_conflict_scan(struct store *base, const struct scan *scan,
                          bool (*row)(void *context, const struct conflict_row *row, struct error *error),
                          void *context, struct error *error);
bool sqlite_link_scan(struct store *base, const struct datatype *datatype, const struct scan *scan,
                      bool (*row)(void *context, struct text datasource, struct text external, const struct link *link,
                                  struct error *error),
                      void *context, struct error *error);
bool sqlite_record_scan(struct store *base, const struct datatype *datatype, const struct scan *scan,
                        bool (*row)(void *context, const struct home_row *row, struct error *error), void *context,
                        struct error *error);
bool sqlite_linkset_scan(struct store *base, const struct datatype *datatype,
                         bool (*row)(void *context, struct text datasource, struct error *error), void *context,
                         struct error *error);
bool sqlite_module_scan(struct store *base, bool (*row)(void *context, struct text text, struct error *error),
                        void *context, struct error *error);
bool sqlite_datatype_scan(struct store *base,
                          bool (*row)(void *context, const struct datatype *datatype, struct error *error),
                          void *context, struct error *error);

bool sqlite_intent_scan(struct store *base, const struct scan *scan,
                        bool (*row)(void *context, const struct intent_row *row, struct error *error), void *context,
                        struct error *error);
bool sqlite_held_scan(struct store *base, const struct scan *scan,
                      bool (*row)(void *context, const struct held_row *row, struct error *error), void *context,
                      struct error *error);
bool sqlite_stale_scan(struct store *base, const struct scan *scan,
                       bool (*row)(void *context, const struct stale_row *row, struct error *error), void *context,
                       struct error *error);
bool sqlite_watermark_scan(struct store *base, const struct scan *scan,
                           bool (*row)(void *context, const struct watermark_row *row, struct error *error),
                           void *context, struct error *error);

// A list: "`select` AND id > … ORDER BY id LIMIT …", ?1 the filter; `select` ends in a WHERE clause. Each row has the
// arena to itself.
struct sqlite_listing {
    sqlite3_stmt *statement;
    struct sqlite_query query;
    struct arena arena;
};

bool sqlite_listing_open(struct sqlite_store *store, const char *select, const char *id, const struct scan *scan,
                         struct text filter, struct sqlite_listing *out, struct error *error);
bool sqlite_listing_next(struct sqlite_listing *listing, bool *found, struct error *error);
void sqlite_listing_close(struct sqlite_listing *listing);

// --- store_sqlite_base.c, store_sqlite_change.c: what two ways need of home's past ---

bool sqlite_track(struct store *base, struct linkset *links, struct error *error);
bool sqlite_is_tracked(struct sqlite_store *store, struct text datatype, bool *out, struct error *error);
bool sqlite_base_find(struct store *base, const struct datatype *datatype, int64_t id, int64_t seq, struct arena *arena,
                      bool *found, struct value **fields, int64_t *edited_us, struct error *error);
bool sqlite_change_scan(struct store *base, const struct datatype *datatype, int64_t after, int64_t limit,
                        bool (*row)(void *context, const struct change_row *row, struct error *error), void *context,
                        struct error *error);
bool sqlite_referrers(struct store *base, const struct datatype *datatype, uint32_t field, int64_t target,
                      int64_t after, int64_t *ids, size_t max, size_t *count, struct error *error);

// --- store_sqlite_way.c, store_sqlite_mark.c: intents, watermarks, held deletes, stale rows; the mark beside home ---

bool sqlite_put_way(struct sqlite_store *store, const struct page *page, struct error *error);
bool sqlite_watermark_find(struct store *base, struct text key, struct text type, struct text direction,
                           struct arena *arena, struct text *out, struct error *error);
// Moves home's counter on in the page's transaction; sqlite_mark_tell, after the commit and still under the lock,
// writes it beside home.
bool sqlite_mark_move(struct sqlite_store *store, const struct page *page, struct error *error);
bool sqlite_mark_tell(struct sqlite_store *store, struct error *error);
bool sqlite_restored(struct store *base, bool *out, struct error *error);

static inline struct sqlite_store *sqlite_of(struct store *base) {
    return (struct sqlite_store *)base;
}

#endif
