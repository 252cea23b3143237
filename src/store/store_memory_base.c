#include <assert.h>

#include "store/store_memory_parts.h"

// What two ways need of home's past: the forms that merges begin from (`bases`), and home's changes in their order.
//
//    link.agreed_seq    3         3         3          5
//    record.seq         3         4         5          5
//    bases of it        none      3         3          none
//                          an edit   an edit   a push is through

// The key of a base, in `room`.
static struct text base_key(int64_t room[2], int64_t id, int64_t seq) {
    room[0] = id;
    room[1] = seq;
    return (struct text){(const char *)room, 2 * sizeof room[0]};
}

const struct ram_base *ram_base(const struct ram_home *home, int64_t id, int64_t seq, int64_t at) {
    int64_t room[2];
    const struct ram_version *version = ram_find(&home->bases, base_key(room, id, seq), at);
    return version != NULL ? version->row : NULL;
}

static bool base_put(struct ram_home *home, struct ram_change *change, int64_t id, int64_t seq,
                     const struct object *fields, int64_t edited_us) {
    int64_t room[2];
    struct ram_base *base = arena_take(&home->arena, sizeof *base);
    if (base == NULL) {
        return false;
    }
    *base = (struct ram_base){.fields = *fields, .edited_us = edited_us};
    return ram_put(change, &home->bases, base_key(room, id, seq), id, base);
}

bool ram_is_tracked(const struct ram_home *home, const struct ram_links *links) {
    return ram_number(home, links->tracks, RAM_NEWEST) != 0;
}

bool ram_track(struct store *store, struct linkset *links, struct error *error) {
    struct ram_change change;
    if (links->tracked) {
        return true;
    }
    struct ram_home *home = ram_begin(store, &change);
    bool ok = ram_number_put(home, &change, ram_links_in(links)->tracks, 1, error);
    ok = ram_finish(home, &change, "track", ok, error);
    links->tracked = ok;
    return ok;
}

bool ram_bases_keep(struct ram_home *home, struct ram_change *change, struct text datatype, int64_t id,
                    const struct ram_links *own, const struct ram_row *old, int64_t at_us, struct error *error) {
    for (const struct ram_links *links = home->links; links != NULL; links = links->next) {
        const struct ram_link *link = ram_link(links, id, RAM_NEWEST);
        if (links == own || link == NULL || !text_same(links->datatype, datatype) || !ram_is_tracked(home, links)) {
            continue;
        }
        int64_t seq = link->link.agreed_seq;
        const struct ram_base *base = ram_base(home, id, seq, RAM_NEWEST);
        bool ok = true;
        if (base != NULL) {
            ok = base_put(home, change, id, seq, &base->fields, at_us);
        } else if (old != NULL && old->seq == seq) {
            ok = base_put(home, change, id, seq, &old->fields, at_us);
        }
        if (!ok) {
            return error_memory(error);
        }
    }
    return true;
}

bool ram_bases_drop(struct ram_home *home, struct ram_change *change, struct text datatype, int64_t id,
                    struct error *error) {
    int64_t room[2];
    for (const struct ram_links *links = home->links; links != NULL; links = links->next) {
        const struct ram_link *link = ram_link(links, id, RAM_NEWEST);
        bool is_of_it = link != NULL && text_same(links->datatype, datatype);
        if (is_of_it && ram_base(home, id, link->link.agreed_seq, RAM_NEWEST) != NULL &&
            !ram_put(change, &home->bases, base_key(room, id, link->link.agreed_seq), id, NULL)) {
            return error_memory(error);
        }
    }
    return true;
}

bool ram_base_agree(struct ram_home *home, struct ram_change *change, const struct effect *effect, int64_t seq,
                    int64_t at_us, struct error *error) {
    const struct ram_links *links = ram_links_in(effect->links);
    const struct datatype *known = ram_datatype(home, effect->datatype->name, RAM_NEWEST);
    const struct ram_link *link = ram_link(links, effect->id, RAM_NEWEST);
    if (!ram_is_tracked(home, links)) {
        return true;
    }
    assert(known != NULL);
    struct value *values = arena_take_zero(&home->arena, known->count, sizeof *values);
    bool ok = values != NULL;
    for (size_t i = 0; ok && i < known->count; i++) {
        uint32_t place = shape_find(effect->datatype->shape, known->fields[i].name);
        bool is_empty = place == SHAPE_NONE || value_empty(&effect->agreed[place]);
        values[i] = value_null();
        ok = is_empty || value_copy(&home->arena, &effect->agreed[place], &values[i]);
    }
    // Moving the base doesn't make home's edit a later one.
    const struct ram_base *moved = link != NULL ? ram_base(home, effect->id, link->link.agreed_seq, RAM_NEWEST) : NULL;
    struct object fields = {known->shape, values};
    ok = ok && base_put(home, change, effect->id, seq, &fields, moved != NULL ? moved->edited_us : at_us);
    return ok || error_memory(error);
}

bool ram_base_free(struct ram_home *home, struct ram_change *change, struct text datatype, int64_t id, int64_t seq,
                   struct error *error) {
    if (ram_base(home, id, seq, RAM_NEWEST) == NULL) {
        return true;
    }
    for (const struct ram_links *links = home->links; links != NULL; links = links->next) {
        const struct ram_link *link = ram_link(links, id, RAM_NEWEST);
        if (link != NULL && link->link.agreed_seq == seq && text_same(links->datatype, datatype) &&
            ram_is_tracked(home, links)) {
            return true;
        }
    }
    int64_t room[2];
    return ram_put(change, &home->bases, base_key(room, id, seq), id, NULL) || error_memory(error);
}

bool ram_base_find(struct store *store, const struct datatype *datatype, int64_t id, int64_t seq, struct arena *arena,
                   bool *found, struct value **fields, int64_t *edited_us, struct error *error) {
    int64_t at;
    struct ram_home *home = ram_read(store, &at);
    const struct ram_base *base = ram_base(home, id, seq, at);
    bool ok = true;
    *found = base != NULL;
    *fields = NULL;
    *edited_us = 0;
    if (base != NULL) {
        struct ram_row row = {.id = id, .seq = seq, .fields = base->fields};
        struct home_row out;
        ok = ram_row_copy(arena, &row, datatype, &out);
        *fields = out.fields;
        *edited_us = base->edited_us;
    }
    ram_leave(home);
    return ok || error_memory(error);
}

// --- home's changes ---

struct changes {
    struct ram_found rows;
    struct ram_found graves;
};

static bool fits_grave(const void *row, struct text datatype) {
    return text_same(((const struct ram_grave *)row)->datatype, datatype);
}

static int row_order(const void *left, const void *right) {
    const struct ram_row *a = (*(const struct ram_version *const *)left)->row;
    const struct ram_row *b = (*(const struct ram_version *const *)right)->row;
    return (a->seq > b->seq) - (a->seq < b->seq);
}

static int grave_order(const void *left, const void *right) {
    const struct ram_grave *a = (*(const struct ram_version *const *)left)->row;
    const struct ram_grave *b = (*(const struct ram_version *const *)right)->row;
    return (a->seq > b->seq) - (a->seq < b->seq);
}

static bool changes_gather(struct store *store, const struct datatype *datatype, struct changes *out,
                           struct error *error) {
    int64_t at;
    struct ram_home *home = ram_read(store, &at);
    const struct ram_records *records = ram_records_of(home, datatype->name);
    struct text none = {"", 0};
    bool ok = (records != NULL || error_memory(error)) &&
              ram_found_add(&out->rows, &records->rows, at, NULL, none, error) &&
              ram_found_add(&out->graves, &home->graves, at, fits_grave, datatype->name, error);
    ram_leave(home);
    ram_found_order(&out->rows, row_order);
    ram_found_order(&out->graves, grave_order);
    return ok;
}

bool ram_change_scan(struct store *store, const struct datatype *datatype, int64_t after, int64_t limit,
                     bool (*row)(void *context, const struct change_row *row, struct error *error), void *context,
                     struct error *error) {
    error_clear(error);
    struct changes changes = {0};
    struct arena arena;
    arena_init(&arena, SIZE_MAX / 2);
    bool ok = changes_gather(store, datatype, &changes, error);
    size_t next = 0;
    size_t next_grave = 0;
    for (int64_t given = 0; ok && (limit == 0 || given < limit);) {
        const struct ram_row *live = next < changes.rows.count ? changes.rows.versions[next]->row : NULL;
        const struct ram_grave *grave =
            next_grave < changes.graves.count ? changes.graves.versions[next_grave]->row : NULL;
        if (live == NULL && grave == NULL) {
            break;
        }
        bool is_live = grave == NULL || (live != NULL && live->seq < grave->seq);
        next += is_live;
        next_grave += !is_live;
        struct change_row change = {.seq = is_live ? live->seq : grave->seq, .deleted = !is_live};
        if (change.seq <= after) {
            continue;
        }
        arena_reset(&arena);
        if (is_live) {
            ok = ram_row_copy(&arena, live, datatype, &change.row) || error_memory(error);
        } else {
            change.row = (struct home_row){.id = grave->id, .seq = grave->seq, .origin = grave->origin};
        }
        given++;
        ok = ok && row(context, &change, error);
    }
    arena_clear(&arena);
    ram_found_clear(&changes.rows);
    ram_found_clear(&changes.graves);
    return scan_ended(ok, error);
}
