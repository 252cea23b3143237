#include <stdlib.h>

#include "base/memory.h"
#include "store/store_memory_parts.h"

// The end of a bulk load. All links of one external id are a group:
//
//    arrival        1    2    3    4         head: the first; its record stays
//    external id    A    B    A    A         winner: the last (or the head itself when their prints are equal); its
//    print          p    q    r    s                 form is what the head's record says afterwards
//
// Of A, the head takes the form s, p and r become conflicts, and the second and third record go with their links.

struct entry {
    const struct ram_link *link;
    size_t head;   // of its group
    size_t winner; // of its group; kept at the head
};

struct settle {
    struct ram_home *home;
    struct ram_change *change;
    struct ram_links *links;
    const struct datatype *datatype;
    struct entry *entries; // in the order of arrival
    size_t count;
    int64_t run;
    int64_t at_us;
    int64_t repeats;
    int64_t conflicts;
    struct error *error;
};

static int arrival_order(const void *left, const void *right) {
    const struct entry *a = left;
    const struct entry *b = right;
    return (a->link->arrival > b->link->arrival) - (a->link->arrival < b->link->arrival);
}

static const struct ram_row *entry_row(const struct settle *settle, size_t entry) {
    const struct ram_records *records = ram_records_of(settle->home, settle->links->datatype);
    return ram_row(records, settle->entries[entry].link->link.home, RAM_NEWEST);
}

static bool entries_gather(struct settle *settle) {
    const struct ram_table *table = &settle->links->by_home;
    settle->entries = memory_zero(table->count, sizeof *settle->entries);
    if (settle->entries == NULL) {
        return error_memory(settle->error);
    }
    for (size_t i = 0; i < table->count; i++) {
        const struct ram_version *version = ram_visible(table->cells[i], RAM_NEWEST);
        if (version != NULL) {
            settle->entries[settle->count++].link = version->row;
        }
    }
    if (settle->count > 0) {
        qsort(settle->entries, settle->count, sizeof *settle->entries, arrival_order);
    }
    return true;
}

// A record that is gone (somebody deleted it) has no form to win with.
static bool entries_group(struct settle *settle) {
    struct map heads;
    map_init(&heads);
    bool ok = true;
    for (size_t i = 0; ok && i < settle->count; i++) {
        struct entry *entry = &settle->entries[i];
        const uint64_t *head = map_find(&heads, entry->link->external);
        entry->head = head != NULL ? (size_t)*head : i;
        ok = head != NULL || map_put(&heads, entry->link->external, i);
        if (entry->head == i || entry_row(settle, i) != NULL) {
            settle->entries[entry->head].winner = i;
        }
    }
    map_clear(&heads);
    for (size_t i = 0; i < settle->count; i++) {
        struct entry *entry = &settle->entries[i];
        if (entry->head == i && print_same(entry->link->link.seen, settle->entries[entry->winner].link->link.seen)) {
            entry->winner = i;
        }
    }
    return ok || error_memory(settle->error);
}

// A record's fields and what came beside them, as one object.
static bool form_of(struct arena *arena, const struct ram_row *row, struct value *out) {
    bool has_extra = row->extra.kind == VALUE_OBJECT;
    uint32_t count = row->fields.shape->count;
    uint32_t more = has_extra ? row->extra.as.object->shape->count : 0;
    struct text *names = arena_take_zero(arena, count + more, sizeof *names);
    struct value *values = arena_take_zero(arena, count + more, sizeof *values);
    struct shape *shape = arena_take(arena, sizeof *shape);
    struct object *object = arena_take(arena, sizeof *object);
    if (names == NULL || values == NULL || shape == NULL || object == NULL) {
        return false;
    }
    for (uint32_t i = 0; i < count; i++) {
        names[i] = row->fields.shape->names[i];
        values[i] = row->fields.values[i];
    }
    for (uint32_t i = 0; i < more; i++) {
        names[count + i] = row->extra.as.object->shape->names[i];
        values[count + i] = row->extra.as.object->values[i];
    }
    *shape = (struct shape){count + more, names};
    *object = (struct object){shape, values};
    *out = value_object(object);
    return true;
}

// Keeps the form that an entry's record has and is about to lose: an edit by somebody else in any case, the source's
// own when it differs from the one that wins.
static bool form_keep(struct settle *settle, size_t lost) {
    const struct entry *entry = &settle->entries[lost];
    const struct entry *head = &settle->entries[entry->head];
    const struct ram_link *winner = settle->entries[head->winner].link;
    const struct ram_row *row = entry_row(settle, lost);
    bool is_edit = row != NULL && row->seq != entry->link->link.agreed_seq;
    if (row == NULL || (!is_edit && print_same(entry->link->link.seen, winner->link.seen))) {
        return true;
    }
    struct conflict_row conflict = {
        .kind = is_edit ? TEXT_LITERAL("edit") : TEXT_LITERAL("repeat"),
        .datasource = settle->links->datasource,
        .datatype = settle->links->datatype,
        .external = entry->link->external,
        .home = head->link->link.home,
        .print = entry->link->link.seen,
        .at_us = settle->at_us,
        .run = settle->run,
    };
    bool added;
    if (!form_of(&settle->home->arena, row, &conflict.payload)) {
        return error_memory(settle->error);
    }
    if (!ram_conflict_put(settle->home, settle->change, &conflict, &added, settle->error)) {
        return false;
    }
    settle->conflicts += added;
    return true;
}

// The references that a record still waits for go away with its form, or on to the record that takes its form (`to`).
static bool waits_move(struct settle *settle, int64_t from, int64_t to) {
    struct ram_table *table = &settle->home->pendings;
    size_t count = table->count; // those that are put again come behind
    for (size_t i = 0; i < count; i++) {
        const struct ram_version *version = ram_visible(table->cells[i], RAM_NEWEST);
        const struct pending_row *row = version != NULL ? version->row : NULL;
        if (row == NULL || row->home != from || !text_same(row->datatype, settle->links->datatype)) {
            continue;
        }
        struct pending_row moved = *row;
        moved.home = to;
        if (!ram_put(settle->change, table, table->cells[i]->key, version->id, NULL)) {
            return error_memory(settle->error);
        }
        if (to != 0 && !ram_pending_put(settle->home, settle->change, &moved, settle->error)) {
            return false;
        }
    }
    return true;
}

// The head's record takes the winner's form.
static bool form_take(struct settle *settle, size_t head, struct ram_link *link) {
    const struct ram_link *winner = settle->entries[settle->entries[head].winner].link;
    const struct ram_row *form = entry_row(settle, settle->entries[head].winner);
    struct text name = TEXT_LITERAL("seq");
    struct ram_row *row = arena_take(&settle->home->arena, sizeof *row);
    if (row == NULL) {
        return error_memory(settle->error);
    }
    const struct ram_row *old = entry_row(settle, head);
    if (!ram_bases_keep(settle->home, settle->change, settle->links->datatype, link->link.home, settle->links, old,
                        settle->at_us, settle->error)) {
        return false;
    }
    // A form that somebody edited since it came is ahead of what both sides agree on.
    bool is_edited = form->seq != winner->link.agreed_seq;
    *row = *form;
    row->id = link->link.home;
    row->seq = ram_number(settle->home, name, RAM_NEWEST) + 1 + is_edited;
    link->link.seen = winner->link.seen;
    link->link.agreed_seq = row->seq - is_edited;
    return ram_number_put(settle->home, settle->change, name, row->seq, settle->error) &&
           ram_row_put(settle->home, settle->change, settle->datatype, row, settle->error) &&
           waits_move(settle, link->link.home, 0) && waits_move(settle, winner->link.home, link->link.home);
}

static bool head_settle(struct settle *settle, size_t head) {
    struct ram_link link = *settle->entries[head].link;
    bool takes = settle->entries[head].winner != head;
    return (!takes || (form_keep(settle, head) && form_take(settle, head, &link))) &&
           ram_link_put(settle->home, settle->change, settle->links, &link, settle->error) &&
           ram_base_free(settle->home, settle->change, settle->links->datatype, link.link.home,
                         settle->entries[head].link->link.agreed_seq, settle->error);
}

// Other datasources' links to a record that goes lead to the one that stays, unless that has one of theirs.
static bool links_move(struct settle *settle, int64_t from, int64_t to) {
    for (struct ram_links *links = settle->home->links; links != NULL; links = links->next) {
        const struct ram_link *link = ram_link(links, from, RAM_NEWEST);
        if (links == settle->links || link == NULL || !text_same(links->datatype, settle->links->datatype)) {
            continue;
        }
        struct ram_link moved = *link;
        moved.link.home = to;
        if (!ram_put(settle->change, &links->by_home, ram_number_key(&from), from, NULL)) {
            return error_memory(settle->error);
        }
        if (ram_link(links, to, RAM_NEWEST) == NULL) {
            if (!ram_link_put(settle->home, settle->change, links, &moved, settle->error)) {
                return false;
            }
        } else if (!ram_put(settle->change, &links->by_external, link->external, from, NULL)) {
            return error_memory(settle->error);
        }
    }
    return true;
}

static bool repeat_settle(struct settle *settle, size_t repeat) {
    int64_t id = settle->entries[repeat].link->link.home;
    bool wins = settle->entries[settle->entries[repeat].head].winner == repeat;
    settle->repeats++;
    return (wins || form_keep(settle, repeat)) && waits_move(settle, id, 0) &&
           ram_bases_drop(settle->home, settle->change, settle->links->datatype, id, settle->error) &&
           links_move(settle, id, settle->entries[settle->entries[repeat].head].link->link.home) &&
           ram_record_drop(settle->home, settle->change, settle->links->datatype, id, settle->error) &&
           (ram_put(settle->change, &settle->links->by_home, ram_number_key(&id), id, NULL) ||
            error_memory(settle->error));
}

static bool settle_all(struct settle *settle) {
    if (!ram_number_put(settle->home, settle->change, settle->links->mode, 0, settle->error) ||
        !entries_gather(settle) || !entries_group(settle)) {
        return false;
    }
    // The heads come before their repeats, so that a form is taken before its record goes.
    for (size_t i = 0; i < settle->count; i++) {
        bool ok = settle->entries[i].head == i ? head_settle(settle, i) : repeat_settle(settle, i);
        if (!ok) {
            return false;
        }
    }
    return true;
}

bool ram_settle(struct store *store, struct linkset *links, const struct lease *lease, int64_t run, int64_t at_us,
                int64_t *repeats, int64_t *conflicts, struct error *error) {
    struct ram_change change;
    struct ram_home *home = ram_begin(store, &change);
    struct settle settle = {
        .home = home,
        .change = &change,
        .links = ram_links_in(links),
        .datatype = links->datatype,
        .run = run,
        .at_us = at_us,
        .error = error,
    };
    bool is_bulk = ram_number(home, settle.links->mode, RAM_NEWEST) != 0;
    bool ok = ram_lease_check(home, lease, error) && (!is_bulk || settle_all(&settle));
    ok = ram_finish(home, &change, "settle", ok, error);
    memory_free(settle.entries);
    *repeats = ok ? settle.repeats : 0;
    *conflicts = ok ? settle.conflicts : 0;
    links->bulk = links->bulk && !ok;
    return ok;
}
