#include "engine/resolve.h"

// What was found is kept for so many bytes of ids, then forgotten as a whole: references repeat (270 resources for
// 27,000 readings), and where they don't, remembering them gains nothing.
enum { FOUND_BYTES_MAX = 8 * 1024 * 1024, FOUND_MAX = 65536 };

void resolver_init(struct resolver *resolver, struct store *store) {
    *resolver = (struct resolver){.store = store};
    map_init(&resolver->found);
    arena_init(&resolver->arena, FOUND_BYTES_MAX);
}

void resolver_clear(struct resolver *resolver) {
    map_clear(&resolver->found);
    arena_clear(&resolver->arena);
}

void resolver_forget(struct resolver *resolver) {
    map_reset(&resolver->found);
    arena_reset(&resolver->arena);
}

struct linkset *resolver_linkset(const struct resolver *resolver, struct text datasource, struct text target) {
    for (size_t i = 0; i < resolver->linkset_count; i++) {
        struct linkset *links = resolver->linksets[i];
        if (text_same(links->datasource, datasource) && text_same(links->datatype->name, target)) {
            return links;
        }
    }
    return NULL;
}

bool resolver_open(struct resolver *resolver, const struct sync *sync, const struct lease *lease, int64_t run,
                   int64_t at_us, struct error *error) {
    for (size_t t = 0; t < sync->type_count; t++) {
        const struct transform *pull = &sync->types[t].pull;
        for (size_t r = 0; r < pull->count; r++) {
            const struct rule *rule = &pull->rules[r];
            if (rule->kind != RULE_REF || resolver_linkset(resolver, rule->datasource, rule->target) != NULL) {
                continue;
            }
            const struct datatype *datatype = sync_datatype(sync, rule->target);
            if (datatype == NULL || resolver->linkset_count == RESOLVE_LINKSETS_MAX) {
                error_set(error, ERROR_SCRIPT_SHAPE,
                          "weir.ref names %.*s, which is not among the sync's datatypes; add it to them",
                          TEXT_ARGS(rule->target));
                return error_place(error, "%.*s:%d", TEXT_ARGS(sync->script_path), rule->line);
            }
            struct linkset *links;
            int64_t repeats, conflicts;
            if (!store_linkset(resolver->store, rule->datasource, datatype, false, &links, error) ||
                (links->bulk &&
                 !store_settle(resolver->store, links, lease, run, at_us, &repeats, &conflicts, error))) {
                return false;
            }
            resolver->linksets[resolver->linkset_count++] = links;
        }
    }
    return true;
}

// Remembers a home id. When the memory is full it starts afresh; when there is none it just doesn't remember.
static void resolver_keep(struct resolver *resolver, struct text key, int64_t home) {
    if (resolver->found.count >= FOUND_MAX) {
        map_reset(&resolver->found);
        arena_reset(&resolver->arena);
    }
    if (arena_text(&resolver->arena, key, &key)) {
        (void)!map_put(&resolver->found, key, (uint64_t)home);
    }
}

bool resolver_find(struct resolver *resolver, struct slot *const *pages, size_t page_count, struct linkset *links,
                   struct text external, int64_t *home, struct error *error) {
    struct slot *here = pages[page_count - 1];
    struct text key;
    if (!slot_key(here, links, external, &key)) {
        return error_memory(error);
    }
    uint64_t *known = map_find(&resolver->found, key);
    if (known != NULL) {
        *home = (int64_t)*known;
        return true;
    }
    for (size_t i = page_count; i-- > 0;) {
        const struct touch *touch = slot_touched(pages[i], key);
        if (touch != NULL && touch->kind == TOUCH_EFFECT) {
            *home = pages[i]->effects[touch->index].id; // not remembered: the page may yet be decided again
            return true;
        }
    }
    struct link link = {0};
    if (!links->bulk && !resolver->store->type->link_find(resolver->store, links, &external, 1, &link, error)) {
        return false;
    }
    *home = link.home;
    if (link.home != 0) {
        resolver_keep(resolver, key, link.home);
    }
    return true;
}

bool reference_of(const struct value *value, struct reference *out) {
    if (value->kind != VALUE_LIST || value->length != 3) {
        return false;
    }
    const struct value *parts = value->as.items;
    for (int i = 0; i < 3; i++) {
        if (parts[i].kind != VALUE_TEXT) {
            return false;
        }
    }
    *out = (struct reference){value_slice(&parts[0]), value_slice(&parts[1]), value_slice(&parts[2])};
    return true;
}
