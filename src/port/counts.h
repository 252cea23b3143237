#ifndef WEIR_PORT_COUNTS_H
#define WEIR_PORT_COUNTS_H

// The counts of a run by their names, in the order in which they are shown.

#include "port/store_rows.h"

struct count_name {
    const char *name;
    size_t offset; // in struct counts
};

extern const struct count_name count_names[]; // a name of NULL ends it

static inline int64_t count_value(const struct counts *counts, const struct count_name *name) {
    return *(const int64_t *)((const char *)counts + name->offset);
}

static inline void count_set(struct counts *counts, const struct count_name *name, int64_t value) {
    *(int64_t *)((char *)counts + name->offset) = value;
}

#endif
