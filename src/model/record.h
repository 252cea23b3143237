#ifndef WEIR_MODEL_RECORD_H
#define WEIR_MODEL_RECORD_H

// A record as a source gave it, and the page of them that flows through a run together. A batch owns its arena and
// all that its records point to; batch_reset makes every one of them invalid.

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/arena.h"
#include "base/error.h"
#include "base/hash.h"
#include "base/text.h"
#include "model/value.h"

struct record {
    struct object fields;
    struct print print; // of the raw form, seeded by the flow
    uint64_t line;      // where it began in its source, from 1; 0 when that means nothing
    int64_t seq;        // of one that was posted: home's then; else 0
    bool gone;          // the source says that it was deleted there: only the key's fields need be there
};

// Something that should have been a record and isn't: a ragged row, bytes that are no UTF-8.
struct reject {
    uint64_t line;
    struct text column; // empty when the whole row is at fault
    enum error_code code;
    struct text reason;
    struct text raw; // the bytes as they came, at most REJECT_RAW_MAX of them
    struct print print;
};

enum { REJECT_RAW_MAX = 64 * 1024 };

struct batch {
    struct arena arena;
    struct record *records; // in the arena; room for `capacity`
    size_t count;
    size_t capacity;
    struct reject *rejects; // in the arena; room for `reject_capacity`
    size_t reject_count;
    size_t reject_capacity;
    struct text place;    // what the lines count in: a file's name, a request
    struct text position; // where the source goes on after this batch, as its own text
    bool last;            // a complete pass ends with this batch
    bool full;            // with `last`: the pass listed everything, so that what didn't come is gone
    struct text cursor;   // the highest cursor met in the pass so far, as the source's text: with `last`, the watermark
    uint64_t done_bytes;  // of the source, so far; for progress
    uint64_t total_bytes; // 0 when unknown
};

void batch_init(struct batch *batch, size_t ceiling);
void batch_clear(struct batch *batch);

// Empties it and makes room for up to `records` of each. False only when out of memory.
bool batch_reset(struct batch *batch, size_t records, struct error *error);

// Appends a reject, cutting and copying what it points to. A batch whose rejects are full says so by returning
// false without an error: the source ends its page there. Out of memory is an error.
bool batch_reject(struct batch *batch, const struct reject *reject, struct error *error);

// The external id made of a record's key: one field's value as text, several as the canonical JSON array of their
// texts, ["313603","1111"]. A part that is missing, null or an empty text is ERROR_KEY_EMPTY naming it; a part that
// is a list or an object is ERROR_FIELD_TYPE.
bool record_key(const struct object *fields, const struct path *key, size_t count, struct arena *arena,
                struct text *out, struct error *error);

// The same from values: what weir.ref is given.
bool value_key(const struct value *values, size_t count, struct arena *arena, struct text *out, struct error *error);

#endif
