#include "store/store_sqlite_apply.h"

#include <assert.h>

// A page's effects, in order, gathered into groups, and what they do to records.

static void batch_show(const struct sqlite_group *group) {
    struct sqlite_batch *batch = &group->store->batch;
    batch->effects = group->effects;
    batch->count = group->count;
    batch->first_seq = group->first_seq;
    batch->seq_step = group->step;
    batch->ids_follow = false;
}

// New records mostly have ids that follow each other past the table's last. A row without an id gets the one after the
// last, and SQLite then goes to the table's end without a search: 0.80 of the instructions of a first load's commits.
void sqlite_group_append(const struct sqlite_group *group) {
    struct sqlite_store *store = group->store;
    bool follow = group->effects->kind == EFFECT_CREATE && !store->ids_scatter;
    for (size_t i = 1; i < group->count && follow; i++) {
        follow = group->effects[i].id == group->effects[i - 1].id + 1;
    }
    batch_show(group);
    store->batch.ids_follow = follow;
}

// Whether the rows got the ids that were meant: not when another run's are past them. Then the page comes to nothing
// and is made again, with every id shown from now on.
bool sqlite_group_appended(struct sqlite_group *group) {
    struct sqlite_store *store = group->store;
    if (!store->batch.ids_follow ||
        sqlite3_last_insert_rowid(store->writer.db) == group->effects[group->count - 1].id) {
        return true;
    }
    store->ids_scatter = true;
    return sqlite_is_stale(group);
}

// Somebody may have made a record with the same key since the page was decided: it would have been adopted. What the
// page itself makes was known to whoever decided it.
static bool check_keys(struct sqlite_group *group, struct error *error) {
    const struct effect *effect = group->effects;
    bool found;
    if (effect->datatype->key_count == 0 || group->page->seen_seq == 0 ||
        (effect->links != NULL && effect->links->bulk)) {
        return true;
    }
    if (!sqlite_table_clash(&group->store->writer, group->table, error)) {
        return false;
    }
    batch_show(group);
    struct sqlite_query query = sqlite_again(group->table->clash);
    sqlite_give_integer(&query, group->page->seen_seq);
    sqlite_give_integer(&query, group->page_seq);
    if (!sqlite_next(&query, &found, error)) {
        return false;
    }
    if (found) {
        sqlite_end(&query);
        return sqlite_is_stale(group);
    }
    return true;
}

// A deleted record that is brought back has no tombstone any more. New ids are past all tombstones, so that one look
// at the newest of them is enough for most pages.
static bool revive(struct sqlite_group *group, struct error *error) {
    struct sqlite_query query;
    bool found;
    if (!sqlite_ask(&group->store->writer, "SELECT max(id) FROM weir_tombstone", &query, error) ||
        !sqlite_next(&query, &found, error)) {
        return false;
    }
    int64_t newest = sqlite3_column_int64(query.statement, 0);
    sqlite_end(&query);
    for (size_t i = 0; i < group->count; i++) {
        if (group->effects[i].id > newest) {
            continue;
        }
        int64_t own = 0;
        if (group->effects->links != NULL) {
            own = ((const struct sqlite_linkset *)group->effects->links)->number;
        }
        if (!sqlite_base_keep(group->store, group->effects->datatype, group->effects[i].id, own, group->page->at_us,
                              error)) {
            return false;
        }
        if (!sqlite_ask(&group->store->writer, "DELETE FROM weir_tombstone WHERE id = ?1", &query, error)) {
            return false;
        }
        sqlite_give_integer(&query, group->effects[i].id);
        if (!sqlite_run(&query, error)) {
            return false;
        }
    }
    return true;
}

static bool apply_creates(struct sqlite_group *group, struct error *error) {
    bool clash;
    if (!sqlite_table_insert(&group->store->writer, group->table, error) || !check_keys(group, error) ||
        !revive(group, error)) {
        return false;
    }
    sqlite_group_append(group);
    struct sqlite_query query = sqlite_again(group->table->insert);
    sqlite_give_text(&query, group->page->origin);
    if (!sqlite_run_unique(&query, &clash, error)) {
        return false;
    }
    return clash ? sqlite_is_stale(group) : sqlite_group_appended(group);
}

static bool apply_updates(struct sqlite_group *group, struct error *error) {
    struct sqlite_store *store = group->store;
    if (!sqlite_table_update(&store->writer, group->table, error)) {
        return false;
    }
    for (size_t i = 0; i < group->count; i++) {
        const struct effect *effect = &group->effects[i];
        struct sqlite_query query = sqlite_again(group->table->update);
        sqlite_give_integer(&query, effect->id);
        sqlite_give_integer(&query, effect->base_seq);
        sqlite_give_integer(&query, sqlite_record_seq(group, i));
        sqlite_give_text(&query, group->page->origin);
        bool ok = sqlite_give_json(&query, &effect->extra, &store->scratch);
        for (size_t j = 0; j < effect->datatype->count && ok; j++) {
            ok = sqlite_give_value(&query, &effect->datatype->fields[j], &effect->fields[j], &store->scratch);
        }
        if (!ok) {
            return error_memory(error);
        }
        if (!sqlite_run(&query, error)) {
            return false;
        }
        if (sqlite3_changes(store->writer.db) != 1) {
            return sqlite_is_stale(group);
        }
    }
    return true;
}

static bool bury(struct sqlite_group *group, size_t effect, struct error *error) {
    struct sqlite_side *writer = &group->store->writer;
    struct sqlite_query query;
    if (!sqlite_ask(writer,
                    "INSERT OR REPLACE INTO weir_tombstone(id, datatype, seq, origin, at_us) VALUES (?1, ?2, ?3, ?4, "
                    "?5)",
                    &query, error)) {
        return false;
    }
    sqlite_give_integer(&query, group->effects[effect].id);
    sqlite_give_text(&query, group->effects[effect].datatype->name);
    sqlite_give_integer(&query, sqlite_record_seq(group, effect));
    sqlite_give_text(&query, group->page->origin);
    sqlite_give_integer(&query, group->page->at_us);
    if (!sqlite_run(&query, error) ||
        !sqlite_ask(writer, "DELETE FROM weir_pending WHERE datatype = ?1 AND home = ?2 AND home <> 0", &query,
                    error)) {
        return false;
    }
    sqlite_give_text(&query, group->effects[effect].datatype->name);
    sqlite_give_integer(&query, group->effects[effect].id);
    return sqlite_run(&query, error);
}

static bool apply_deletes(struct sqlite_group *group, struct error *error) {
    if (!sqlite_table_remove(&group->store->writer, group->table, error)) {
        return false;
    }
    for (size_t i = 0; i < group->count; i++) {
        struct sqlite_query query = sqlite_again(group->table->remove);
        sqlite_give_integer(&query, group->effects[i].id);
        sqlite_give_integer(&query, group->effects[i].base_seq);
        if (!sqlite_run(&query, error)) {
            return false;
        }
        if (sqlite3_changes(group->store->writer.db) != 1) {
            return sqlite_is_stale(group);
        }
        if (!bury(group, i, error)) {
            return false;
        }
    }
    return true;
}

// What is left of a record that isn't there: its tombstone's seq, or 0.
static bool buried_seq(struct sqlite_store *store, int64_t id, int64_t *out, struct error *error) {
    struct sqlite_query query;
    bool found;
    if (!sqlite_ask(&store->writer, "SELECT seq FROM weir_tombstone WHERE id = ?1", &query, error)) {
        return false;
    }
    sqlite_give_integer(&query, id);
    if (!sqlite_next(&query, &found, error)) {
        return false;
    }
    *out = found ? sqlite3_column_int64(query.statement, 0) : 0;
    sqlite_end(&query);
    return true;
}

// The record, or its tombstone, must be as it was; base_seq 0: there must be neither.
static bool check_agreed(struct sqlite_group *group, struct error *error) {
    bool found;
    if (group->effects->agreed != NULL) {
        return true; // it says which form it means
    }
    if (!sqlite_table_seq(&group->store->writer, group->table, error)) {
        return false;
    }
    for (size_t i = 0; i < group->count; i++) {
        struct sqlite_query query = sqlite_again(group->table->seq);
        sqlite_give_integer(&query, group->effects[i].id);
        if (!sqlite_next(&query, &found, error)) {
            return false;
        }
        int64_t seq = found ? sqlite3_column_int64(query.statement, 0) : 0;
        sqlite_end(&query);
        if (!found && !buried_seq(group->store, group->effects[i].id, &seq, error)) {
            return false;
        }
        if (seq != group->effects[i].base_seq) {
            return sqlite_is_stale(group);
        }
    }
    return true;
}

// A linkset that was settled, or became bulk, since it was looked at is not what the page was decided on.
static bool check_linkset(struct sqlite_group *group, struct error *error) {
    struct linkset *links = group->effects->links;
    bool settled;
    if (links == NULL) {
        return true;
    }
    if (!sqlite_linkset_settled(group->store, (struct sqlite_linkset *)links, &settled, &group->tracked, error)) {
        return false;
    }
    if (settled == links->bulk) {
        links->bulk = !settled;
        return sqlite_is_stale(group);
    }
    return !group->tracked || sqlite_tracks_learn(group->store, -1, error);
}

static bool apply_group(struct sqlite_group *group, struct error *error) {
    if (!sqlite_table(&group->store->writer, group->effects->datatype, &group->table, error) ||
        !check_linkset(group, error) || !sqlite_bases_keep(group, error)) {
        return false;
    }
    bool ok = false;
    switch (group->effects->kind) {
    case EFFECT_CREATE:
        ok = apply_creates(group, error);
        break;
    case EFFECT_UPDATE:
        ok = apply_updates(group, error);
        break;
    case EFFECT_DELETE:
        ok = apply_deletes(group, error);
        break;
    case EFFECT_AGREE:
        ok = check_agreed(group, error);
        break;
    case EFFECT_FORGET:
        ok = true;
        break;
    }
    return ok && sqlite_apply_links(group, error);
}

static bool is_alike(const struct effect *a, const struct effect *b) {
    return a->kind == b->kind && a->datatype == b->datatype && a->links == b->links && a->adds_link == b->adds_link &&
           a->sends == b->sends && (a->agreed == NULL) == (b->agreed == NULL);
}

// How many seqs an effect takes.
static int64_t seqs_of(const struct effect *effect) {
    assert(effect->agreed == NULL || effect->kind == EFFECT_UPDATE || effect->kind == EFFECT_AGREE);
    if (effect->kind == EFFECT_AGREE || effect->kind == EFFECT_FORGET) {
        return 0;
    }
    return effect->agreed != NULL ? 2 : 1;
}

// Takes the page's seqs, and learns in the same step whether anything is tracked.
static bool take_seqs(struct sqlite_store *store, int64_t seqs, int64_t *next, struct error *error) {
    struct sqlite_query query;
    bool found;
    if (!sqlite_ask(&store->writer,
                    "UPDATE weir_counter SET value = value + ?1 WHERE name = 'seq'"
                    " RETURNING value, (SELECT value FROM weir_counter WHERE name = 'track')",
                    &query, error)) {
        return false;
    }
    sqlite_give_integer(&query, seqs);
    if (!sqlite_next(&query, &found, error)) {
        return false;
    }
    *next = found ? sqlite3_column_int64(query.statement, 0) - seqs + 1 : 0;
    int64_t generation = found ? sqlite3_column_int64(query.statement, 1) : 0;
    sqlite_end(&query);
    if (!found) {
        return error_set(error, ERROR_HOME_DAMAGED, "home %s has lost its counter \"seq\": restore it from a backup",
                         store->path);
    }
    return sqlite_tracks_learn(store, generation, error);
}

bool sqlite_apply(struct sqlite_store *store, const struct page *page, bool *stale, struct error *error) {
    int64_t seqs = 0;
    int64_t next = 0;
    store->tracks.is_fresh = false;
    for (size_t i = 0; i < page->effect_count; i++) {
        seqs += seqs_of(&page->effects[i]);
    }
    if (seqs > 0 && !take_seqs(store, seqs, &next, error)) {
        return false;
    }
    const int64_t page_seq = next;
    for (size_t i = 0; i < page->effect_count;) {
        struct sqlite_group group = {.store = store, .page = page, .effects = &page->effects[i], .stale = stale};
        while (i < page->effect_count && is_alike(group.effects, &page->effects[i])) {
            i++;
            group.count++;
        }
        int64_t takes = seqs_of(group.effects);
        group.page_seq = page_seq;
        group.first_seq = takes > 0 ? next : 0;
        group.step = takes == 2 ? 2 : 1;
        next += takes * (int64_t)group.count;
        if (!apply_group(&group, error)) {
            return false;
        }
    }
    return true;
}
