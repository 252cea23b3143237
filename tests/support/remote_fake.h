#ifndef WEIR_TESTS_SUPPORT_REMOTE_FAKE_H
#define WEIR_TESTS_SUPPORT_REMOTE_FAKE_H

// A datasource in memory that can be read and written, and that goes wrong where a test wants it to. What is pushed
// through remote_fake's target can be pulled through its source; every record has "id" (an integer the remote gives,
// or the form's own) and "updatedAt" (a number that grows with each change), which is the cursor.
//
//     struct remote_fake remote;
//     remote_open(&remote);
//     remote.has_find = true;
//     remote.find[0] = "name";
//     remote_fault(&remote, 2, REMOTE_LOST);                   // the second write: applied, its answer lost
//     sync.source = &remote_fake;                              // its .target is the way back
//     sync.source_settings = remote_settings(&remote);         // also for each type's settings
//     ... run ...
//     CHECK_TEXT(remote_log(&remote), "create resource 1\n");  // what changed something there
//     remote_put(&remote, "resource", "{\"id\":1,\"name\":\"x\"}");  // somebody edits it there
//     remote_close(&remote);
//
// Items are written one by one, in order. A write counts as one try of one item, from 1, whatever comes of it. Every
// outcome that isn't known stays UNKNOWN until the engine asks `resolve`.

#include <stddef.h>
#include <stdint.h>

#include "base/arena.h"
#include "base/buffer.h"
#include "port/source.h"
#include "port/target.h"

enum remote_trouble {
    REMOTE_REFUSE,  // FAILED, its own fault: PUSH_REFUSED
    REMOTE_BUSY,    // FAILED, try later: HTTP_BUSY, with `busy_until` as after_us
    REMOTE_UNSENT,  // FAILED, try later: HTTP_CONNECT; nothing was applied
    REMOTE_LOST,    // applied, the answer lost: UNKNOWN
    REMOTE_DROPPED, // not applied, yet nobody knows: UNKNOWN
    REMOTE_DENIED,  // write ends with HTTP_REFUSED of scope RUN; this item and those behind it were not sent
};

enum { REMOTE_FAULTS = 32, REMOTE_FIND = 4 };

struct remote_row {
    struct text type;
    struct text id; // external
    struct object fields;
    int64_t cursor;
    bool gone; // deleted there
};

// An operation that was seen: of idempotency keys.
struct remote_key {
    struct text operation;
    size_t row;
};

struct remote_fake {
    // What it is like; set by the test at any time.
    bool has_find;                 // resolve may look a create up by `find`
    const char *find[REMOTE_FIND]; // its fields
    bool honours_keys;             // the same operation again changes nothing, and resolve sends it again
    bool trims;                    // texts are kept without the spaces around them
    bool silent;                   // receipts without a reply: only the id comes back
    bool dark;                     // resolve can't reach it: UNKNOWN
    bool tombstones;               // what was deleted comes as gone in a pass
    bool never_full;               // a pass is never a listing of everything
    bool frozen;                   // a pass, resumed ones too, gives nothing that changed since it began
    size_t chunk;                  // items a write takes at once; 0: all
    const char *refuse;            // every form whose JSON holds this is refused
    int64_t busy_until;
    struct error fail_read; // what goes wrong
    size_t fail_read_at;    // at which read of all, from 1; 0: never

    // Called before each item is written: whatever happens while a push is on its way.
    void (*on_write)(void *context, const struct target_item *item);
    void *context;

    // What happened.
    size_t opens; // sources
    size_t reads;
    size_t writes; // tries of items
    size_t resolves;
    size_t changes; // what really changed something: the lines of the log
    struct buffer log;

    // Its own.
    struct arena arena;
    struct remote_row *rows;
    size_t count;
    size_t capacity;
    struct remote_key *keys;
    size_t key_count;
    size_t key_capacity;
    int64_t tick;
    int64_t next_id;
    size_t fault_at[REMOTE_FAULTS];
    enum remote_trouble faults[REMOTE_FAULTS];
    size_t fault_count;
    struct text setting_name;
    struct shape setting_shape;
    struct value setting_value;
    struct object settings;
};

extern const struct source_type remote_fake;
extern const struct target_type remote_fake_target;

void remote_open(struct remote_fake *remote);
void remote_close(struct remote_fake *remote);

// The settings that lead to this remote, the datasource's and a type's alike; they live in it.
const struct object *remote_settings(struct remote_fake *remote);

// The `write`th try of an item, from 1, goes wrong like this. Others of the same number are tried in the order given.
void remote_fault(struct remote_fake *remote, size_t write, enum remote_trouble trouble);

// Somebody else creates or changes a record there: its "id" says which; without one it gets a new one. Not logged.
void remote_put(struct remote_fake *remote, const char *type, const char *json);
void remote_remove(struct remote_fake *remote, const char *type, const char *id);

// How many records it has of a type, and one of them as JSON without updatedAt ("" when it isn't there), which lives
// as long as the remote.
size_t remote_count(const struct remote_fake *remote, const char *type);
struct text remote_get(struct remote_fake *remote, const char *type, const char *id);

// A line for everything that a push changed there, "create resource 1", "update resource 1", "delete resource 1".
struct text remote_log(struct remote_fake *remote);
void remote_log_reset(struct remote_fake *remote);

// For its own parts: a row by its id (deleted ones too), or NULL; and a new form for a row (NULL: a new row).
struct remote_row *remote_find(const struct remote_fake *remote, struct text type, struct text id);
struct remote_row *remote_keep(struct remote_fake *remote, struct text type, struct remote_row *row,
                               const struct object *form, bool whole);
struct remote_fake *remote_of(const struct object *settings);
struct print remote_print(const struct object *fields, uint64_t seed);

#endif
