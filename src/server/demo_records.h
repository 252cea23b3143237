#ifndef WEIR_SERVER_DEMO_RECORDS_H
#define WEIR_SERVER_DEMO_RECORDS_H

// What the demo's counterpart keeps: a few hundred JSON objects in memory, each with an id and the time of its last
// change, which its own clock gives: a second a change, so that the demo says the same every time.

#include <stdbool.h>
#include <stdint.h>

#include "base/arena.h"
#include "base/buffer.h"
#include "base/error.h"
#include "base/text.h"

enum { DEMO_TYPE_MAX = 32 };

struct demo_record {
    char type[DEMO_TYPE_MAX];
    int64_t id;
    int64_t changed; // by the counterpart's clock
    struct text json;
};

struct demo_records {
    struct demo_record *list; // by `changed`
    size_t count, capacity;
    int64_t last_id;
    int64_t clock;
};

void demo_records_init(struct demo_records *records);
void demo_records_clear(struct demo_records *records);

// Puts `json`'s members over the record's (or over none: id 0 makes a new one). `out` is the record as it is then;
// `found` is false when there is no such record. What is no JSON object is ERROR_JSON_SYNTAX.
bool demo_records_put(struct demo_records *records, struct text type, int64_t id, struct text json, bool *found,
                      const struct demo_record **out, struct error *error);

bool demo_records_delete(struct demo_records *records, struct text type, int64_t id);

// Whether a member of the record says this, as text.
bool demo_record_says(const struct demo_record *record, struct text name, struct text value);

#endif
