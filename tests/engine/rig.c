#include "rig.h"

#include "store/store_memory.h"

static const struct text path_id[] = {{"id", 2}};
static const struct text path_name[] = {{"name", 4}};
static const struct text path_parent[] = {{"parent", 6}};
static const struct text path_resource[] = {{"resource", 8}};
static const struct text path_value[] = {{"value", 5}};
static const struct path key[] = {{path_id, 1}};
static const struct path paths[] = {{path_name, 1}, {path_parent, 1}, {path_resource, 1}, {path_value, 1}};

static struct field field(const char *name, enum field_type type, bool required, const char *target) {
    return (struct field){text_of(name), type, required, {.kind = VALUE_MISSING}, text_of(target)};
}

static void define(struct rig *rig, struct datatype *datatype, const char *name, struct field *fields, size_t count) {
    struct text *names = arena_take(&rig->arena, count * sizeof *names);
    struct shape *shape = arena_take(&rig->arena, sizeof *shape);
    for (size_t i = 0; i < count; i++) {
        names[i] = fields[i].name;
    }
    *shape = (struct shape){(uint32_t)count, names};
    *datatype = (struct datatype){.name = text_of(name), .fields = fields, .count = count, .shape = shape};
}

static void no_release(struct mapper *mapper) {
    (void)mapper;
}

static struct rule rule(uint32_t place, enum rule_kind kind, const struct path *path) {
    return (struct rule){.field = place,
                         .input = INPUT_PATH,
                         .kind = kind,
                         .paths = path,
                         .path_count = 1,
                         .datasource = TEXT_LITERAL("list"),
                         .target = TEXT_LITERAL("resource"),
                         .line = 1};
}

static void open_store(struct rig *rig) {
    struct store_setup setup = {.folder = text_of(test_folder()), .create = true};
    CHECK_OK(store_open(rig->store_type, &setup, &rig->store, &rig->error), &rig->error);
    rig->request.store = rig->store;
}

void rig_open(struct rig *rig, const char *type) {
    memset(rig, 0, sizeof *rig);
    arena_init(&rig->arena, 64 * 1024 * 1024);
    rig->store_type = &store_memory;
    rig->resource_fields[0] = field("name", FIELD_TEXT, true, "");
    rig->resource_fields[1] = field("parent", FIELD_REF, false, "resource");
    rig->reading_fields[0] = field("resource", FIELD_REF, true, "resource");
    rig->reading_fields[1] = field("value", FIELD_DECIMAL, false, "");
    define(rig, &rig->resource, "resource", rig->resource_fields, 2);
    define(rig, &rig->reading, "reading", rig->reading_fields, 2);
    rig->datatypes[0] = &rig->resource;
    rig->datatypes[1] = &rig->reading;
    rig->resource_rules[0] = rule(0, RULE_TEXT, &paths[0]);
    rig->resource_rules[1] = rule(1, RULE_REF, &paths[1]);
    rig->reading_rules[0] = rule(0, RULE_REF, &paths[2]);
    rig->reading_rules[1] = rule(1, RULE_NUMBER, &paths[3]);
    bool readings = strcmp(type, "reading") == 0;
    rig->types[0] = (struct sync_type){
        .name = text_of(type),
        .datatype = readings ? &rig->reading : &rig->resource,
        .key = key,
        .key_count = 1,
        .pull = {.rules = readings ? rig->reading_rules : rig->resource_rules, .count = 2},
    };
    rig->mapper_type.release = no_release;
    rig->mapper.type = &rig->mapper_type;
    rig->sync = (struct sync){
        .org = TEXT_LITERAL("test"),
        .name = readings ? TEXT_LITERAL("readings") : TEXT_LITERAL("resources"),
        .params = TEXT_LITERAL("{}"),
        .print = {readings ? 1 : 2, 3},
        .datasource = TEXT_LITERAL("list"),
        .source = &source_list,
        .source_settings = source_list_settings(&rig->list),
        .datatypes = rig->datatypes,
        .datatype_count = 2,
        .types = rig->types,
        .type_count = 1,
        .mapper = &rig->mapper,
        .retry_max = 3,
    };
    rig->request = (struct run_request){
        .sync = &rig->sync, .clock = &clock_system, .log = &log_none, .stop = &rig->stop, .page_records = 3};
    open_store(rig);
}

void rig_rows(struct rig *rig, const struct source_list_row *rows, size_t count) {
    rig->list.rows = rows;
    rig->list.count = count;
    rig->list.version++;
}

void rig_run(struct rig *rig) {
    error_clear(&rig->error);
    CHECK_OK(run_sync(&rig->request, &rig->report, &rig->error), &rig->error);
}

void rig_reopen_only(struct rig *rig) {
    open_store(rig);
}

void rig_reopen(struct rig *rig, bool crashed) {
    if (crashed) {
        store_memory_crash();
    }
    store_close(rig->store);
    open_store(rig);
}

void rig_close(struct rig *rig) {
    store_close(rig->store);
    arena_clear(&rig->arena);
    store_memory_forget();
}

static const struct datatype *datatype_named(struct rig *rig, const char *type) {
    return strcmp(type, "reading") == 0 ? &rig->reading : &rig->resource;
}

static bool count_record(void *context, const struct home_row *row, struct error *error) {
    (void)row;
    (void)error;
    ++*(int64_t *)context;
    return true;
}

static bool count_dead(void *context, const struct dead_row *row, struct error *error) {
    (void)row;
    (void)error;
    ++*(int64_t *)context;
    return true;
}

static bool count_pending(void *context, const struct pending_row *row, struct error *error) {
    (void)row;
    (void)error;
    ++*(int64_t *)context;
    return true;
}

static bool count_conflict(void *context, const struct conflict_row *row, struct error *error) {
    (void)row;
    (void)error;
    ++*(int64_t *)context;
    return true;
}

static const struct scan all = {.filter = {"", 0}};

int64_t rig_records(struct rig *rig, const char *type) {
    int64_t count = 0;
    CHECK_OK(
        rig->store_type->record_scan(rig->store, datatype_named(rig, type), &all, count_record, &count, &rig->error),
        &rig->error);
    return count;
}

int64_t rig_deads(struct rig *rig) {
    int64_t count = 0;
    CHECK_OK(rig->store_type->dead_scan(rig->store, &all, count_dead, &count, &rig->error), &rig->error);
    return count;
}

int64_t rig_pendings(struct rig *rig) {
    int64_t count = 0;
    CHECK_OK(rig->store_type->pending_scan(rig->store, &all, count_pending, &count, &rig->error), &rig->error);
    return count;
}

int64_t rig_conflicts(struct rig *rig) {
    int64_t count = 0;
    CHECK_OK(rig->store_type->conflict_scan(rig->store, &all, count_conflict, &count, &rig->error), &rig->error);
    return count;
}

int64_t rig_seq(struct rig *rig) {
    int64_t seq = 0;
    CHECK_OK(rig->store_type->seq(rig->store, &seq, &rig->error), &rig->error);
    return seq;
}

struct home_row rig_record(struct rig *rig, const char *type, const char *external) {
    struct linkset *links;
    struct link link;
    struct home_row row;
    struct text id = text_of(external);
    const struct datatype *datatype = datatype_named(rig, type);
    CHECK_OK(store_linkset(rig->store, TEXT_LITERAL("list"), datatype, false, &links, &rig->error), &rig->error);
    CHECK_OK(rig->store_type->link_find(rig->store, links, &id, 1, &link, &rig->error), &rig->error);
    CHECK(link.home != 0);
    CHECK_OK(rig->store_type->record_find(rig->store, datatype, link.home, &rig->arena, &row, &rig->error),
             &rig->error);
    CHECK(row.id == link.home);
    return row;
}

static int64_t find_link(struct rig *rig, const char *type, const char *external, struct link *link) {
    struct linkset *links;
    struct text id = text_of(external);
    CHECK_OK(store_linkset(rig->store, TEXT_LITERAL("list"), datatype_named(rig, type), false, &links, &rig->error),
             &rig->error);
    CHECK_OK(rig->store_type->link_find(rig->store, links, &id, 1, link, &rig->error), &rig->error);
    return link->home;
}

struct link rig_link(struct rig *rig, const char *type, const char *external) {
    struct link link;
    CHECK(find_link(rig, type, external, &link) != 0);
    return link;
}

bool rig_linked(struct rig *rig, const char *type, const char *external) {
    struct link link;
    return find_link(rig, type, external, &link) != 0;
}

static void commit(struct rig *rig, const struct page *page) {
    enum commit_outcome outcome;
    CHECK_OK(store_commit(rig->store, page, &outcome, &rig->error), &rig->error);
    CHECK(outcome == COMMIT_DONE);
}

void rig_change(struct rig *rig, const char *type, const char *external, size_t field, struct value value) {
    struct home_row row = rig_record(rig, type, external);
    row.fields[field] = value;
    struct effect effect = {.kind = EFFECT_UPDATE,
                            .datatype = datatype_named(rig, type),
                            .id = row.id,
                            .base_seq = row.seq,
                            .fields = row.fields,
                            .extra = row.extra};
    struct page page = {.origin = TEXT_LITERAL("put"),
                        .at_us = clock_now(rig->request.clock),
                        .effects = &effect,
                        .effect_count = 1,
                        .audit = "a test"};
    commit(rig, &page);
}

void rig_delete(struct rig *rig, const char *type, const char *external) {
    struct home_row row = rig_record(rig, type, external);
    struct effect effect = {
        .kind = EFFECT_DELETE, .datatype = datatype_named(rig, type), .id = row.id, .base_seq = row.seq};
    struct page page = {.origin = TEXT_LITERAL("put"),
                        .at_us = clock_now(rig->request.clock),
                        .effects = &effect,
                        .effect_count = 1,
                        .audit = "a test"};
    commit(rig, &page);
}

struct kinds {
    struct rig *rig;
    const char *kind;
    int64_t count;
    struct value *payload;
};

static bool count_kind(void *context, const struct conflict_row *row, struct error *error) {
    struct kinds *kinds = context;
    if (!text_is(row->kind, kinds->kind)) {
        return true;
    }
    kinds->count++;
    return kinds->payload == NULL || value_copy(&kinds->rig->arena, &row->payload, kinds->payload) ||
           error_memory(error);
}

int64_t rig_conflicts_of(struct rig *rig, const char *kind, struct value *payload) {
    struct kinds kinds = {rig, kind, 0, payload};
    CHECK_OK(rig->store_type->conflict_scan(rig->store, &all, count_kind, &kinds, &rig->error), &rig->error);
    return kinds.count;
}

struct helds {
    struct rig *rig;
    const char *direction;
    int64_t count;
    struct held_row rows[64];
};

static bool take_held(void *context, const struct held_row *row, struct error *error) {
    struct helds *helds = context;
    struct arena *arena = &helds->rig->arena;
    if (!text_is(row->direction, helds->direction)) {
        return true;
    }
    CHECK(helds->count < 64);
    struct held_row *kept = &helds->rows[helds->count++];
    *kept = *row;
    return (arena_text(arena, row->key, &kept->key) && arena_text(arena, row->direction, &kept->direction) &&
            arena_text(arena, row->datasource, &kept->datasource) &&
            arena_text(arena, row->datatype, &kept->datatype) && arena_text(arena, row->external, &kept->external)) ||
           error_memory(error);
}

int64_t rig_helds(struct rig *rig, const char *direction) {
    struct helds helds = {.rig = rig, .direction = direction};
    CHECK_OK(rig->store_type->held_scan(rig->store, &all, take_held, &helds, &rig->error), &rig->error);
    return helds.count;
}

void rig_approve(struct rig *rig) {
    struct helds helds = {.rig = rig, .direction = "pull"};
    CHECK_OK(rig->store_type->held_scan(rig->store, &all, take_held, &helds, &rig->error), &rig->error);
    for (int64_t i = 0; i < helds.count; i++) {
        helds.rows[i].approved = true;
    }
    struct page page = {.origin = TEXT_LITERAL("put"),
                        .at_us = clock_now(rig->request.clock),
                        .helds = helds.rows,
                        .held_count = (size_t)helds.count,
                        .audit = "approved"};
    commit(rig, &page);
}

struct text rig_watermark(struct rig *rig, const char *direction) {
    struct text of_sync;
    struct text out;
    CHECK(sync_key(&rig->sync, &rig->arena, &of_sync));
    CHECK_OK(rig->store_type->watermark_find(rig->store, of_sync, rig->types[0].name, text_of(direction), &rig->arena,
                                             &out, &rig->error),
             &rig->error);
    return out;
}
