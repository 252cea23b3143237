#include "engine/edit.h"

#include <stdio.h>

#include "engine/derive.h"
#include "engine/resolve.h"
#include "engine/transform.h"

enum { EDIT_BYTES_MAX = 64 * 1024 * 1024, EDIT_TRIES_MAX = 20, AUDIT_MAX = 200 };

// One try at one edit, in its own arena.
struct attempt {
    const struct edit *edit;
    struct arena arena;
    struct form form;
    struct home_row row; // what stands there; id 0: nothing
    struct effect effect;
    int64_t seen_seq; // home's seq when this was decided
    bool marks;       // derived fields follow from this record
    char audit[AUDIT_MAX];
};

// Takes an `id` out of the fields: it says which record, and is no field.
static bool split_id(const struct object *fields, struct arena *arena, struct object *rest, int64_t *id,
                     struct error *error) {
    uint32_t place = shape_find(fields->shape, TEXT_LITERAL("id"));
    *id = 0;
    *rest = *fields;
    if (place == SHAPE_NONE) {
        return true;
    }
    if (fields->values[place].kind != VALUE_INTEGER || fields->values[place].as.integer <= 0) {
        return error_set(error, ERROR_FIELD_TYPE, "id must be a record's number, a whole number above 0");
    }
    *id = fields->values[place].as.integer;
    uint32_t count = fields->shape->count - 1;
    struct text *names = arena_take(arena, (count + 1) * sizeof *names);
    struct value *values = arena_take(arena, (count + 1) * sizeof *values);
    struct shape *shape = arena_take(arena, sizeof *shape);
    if (names == NULL || values == NULL || shape == NULL) {
        return error_memory(error);
    }
    for (uint32_t i = 0, to = 0; i < fields->shape->count; i++) {
        if (i != place) {
            names[to] = fields->shape->names[i];
            values[to++] = fields->values[i];
        }
    }
    *shape = (struct shape){count, names};
    *rest = (struct object){shape, values};
    return true;
}

struct seeking {
    struct text datasource;
    bool found;
};

static bool seek_datasource(void *context, struct text datasource, struct error *error) {
    (void)error;
    struct seeking *seeking = context;
    seeking->found = seeking->found || text_same(seeking->datasource, datasource);
    return !seeking->found;
}

static bool linkset_known(struct store *store, struct text datasource, const struct datatype *datatype, bool *known,
                          struct error *error) {
    struct seeking seeking = {datasource, false};
    bool ok = store->type->linkset_scan(store, datatype, seek_datasource, &seeking, error);
    *known = seeking.found;
    return ok;
}

// References may be given as ["datasource","datatype","external id"]; they must be known.
static bool resolve_references(struct attempt *attempt, struct error *error) {
    struct store *store = attempt->edit->store;
    const struct datatype *datatype = attempt->form.datatype;
    for (size_t i = 0; i < datatype->count; i++) {
        struct reference reference;
        const struct datatype *target;
        struct linkset *links;
        struct link link;
        if (datatype->fields[i].type != FIELD_REF || !reference_of(&attempt->form.fields[i], &reference)) {
            continue;
        }
        if (!store->type->datatype(store, reference.target, &attempt->arena, &target, error)) {
            return false;
        }
        if (target == NULL) {
            return error_set(error, ERROR_NOT_THERE, "home has no datatype %.*s", TEXT_ARGS(reference.target));
        }
        // A linkset is made when it is asked for, and nobody makes one by naming what isn't there.
        bool known;
        if (!linkset_known(store, reference.datasource, target, &known, error)) {
            return false;
        }
        if (!known) {
            return error_set(error, ERROR_NOT_THERE, "home has no links of %.*s to %.*s", TEXT_ARGS(reference.target),
                             TEXT_ARGS(reference.datasource));
        }
        if (!store_linkset(store, reference.datasource, target, false, &links, error) ||
            !store->type->link_find(store, links, &reference.external, 1, &link, error)) {
            return false;
        }
        if (link.home == 0) {
            return error_set(error, ERROR_NOT_THERE, "home knows no %.*s %.*s of %.*s", TEXT_ARGS(reference.target),
                             TEXT_ARGS(reference.external), TEXT_ARGS(reference.datasource));
        }
        attempt->form.fields[i] = value_integer(link.home);
    }
    return true;
}

// Whether the record is the one that the edit was thought of for.
static bool seq_holds(const struct attempt *attempt, struct error *error) {
    if (attempt->edit->seq == 0 || attempt->row.seq == attempt->edit->seq) {
        return true;
    }
    return error_set(error, ERROR_SEQ_PASSED, "%.*s %lld is at seq %lld and not at %lld",
                     TEXT_ARGS(attempt->edit->datatype->name), (long long)attempt->row.id, (long long)attempt->row.seq,
                     (long long)attempt->edit->seq);
}

static bool find_by_key(struct attempt *attempt, int64_t *id, struct error *error) {
    struct store *store = attempt->edit->store;
    const struct datatype *datatype = attempt->form.datatype;
    struct value *key = arena_take(&attempt->arena, (datatype->key_count + 1) * sizeof *key);
    if (key == NULL) {
        return error_memory(error);
    }
    for (size_t i = 0; i < datatype->key_count; i++) {
        key[i] = attempt->form.fields[datatype->key[i]];
        if (value_empty(&key[i])) {
            return true;
        }
    }
    int64_t ids[2];
    size_t count = 0;
    if (datatype->key_count > 0 && !store->type->key_find(store, datatype, key, ids, &count, error)) {
        return false;
    }
    if (count > 1) {
        return error_set(error, ERROR_KEY_AMBIGUOUS, "several records of %.*s have this key; say which by its id",
                         TEXT_ARGS(datatype->name));
    }
    *id = count == 1 ? ids[0] : 0;
    return true;
}

// The record as it shall be: what was said over what stands there, or over the defaults.
static bool merge(struct attempt *attempt, bool *changed, struct error *error) {
    const struct datatype *datatype = attempt->form.datatype;
    struct form *form = &attempt->form;
    bool is_new = attempt->row.id == 0;
    *changed = is_new;
    for (size_t i = 0; i < datatype->count; i++) {
        const struct field *field = &datatype->fields[i];
        const struct value *under = is_new ? &field->fallback : &attempt->row.fields[i];
        if (form->fields[i].kind == VALUE_MISSING) {
            form->fields[i] = *under;
        } else if (!is_new && !field_same(field, &form->fields[i], under)) {
            *changed = true;
        }
    }
    if (form->extra.kind == VALUE_MISSING) {
        form->extra = attempt->row.extra;
    } else if (!is_new && !value_same(&form->extra, &attempt->row.extra)) {
        *changed = true;
    }
    return datatype_complete(datatype, form->fields, error);
}

static bool look_for_marks(void *context, const struct datatype *datatype, struct error *error) {
    struct attempt *attempt = context;
    (void)error;
    attempt->marks = derive_marks(&datatype, 1, attempt->edit->datatype);
    return !attempt->marks;
}

// Whether the record must be marked stale: home's datatypes say, whoever declared them.
static bool find_marks(struct attempt *attempt, struct error *error) {
    struct store *store = attempt->edit->store;
    error_clear(error);
    return store->type->datatype_scan(store, look_for_marks, attempt, error);
}

static bool commit(struct attempt *attempt, const char *verb, enum commit_outcome *outcome, struct error *error) {
    const struct edit *edit = attempt->edit;
    snprintf(attempt->audit, sizeof attempt->audit, "%s %.*s %lld", verb, TEXT_ARGS(attempt->effect.datatype->name),
             (long long)attempt->effect.id);
    struct stale_row stale = {edit->datatype->name, attempt->effect.id};
    struct page page = {
        .origin = edit->origin,
        .at_us = clock_now(edit->clock),
        .seen_seq = attempt->seen_seq,
        .effects = &attempt->effect,
        .effect_count = 1,
        .stales = &stale,
        .stale_count = attempt->marks,
        .audit = attempt->audit,
    };
    return store_commit(edit->store, &page, outcome, error);
}

// Decides and commits once; COMMIT_STALE means that home changed in between.
static bool put_once(struct attempt *attempt, const struct object *fields, bool *changed, enum commit_outcome *outcome,
                     struct error *error) {
    const struct edit *edit = attempt->edit;
    struct store *store = edit->store;
    struct object rest;
    int64_t id;
    *outcome = COMMIT_DONE;
    if (!store->type->seq(store, &attempt->seen_seq, error) || !split_id(fields, &attempt->arena, &rest, &id, error) ||
        !form_take(edit->datatype, &rest, &attempt->arena, &attempt->form, error) ||
        !resolve_references(attempt, error)) {
        return false;
    }
    bool named = id != 0;
    if (!named && !find_by_key(attempt, &id, error)) {
        return false;
    }
    if (id != 0 && !store->type->record_find(store, edit->datatype, id, &attempt->arena, &attempt->row, error)) {
        return false;
    }
    if (named && attempt->row.id == 0) {
        return error_set(error, ERROR_NOT_THERE, "home has no %.*s %lld; leave the id out to make a new one",
                         TEXT_ARGS(edit->datatype->name), (long long)id);
    }
    if (!seq_holds(attempt, error) || !merge(attempt, changed, error)) {
        return false;
    }
    if (!*changed) {
        return true;
    }
    bool is_new = attempt->row.id == 0;
    if (is_new && !store_reserve(store, 1, &id, error)) {
        return false;
    }
    attempt->effect = (struct effect){
        .kind = is_new ? EFFECT_CREATE : EFFECT_UPDATE,
        .datatype = edit->datatype,
        .id = id,
        .base_seq = attempt->row.seq,
        .fields = attempt->form.fields,
        .extra = attempt->form.extra,
    };
    return find_marks(attempt, error) && commit(attempt, is_new ? "create" : "change", outcome, error);
}

static bool give_up(struct error *error) {
    return error_set(error, ERROR_HOME_BUSY, "home changed under this edit %d times; try again", EDIT_TRIES_MAX);
}

bool edit_put(const struct edit *edit, const struct object *fields, int64_t *id, bool *created, bool *changed,
              struct error *error) {
    for (int tries = 0; tries < EDIT_TRIES_MAX; tries++) {
        struct attempt attempt = {.edit = edit};
        enum commit_outcome outcome;
        arena_init(&attempt.arena, EDIT_BYTES_MAX);
        bool ok = edit->store->type->snapshot(edit->store, error);
        if (ok) {
            ok = put_once(&attempt, fields, changed, &outcome, error);
            edit->store->type->snapshot_end(edit->store);
        }
        if (ok && outcome == COMMIT_DONE) {
            *created = attempt.row.id == 0;
            *id = *created ? attempt.effect.id : attempt.row.id;
        }
        arena_clear(&attempt.arena);
        if (!ok || outcome == COMMIT_DONE) {
            return ok;
        }
    }
    return give_up(error);
}

static bool delete_once(struct attempt *attempt, int64_t id, enum commit_outcome *outcome, struct error *error) {
    const struct edit *edit = attempt->edit;
    if (!edit->store->type->record_find(edit->store, edit->datatype, id, &attempt->arena, &attempt->row, error)) {
        return false;
    }
    if (attempt->row.id == 0) {
        return error_set(error, ERROR_NOT_THERE, "home has no %.*s %lld", TEXT_ARGS(edit->datatype->name),
                         (long long)id);
    }
    if (!seq_holds(attempt, error)) {
        return false;
    }
    attempt->effect = (struct effect){
        .kind = EFFECT_DELETE,
        .datatype = edit->datatype,
        .id = id,
        .base_seq = attempt->row.seq,
    };
    return find_marks(attempt, error) && commit(attempt, "delete", outcome, error);
}

bool edit_delete(const struct edit *edit, int64_t id, struct error *error) {
    for (int tries = 0; tries < EDIT_TRIES_MAX; tries++) {
        struct attempt attempt = {.edit = edit};
        enum commit_outcome outcome = COMMIT_DONE;
        arena_init(&attempt.arena, EDIT_BYTES_MAX);
        bool ok = edit->store->type->snapshot(edit->store, error);
        if (ok) {
            ok = delete_once(&attempt, id, &outcome, error);
            edit->store->type->snapshot_end(edit->store);
        }
        arena_clear(&attempt.arena);
        if (!ok || outcome == COMMIT_DONE) {
            return ok;
        }
    }
    return give_up(error);
}
