#include "store/store_memory_copy.h"

static bool texts_copy(struct arena *arena, struct text *const *texts, size_t count) {
    for (size_t i = 0; i < count; i++) {
        if (!arena_text(arena, *texts[i], texts[i])) {
            return false;
        }
    }
    return true;
}

static bool field_copy(struct arena *arena, const struct field *in, struct field *out) {
    *out = *in;
    return arena_text(arena, in->name, &out->name) && arena_text(arena, in->target, &out->target) &&
           value_copy(arena, &in->fallback, &out->fallback);
}

bool ram_datatype_copy(struct arena *arena, const struct datatype *in, const struct datatype **out) {
    struct datatype *datatype = arena_take(arena, sizeof *datatype);
    struct shape *shape = arena_take(arena, sizeof *shape);
    struct field *fields = arena_take_zero(arena, in->count, sizeof *fields);
    struct text *names = arena_take_zero(arena, in->count, sizeof *names);
    uint32_t *key = arena_take_zero(arena, in->key_count, sizeof *key);
    struct derive *derives = arena_take_zero(arena, in->derive_count, sizeof *derives);
    if (datatype == NULL || shape == NULL || fields == NULL || names == NULL || key == NULL || derives == NULL) {
        return false;
    }
    *datatype = *in;
    if (!arena_text(arena, in->name, &datatype->name)) {
        return false;
    }
    for (size_t i = 0; i < in->count; i++) {
        if (!field_copy(arena, &in->fields[i], &fields[i])) {
            return false;
        }
        names[i] = fields[i].name;
    }
    for (size_t i = 0; i < in->key_count; i++) {
        key[i] = in->key[i];
    }
    for (size_t i = 0; i < in->derive_count; i++) {
        derives[i] = (struct derive){.field = in->derives[i].field, .function = DERIVE_ELSEWHERE};
    }
    *shape = (struct shape){.count = (uint32_t)in->count, .names = names};
    datatype->fields = fields;
    datatype->shape = shape;
    datatype->key = key;
    datatype->derives = derives;
    *out = datatype;
    return true;
}

bool ram_pending_copy(struct arena *arena, const struct pending_row *in, struct pending_row *out) {
    *out = *in;
    struct text *const texts[] = {
        &out->awaits_datasource, &out->awaits_type, &out->awaits_external, &out->datatype, &out->field,
        &out->datasource,        &out->external,    &out->place,
    };
    return texts_copy(arena, texts, sizeof texts / sizeof texts[0]) && value_copy(arena, &in->fields, &out->fields);
}

bool ram_dead_copy(struct arena *arena, const struct dead_row *in, struct dead_row *out) {
    *out = *in;
    struct text *const texts[] = {
        &out->flow,     &out->direction, &out->datasource, &out->type,
        &out->external, &out->code,      &out->reason,     &out->place,
    };
    return texts_copy(arena, texts, sizeof texts / sizeof texts[0]) && value_copy(arena, &in->payload, &out->payload);
}

bool ram_conflict_copy(struct arena *arena, const struct conflict_row *in, struct conflict_row *out) {
    *out = *in;
    struct text *const texts[] = {&out->kind, &out->datasource, &out->datatype, &out->external, &out->place};
    return texts_copy(arena, texts, sizeof texts / sizeof texts[0]) && value_copy(arena, &in->payload, &out->payload);
}

bool ram_run_copy(struct arena *arena, const struct run_row *in, struct run_row *out) {
    *out = *in;
    struct text *const texts[] = {&out->key, &out->sync, &out->params, &out->message, &out->script_text};
    return texts_copy(arena, texts, sizeof texts / sizeof texts[0]);
}

bool ram_checkpoint_copy(struct arena *arena, const struct checkpoint *in, struct checkpoint *out) {
    *out = *in;
    return arena_text(arena, in->position, &out->position) && arena_text(arena, in->since, &out->since);
}

bool ram_intent_copy(struct arena *arena, const struct intent_row *in, struct intent_row *out) {
    *out = *in;
    struct text *const texts[] = {&out->operation, &out->key,  &out->datasource,
                                  &out->datatype,  &out->verb, &out->external};
    return texts_copy(arena, texts, sizeof texts / sizeof texts[0]) && value_copy(arena, &in->form, &out->form);
}

bool ram_watermark_copy(struct arena *arena, const struct watermark_row *in, struct watermark_row *out) {
    *out = *in;
    struct text *const texts[] = {&out->key, &out->type, &out->direction, &out->text};
    return texts_copy(arena, texts, sizeof texts / sizeof texts[0]);
}

bool ram_held_copy(struct arena *arena, const struct held_row *in, struct held_row *out) {
    *out = *in;
    struct text *const texts[] = {&out->key, &out->direction, &out->datasource, &out->datatype, &out->external};
    return texts_copy(arena, texts, sizeof texts / sizeof texts[0]);
}

bool ram_inbox_copy(struct arena *arena, const struct inbox_row *in, struct inbox_row *out) {
    *out = *in;
    struct text *const texts[] = {&out->key,    &out->sync,    &out->type, &out->batch,
                                  &out->origin, &out->outcome, &out->code, &out->reason};
    return texts_copy(arena, texts, sizeof texts / sizeof texts[0]) && value_copy(arena, &in->payload, &out->payload);
}

bool ram_stale_copy(struct arena *arena, const struct stale_row *in, struct stale_row *out) {
    *out = *in;
    return arena_text(arena, in->datatype, &out->datatype);
}

bool ram_row_copy(struct arena *arena, const struct ram_row *in, const struct datatype *datatype,
                  struct home_row *out) {
    *out = (struct home_row){.id = in->id, .seq = in->seq};
    out->fields = arena_take_zero(arena, datatype->count, sizeof *out->fields);
    if (out->fields == NULL || !arena_text(arena, in->origin, &out->origin) ||
        !value_copy(arena, &in->extra, &out->extra)) {
        return false;
    }
    for (size_t i = 0; i < datatype->count; i++) {
        const struct value *value = object_find(&in->fields, datatype->fields[i].name);
        out->fields[i] = value_null();
        if (value != NULL && !value_copy(arena, value, &out->fields[i])) {
            return false;
        }
    }
    return true;
}
