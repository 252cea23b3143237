#include "engine/push_form.h"

#include <string.h>

#include "base/civil_write.h"
#include "base/memory.h"
#include "engine/convert.h"

enum { FORMER_BYTES_MAX = 64 * 1024 * 1024 }; // 200,000 references that wait, each with its names

// --- opening ---

bool push_links_there(struct store *store, struct text datasource, const struct datatype *datatype,
                      struct linkset **out, struct error *error) {
    *out = NULL;
    error_clear(error);
    return store_linkset(store, datasource, datatype, false, out, error) || error->code == ERROR_NOT_THERE;
}

static bool open_links(struct push_former *former, struct text datasource, struct text target, int line,
                       const struct lease *lease, int64_t run, int64_t at_us, struct linkset **out,
                       struct error *error) {
    const struct datatype *datatype = sync_datatype(former->sync, target);
    int64_t repeats, conflicts;
    if (datatype == NULL) {
        error_set(error, ERROR_SCRIPT_SHAPE, "%.*s is not among the sync's datatypes; add it to them",
                  TEXT_ARGS(target));
        return error_place(error, "%.*s:%d", TEXT_ARGS(former->sync->script_path), line);
    }
    if (former->reads) {
        return push_links_there(former->store, datasource, datatype, out, error);
    }
    // A first load of them that was left unfinished can't be asked.
    return store_linkset(former->store, datasource, datatype, false, out, error) &&
           (!(*out)->bulk || store_settle(former->store, *out, lease, run, at_us, &repeats, &conflicts, error));
}

// Opens what the rules of one transform lead to, by the kind of rule that leads somewhere.
static bool open_rules(struct push_former *former, const struct transform *transform, enum rule_kind kind,
                       const struct lease *lease, int64_t run, int64_t at_us, struct linkset ***out,
                       struct error *error) {
    *out = arena_take_zero(&former->arena, transform->count + 1, sizeof **out);
    if (*out == NULL) {
        return error_memory(error);
    }
    for (size_t i = 0; i < transform->count; i++) {
        const struct rule *rule = &transform->rules[i];
        struct text datasource = rule->datasource.length > 0 ? rule->datasource : former->sync->datasource;
        if (rule->kind == kind &&
            !open_links(former, datasource, rule->target, rule->line, lease, run, at_us, &(*out)[i], error)) {
            return false;
        }
    }
    return true;
}

static bool open_fields(struct push_former *former, const struct lease *lease, int64_t run, int64_t at_us,
                        struct error *error) {
    const struct datatype *datatype = former->type->datatype;
    const struct transform *transform = &former->type->push.transform;
    former->copies = transform->rest || (transform->count == 0 && !transform->has_function);
    former->read = arena_take_zero(&former->arena, datatype->count + 1, sizeof *former->read);
    former->field_links = arena_take_zero(&former->arena, datatype->count + 1, sizeof *former->field_links);
    if (former->read == NULL || former->field_links == NULL) {
        return error_memory(error);
    }
    for (size_t i = 0; i < transform->count; i++) {
        const struct rule *rule = &transform->rules[i];
        uint32_t named = shape_find(datatype->shape, transform->names->names[rule->field]);
        if (named != SHAPE_NONE) {
            former->read[named] = true; // a rule fills the name
        }
        for (size_t p = 0; p < rule->path_count; p++) {
            uint32_t place = shape_find(datatype->shape, rule->paths[p].names[0]);
            if (place != SHAPE_NONE) {
                former->read[place] = true;
            }
        }
    }
    for (size_t i = 0; former->copies && i < datatype->count; i++) {
        const struct field *field = &datatype->fields[i];
        if (field->type == FIELD_REF && !former->read[i] &&
            !open_links(former, former->sync->datasource, field->target, 0, lease, run, at_us, &former->field_links[i],
                        error)) {
            return false;
        }
    }
    return true;
}

static bool former_open(struct push_former *former, const struct lease *lease, int64_t run, int64_t at_us,
                        struct error *error) {
    const struct datatype *datatype = former->type->datatype;
    arena_init(&former->arena, FORMER_BYTES_MAX);
    struct shape *view = arena_take(&former->arena, sizeof *view);
    struct text *names = arena_take(&former->arena, (datatype->count + 1) * sizeof *names);
    if (view == NULL || names == NULL) {
        return error_memory(error);
    }
    names[0] = TEXT_LITERAL("id");
    memcpy(names + 1, datatype->shape->names, datatype->count * sizeof *names);
    *view = (struct shape){(uint32_t)datatype->count + 1, names};
    former->view = view;
    const struct push *push = &former->type->push;
    return open_rules(former, &push->transform, RULE_LINK, lease, run, at_us, &former->rule_links, error) &&
           open_rules(former, &push->back, RULE_REF, lease, run, at_us, &former->back_links, error) &&
           open_fields(former, lease, run, at_us, error);
}

bool push_former_init(struct push_former *former, const struct sync *sync, const struct sync_type *type,
                      struct store *store, const struct lease *lease, int64_t run, int64_t at_us, struct error *error) {
    *former = (struct push_former){.sync = sync, .type = type, .store = store};
    return former_open(former, lease, run, at_us, error);
}

bool push_former_view(struct push_former *former, const struct sync *sync, const struct sync_type *type,
                      struct store *store, struct error *error) {
    *former = (struct push_former){.sync = sync, .type = type, .store = store, .reads = true};
    return former_open(former, NULL, 0, 0, error);
}

void push_former_clear(struct push_former *former) {
    map_clear(&former->waits);
    memory_free(former->awaited);
    arena_clear(&former->arena);
}

// --- the view ---

bool push_view(const struct push_former *former, const struct home_row *row, struct arena *arena, struct object *out,
               struct error *error) {
    size_t count = former->type->datatype->count;
    const struct object *extra = row->extra.kind == VALUE_OBJECT ? row->extra.as.object : NULL;
    size_t extras = extra != NULL ? extra->shape->count : 0;
    struct value *values = arena_take(arena, (count + extras + 1) * sizeof *values);
    if (values == NULL) {
        return error_memory(error);
    }
    values[0] = value_integer(row->id);
    memcpy(values + 1, row->fields, count * sizeof *values);
    *out = (struct object){former->view, values};
    if (extras == 0) {
        return true;
    }
    struct shape *shape = arena_take(arena, sizeof *shape);
    struct text *names = arena_take(arena, (count + extras + 1) * sizeof *names);
    if (shape == NULL || names == NULL) {
        return error_memory(error);
    }
    memcpy(names, former->view->names, (count + 1) * sizeof *names);
    size_t used = count + 1;
    for (size_t i = 0; i < extras; i++) {
        if (shape_find(former->view, extra->shape->names[i]) == SHAPE_NONE) {
            names[used] = extra->shape->names[i];
            values[used++] = extra->values[i];
        }
    }
    *shape = (struct shape){(uint32_t)used, names};
    out->shape = shape;
    return true;
}

// --- one value ---

// What a rule takes: a field, several, or what a function says of the objects.
static bool rule_input(const struct push_former *former, const struct rule *rule, const struct object *fields,
                       const struct object *const *objects, size_t object_count, struct arena *arena,
                       struct mapped *out, struct error *error) {
    *out = (struct mapped){0};
    if (rule->input == INPUT_FUNCTION) {
        return mapper_call(former->sync->mapper, rule->function, objects, object_count, arena, out, error);
    }
    if (rule->input == INPUT_PATH) {
        const struct value *found = fields != NULL ? path_find(fields, &rule->paths[0]) : NULL;
        if (found != NULL) {
            out->value = *found;
        }
        return true;
    }
    if (rule->input == INPUT_PATHS) {
        struct value *items = arena_take(arena, (rule->path_count + 1) * sizeof *items);
        if (items == NULL) {
            return error_memory(error);
        }
        for (size_t i = 0; i < rule->path_count; i++) {
            const struct value *found = fields != NULL ? path_find(fields, &rule->paths[i]) : NULL;
            items[i] = found != NULL ? *found : value_null();
        }
        out->value = value_list(items, rule->path_count);
    }
    return true;
}

static bool write_time(const struct value *input, struct text format, const struct zone *zone, struct arena *arena,
                       struct value *out, struct error *error) {
    char room[CIVIL_WRITE_MAX];
    char shown[VALUE_SHOW_MAX];
    size_t length;
    if (input->kind != VALUE_INTEGER) {
        return error_set(error, ERROR_TIME_FORMAT, "%s is not one of home's times, which are whole microseconds",
                         value_show(input, shown));
    }
    if (!civil_write(input->as.integer, format, zone, room, &length)) {
        return error_set(error, ERROR_TIME_FORMAT, "%s cannot be written as %.*s: years go from 1 to 9999",
                         value_show(input, shown), TEXT_ARGS(format));
    }
    struct text text;
    if (!arena_text(arena, (struct text){room, length}, &text)) {
        return error_memory(error);
    }
    *out = value_text(text);
    return true;
}

// An id of the datasource, or one part of it.
static bool write_external(struct text external, const struct rule *rule, struct arena *arena, struct value *out,
                           struct error *error) {
    if (!push_part(external, rule->part, arena, &external, error)) {
        return false;
    }
    *out = value_text(external);
    if (!rule->number) {
        return true;
    }
    struct rule number = {.kind = RULE_NUMBER, .line = rule->line};
    struct field field = {.name = TEXT_LITERAL("id"), .type = FIELD_JSON};
    struct value text = *out;
    return convert(&number, &field, &text, arena, out, error);
}

// The id that the datasource knows the record by.
static bool write_link(const struct push_former *former, struct linkset *links, const struct value *input,
                       const struct rule *rule, struct arena *arena, struct value *out, struct error *error) {
    struct link link;
    struct text external;
    if (input->kind != VALUE_INTEGER) {
        char shown[VALUE_SHOW_MAX];
        return error_set(error, ERROR_FIELD_TYPE, "%s is no reference to a record of home", value_show(input, shown));
    }
    if (links != NULL &&
        !former->store->type->link_of(former->store, links, input->as.integer, arena, &link, &external, error)) {
        return false;
    }
    if (links == NULL || link.home == 0) {
        struct text datasource = rule->datasource.length > 0 ? rule->datasource : former->sync->datasource;
        return error_set(error, ERROR_PUSH_WAITS, "%.*s %lld, which it refers to, is not at %.*s yet",
                         TEXT_ARGS(rule->target), (long long)input->as.integer, TEXT_ARGS(datasource));
    }
    return write_external(external, rule, arena, out, error);
}

// The field that a rule takes whole, or NULL.
static const struct field *rule_field(const struct push_former *former, const struct rule *rule) {
    const struct datatype *datatype = former->type->datatype;
    uint32_t place = rule->input == INPUT_PATH && rule->paths[0].count == 1
                         ? shape_find(datatype->shape, rule->paths[0].names[0])
                         : SHAPE_NONE;
    return place != SHAPE_NONE ? &datatype->fields[place] : NULL;
}

static bool rule_convert(const struct push_former *former, size_t index, const struct value *input, struct arena *arena,
                         struct value *out, struct error *error) {
    const struct rule *rule = &former->type->push.transform.rules[index];
    const struct field *field = rule_field(former, rule);
    struct value time;
    if (rule->kind == RULE_REF) {
        return error_set(error, ERROR_TRANSFORM, "weir.ref belongs in pull; a push takes weir.link (line %d)",
                         rule->line);
    }
    if (value_empty(input) && rule->kind != RULE_CONST) {
        *out = *input;
        return true;
    }
    switch (rule->kind) {
    case RULE_TIME:
        return write_time(input, rule->format_count > 0 ? rule->formats[0] : TEXT_LITERAL("iso"),
                          rule->zone != NULL ? rule->zone : zone_utc(), arena, out, error);
    case RULE_LINK:
        return write_link(former, former->rule_links[index], input, rule, arena, out, error);
    case RULE_COPY:
    case RULE_TEXT:
        if (field != NULL && field->type == FIELD_TIME) {
            return write_time(input, TEXT_LITERAL("iso"), zone_utc(), arena, out, error);
        }
        if (rule->kind == RULE_COPY) {
            *out = *input;
            return true;
        }
        break;
    default:
        break;
    }
    time = *input;
    return convert(rule, field, &time, arena, out, error);
}

static bool field_copy(const struct push_former *former, size_t index, const struct value *input, struct arena *arena,
                       struct value *out, struct error *error) {
    const struct field *field = &former->type->datatype->fields[index];
    struct rule whole_id = {.kind = RULE_LINK, .target = field->target};
    *out = *input;
    if (value_empty(input)) {
        return true;
    }
    if (field->type == FIELD_TIME) {
        return write_time(input, TEXT_LITERAL("iso"), zone_utc(), arena, out, error);
    }
    return field->type != FIELD_REF ||
           write_link(former, former->field_links[index], input, &whole_id, arena, out, error);
}

// --- the form ---

static bool is_true(const struct value *value) {
    return !value_empty(value) && (value->kind != VALUE_BOOL || value->as.boolean);
}

static bool is_wanted(const struct push_former *former, const struct object *view, struct arena *arena,
                      struct push_formed *out, struct error *error) {
    struct mapped mapped;
    if (!former->type->push.has_when) {
        return true;
    }
    if (!mapper_call(former->sync->mapper, former->type->push.when, &view, 1, arena, &mapped, error)) {
        return error_place(error, "when");
    }
    out->skipped = mapped.skipped || !is_true(&mapped.value);
    out->reason = mapped.skipped ? mapped.reason : TEXT_LITERAL("`when` says no");
    return true;
}

static bool form_function(const struct push_former *former, const struct object *view, struct arena *arena,
                          struct push_formed *out, struct object *form, struct error *error) {
    struct mapped mapped;
    if (!mapper_record(former->sync->mapper, former->type->push.transform.function, view, arena, &mapped, error)) {
        return false;
    }
    if (mapped.count > 1) {
        return error_set(error, ERROR_TRANSFORM, "the function gave %zu records; a push writes one", mapped.count);
    }
    out->skipped = mapped.skipped || mapped.count == 0;
    out->reason = mapped.skipped ? mapped.reason : TEXT_LITERAL("the function gave nothing");
    if (!out->skipped) {
        *form = mapped.records[0].fields;
    }
    return true;
}

// Appends a field to the form; what nothing is said about stays out.
static void form_add(struct text *names, struct value *values, uint32_t *count, struct text name,
                     const struct value *value) {
    if (value->kind != VALUE_MISSING) {
        names[*count] = name;
        values[(*count)++] = *value;
    }
}

static bool form_rules(const struct push_former *former, const struct object *view, struct arena *arena,
                       struct push_formed *out, struct object *form, struct error *error) {
    const struct transform *transform = &former->type->push.transform;
    const struct datatype *datatype = former->type->datatype;
    size_t room = transform->count + datatype->count + 1;
    struct text *names = arena_take(arena, room * sizeof *names);
    struct value *values = arena_take(arena, room * sizeof *values);
    struct shape *shape = arena_take(arena, sizeof *shape);
    uint32_t count = 0;
    if (names == NULL || values == NULL || shape == NULL) {
        return error_memory(error);
    }
    for (size_t i = 0; i < transform->count; i++) {
        const struct rule *rule = &transform->rules[i];
        struct text name = transform->names->names[rule->field];
        struct mapped input;
        struct value value;
        if (!rule_input(former, rule, view, &view, 1, arena, &input, error) ||
            (!input.skipped && !rule_convert(former, i, &input.value, arena, &value, error))) {
            return error_place(error, "field %.*s", TEXT_ARGS(name));
        }
        bool may_wait = !input.skipped && rule->kind == RULE_LINK && value_empty(&input.value);
        const struct text *waits =
            may_wait ? push_former_awaited(former, former->rule_links[i], rule_field(former, rule), view) : NULL;
        out->borrowed = out->borrowed || waits != NULL;
        if (waits != NULL && !write_external(*waits, rule, arena, &value, error)) {
            return error_place(error, "field %.*s", TEXT_ARGS(name));
        }
        if (input.skipped) {
            out->skipped = true;
            out->reason = input.reason;
            return true;
        }
        form_add(names, values, &count, name, &value);
    }
    for (size_t i = 0; former->copies && i < datatype->count; i++) {
        struct value value;
        if (former->read[i]) {
            continue;
        }
        if (!field_copy(former, i, &view->values[i + 1], arena, &value, error)) {
            return error_place(error, "field %.*s", TEXT_ARGS(datatype->fields[i].name));
        }
        const struct text *waits = former->field_links[i] != NULL && value_empty(&value)
                                       ? push_former_awaited(former, former->field_links[i], &datatype->fields[i], view)
                                       : NULL;
        out->borrowed = out->borrowed || waits != NULL;
        value = waits != NULL ? value_text(*waits) : value;
        form_add(names, values, &count, datatype->fields[i].name, &value);
    }
    *shape = (struct shape){count, names};
    *form = (struct object){shape, values};
    return true;
}

bool push_form(struct push_former *former, const struct home_row *row, struct arena *arena, struct push_formed *out,
               struct error *error) {
    struct object *view = arena_take(arena, sizeof *view);
    struct object *form = arena_take(arena, sizeof *form);
    *out = (struct push_formed){0};
    if (view == NULL || form == NULL) {
        return error_memory(error);
    }
    if (!push_view(former, row, arena, view, error) || !is_wanted(former, view, arena, out, error)) {
        return false;
    }
    if (out->skipped) {
        return true;
    }
    bool ok = former->type->push.transform.has_function ? form_function(former, view, arena, out, form, error)
                                                        : form_rules(former, view, arena, out, form, error);
    if (ok && !out->skipped) {
        struct value value = value_object(form);
        out->form = form;
        out->print = value_print(&value);
    }
    return ok;
}

// --- the way of the reply ---

bool push_has_back(const struct push_former *former) {
    return former->type->push.back.count > 0;
}

static bool back_reference(const struct push_former *former, size_t index, struct value *value, struct error *error) {
    const struct value *parts = value->as.items;
    struct text external = value_slice(&parts[2]);
    struct link link;
    if (!former->store->type->link_find(former->store, former->back_links[index], &external, 1, &link, error)) {
        return false;
    }
    *value = link.home != 0 ? value_integer(link.home) : (struct value){.kind = VALUE_MISSING};
    return true;
}

bool push_back(struct push_former *former, const struct home_row *row, const struct object *reply, struct arena *arena,
               struct form *form, struct error *error) {
    const struct transform *back = &former->type->push.back;
    const struct datatype *datatype = former->type->datatype;
    struct object *view = arena_take(arena, sizeof *view);
    form->datatype = datatype;
    form->extra = (struct value){.kind = VALUE_MISSING};
    form->fields = arena_take_zero(arena, datatype->count + 1, sizeof *form->fields);
    if (view == NULL || form->fields == NULL) {
        return error_memory(error);
    }
    if (!push_view(former, row, arena, view, error)) {
        return false;
    }
    for (size_t i = 0; i < back->count; i++) {
        const struct rule *rule = &back->rules[i];
        const struct field *field = &datatype->fields[rule->field];
        const struct object *objects[] = {view, reply};
        struct mapped input;
        struct value value;
        bool ok = rule_input(former, rule, reply, objects, 2, arena, &input, error) &&
                  convert(rule, field, &input.value, arena, &value, error) &&
                  (rule->kind != RULE_REF || value.kind != VALUE_LIST || back_reference(former, i, &value, error)) &&
                  field_take(field, &value, arena, &form->fields[rule->field], error);
        if (!ok) {
            return error_place(error, "field %.*s of back", TEXT_ARGS(field->name));
        }
    }
    return true;
}
