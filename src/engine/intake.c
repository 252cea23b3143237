#include "engine/intake.h"

#include "base/map.h"
#include "base/memory.h"
#include "model/record.h"

struct intake_source {
    struct source base;
    const struct intake *intake;
    struct text type;
    const struct object *options; // of the type
    const struct path *key;
    size_t key_count;
    uint64_t seed;
    int64_t after;
};

static bool intake_open(const struct source_setup *setup, struct source **out, struct error *error) {
    struct intake_source *source = memory_zero(1, sizeof *source);
    if (source == NULL) {
        return error_memory(error);
    }
    source->base.type = &source_intake;
    source->intake = setup->context;
    source->type = setup->type_name;
    source->options = setup->type;
    source->key = setup->key;
    source->key_count = setup->key_count;
    source->seed = setup->seed;
    *out = &source->base;
    return true;
}

size_t intake_weight(const struct value *value) {
    size_t weight = sizeof *value;
    if (value->kind == VALUE_TEXT || value->kind == VALUE_DECIMAL) {
        weight += value->length;
    } else if (value->kind == VALUE_LIST) {
        for (uint32_t i = 0; i < value->length; i++) {
            weight += intake_weight(&value->as.items[i]);
        }
    } else if (value->kind == VALUE_OBJECT) {
        const struct object *object = value->as.object;
        for (uint32_t i = 0; i < object->shape->count; i++) {
            weight += sizeof(struct text) + object->shape->names[i].length + intake_weight(&object->values[i]);
        }
    }
    return weight;
}

struct filling {
    struct intake_source *source;
    struct batch *batch;
    size_t weight;
    struct map ids; // of the batch's records
    bool cut;       // the batch ended before all was read
};

// Whether the batch has a record of the same id. One without an id has none that it could share.
static bool is_again(struct filling *filling, const struct object *fields, bool *again, struct error *error) {
    struct text id;
    *again = false;
    if (!record_key(fields, filling->source->key, filling->source->key_count, &filling->batch->arena, &id, error)) {
        return error->scope == ERROR_RECORD;
    }
    *again = map_find(&filling->ids, id) != NULL;
    return *again || map_put(&filling->ids, id, 1) || error_memory(error);
}

static bool take_row(void *context, const struct inbox_row *row, struct error *error) {
    struct filling *filling = context;
    struct batch *batch = filling->batch;
    struct value copy;
    bool again;
    if (row->id > filling->source->intake->until) {
        return false;
    }
    if (!text_same(row->type, filling->source->type)) {
        return true;
    }
    filling->cut = batch->count == batch->capacity || filling->weight > INTAKE_BYTES;
    if (filling->cut) {
        return false;
    }
    if (!value_copy(&batch->arena, &row->payload, &copy)) {
        return error_memory(error);
    }
    if (!is_again(filling, copy.as.object, &again, error)) {
        return false;
    }
    error_clear(error);
    filling->cut = again;
    if (again) {
        return false;
    }
    const struct source_type *kind = filling->source->intake->source;
    bool gone = false;
    if (kind->gone != NULL && !kind->gone(filling->source->options, copy.as.object, &gone, error)) {
        return false;
    }
    batch->records[batch->count++] = (struct record){
        .fields = *copy.as.object,
        .print = print_join((struct print){filling->source->seed, 0}, value_print(&copy)),
        .line = (uint64_t)row->id,
        .seq = row->posted_seq,
        .gone = gone,
    };
    filling->source->after = row->id;
    filling->weight += intake_weight(&copy);
    return true;
}

static bool intake_read(struct source *base, struct batch *batch, struct error *error) {
    struct intake_source *source = (struct intake_source *)base;
    const struct intake *intake = source->intake;
    struct filling filling = {.source = source, .batch = batch};
    const struct inbox_ask ask = {.key = intake->key, .waiting = true, .after = source->after};
    map_init(&filling.ids);
    bool ok = intake->store->type->inbox_scan(intake->store, &ask, take_row, &filling, error);
    map_clear(&filling.ids);
    batch->place = TEXT_LITERAL("the inbox");
    batch->position = TEXT_LITERAL("");
    batch->last = !filling.cut;
    return ok;
}

static void intake_close(struct source *base) {
    memory_free(base);
}

const struct source_type source_intake = {
    .kind = "intake",
    .open = intake_open,
    .read = intake_read,
    .close = intake_close,
};

struct looking {
    const struct intake *intake;
    struct text type;
    bool found;
};

static bool look(void *context, const struct inbox_row *row, struct error *error) {
    struct looking *looking = context;
    (void)error;
    bool ours = row->id <= looking->intake->until;
    looking->found = ours && text_same(row->type, looking->type);
    return ours && !looking->found;
}

bool intake_has(const struct intake *intake, struct text type, bool *has, struct error *error) {
    struct looking looking = {intake, type, false};
    const struct inbox_ask ask = {.key = intake->key, .waiting = true};
    bool ok = intake->store->type->inbox_scan(intake->store, &ask, look, &looking, error);
    *has = looking.found;
    return ok;
}
