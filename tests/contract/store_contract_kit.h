#ifndef WEIR_TESTS_CONTRACT_STORE_CONTRACT_KIT_H
#define WEIR_TESTS_CONTRACT_STORE_CONTRACT_KIT_H

// What the contract cases have in common: a home with two datatypes, a run in it, and short ways to write and read.
// Whatever fails here ends the test.

#include "port/store.h"
#include "test.h"

#define STORE_CONTRACT(name) void contract_##name(const struct store_type *type, const char *folder);
#include "contract/store_contract_list.def"
#undef STORE_CONTRACT

// The fields of the kit's datatypes.
enum { GROUP_CODE, GROUP_NAME, GROUP_FIELDS };
enum {
    READING_GROUP,
    READING_AT,
    READING_VALUE,
    READING_NOTE,
    READING_GOOD,
    READING_COUNT,
    READING_DATA,
    READING_FIELDS,
};

struct kit {
    const struct store_type *type;
    struct text folder;
    struct arena memory;
    struct arena *arena; // `memory`; a copy of a kit uses the same
    struct error error;
    const struct datatype *group;   // key: code; keeps undeclared fields
    const struct datatype *reading; // key: group, at
    struct store *store;
    struct linkset *groups; // of the datasource "wells"
    struct linkset *readings;
    struct lease lease; // of the run key "acme/pull"
    int64_t run;        // 0 before kit_run
};

// Opens (and creates) the home, prepares both datatypes and finds both linksets; no bulk.
void kit_open(struct kit *kit, const struct store_type *type, const char *folder);
// The same without anything prepared.
void kit_open_bare(struct kit *kit, const struct store_type *type, const char *folder);
void kit_prepare(struct kit *kit);
void kit_close(struct kit *kit);
// Closes and opens again. Frees the lease as the death of the process would.
void kit_reopen(struct kit *kit);
// Opens one more store on the same home.
struct store *kit_another(struct kit *kit);

void kit_run(struct kit *kit);
struct run_row kit_run_row(const char *key, int64_t started_us);
void kit_end(struct kit *kit, enum run_status status, bool complete);

struct linkset *kit_linkset(struct kit *kit, const char *datasource, const struct datatype *datatype, bool bulk);
int64_t kit_reserve(struct kit *kit, int64_t count);

// A datatype made of fields, with some of them as its key.
const struct datatype *kit_datatype(struct kit *kit, const char *name, const struct field *fields, size_t count,
                                    const uint32_t *key, size_t key_count, bool keeps_extra);

// --- writing ---

struct print kit_print(const char *form);
struct value kit_text(const char *text);
struct value kit_decimal(const char *text);

// A page of the kit's run (or of an edit, before kit_run).
struct page kit_page(struct kit *kit);
struct page kit_effects(struct kit *kit, const struct effect *effects, size_t count);

// Effects. `form` names the print. A new one gets an id of its own; without a linkset, it is an edit.
struct effect kit_create(struct kit *kit, const struct datatype *datatype, struct linkset *links, const char *external,
                         const struct value *fields, const char *form);
struct effect kit_change(const struct effect *made, enum effect_kind kind, int64_t base_seq, const struct value *fields,
                         const char *form);

// Commits, and checks that it is done or stale.
void kit_commit(struct kit *kit, const struct page *page);
void kit_commit_effects(struct kit *kit, const struct effect *effects, size_t count);
void kit_stale(struct kit *kit, const struct page *page);

// A group with a link, committed; gives the effect that made it.
struct effect kit_add_group(struct kit *kit, const char *external, const char *code, const char *form);
// Likewise a reading with a value.
struct effect kit_add_reading(struct kit *kit, const char *external, int64_t at_us, const char *value);

// --- reading; what is given lives in the kit's arena ---

struct home_row kit_record(struct kit *kit, const struct datatype *datatype, int64_t id);
struct link kit_link(struct kit *kit, struct linkset *links, const char *external);
int64_t kit_seq(struct kit *kit);
bool kit_checkpoint(struct kit *kit, const char *key, struct checkpoint *out);
int64_t kit_pending_count(struct kit *kit, const char *datasource, const char *type);

enum { KIT_ROWS_MAX = 64 };

struct kit_link_row {
    struct text datasource;
    struct text external;
    struct link link;
};

// What a scan gave, copied. One list serves every kind.
struct kit_rows {
    struct kit *kit;
    size_t count;
    union {
        struct run_row runs[KIT_ROWS_MAX];
        struct log_row logs[KIT_ROWS_MAX];
        struct dead_row deads[KIT_ROWS_MAX];
        struct pending_row pendings[KIT_ROWS_MAX];
        struct conflict_row conflicts[KIT_ROWS_MAX];
        struct kit_link_row links[KIT_ROWS_MAX];
        struct home_row records[KIT_ROWS_MAX];
        struct text datatypes[KIT_ROWS_MAX];
    } as;
};

struct scan kit_scan(const char *filter);
void kit_runs(struct kit *kit, struct scan scan, struct kit_rows *out);
void kit_logs(struct kit *kit, struct scan scan, struct kit_rows *out);
void kit_deads(struct kit *kit, struct scan scan, struct kit_rows *out);
void kit_pendings(struct kit *kit, struct scan scan, struct kit_rows *out);
void kit_conflicts(struct kit *kit, struct scan scan, struct kit_rows *out);
void kit_links(struct kit *kit, const struct datatype *datatype, struct scan scan, struct kit_rows *out);
void kit_records(struct kit *kit, const struct datatype *datatype, struct scan scan, struct kit_rows *out);
void kit_datatypes(struct kit *kit, struct kit_rows *out);

#endif
