#include "store/store_sqlite_apply.h"

// What a group of effects does to its links.

enum { FALLS_OF = 16 };

// Whether ids come mostly in the order of their index.
static bool is_sorted(const struct sqlite_group *group) {
    size_t falls = 0;
    for (size_t i = 1; i < group->count; i++) {
        falls += text_compare(group->effects[i - 1].external, group->effects[i].external) > 0;
    }
    return falls <= group->count / FALLS_OF;
}

// A first load with time to spare keeps the index as it goes, while ids come in its order: 1M records by a record
// function then take 2.14 s instead of 2.37 s (medians of three, interleaved). Ids in no order would make it dear.
static bool index_ahead(struct sqlite_group *group, struct sqlite_linkset *links, struct error *error) {
    if (!links->links.bulk || !links->links.spare || links->scatters) {
        return true;
    }
    bool sorted = is_sorted(group);
    return sorted == links->is_indexed || sqlite_link_index(group->store, links, sorted, error);
}

static bool insert_links(struct sqlite_group *group, struct sqlite_linkset *links, bool *clash, struct error *error) {
    if (!sqlite_link_add(group->store, links, error)) {
        return false;
    }
    sqlite_group_append(group);
    struct sqlite_query query = sqlite_again(links->add);
    return sqlite_run_unique(&query, clash, error);
}

static bool add_links(struct sqlite_group *group, struct sqlite_linkset *links, struct error *error) {
    bool clash;
    if (!index_ahead(group, links, error) || !insert_links(group, links, &clash, error)) {
        return false;
    }
    if (clash && links->links.bulk) { // a repeat: settle sees to it
        if (!sqlite_link_index(group->store, links, false, error) || !insert_links(group, links, &clash, error)) {
            return false;
        }
    }
    return clash ? sqlite_is_stale(group) : sqlite_group_appended(group);
}

// Where home is ahead of what both sides agree on, that is kept, before the link moves there.
static bool agree_ahead(struct sqlite_group *group, size_t effect, int64_t before, struct error *error) {
    return group->effects[effect].agreed == NULL || !group->tracked || sqlite_base_agree(group, effect, before, error);
}

static bool agree_links(struct sqlite_group *group, struct sqlite_linkset *links, struct error *error) {
    struct sqlite_store *store = group->store;
    if (!sqlite_link_agree(store, links, error)) {
        return false;
    }
    for (size_t i = 0; i < group->count; i++) {
        const struct effect *effect = &group->effects[i];
        int64_t before = 0;
        if (group->tracked && (!sqlite_agreed_find(store, links->number, effect->id, &before, error) ||
                               !agree_ahead(group, i, before, error))) {
            return false;
        }
        struct sqlite_query query = sqlite_again(links->agree);
        sqlite_give_integer(&query, effect->id);
        sqlite_give_text(&query, effect->external);
        sqlite_give_print(&query, effect->seen);
        sqlite_give_integer(&query, sqlite_agreed_seq(group, i));
        if (!sqlite_run(&query, error)) {
            return false;
        }
        if (sqlite3_changes(store->writer.db) != 1) {
            return sqlite_is_stale(group);
        }
        if (group->tracked && before != sqlite_agreed_seq(group, i) &&
            !sqlite_base_free(store, effect->datatype->name, effect->id, before, error)) {
            return false;
        }
    }
    return true;
}

// A link that is forgotten and isn't there is gone already; one whose record is deleted must be there.
static bool forget_links(struct sqlite_group *group, struct sqlite_linkset *links, struct error *error) {
    struct sqlite_store *store = group->store;
    if (!sqlite_link_forget(store, links, error)) {
        return false;
    }
    for (size_t i = 0; i < group->count; i++) {
        const struct effect *effect = &group->effects[i];
        int64_t before = 0;
        if (group->tracked && !sqlite_agreed_find(store, links->number, effect->id, &before, error)) {
            return false;
        }
        struct sqlite_query query = sqlite_again(links->forget);
        sqlite_give_integer(&query, effect->id);
        sqlite_give_text(&query, effect->external);
        if (!sqlite_run(&query, error)) {
            return false;
        }
        bool is_gone = sqlite3_changes(store->writer.db) == 1;
        if (!is_gone && effect->kind == EFFECT_DELETE) {
            return sqlite_is_stale(group);
        }
        if (is_gone && group->tracked && !sqlite_base_free(store, effect->datatype->name, effect->id, before, error)) {
            return false;
        }
    }
    return true;
}

static bool send_links(struct sqlite_group *group, struct sqlite_linkset *links, struct error *error) {
    if (!sqlite_link_send(group->store, links, error)) {
        return false;
    }
    for (size_t i = 0; i < group->count; i++) {
        struct sqlite_query query = sqlite_again(links->send);
        sqlite_give_integer(&query, group->effects[i].id);
        sqlite_give_print(&query, group->effects[i].sent);
        sqlite_give_print(&query, group->effects[i].sent_before);
        sqlite_give_integer(&query, group->effects[i].bounces);
        if (!sqlite_run(&query, error)) {
            return false;
        }
    }
    return true;
}

bool sqlite_apply_links(struct sqlite_group *group, struct error *error) {
    struct sqlite_linkset *links = (struct sqlite_linkset *)group->effects->links;
    enum effect_kind kind = group->effects->kind;
    if (links == NULL) {
        return true;
    }
    if (kind == EFFECT_FORGET || kind == EFFECT_DELETE) {
        return forget_links(group, links, error);
    }
    bool ok = group->effects->adds_link ? add_links(group, links, error) : agree_links(group, links, error);
    for (size_t i = 0; ok && group->effects->adds_link && i < group->count; i++) {
        ok = agree_ahead(group, i, 0, error);
    }
    return ok && (!group->effects->sends || send_links(group, links, error));
}
