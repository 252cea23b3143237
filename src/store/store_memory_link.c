#include "base/memory.h"
#include "store/store_memory_parts.h"

// Whether there is a link.
static bool links_any(const struct ram_links *links) {
    for (size_t i = 0; i < links->by_home.count; i++) {
        if (ram_visible(links->by_home.cells[i], RAM_NEWEST) != NULL) {
            return true;
        }
    }
    return false;
}

static struct ram_linkset *linkset_of(struct ram_store *store, struct ram_links *links,
                                      const struct datatype *datatype) {
    struct ram_linkset *linkset = store->linksets;
    while (linkset != NULL && linkset->links != links) {
        linkset = linkset->next;
    }
    if (linkset == NULL) {
        linkset = memory_zero(1, sizeof *linkset);
        if (linkset == NULL) {
            return NULL;
        }
        linkset->links = links;
        linkset->linkset.datasource = links->datasource;
        linkset->next = store->linksets;
        store->linksets = linkset;
    }
    linkset->linkset.datatype = datatype;
    return linkset;
}

bool ram_linkset(struct store *store, struct text datasource, const struct datatype *datatype, bool bulk,
                 struct linkset **out, struct error *error) {
    struct ram_store *ram = (struct ram_store *)store;
    struct ram_home *home = ram->home;
    struct ram_change change;
    *out = NULL;
    pthread_mutex_lock(&home->mutex);
    ram_change_begin(&change, &home->arena, home->commit + 1);
    struct ram_links *links = ram_links_of(home, datasource, datatype->name);
    struct ram_linkset *linkset = links != NULL ? linkset_of(ram, links, datatype) : NULL;
    bool ok = linkset != NULL || error_memory(error);
    bool is_bulk = ok && ram_number(home, links->mode, RAM_NEWEST) != 0;
    bool is_tracked = ok && ram_number(home, links->tracks, RAM_NEWEST) != 0;
    if (ok && bulk && !is_bulk && !ram->read_only && !links_any(links)) {
        is_bulk = true;
        ok = ram_number_put(home, &change, links->mode, 1, error);
    }
    ok = ram_finish(home, &change, "linkset", ok, error);
    if (ok) {
        linkset->linkset.bulk = is_bulk;
        linkset->linkset.tracked = is_tracked;
        *out = &linkset->linkset;
    }
    return ok;
}

bool ram_link_put(struct ram_home *home, struct ram_change *change, struct ram_links *links,
                  const struct ram_link *link, struct error *error) {
    struct ram_link *row = arena_take(&home->arena, sizeof *row);
    if (row == NULL) {
        return error_memory(error);
    }
    *row = *link;
    row->datasource = links->datasource;
    bool is_bulk = ram_number(home, links->mode, RAM_NEWEST) != 0;
    bool ok = arena_text(&home->arena, link->external, &row->external) &&
              ram_put(change, &links->by_home, ram_number_key(&link->link.home), link->link.home, row) &&
              (is_bulk || ram_put(change, &links->by_external, row->external, link->link.home, row));
    return ok || error_memory(error);
}

bool ram_link_drop(struct ram_home *home, struct ram_change *change, struct ram_links *links,
                   const struct ram_link *link, struct error *error) {
    bool is_bulk = ram_number(home, links->mode, RAM_NEWEST) != 0;
    int64_t id = link->link.home;
    bool ok = ram_put(change, &links->by_home, ram_number_key(&id), id, NULL) &&
              (is_bulk || ram_put(change, &links->by_external, link->external, id, NULL));
    return ok || error_memory(error);
}

bool ram_link_find(struct store *store, struct linkset *links, const struct text *externals, size_t count,
                   struct link *out, struct error *error) {
    (void)error; // looking needs no memory
    int64_t at;
    struct ram_home *home = ram_read(store, &at);
    for (size_t i = 0; i < count; i++) {
        const struct ram_version *version = ram_find(&ram_links_in(links)->by_external, externals[i], at);
        out[i] = version != NULL ? ((const struct ram_link *)version->row)->link : (struct link){0};
    }
    ram_leave(home);
    return true;
}

bool ram_link_of(struct store *store, struct linkset *links, int64_t home_id, struct arena *arena, struct link *out,
                 struct text *external, struct error *error) {
    *out = (struct link){0};
    *external = TEXT_LITERAL("");
    int64_t at;
    struct ram_home *home = ram_read(store, &at);
    const struct ram_link *link = ram_link(ram_links_in(links), home_id, at);
    bool ok = link == NULL || arena_text(arena, link->external, external);
    if (link != NULL && ok) {
        *out = link->link;
    }
    ram_leave(home);
    return ok || error_memory(error);
}

bool ram_link_count(struct store *store, struct linkset *links, int64_t *out, struct error *error) {
    (void)error; // counting needs no memory
    *out = 0;
    int64_t at;
    struct ram_home *home = ram_read(store, &at);
    const struct ram_table *table = &ram_links_in(links)->by_home;
    for (size_t i = 0; i < table->count; i++) {
        *out += ram_visible(table->cells[i], at) != NULL;
    }
    ram_leave(home);
    return true;
}

bool ram_unsettled(struct store *store, const struct datatype *datatype, struct arena *arena, struct text *datasource,
                   struct error *error) {
    *datasource = TEXT_LITERAL("");
    int64_t at;
    struct ram_home *home = ram_read(store, &at);
    const struct ram_links *links = home->links;
    while (links != NULL && (!text_same(links->datatype, datatype->name) || ram_number(home, links->mode, at) == 0)) {
        links = links->next;
    }
    bool ok = links == NULL || arena_text(arena, links->datasource, datasource);
    ram_leave(home);
    return ok || error_memory(error);
}
