#include "store/store_sqlite_internal.h"

#include <assert.h>

// A page's effects, in order, gathered into groups of neighbours that are alike: a group of new records, and one of
// new links, is a single INSERT … SELECT from weir_batch.

enum { FALLS_OF = 16 };

struct group {
    struct sqlite_store *store;
    const struct page *page;
    const struct effect *effects;
    size_t count;
    int64_t first_seq; // of the first effect, the others follow; 0: they keep their base_seq
    struct sqlite_table *table;
    bool *stale;
};

static bool is_stale(struct group *group) {
    *group->stale = true;
    return false;
}

static int64_t seq_of(const struct group *group, size_t effect) {
    return group->first_seq > 0 ? group->first_seq + (int64_t)effect : group->effects[effect].base_seq;
}

static void batch_show(const struct group *group) {
    struct sqlite_batch *batch = &group->store->batch;
    batch->effects = group->effects;
    batch->count = group->count;
    batch->first_seq = group->first_seq;
    batch->ids_follow = false;
}

// New records mostly have ids that follow each other past the table's last. A row without an id gets the one after the
// last, and SQLite then goes to the table's end without a search: 0.80 of the instructions of a first load's commits.
static void batch_append(const struct group *group) {
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
static bool check_appended(struct group *group) {
    struct sqlite_store *store = group->store;
    if (!store->batch.ids_follow ||
        sqlite3_last_insert_rowid(store->writer.db) == group->effects[group->count - 1].id) {
        return true;
    }
    store->ids_scatter = true;
    return is_stale(group);
}

// Somebody may have made a record with the same key since the page was decided: it would have been adopted.
static bool check_keys(struct group *group, struct error *error) {
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
    if (!sqlite_next(&query, &found, error)) {
        return false;
    }
    if (found) {
        sqlite_end(&query);
        return is_stale(group);
    }
    return true;
}

// A deleted record that is brought back has no tombstone any more. New ids are past all tombstones, so that one look
// at the newest of them is enough for most pages.
static bool revive(struct group *group, struct error *error) {
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

static bool apply_creates(struct group *group, struct error *error) {
    bool clash;
    if (!sqlite_table_insert(&group->store->writer, group->table, error) || !check_keys(group, error) ||
        !revive(group, error)) {
        return false;
    }
    batch_append(group);
    struct sqlite_query query = sqlite_again(group->table->insert);
    sqlite_give_text(&query, group->page->origin);
    if (!sqlite_run_unique(&query, &clash, error)) {
        return false;
    }
    return clash ? is_stale(group) : check_appended(group);
}

static bool apply_updates(struct group *group, struct error *error) {
    struct sqlite_store *store = group->store;
    if (!sqlite_table_update(&store->writer, group->table, error)) {
        return false;
    }
    for (size_t i = 0; i < group->count; i++) {
        const struct effect *effect = &group->effects[i];
        struct sqlite_query query = sqlite_again(group->table->update);
        sqlite_give_integer(&query, effect->id);
        sqlite_give_integer(&query, effect->base_seq);
        sqlite_give_integer(&query, seq_of(group, i));
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
            return is_stale(group);
        }
    }
    return true;
}

static bool bury(struct group *group, size_t effect, struct error *error) {
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
    sqlite_give_integer(&query, seq_of(group, effect));
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

static bool apply_deletes(struct group *group, struct error *error) {
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
            return is_stale(group);
        }
        if (!bury(group, i, error)) {
            return false;
        }
    }
    return true;
}

// The record must be as it was; base_seq 0: must not be there.
static bool check_agreed(struct group *group, struct error *error) {
    bool found;
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
        if (seq != group->effects[i].base_seq) {
            return is_stale(group);
        }
    }
    return true;
}

// Whether ids come mostly in the order of their index.
static bool is_sorted(const struct group *group) {
    size_t falls = 0;
    for (size_t i = 1; i < group->count; i++) {
        falls += text_compare(group->effects[i - 1].external, group->effects[i].external) > 0;
    }
    return falls <= group->count / FALLS_OF;
}

// A first load with time to spare keeps the index as it goes, while ids come in its order: 1M records by a record
// function then take 2.14 s instead of 2.37 s (medians of three, interleaved). Ids in no order would make it dear.
static bool index_ahead(struct group *group, struct sqlite_linkset *links, struct error *error) {
    if (!links->links.bulk || !links->links.spare || links->scatters) {
        return true;
    }
    bool sorted = is_sorted(group);
    return sorted == links->is_indexed || sqlite_link_index(group->store, links, sorted, error);
}

static bool insert_links(struct group *group, struct sqlite_linkset *links, bool *clash, struct error *error) {
    if (!sqlite_link_add(group->store, links, error)) {
        return false;
    }
    batch_append(group);
    struct sqlite_query query = sqlite_again(links->add);
    return sqlite_run_unique(&query, clash, error);
}

static bool add_links(struct group *group, struct sqlite_linkset *links, struct error *error) {
    bool clash;
    if (!index_ahead(group, links, error) || !insert_links(group, links, &clash, error)) {
        return false;
    }
    if (clash && links->links.bulk) { // a repeat: settle sees to it
        if (!sqlite_link_index(group->store, links, false, error) || !insert_links(group, links, &clash, error)) {
            return false;
        }
    }
    return clash ? is_stale(group) : check_appended(group);
}

static bool apply_links(struct group *group, struct error *error) {
    struct sqlite_linkset *links = (struct sqlite_linkset *)group->effects->links;
    if (links == NULL) {
        return true;
    }
    if (group->effects->adds_link) {
        return add_links(group, links, error);
    }
    if (!sqlite_link_agree(group->store, links, error)) {
        return false;
    }
    for (size_t i = 0; i < group->count; i++) {
        struct sqlite_query query = sqlite_again(links->agree);
        sqlite_give_integer(&query, group->effects[i].id);
        sqlite_give_text(&query, group->effects[i].external);
        sqlite_give_print(&query, group->effects[i].seen);
        sqlite_give_integer(&query, seq_of(group, i));
        if (!sqlite_run(&query, error)) {
            return false;
        }
        if (sqlite3_changes(group->store->writer.db) != 1) {
            return is_stale(group);
        }
    }
    return true;
}

// A linkset that was settled, or became bulk, since it was looked at is not what the page was decided on.
static bool check_linkset(struct group *group, struct error *error) {
    struct linkset *links = group->effects->links;
    bool settled;
    if (links == NULL) {
        return true;
    }
    if (!sqlite_linkset_settled(group->store, (struct sqlite_linkset *)links, &settled, error)) {
        return false;
    }
    if (settled == links->bulk) {
        links->bulk = !settled;
        return is_stale(group);
    }
    return true;
}

static bool apply_group(struct group *group, struct error *error) {
    if (!sqlite_table(&group->store->writer, group->effects->datatype, &group->table, error) ||
        !check_linkset(group, error)) {
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
    }
    return ok && apply_links(group, error);
}

static bool is_alike(const struct effect *a, const struct effect *b) {
    return a->kind == b->kind && a->datatype == b->datatype && a->links == b->links && a->adds_link == b->adds_link;
}

bool sqlite_apply(struct sqlite_store *store, const struct page *page, bool *stale, struct error *error) {
    int64_t changes = 0;
    int64_t last = 0;
    for (size_t i = 0; i < page->effect_count; i++) {
        changes += page->effects[i].kind != EFFECT_AGREE;
    }
    if (changes > 0 && !sqlite_count(store, "seq", changes, &last, error)) {
        return false;
    }
    int64_t next = last - changes + 1;
    for (size_t i = 0; i < page->effect_count;) {
        struct group group = {.store = store, .page = page, .effects = &page->effects[i], .stale = stale};
        while (i < page->effect_count && is_alike(group.effects, &page->effects[i])) {
            i++;
            group.count++;
        }
        if (group.effects->kind != EFFECT_AGREE) {
            group.first_seq = next;
            next += (int64_t)group.count;
        }
        if (!apply_group(&group, error)) {
            return false;
        }
    }
    return true;
}
