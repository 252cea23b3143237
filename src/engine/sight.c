#include "engine/sight.h"

#include "model/decimal.h"

// The natural key as one text, equal for equal keys; empty when a part of it is.
static bool key_text(const struct form *form, struct arena *arena, struct text *out, struct error *error) {
    *out = (struct text){"", 0};
    const struct datatype *datatype = form->datatype;
    struct value *parts = arena_take(arena, (datatype->key_count + 1) * sizeof *parts);
    if (parts == NULL) {
        return error_memory(error);
    }
    for (size_t i = 0; i < datatype->key_count; i++) {
        const struct value *value = &form->fields[datatype->key[i]];
        if (value_empty(value)) {
            return true;
        }
        parts[i + 1] = *value;
        if (value->kind == VALUE_DECIMAL) {
            struct text plain;
            if (!decimal_plain(arena, value_slice(value), &plain)) {
                return error_memory(error);
            }
            parts[i + 1] = value_text(plain);
        } else if (value->kind == VALUE_TEXT && value->length == 0) {
            parts[i + 1] = value_text(TEXT_LITERAL(" ")); // value_key takes no empty part
        }
    }
    parts[0] = value_text(datatype->name);
    return datatype->key_count == 0 || value_key(parts, datatype->key_count + 1, arena, out, error);
}

// Whether a page in hand or in flight creates or adopts a record with this key.
static bool key_taken(const struct flow *flow, struct text key) {
    for (size_t i = 0; i < flow->page_count; i++) {
        if (map_find(&flow->pages[i]->keys, key) != NULL) {
            return true;
        }
    }
    return false;
}

static bool see_by_key(struct flow *flow, const struct placing *placing, struct sight *sight, struct error *error) {
    struct slot *slot = flow_slot(flow);
    const struct store_type *store = flow->store->type;
    const struct datatype *datatype = placing->form.datatype;
    sight->home = HOME_NONE;
    if (!key_text(&placing->form, &slot->arena, &sight->key, error)) {
        return false;
    }
    if (sight->key.length == 0) {
        return true;
    }
    if (key_taken(flow, sight->key)) {
        sight->home = HOME_TAKEN;
        return true;
    }
    struct value *key = arena_take(&slot->arena, datatype->key_count * sizeof *key);
    if (key == NULL) {
        return error_memory(error);
    }
    for (size_t i = 0; i < datatype->key_count; i++) {
        key[i] = placing->form.fields[datatype->key[i]];
    }
    int64_t ids[2];
    size_t count;
    if (!store->key_find(flow->store, datatype, key, ids, &count, error)) {
        return false;
    }
    if (count != 1) {
        sight->home = count == 0 ? HOME_NONE : HOME_SEVERAL;
        return true;
    }
    struct link taken;
    struct text external;
    if (!store->link_of(flow->store, placing->links, ids[0], &slot->arena, &taken, &external, error)) {
        return false;
    }
    sight->home = taken.home != 0 ? HOME_TAKEN : HOME_ONE;
    return store->record_find(flow->store, datatype, ids[0], &slot->arena, &sight->row, error);
}

bool sight_take(struct flow *flow, const struct placing *placing, struct sight *sight, struct error *error) {
    struct slot *slot = flow_slot(flow);
    const struct store_type *store = flow->store->type;
    *sight = (struct sight){.home = HOME_NONE};
    if (placing->links->bulk) {
        return true; // a first load: nothing to find, repeats are settled at its end
    }
    if (placing->link != NULL) {
        sight->link = *placing->link;
    } else if (!store->link_find(flow->store, placing->links, &placing->external, 1, &sight->link, error)) {
        return false;
    }
    if (sight->link.home == 0) {
        return see_by_key(flow, placing, sight, error);
    }
    if (!store->record_find(flow->store, placing->form.datatype, sight->link.home, &slot->arena, &sight->row, error)) {
        return false;
    }
    bool edited = sight->row.seq > sight->link.agreed_seq;
    sight->home = sight->row.id == 0 ? HOME_DELETED : edited ? HOME_EDITED : HOME_AGREED;
    return true;
}
