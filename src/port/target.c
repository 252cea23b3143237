#include "port/target.h"

#include <assert.h>

#include "base/fault.h"

bool target_open(const struct target_type *type, const struct target_setup *setup, struct target **out,
                 struct error *error) {
    *out = NULL;
    bool ok = type->open(setup, out, error);
    assert(ok == (*out != NULL));
    return ok;
}

size_t target_chunk(struct target *target, const struct target_item *items, size_t count) {
    assert(count > 0);
    size_t taken = target->type->chunk(target, items, count);
    assert(taken >= 1 && taken <= count);
    return taken;
}

bool target_write(struct target *target, const struct target_item *items, size_t count, struct arena *arena,
                  struct target_receipt *receipts, struct error *error) {
    fault_point("target.write");
    bool ok = target->type->write(target, items, count, arena, receipts, error);
    fault_point("target.write.after");
    return ok;
}

bool target_resolve(struct target *target, const struct target_item *item, struct arena *arena,
                    struct target_receipt *receipt, struct error *error) {
    fault_point("target.resolve");
    bool ok = target->type->resolve(target, item, arena, receipt, error);
    fault_point("target.resolve.after");
    return ok;
}

void target_close(struct target *target) {
    if (target != NULL) {
        target->type->close(target);
    }
}
