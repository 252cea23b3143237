#ifndef WEIR_TESTS_ENGINE_PUSH_RIG_H
#define WEIR_TESTS_ENGINE_PUSH_RIG_H

// Whole runs both ways over a fake remote, home in memory or on disk: C functions for the script's, a clock that only
// moves when somebody waits.
//
//    resource   name (text, required), parent (ref resource), code (text), at (time), legacy (text)
//               pulled from name, parent, code; pushed as code, name, parent
//    reading    resource (ref resource, required), value (decimal)
//               pulled from resource, value; pushed as resource, value

#include "engine/run.h"
#include "support/remote_fake.h"
#include "test.h"

enum { PUSH_RIG_FUNCTIONS = 8, RES_NAME = 0, RES_PARENT, RES_CODE, RES_AT, RES_LEGACY, RES_FIELDS };

typedef bool push_rig_function(const struct object *const *objects, size_t count, struct arena *arena,
                               struct mapped *out, struct error *error);

struct push_rig {
    const struct store_type *store_type;
    struct store *store;
    struct remote_fake remote;
    struct field resource_fields[RES_FIELDS];
    struct field reading_fields[2];
    struct datatype resource;
    struct datatype reading;
    const struct datatype *datatypes[2];
    struct rule pull_rules[3];
    struct rule reading_pull_rules[2];
    struct rule push_rules[4];
    struct rule reading_push_rules[2];
    struct rule back_rules[1];
    struct derive derives[2];
    struct sync_type types[2];
    struct sync sync;
    struct mapper mapper;
    push_rig_function *functions[PUSH_RIG_FUNCTIONS];
    int calls[PUSH_RIG_FUNCTIONS];
    struct run_request request;
    struct run_report report;
    struct clock clock;
    int64_t now_us;
    struct error error;
    atomic_bool stop;
    struct arena arena;
};

// The kind of home that push_rig_open makes: memory, until a test says otherwise.
extern const struct store_type *push_rig_store;

void push_rig_open(struct push_rig *rig, enum sync_direction direction);
void push_rig_close(struct push_rig *rig);
void push_rig_reopen(struct push_rig *rig, bool crashed);

// Runs; with `status` it must end so.
void push_rig_run(struct push_rig *rig, enum run_status status);
// Runs, and it must write nothing at all: no record, no link, nothing there.
void push_rig_quiet(struct push_rig *rig);
// Retries dead letters; ids NULL: all of them.
void push_rig_retry(struct push_rig *rig, const int64_t *ids, size_t count);

// Home as a person edits it.
int64_t push_rig_put(struct push_rig *rig, const char *type, const char *json, ...)
    __attribute__((format(printf, 3, 4)));
void push_rig_delete(struct push_rig *rig, const char *type, int64_t id);

struct home_row push_rig_record(struct push_rig *rig, const char *type, int64_t id);
struct link push_rig_link(struct push_rig *rig, const char *type, int64_t id, struct text *external);
int64_t push_rig_seq(struct push_rig *rig);
int64_t push_rig_intents(struct push_rig *rig, enum intent_state state);
int64_t push_rig_helds(struct push_rig *rig);
int64_t push_rig_stales(struct push_rig *rig);
int64_t push_rig_watermark(struct push_rig *rig, const char *type);
// The push dead letter of a record; id 0: none. Of all of them with home 0: the first.
struct dead_row push_rig_dead(struct push_rig *rig, int64_t home);
int64_t push_rig_deads(struct push_rig *rig);
void push_rig_approve(struct push_rig *rig);

#endif
