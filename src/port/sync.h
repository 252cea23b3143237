#ifndef WEIR_PORT_SYNC_H
#define WEIR_PORT_SYNC_H

// What a script declares and a run carries out, as plain C data: no Lua in it. script/ makes it, engine/ reads it.
// Everything lives in the script's arena and doesn't change after loading.

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/hash.h"
#include "base/text.h"
#include "model/datatype.h"
#include "port/mapper.h"
#include "port/source.h"

struct zone;

// How one home field comes about: an input (nothing, a path in the source record, or a Lua function of it), then a
// conversion. A list of paths as input gives a list: weir.ref("resource", {"pincode", "resourceId"}).
enum rule_input { INPUT_NONE, INPUT_PATH, INPUT_PATHS, INPUT_FUNCTION };
enum rule_kind {
    RULE_COPY,   // as it is
    RULE_TIME,   // formats, zone
    RULE_NUMBER, // a text or number to a decimal
    RULE_TEXT,   // to text, trimmed; an empty text is null
    RULE_BOOL,   // yes/no words to bool
    RULE_CONST,  // constant
    RULE_MAP,    // names -> values by `map`, else `constant` if not missing, else an error
    RULE_REF,    // external id in (datasource, datatype) -> home id
    RULE_LINK,   // push: home id -> the external id that the datasource knows it by, or one part of it
};

struct rule {
    uint32_t field; // place in the datatype; of a push transform, in its `names`
    enum rule_input input;
    enum rule_kind kind;
    const struct path *paths; // one for INPUT_PATH
    size_t path_count;
    uint32_t function;          // INPUT_FUNCTION: the mapper's number
    const struct text *formats; // RULE_TIME
    size_t format_count;
    const struct zone *zone;
    struct value constant;    // RULE_CONST; RULE_MAP's default
    const struct object *map; // RULE_MAP: from the text of the input
    struct text datasource;   // RULE_REF: whose ids they are
    struct text target;       // RULE_REF: the datatype
    uint32_t part;            // RULE_LINK: which part of the id, from 1; 0: the whole text
    bool number;              // RULE_LINK: it goes out as a number
    int line;                 // in the script
};

// Raw record -> home records. One of three shapes: a table of rules (with `rest`, the fields of the same name too),
// one Lua function of the whole record, or nothing (copies the fields of the same name).
struct transform {
    const struct rule *rules;
    size_t count;
    bool rest;
    bool has_function;
    uint32_t function;
    const struct shape *names; // of a push: the datasource's fields in the order of the rules; else NULL
};

// Home's record -> the datasource's. The transform goes the other way here: rules take home's fields (times as
// microseconds become the text of their first format, a reference becomes an id by RULE_LINK), a function gets a view
// of home's record and gives one object. `id` is among home's fields there.
struct push {
    struct transform transform;
    bool has_when;
    uint32_t when; // (record) -> whether it is pushed at all
    // What the reply gives back into home's fields: rules whose paths stand in the reply and whose functions are given
    // (record, reply). It counts as agreed.
    struct transform back;
};

// Who wins where both sides changed a record. FIELDS takes each side's own changes; of a field that both changed the
// datasource's wins, and the other is kept.
enum conflict_policy {
    CONFLICT_DATASOURCE, // the datasource's form, wholly: what a pull does where the script is silent
    CONFLICT_HOME,       // home's form, wholly: what a push does where the script is silent
    CONFLICT_NEWEST,     // the side that changed last, by the type's cursor and the time of home's edit
    CONFLICT_FIELDS,     // field by field: what two ways do where the script is silent
    CONFLICT_FUNCTION,   // (base, home, remote) -> the fields as they shall be; base may be nil
};

// One datatype's way in and out.
struct sync_type {
    struct text name;                // in the datasource and in `types`
    const struct datatype *datatype; // home's
    const struct object *settings;   // the datasource's options for this type
    const struct path *key;          // of the external id, in the source record
    size_t key_count;
    struct transform pull;
    bool pushes; // it goes the other way too
    struct push push;
    struct text cursor_format; // how the cursor writes a time ("iso", "epoch_ms", …); empty: it is no time
    struct path cursor;        // names NULL: none
};

enum sync_direction { SYNC_PULL, SYNC_PUSH, SYNC_BOTH };

// What a service does with a run whose process died.
enum sync_crash { SYNC_RESUME, SYNC_FAIL };

// What a service bounds a run with, tighter than its own limits; 0: those alone.
struct sync_limits {
    int64_t time_us;
    int64_t cpu_us;
    int64_t memory_bytes;
};

struct share {
    bool is_percent;
    double amount; // a count, or 0 to 100
};

struct sync {
    struct text org;
    struct text name;   // ORG/NAME is "mywell/csv_readings"
    struct text params; // canonical JSON of the parameters, "{}" when there are none
    struct text script_path;
    struct text script_text;   // pinned with the run
    struct text datatype_text; // the modules the datatypes were declared in
    struct print print;        // of script, modules, datatypes and parameters: the seed of `seen`
    bool once;

    struct text datasource; // its name: whose ids the links are
    const struct source_type *source;
    const struct object *source_settings;
    const struct object *source_types; // all the datasource's types: names and options
    struct text folder;

    const struct datatype *const *datatypes; // all that home must know, those of `types` included
    size_t datatype_count;
    const struct sync_type *types; // in the order in which they run
    size_t type_count;

    enum sync_direction direction;
    enum conflict_policy conflict;
    uint32_t conflict_function;
    bool deletes;                 // carry deletes over; else they are kept and reported
    struct share deletes_at_most; // of a type's links in one run; more wait for approval

    int64_t every_us;  // the schedule: a span, or a calendar's; 0: none
    struct text cron;  // base/cron.h; empty: none
    struct text zone;  // of cron's clock, "UTC"
    int64_t jitter_us; // how much later than planned a run may begin
    bool exclusive;    // the organisation's data is closed to others while it runs
    bool is_template;  // others may make syncs of it
    struct sync_limits limits;
    enum sync_crash on_crash;

    struct mapper *mapper;
    int64_t retry_max;       // tries of a batch that failed in passing
    struct share stop_after; // dead letters after which the run fails; amount 0: never
};

// A datatype of the sync by its name, or NULL.
const struct datatype *sync_datatype(const struct sync *sync, struct text name);

// The run key: what may be live once. "mywell/csv_readings {"file":"a.csv"}", the parameters left out when empty.
bool sync_key(const struct sync *sync, struct arena *arena, struct text *out);

#endif
