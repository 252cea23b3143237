#include "source/source_http_print.h"

static uint64_t name_seed(struct text name) {
    return print_of(name, VALUE_OBJECT).low;
}

// The seeds of a shape's names, when they are kept.
static const uint64_t *seeds_of(const struct shape *shape, struct http_print_shapes *shapes) {
    if (shapes == NULL || shape->count > HTTP_PRINT_NAMES) {
        return NULL;
    }
    for (size_t i = 0; i < HTTP_PRINT_SHAPES; i++) {
        if (shapes->recent[i].shape == shape) {
            return shapes->recent[i].seeds;
        }
    }
    struct http_print_names *kept = &shapes->recent[shapes->next++ % HTTP_PRINT_SHAPES];
    kept->shape = shape;
    for (uint32_t i = 0; i < shape->count; i++) {
        kept->seeds[i] = name_seed(shape->names[i]);
    }
    return kept->seeds;
}

static struct print pair_print(uint64_t low, uint64_t high, uint64_t seed) {
    unsigned char bytes[PRINT_BYTES];
    print_store((struct print){low, high}, bytes);
    return print_of((struct text){(const char *)bytes, sizeof bytes}, seed);
}

static struct print object_print(const struct object *object, uint64_t seed, struct http_print_shapes *shapes);

// One hash a value: what it stands under and its kind are the seed.
static struct print member_print(const struct value *value, uint64_t seed, struct http_print_shapes *shapes) {
    seed += value->kind;
    switch ((enum value_kind)value->kind) {
    case VALUE_BOOL:
        return pair_print(value->as.boolean, 0, seed);
    case VALUE_INTEGER:
        return pair_print((uint64_t)value->as.integer, 0, seed);
    case VALUE_DECIMAL:
    case VALUE_TEXT:
        return print_of(value_slice(value), seed);
    case VALUE_OBJECT:
        return object_print(value->as.object, seed, shapes);
    case VALUE_LIST: {
        struct print sum = pair_print(value->length, 0, seed);
        for (uint32_t i = 0; i < value->length; i++) {
            sum = print_join(sum, member_print(&value->as.items[i], seed, shapes));
        }
        return sum;
    }
    case VALUE_MISSING:
    case VALUE_NULL:
        break;
    }
    return pair_print(0, 0, seed);
}

// The members' prints are added up: a sum doesn't know their order.
static struct print object_print(const struct object *object, uint64_t seed, struct http_print_shapes *shapes) {
    const uint64_t *seeds = seeds_of(object->shape, shapes);
    struct print sum = {0, 0};
    for (uint32_t i = 0; i < object->shape->count; i++) {
        const struct value *value = &object->values[i];
        if (value->kind == VALUE_MISSING) {
            continue;
        }
        // A nested object may push this shape out of the recent ones: its seeds are asked for again then.
        if (seeds != NULL && value->kind >= VALUE_LIST) {
            seeds = seeds_of(object->shape, shapes);
        }
        struct print member =
            member_print(value, seeds != NULL ? seeds[i] : name_seed(object->shape->names[i]), shapes);
        if (seeds != NULL && value->kind >= VALUE_LIST) {
            seeds = seeds_of(object->shape, shapes);
        }
        sum.low += member.low;
        sum.high += member.high;
    }
    return pair_print(sum.low, sum.high, seed);
}

struct print http_print(const struct object *record, uint64_t seed, struct http_print_shapes *shapes) {
    return object_print(record, seed, shapes);
}
