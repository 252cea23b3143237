#include "sim_sync.h"

#include "format/format_json.h"
#include "source/source_http.h"

static const struct text path_id[] = {{"id", 2}};
static const struct text path_legacy[] = {{"legacy", 6}};
static const struct text path_name[] = {{"name", 4}};
static const struct text path_code[] = {{"code", 4}};
static const struct text path_ref[] = {{"ref", 3}};
static const struct text path_stamp[] = {{"updatedAt", 9}};
static const struct path key[] = {{path_id, 1}};
// In the order of home's fields.
static const struct path paths[] = {{path_legacy, 1}, {path_name, 1}, {path_code, 1}, {path_ref, 1}, {path_stamp, 1}};

static const char *const type_names[] = {[SIM_WELL] = "well", [SIM_READING] = "reading"};

static struct rule rule(enum sim_place place, uint32_t at, enum rule_kind kind, size_t path) {
    return (struct rule){.field = at,
                         .input = INPUT_PATH,
                         .kind = kind,
                         .paths = &paths[path],
                         .path_count = 1,
                         .datasource = text_of(sim_place_name(place)),
                         .target = TEXT_LITERAL("well"),
                         .number = kind == RULE_LINK,
                         .line = 1};
}

// --- the script's one function: a conflict ends with home's form ---

static bool take_home(struct mapper *mapper, uint32_t function, const struct object *const *objects, size_t count,
                      struct arena *arena, struct mapped *out, struct error *error) {
    (void)mapper;
    (void)function;
    (void)arena;
    (void)error;
    SIM_CHECK(count == 3);
    out->value = value_object(objects[1]);
    return true;
}

static bool take_none(struct mapper *mapper, uint32_t function, const struct object *record, struct arena *arena,
                      struct mapped *out, struct error *error) {
    (void)mapper;
    (void)function;
    (void)record;
    (void)arena;
    (void)out;
    (void)error;
    SIM_CHECK(false && "the script has no such function");
    return false;
}

static void release(struct mapper *mapper) {
    (void)mapper;
}

static const struct mapper_type mapper_type = {
    .field = take_none, .record = take_none, .call = take_home, .release = release};

// --- settings ---

static struct object *read_object(struct sim *sim, struct buffer *json) {
    struct value value, copy;
    struct error error;
    SIM_CHECK(!json->failed);
    if (!json_read(buffer_view(json), &sim->arena, NULL, &value, &error)) {
        fprintf(stderr, "%.*s: %s\n", TEXT_ARGS(buffer_view(json)), error.message);
        SIM_CHECK(false && "the settings are JSON");
    }
    SIM_CHECK(value_copy(&sim->arena, &value, &copy) && copy.kind == VALUE_OBJECT);
    buffer_clear(json);
    return (struct object *)copy.as.object;
}

static const struct object *source_settings(struct sim *sim, const int64_t *knobs, enum sim_place place) {
    struct buffer json;
    buffer_init(&json, 1 << 20);
    sim_settings_source(knobs, place, &json);
    return read_object(sim, &json);
}

static const struct object *type_settings(struct sim *sim, const int64_t *knobs, enum sim_type type) {
    struct buffer json;
    buffer_init(&json, 1 << 20);
    sim_settings_type(knobs, type, &json);
    return read_object(sim, &json);
}

static const struct object *both_types(struct sim *sim, const struct object *const settings[SIM_TYPES]) {
    struct text *names = arena_take(&sim->arena, SIM_TYPES * sizeof *names);
    struct value *values = arena_take(&sim->arena, SIM_TYPES * sizeof *values);
    struct shape *shape = arena_take(&sim->arena, sizeof *shape);
    struct object *object = arena_take(&sim->arena, sizeof *object);
    SIM_CHECK(names != NULL && values != NULL && shape != NULL && object != NULL);
    for (int type = 0; type < SIM_TYPES; type++) {
        names[type] = text_of(type_names[type]);
        values[type] = value_object(settings[type]);
    }
    *shape = (struct shape){SIM_TYPES, names};
    *object = (struct object){shape, values};
    return object;
}

// --- the script ---

static void write_type(struct sim *sim, enum sim_place place, enum sim_type type) {
    struct sim_sync *sync = &sim->syncs[sim_source_of(place)];
    const int64_t *knobs = sim->plan->world.sources[sim_source_of(place)];
    bool refers = type == SIM_READING || sim->plan->world.world[KNOB_PARENTS] != 0;
    for (uint32_t field = SIM_FIELD_LEGACY; field <= SIM_FIELD_REF; field++) {
        bool is_ref = field == SIM_FIELD_REF;
        sync->pull[type][field] = rule(place, field, is_ref ? RULE_REF : RULE_COPY, field);
        sync->push[type][field] = rule(place, field, is_ref ? RULE_LINK : RULE_COPY, field);
    }
    sync->back[type] = rule(place, SIM_FIELD_AT, RULE_TEXT, 4);
    size_t count = refers ? 4 : 3;
    sync->types[type] = (struct sync_type){
        .name = text_of(type_names[type]),
        .datatype = &sim->homes[sim_org_of(place)].types[type],
        .settings = type_settings(sim, knobs, type),
        .key = key,
        .key_count = 1,
        .pull = {.rules = sync->pull[type], .count = count},
        .pushes = knobs[KNOB_DIRECTION] != SYNC_PULL,
        .push = {.transform = {.rules = sync->push[type], .count = count, .names = &sync->push_shape}},
        .cursor_format = text_of(knobs[KNOB_EPOCH] != 0 ? "epoch_ms" : "iso"),
        .cursor = {path_stamp, 1},
    };
    if (knobs[KNOB_BACK] != 0) {
        sync->types[type].push.back = (struct transform){.rules = &sync->back[type], .count = 1};
    }
}

void sim_sync_open(struct sim *sim, enum sim_place place) {
    struct sim_sync *sync = &sim->syncs[sim_source_of(place)];
    const int64_t *knobs = sim->plan->world.sources[sim_source_of(place)];
    struct sim_home *home = &sim->homes[sim_org_of(place)];
    const struct object *settings[SIM_TYPES];
    for (uint32_t field = SIM_FIELD_LEGACY; field <= SIM_FIELD_REF; field++) {
        sync->push_names[field] = home->names[SIM_WELL][field];
    }
    sync->push_shape = (struct shape){4, sync->push_names};
    for (int type = 0; type < SIM_TYPES; type++) {
        write_type(sim, place, (enum sim_type)type);
        settings[type] = sync->types[type].settings;
    }
    sync->mapper.type = &mapper_type;
    sync->sync = (struct sync){
        .org = text_of(sim_org_of(place) == 0 ? "a" : "b"),
        .name = text_of(sim_place_name(place)),
        .params = TEXT_LITERAL("{}"),
        .print = {7, (uint64_t)place},
        .datasource = text_of(sim_place_name(place)),
        .source = &source_http,
        .source_settings = source_settings(sim, knobs, place),
        .source_types = both_types(sim, settings),
        .datatypes = home->list,
        .datatype_count = SIM_TYPES,
        .types = sync->types,
        .type_count = sim->plan->world.world[KNOB_READINGS] != 0 ? 2 : 1,
        .direction = (enum sync_direction)knobs[KNOB_DIRECTION],
        .conflict = (enum conflict_policy)knobs[KNOB_POLICY],
        .deletes = knobs[KNOB_DELETES] != 0,
        .deletes_at_most = {false, (double)knobs[KNOB_AT_MOST]},
        .mapper = &sync->mapper,
        .retry_max = 3,
    };
    SIM_CHECK(sync_key(&sync->sync, &sim->arena, &sync->key));
}
