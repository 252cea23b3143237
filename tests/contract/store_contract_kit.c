#include "contract/store_contract_kit.h"

enum { KIT_ARENA_MAX = 256 * 1024 * 1024 };

const struct datatype *kit_datatype(struct kit *kit, const char *name, const struct field *fields, size_t count,
                                    const uint32_t *key, size_t key_count, bool keeps_extra) {
    struct datatype *datatype = arena_take_zero(kit->arena, 1, sizeof *datatype);
    struct field *copies = arena_take_zero(kit->arena, count, sizeof *copies);
    struct text *names = arena_take_zero(kit->arena, count, sizeof *names);
    struct shape *shape = arena_take(kit->arena, sizeof *shape);
    uint32_t *places = arena_take_zero(kit->arena, key_count, sizeof *places);
    CHECK(datatype != NULL && copies != NULL && names != NULL && shape != NULL && places != NULL);
    for (size_t i = 0; i < count; i++) {
        copies[i] = fields[i];
        names[i] = fields[i].name;
    }
    for (size_t i = 0; i < key_count; i++) {
        places[i] = key[i];
    }
    *shape = (struct shape){(uint32_t)count, names};
    *datatype = (struct datatype){
        .name = text_of(name),
        .fields = copies,
        .count = count,
        .shape = shape,
        .key = places,
        .key_count = key_count,
        .keeps_extra = keeps_extra,
    };
    return datatype;
}

static void kit_declare(struct kit *kit) {
    const struct field group[GROUP_FIELDS] = {
        [GROUP_CODE] = {.name = TEXT_LITERAL("code"), .type = FIELD_TEXT, .required = true},
        [GROUP_NAME] = {.name = TEXT_LITERAL("name"), .type = FIELD_TEXT},
    };
    const struct field reading[READING_FIELDS] = {
        [READING_GROUP] = {.name = TEXT_LITERAL("group"), .type = FIELD_REF, .target = TEXT_LITERAL("group")},
        [READING_AT] = {.name = TEXT_LITERAL("at"), .type = FIELD_TIME, .required = true},
        [READING_VALUE] = {.name = TEXT_LITERAL("value"), .type = FIELD_DECIMAL},
        [READING_NOTE] = {.name = TEXT_LITERAL("note"), .type = FIELD_TEXT},
        [READING_GOOD] = {.name = TEXT_LITERAL("good"), .type = FIELD_BOOL},
        [READING_COUNT] = {.name = TEXT_LITERAL("count"), .type = FIELD_INTEGER},
        [READING_DATA] = {.name = TEXT_LITERAL("data"), .type = FIELD_JSON},
    };
    const uint32_t group_key[] = {GROUP_CODE};
    const uint32_t reading_key[] = {READING_GROUP, READING_AT};
    kit->group = kit_datatype(kit, "group", group, GROUP_FIELDS, group_key, 1, true);
    kit->reading = kit_datatype(kit, "reading", reading, READING_FIELDS, reading_key, 2, false);
}

static void kit_store(struct kit *kit) {
    struct store_setup setup = {.folder = kit->folder, .create = true};
    CHECK_OK(store_open(kit->type, &setup, &kit->store, &kit->error), &kit->error);
}

void kit_open_bare(struct kit *kit, const struct store_type *type, const char *folder) {
    *kit = (struct kit){.type = type, .folder = text_of(folder)};
    arena_init(&kit->memory, KIT_ARENA_MAX);
    kit->arena = &kit->memory;
    kit_declare(kit);
    kit_store(kit);
}

void kit_prepare(struct kit *kit) {
    const struct datatype *datatypes[] = {kit->group, kit->reading};
    CHECK_OK(store_prepare(kit->store, datatypes, 2, TEXT_LITERAL("return {}"), &kit->error), &kit->error);
    kit->groups = kit_linkset(kit, "wells", kit->group, false);
    kit->readings = kit_linkset(kit, "wells", kit->reading, false);
}

void kit_open(struct kit *kit, const struct store_type *type, const char *folder) {
    kit_open_bare(kit, type, folder);
    kit_prepare(kit);
}

void kit_close(struct kit *kit) {
    if (kit->run != 0) {
        store_lease_free(kit->store, &kit->lease);
    }
    store_close(kit->store);
    arena_clear(&kit->memory);
}

void kit_reopen(struct kit *kit) {
    if (kit->run != 0) {
        store_lease_free(kit->store, &kit->lease);
        kit->run = 0;
    }
    store_close(kit->store);
    kit_store(kit);
    kit_prepare(kit);
}

struct store *kit_another(struct kit *kit) {
    struct store *another;
    struct store_setup setup = {.folder = kit->folder};
    CHECK_OK(store_open(kit->type, &setup, &another, &kit->error), &kit->error);
    const struct datatype *datatypes[] = {kit->group, kit->reading};
    CHECK_OK(store_prepare(another, datatypes, 2, TEXT_LITERAL("return {}"), &kit->error), &kit->error);
    return another;
}

struct run_row kit_run_row(const char *key, int64_t started_us) {
    return (struct run_row){
        .key = text_of(key),
        .sync = TEXT_LITERAL("acme/pull"),
        .params = TEXT_LITERAL("{}"),
        .started_us = started_us,
        .print = kit_print("script"),
        .script_text = TEXT_LITERAL("return weir.sync {}"),
        .process = 4711,
    };
}

void kit_run(struct kit *kit) {
    struct run_row row = kit_run_row("acme/pull", 1000);
    CHECK_OK(store_lease_take(kit->store, row.key, &kit->lease, &kit->error), &kit->error);
    CHECK_OK(store_run_begin(kit->store, &kit->lease, &row, &kit->run, &kit->error), &kit->error);
}

void kit_end(struct kit *kit, enum run_status status, bool complete) {
    struct run_row row = {.id = kit->run, .key = kit->lease.key, .status = status, .ended_us = 2000};
    CHECK_OK(store_run_end(kit->store, &kit->lease, &row, complete, NULL, 0, &kit->error), &kit->error);
    store_lease_free(kit->store, &kit->lease);
    kit->run = 0;
}

struct linkset *kit_linkset(struct kit *kit, const char *datasource, const struct datatype *datatype, bool bulk) {
    struct linkset *links;
    CHECK_OK(store_linkset(kit->store, text_of(datasource), datatype, bulk, &links, &kit->error), &kit->error);
    return links;
}

int64_t kit_reserve(struct kit *kit, int64_t count) {
    int64_t first;
    CHECK_OK(store_reserve(kit->store, count, &first, &kit->error), &kit->error);
    return first;
}

// --- writing ---

struct print kit_print(const char *form) {
    return print_of(text_of(form), 7);
}

struct value kit_text(const char *text) {
    return value_text(text_of(text));
}

struct value kit_decimal(const char *text) {
    return value_decimal(text_of(text));
}

struct page kit_page(struct kit *kit) {
    return (struct page){
        .lease = kit->run != 0 ? &kit->lease : NULL,
        .run = kit->run,
        .origin = kit->run != 0 ? TEXT_LITERAL("wells") : TEXT_LITERAL("put"),
        .at_us = 1500,
    };
}

struct page kit_effects(struct kit *kit, const struct effect *effects, size_t count) {
    struct page page = kit_page(kit);
    page.effects = effects;
    page.effect_count = count;
    return page;
}

struct effect kit_create(struct kit *kit, const struct datatype *datatype, struct linkset *links, const char *external,
                         const struct value *fields, const char *form) {
    return (struct effect){
        .kind = EFFECT_CREATE,
        .datatype = datatype,
        .id = kit_reserve(kit, 1),
        .fields = fields,
        .links = links,
        .external = text_of(external),
        .seen = kit_print(form),
        .adds_link = links != NULL,
    };
}

struct effect kit_change(const struct effect *made, enum effect_kind kind, int64_t base_seq, const struct value *fields,
                         const char *form) {
    struct effect effect = *made;
    effect.kind = kind;
    effect.base_seq = base_seq;
    effect.fields = fields;
    effect.seen = kit_print(form);
    effect.adds_link = false;
    return effect;
}

void kit_commit(struct kit *kit, const struct page *page) {
    enum commit_outcome outcome;
    CHECK_OK(store_commit(kit->store, page, &outcome, &kit->error), &kit->error);
    CHECK(outcome == COMMIT_DONE);
}

void kit_commit_effects(struct kit *kit, const struct effect *effects, size_t count) {
    struct page page = kit_effects(kit, effects, count);
    kit_commit(kit, &page);
}

void kit_stale(struct kit *kit, const struct page *page) {
    enum commit_outcome outcome;
    CHECK_OK(store_commit(kit->store, page, &outcome, &kit->error), &kit->error);
    CHECK(outcome == COMMIT_STALE);
}

struct effect kit_add_group(struct kit *kit, const char *external, const char *code, const char *form) {
    const struct value fields[GROUP_FIELDS] = {kit_text(code), kit_text("a group")};
    struct effect effect = kit_create(kit, kit->group, kit->groups, external, fields, form);
    kit_commit_effects(kit, &effect, 1);
    effect.fields = NULL;
    return effect;
}

struct effect kit_add_reading(struct kit *kit, const char *external, int64_t at_us, const char *value) {
    const struct value fields[READING_FIELDS] = {
        [READING_AT] = value_integer(at_us),
        [READING_VALUE] = kit_decimal(value),
    };
    struct effect effect = kit_create(kit, kit->reading, kit->readings, external, fields, value);
    kit_commit_effects(kit, &effect, 1);
    effect.fields = NULL;
    return effect;
}
