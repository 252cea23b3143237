#ifndef WEIR_STORE_STORE_SQLITE_APPLY_H
#define WEIR_STORE_STORE_SQLITE_APPLY_H

// A page's effects on their way into SQLite, by file:
//
//    store_sqlite_apply.c    groups, and the records     store_sqlite_agree.c    their links
//    store_sqlite_base.c     what links agreed on, where home goes on from there

#include "store/store_sqlite_internal.h"

// Neighbours that are alike: a group of new records, and one of new links, is a single INSERT … SELECT from weir_batch.
struct sqlite_group {
    struct sqlite_store *store;
    const struct page *page;
    const struct effect *effects;
    size_t count;
    int64_t page_seq;  // the first that the page gives; 0: it gives none
    int64_t first_seq; // of the first effect, the others follow; 0: they keep their base_seq
    int64_t step;      // 2 where each takes one for what is agreed and one for the record, else 1
    struct sqlite_table *table;
    bool tracked; // its linkset
    bool *stale;
};

static inline bool sqlite_is_stale(struct sqlite_group *group) {
    *group->stale = true;
    return false;
}

// The seq that both sides agree on after an effect, and the record's.
static inline int64_t sqlite_agreed_seq(const struct sqlite_group *group, size_t effect) {
    return group->first_seq > 0 ? group->first_seq + group->step * (int64_t)effect : group->effects[effect].base_seq;
}

static inline int64_t sqlite_record_seq(const struct sqlite_group *group, size_t effect) {
    return sqlite_agreed_seq(group, effect) + (group->step - 1);
}

// Shows the group to its next statement; sqlite_group_appended says afterwards whether ids came out as they should.
void sqlite_group_append(const struct sqlite_group *group);
bool sqlite_group_appended(struct sqlite_group *group);

bool sqlite_apply_links(struct sqlite_group *group, struct error *error);

// --- store_sqlite_base.c ---

// Learns which linksets are tracked, if home's counter "track" isn't what it was; `generation` -1: asks for it.
bool sqlite_tracks_learn(struct sqlite_store *store, int64_t generation, struct error *error);
void sqlite_tracks_clear(struct sqlite_store *store);

// Before the group's records change (or come back): keeps what the links that don't move with them agreed on.
bool sqlite_bases_keep(struct sqlite_group *group, struct error *error);
// The same for one record outside a group, whose link in the linkset `own` moves.
bool sqlite_base_keep(struct sqlite_store *store, const struct datatype *datatype, int64_t id, int64_t own,
                      int64_t at_us, struct error *error);
// The record goes without a trace.
bool sqlite_bases_drop(struct sqlite_store *store, int64_t id, struct error *error);

// The seq that a link of a tracked linkset agreed on; 0 when there is no such link.
bool sqlite_agreed_find(struct sqlite_store *store, int64_t number, int64_t id, int64_t *out, struct error *error);
// Keeps an effect's `agreed` where home is ahead of it. `before`: what its link agreed on so far.
bool sqlite_base_agree(struct sqlite_group *group, size_t effect, int64_t before, struct error *error);
// After a link has left a seq: lets its base go when no tracked link needs it any more.
bool sqlite_base_free(struct sqlite_store *store, struct text datatype, int64_t id, int64_t seq, struct error *error);

#endif
