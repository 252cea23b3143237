// What a form refers to: found, or waited for.

#include "engine/place.h"

bool place_resolve(struct flow *flow, const struct form *form, struct waits *waits, enum flow_outcome *outcome,
                   struct error *error) {
    waits->count = 0;
    waits->held = false;
    for (uint32_t i = 0; i < form->datatype->count; i++) {
        const struct field *field = &form->datatype->fields[i];
        struct reference reference;
        if (field->type != FIELD_REF || !reference_of(&form->fields[i], &reference)) {
            continue;
        }
        struct linkset *links;
        int64_t home = 0;
        if (!flow_linkset(flow, reference.datasource, reference.target, &links, outcome, error)) {
            return false;
        }
        if (*outcome != FLOW_DECIDED) {
            return true;
        }
        if (links != NULL &&
            !resolver_find(flow->resolver, flow->pages, flow->page_count, links, reference.external, &home, error)) {
            return false;
        }
        if (home != 0) {
            form->fields[i] = value_integer(home);
            continue;
        }
        if (waits->count == WAITS_MAX) {
            return error_set(error, ERROR_LIMIT, "more than %d references of one record wait at once", WAITS_MAX);
        }
        waits->list[waits->count++] = (struct wait){i, reference};
        if (field->required) {
            waits->held = true; // the reference stays in the form: it is looked up again when this one arrives
            return true;
        }
    }
    for (size_t i = 0; i < waits->count; i++) {
        form->fields[waits->list[i].field] = value_null();
    }
    return true;
}

bool place_hold(struct flow *flow, const struct placing *placing, const struct waits *waits, struct error *error) {
    struct slot *slot = flow_slot(flow);
    const struct wait *wait = &waits->list[waits->count - 1];
    struct pending_row *row = slot_pending(slot);
    if (row == NULL) {
        return error_memory(error);
    }
    *row = (struct pending_row){
        .awaits_datasource = wait->reference.datasource,
        .awaits_type = wait->reference.target,
        .awaits_external = wait->reference.external,
        .datatype = placing->form.datatype->name,
        .datasource = placing->links->datasource,
        .external = placing->external,
        .seen = placing->print,
    };
    return (placing_place(slot, placing, &row->place) && form_object(&placing->form, &slot->arena, &row->fields)) ||
           error_memory(error);
}

bool place_wait(struct flow *flow, const struct placing *placing, const struct waits *waits, int64_t home,
                struct error *error) {
    struct slot *slot = flow_slot(flow);
    for (size_t i = 0; i < waits->count; i++) {
        struct pending_row *row = slot_pending(slot);
        if (row == NULL) {
            return error_memory(error);
        }
        const struct wait *wait = &waits->list[i];
        *row = (struct pending_row){
            .awaits_datasource = wait->reference.datasource,
            .awaits_type = wait->reference.target,
            .awaits_external = wait->reference.external,
            .datatype = placing->form.datatype->name,
            .home = home,
            .field = placing->form.datatype->fields[wait->field].name,
            .datasource = placing->links->datasource,
            .external = placing->external,
            .seen = placing->print,
        };
        if (!placing_place(slot, placing, &row->place)) {
            return error_memory(error);
        }
    }
    return true;
}

bool place_waited(struct flow *flow, const struct placing *placing, const struct waits *waits, int64_t home,
                  struct error *error) {
    const struct datatype *datatype = placing->form.datatype;
    if (placing->links != flow->links || flow->ends.waiting.count == 0) {
        return true;
    }
    for (uint32_t i = 0; i < datatype->count; i++) {
        bool waits_again = false;
        for (size_t w = 0; w < waits->count; w++) {
            waits_again = waits_again || waits->list[w].field == i;
        }
        if (datatype->fields[i].type != FIELD_REF || waits_again || placing->form.fields[i].kind == VALUE_MISSING) {
            continue;
        }
        struct end *end = ends_waiting(&flow->ends, home, datatype->fields[i].name);
        if (end != NULL && !slot_pending_done(flow_slot(flow), end->id)) {
            return error_memory(error);
        }
    }
    return true;
}
