#ifndef WEIR_TESTS_ENGINE_RIG_H
#define WEIR_TESTS_ENGINE_RIG_H

// A whole run without files, Lua or SQLite: two datatypes, a list as the datasource, home in memory, C functions for
// the script's. Each test changes what it is about and calls rig_run.
//
//    resource   name (text, required), parent (ref resource)            key of the source: id
//    reading    resource (ref resource, required), value (decimal)      key of the source: id; reads `resource`,
//    `value`

#include "engine/run.h"
#include "source_list.h"
#include "test.h"

struct rig {
    const struct store_type *store_type;
    struct store *store;
    struct source_list list;
    struct field resource_fields[4];
    struct field reading_fields[4];
    struct datatype resource;
    struct datatype reading;
    const struct datatype *datatypes[2];
    struct rule resource_rules[4];
    struct rule reading_rules[4];
    struct sync_type types[2];
    struct sync sync;
    struct mapper mapper;
    struct mapper_type mapper_type;
    struct run_request request;
    struct run_report report;
    struct error error;
    atomic_bool stop;
    struct arena arena;
};

// Which of the two a test pulls.
void rig_open(struct rig *rig, const char *type);
void rig_rows(struct rig *rig, const struct source_list_row *rows, size_t count);
void rig_run(struct rig *rig); // fails the test when the run can't be recorded
void rig_reopen(struct rig *rig, bool crashed);
void rig_reopen_only(struct rig *rig); // what was closed, perhaps as another kind of store
void rig_close(struct rig *rig);

// How many records, links, dead letters, pending and conflict rows home has.
int64_t rig_records(struct rig *rig, const char *type);
int64_t rig_deads(struct rig *rig);
int64_t rig_pendings(struct rig *rig);
int64_t rig_conflicts(struct rig *rig);
int64_t rig_seq(struct rig *rig);

// A record by its external id; fails the test when there is none.
struct home_row rig_record(struct rig *rig, const char *type, const char *external);

// A record's link, its fields as a person changes one, and its end. Each fails the test when it isn't there.
struct link rig_link(struct rig *rig, const char *type, const char *external);
void rig_change(struct rig *rig, const char *type, const char *external, size_t field, struct value value);
void rig_delete(struct rig *rig, const char *type, const char *external);
bool rig_linked(struct rig *rig, const char *type, const char *external);

// How many conflicts of one kind there are, and the last one's form.
int64_t rig_conflicts_of(struct rig *rig, const char *kind, struct value *payload);

// How many deletes are held in a direction; approves them all.
int64_t rig_helds(struct rig *rig, const char *direction);
void rig_approve(struct rig *rig);

// The watermark of the type under test.
struct text rig_watermark(struct rig *rig, const char *direction);

// The rows live until the test's function ends.
#define RIG_ROWS(rig, ...)                                         \
    rig_rows((rig), (const struct source_list_row[]){__VA_ARGS__}, \
             sizeof((const struct source_list_row[]){__VA_ARGS__}) / sizeof(struct source_list_row))

#endif
