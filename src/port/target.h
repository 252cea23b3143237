#ifndef WEIR_PORT_TARGET_H
#define WEIR_PORT_TARGET_H

// The contract of a datasource's writing side. One target writes one type of one datasource. The engine decides what
// is written and keeps the intents; the target knows how the datasource wants it: one by one or in arrays, how large,
// what its answers mean. A target is used by one thread and lives as long as one push of one type.
//
// The engine commits an intent for every item before write is called, and its outcome after. Between the two the
// process may die: `resolve` is then asked what became of the items. So a target never sends anything that it wasn't
// given by write.

#include <stdbool.h>
#include <stddef.h>

#include "base/arena.h"
#include "base/clock.h"
#include "base/error.h"
#include "base/log.h"
#include "model/value.h"
#include "port/source.h"

struct target {
    const struct target_type *type;
};

enum target_verb { TARGET_CREATE, TARGET_UPDATE, TARGET_DELETE };

struct target_item {
    enum target_verb verb;
    struct text operation; // the intent's own id, the same at each try: sent as the idempotency key where there is one
    struct text external;  // whom it is about, as the link has it; empty for a create
    const struct object *form; // what to write, in the datasource's own fields; NULL for a delete
    uint64_t seed;             // of prints, as for the source
    bool late;                 // to `resolve`: it was sent in another life, and much may have happened there since
    bool forgotten;            // likewise: home came back from a backup, and may have sent it as another operation
};

enum target_outcome {
    TARGET_DONE,    // it is as the item wants it (a delete of what isn't there is done)
    TARGET_FAILED,  // it is certainly not, and `error` says why: scope RECORD is the item's own fault (a dead letter),
                    // BATCH may be tried again later; `seen` of what a change found there instead, when it was read
    TARGET_GONE,    // an update of a record that is not there any more
    TARGET_UNKNOWN, // nobody knows; `error` says why
};

struct target_receipt {
    enum target_outcome outcome;
    struct text external; // DONE: under which id it is there; empty after a delete
    bool has_reply;
    struct value reply; // DONE: the record as the datasource has it now, an object, when it could be learned
    struct print seen;  // of `reply`, as reading it through the source would give; {0, 0} when that isn't known
    bool differs;       // DONE: it was looked up, and what was found doesn't say what the item wants: it was changed
                        // since, or it is another's
    struct error error;
};

struct target_setup {
    struct session *session;
    const struct object *settings; // the datasource's
    const struct object *type;     // this type's
    struct text type_name;
    const struct path *key; // of a record there
    size_t key_count;
    struct mapper *mapper;
    const struct clock *clock;
    const struct log *log;
};

struct target_type {
    // Must refuse (ERROR_OPTION_MISSING) a type that says nothing of how it is written.
    bool (*open)(const struct target_setup *setup, struct target **out, struct error *error);

    // Must say how many of the items, from the first on, write would take at once: at least 1. The engine commits the
    // intents of so many together.
    size_t (*chunk)(struct target *target, const struct target_item *items, size_t count);

    // Must try to write all the items, and give each a receipt: `receipts` has `count` places, and what they point to
    // lives in `arena`. An item that was never sent is FAILED with a retry, not UNKNOWN. When an array fails in part,
    // its items are told apart (by key, by `find`) and only those that are not in are sent again, one by one. False
    // only for errors that end the push (ERROR_RUN scope: no permission, a lost session); receipts are whole even
    // then: what was not sent says so.
    bool (*write)(struct target *target, const struct target_item *items, size_t count, struct arena *arena,
                  struct target_receipt *receipts, struct error *error);

    // Must find out what became of an item that was sent in another life: by `find`, by asking for its id, or by
    // sending it again where its operation is an idempotency key; but not a late update or delete, which might undo
    // what somebody did there since: it is decided anew after the next pull. Receipt as for write; FAILED means that it
    // certainly isn't there, UNKNOWN that it can't be found out (several hits, or no way to ask): a person decides.
    bool (*resolve)(struct target *target, const struct target_item *item, struct arena *arena,
                    struct target_receipt *receipt, struct error *error);

    void (*close)(struct target *target); // never fails; accepts NULL
};

// The doors: assertions and fault points.
bool target_open(const struct target_type *type, const struct target_setup *setup, struct target **out,
                 struct error *error);
size_t target_chunk(struct target *target, const struct target_item *items, size_t count);
bool target_write(struct target *target, const struct target_item *items, size_t count, struct arena *arena,
                  struct target_receipt *receipts, struct error *error);
bool target_resolve(struct target *target, const struct target_item *item, struct arena *arena,
                    struct target_receipt *receipt, struct error *error);
void target_close(struct target *target);

#endif
