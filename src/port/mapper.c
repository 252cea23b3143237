#include "port/mapper.h"

bool mapper_field(struct mapper *mapper, uint32_t function, const struct object *record, struct arena *arena,
                  struct mapped *out, struct error *error) {
    *out = (struct mapped){0};
    return mapper->type->field(mapper, function, record, arena, out, error);
}

bool mapper_record(struct mapper *mapper, uint32_t function, const struct object *record, struct arena *arena,
                   struct mapped *out, struct error *error) {
    *out = (struct mapped){0};
    return mapper->type->record(mapper, function, record, arena, out, error);
}

bool mapper_call(struct mapper *mapper, uint32_t function, const struct object *const *objects, size_t count,
                 struct arena *arena, struct mapped *out, struct error *error) {
    *out = (struct mapped){0};
    return mapper->type->call(mapper, function, objects, count, arena, out, error);
}

void mapper_release(struct mapper *mapper) {
    mapper->type->release(mapper);
}
