#ifndef WEIR_ENGINE_RESOLVE_H
#define WEIR_ENGINE_RESOLVE_H

// From a reference by external id to the home id it means. Looks in the pages in flight, in what was found before,
// and in home. What isn't found is data: the record or the field waits.

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/arena.h"
#include "base/map.h"
#include "engine/slot.h"
#include "port/store.h"
#include "port/sync.h"

enum { RESOLVE_LINKSETS_MAX = 64 };

struct resolver {
    struct store *store;
    struct linkset *linksets[RESOLVE_LINKSETS_MAX];
    size_t linkset_count;
    struct map found; // linkset and external id -> home id
    struct arena arena;
};

void resolver_init(struct resolver *resolver, struct store *store);
void resolver_clear(struct resolver *resolver);

// Opens the links that the references of a sync lead to; on the writing side. A first load of them that was left
// unfinished is settled first, since a bulk linkset can't be asked.
bool resolver_open(struct resolver *resolver, const struct sync *sync, const struct lease *lease, int64_t run,
                   int64_t at_us, struct error *error);

// Forgets which ids were found: some of them may have gone.
void resolver_forget(struct resolver *resolver);

// The linkset of a reference, or NULL when it wasn't opened.
struct linkset *resolver_linkset(const struct resolver *resolver, struct text datasource, struct text target);

// `pages` are those in flight and the one in hand, oldest first. *home is 0 when nothing is linked.
bool resolver_find(struct resolver *resolver, struct slot *const *pages, size_t page_count, struct linkset *links,
                   struct text external, int64_t *home, struct error *error);

// An unresolved reference's three texts.
struct reference {
    struct text datasource;
    struct text target;
    struct text external;
};

// Whether a value is an unresolved reference; then `out` has its parts.
bool reference_of(const struct value *value, struct reference *out);

#endif
