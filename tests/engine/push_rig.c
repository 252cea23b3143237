#include "push_rig.h"

#include <stdarg.h>

#include "engine/edit.h"
#include "format/format_json.h"
#include "store/store_memory.h"

const struct store_type *push_rig_store = &store_memory;

static const struct text path_id[] = {{"id", 2}};
static const struct text path_name[] = {{"name", 4}};
static const struct text path_parent[] = {{"parent", 6}};
static const struct text path_code[] = {{"code", 4}};
static const struct text path_resource[] = {{"resource", 8}};
static const struct text path_value[] = {{"value", 5}};
static const struct text path_cursor[] = {{"updatedAt", 9}};
static const struct path key[] = {{path_id, 1}};
static const struct path paths[] = {{path_name, 1},     {path_parent, 1}, {path_code, 1},
                                    {path_resource, 1}, {path_value, 1},  {path_id, 1}};
enum { PATH_NAME, PATH_PARENT, PATH_CODE, PATH_RESOURCE, PATH_VALUE, PATH_ID };

static const struct text push_names[] = {{"code", 4}, {"name", 4}, {"parent", 6}};
static const struct shape push_shape = {3, push_names};
static const struct text reading_names[] = {{"resource", 8}, {"value", 5}};
static const struct shape reading_shape = {2, reading_names};

static struct field field(const char *name, enum field_type type, bool required, const char *target) {
    return (struct field){text_of(name), type, required, {.kind = VALUE_MISSING}, text_of(target)};
}

static void define(struct push_rig *rig, struct datatype *datatype, const char *name, struct field *fields,
                   size_t count) {
    struct text *names = arena_take(&rig->arena, count * sizeof *names);
    struct shape *shape = arena_take(&rig->arena, sizeof *shape);
    CHECK(names != NULL && shape != NULL);
    for (size_t i = 0; i < count; i++) {
        names[i] = fields[i].name;
    }
    *shape = (struct shape){(uint32_t)count, names};
    *datatype = (struct datatype){.name = text_of(name), .fields = fields, .count = count, .shape = shape};
}

static struct rule rule(uint32_t place, enum rule_kind kind, size_t path) {
    return (struct rule){.field = place,
                         .input = INPUT_PATH,
                         .kind = kind,
                         .paths = &paths[path],
                         .path_count = 1,
                         .datasource = TEXT_LITERAL("remote"),
                         .target = TEXT_LITERAL("resource"),
                         .line = 1};
}

// --- the script's functions ---

static struct push_rig *rig_of(struct mapper *mapper) {
    return (struct push_rig *)((char *)mapper - offsetof(struct push_rig, mapper));
}

static bool call(struct mapper *mapper, uint32_t function, const struct object *const *objects, size_t count,
                 struct arena *arena, struct mapped *out, struct error *error) {
    struct push_rig *rig = rig_of(mapper);
    CHECK(function < PUSH_RIG_FUNCTIONS && rig->functions[function] != NULL);
    rig->calls[function]++;
    return rig->functions[function](objects, count, arena, out, error);
}

static bool call_one(struct mapper *mapper, uint32_t function, const struct object *record, struct arena *arena,
                     struct mapped *out, struct error *error) {
    return call(mapper, function, &record, 1, arena, out, error);
}

static void no_release(struct mapper *mapper) {
    (void)mapper;
}

static const struct mapper_type mapper_type = {
    .field = call_one, .record = call_one, .call = call, .release = no_release};

// --- time ---

static int64_t now(void *context) {
    return ((struct push_rig *)context)->now_us;
}

static void wait(void *context, int64_t span_us) {
    ((struct push_rig *)context)->now_us += span_us;
}

// --- opening ---

static void open_store(struct push_rig *rig) {
    struct store_setup setup = {.folder = text_of(test_folder()), .create = true};
    CHECK_OK(store_open(rig->store_type, &setup, &rig->store, &rig->error), &rig->error);
    rig->request.store = rig->store;
}

static void prepare(struct push_rig *rig) {
    CHECK_OK(store_prepare(rig->store, rig->datatypes, 2, TEXT_LITERAL(""), &rig->error), &rig->error);
}

static void define_all(struct push_rig *rig) {
    rig->resource_fields[RES_NAME] = field("name", FIELD_TEXT, true, "");
    rig->resource_fields[RES_PARENT] = field("parent", FIELD_REF, false, "resource");
    rig->resource_fields[RES_CODE] = field("code", FIELD_TEXT, false, "");
    rig->resource_fields[RES_AT] = field("at", FIELD_TIME, false, "");
    rig->resource_fields[RES_LEGACY] = field("legacy", FIELD_TEXT, false, "");
    rig->reading_fields[0] = field("resource", FIELD_REF, true, "resource");
    rig->reading_fields[1] = field("value", FIELD_DECIMAL, false, "");
    define(rig, &rig->resource, "resource", rig->resource_fields, RES_FIELDS);
    define(rig, &rig->reading, "reading", rig->reading_fields, 2);
    rig->datatypes[0] = &rig->resource;
    rig->datatypes[1] = &rig->reading;
    rig->pull_rules[0] = rule(RES_NAME, RULE_TEXT, PATH_NAME);
    rig->pull_rules[1] = rule(RES_PARENT, RULE_REF, PATH_PARENT);
    rig->pull_rules[2] = rule(RES_CODE, RULE_COPY, PATH_CODE);
    rig->reading_pull_rules[0] = rule(0, RULE_REF, PATH_RESOURCE);
    rig->reading_pull_rules[1] = rule(1, RULE_NUMBER, PATH_VALUE);
    rig->push_rules[0] = rule(0, RULE_COPY, PATH_CODE);
    rig->push_rules[1] = rule(1, RULE_COPY, PATH_NAME);
    rig->push_rules[2] = rule(2, RULE_LINK, PATH_PARENT);
    rig->reading_push_rules[0] = rule(0, RULE_LINK, PATH_RESOURCE);
    rig->reading_push_rules[1] = rule(1, RULE_COPY, PATH_VALUE);
    rig->back_rules[0] = rule(RES_LEGACY, RULE_TEXT, PATH_ID);
}

void push_rig_open(struct push_rig *rig, enum sync_direction direction) {
    memset(rig, 0, sizeof *rig);
    arena_init(&rig->arena, 64 * 1024 * 1024);
    remote_open(&rig->remote);
    rig->store_type = push_rig_store;
    rig->now_us = INT64_C(1700000000000000);
    rig->clock = (struct clock){now, wait, rig};
    rig->mapper.type = &mapper_type;
    define_all(rig);
    rig->types[0] = (struct sync_type){
        .name = TEXT_LITERAL("resource"),
        .datatype = &rig->resource,
        .settings = remote_settings(&rig->remote),
        .key = key,
        .key_count = 1,
        .pull = {.rules = rig->pull_rules, .count = 3},
        .pushes = direction != SYNC_PULL,
        .push = {.transform = {.rules = rig->push_rules, .count = 3, .names = &push_shape}},
        .cursor = {path_cursor, 1},
    };
    rig->types[1] = (struct sync_type){
        .name = TEXT_LITERAL("reading"),
        .datatype = &rig->reading,
        .settings = remote_settings(&rig->remote),
        .key = key,
        .key_count = 1,
        .pull = {.rules = rig->reading_pull_rules, .count = 2},
        .pushes = direction != SYNC_PULL,
        .push = {.transform = {.rules = rig->reading_push_rules, .count = 2, .names = &reading_shape}},
        .cursor = {path_cursor, 1},
    };
    rig->sync = (struct sync){
        .org = TEXT_LITERAL("test"),
        .name = TEXT_LITERAL("two_way"),
        .params = TEXT_LITERAL("{}"),
        .print = {7, 3},
        .datasource = TEXT_LITERAL("remote"),
        .source = &remote_fake,
        .source_settings = remote_settings(&rig->remote),
        .datatypes = rig->datatypes,
        .datatype_count = 2,
        .types = rig->types,
        .type_count = 2,
        .direction = direction,
        .conflict = CONFLICT_FIELDS,
        .deletes = true,
        .deletes_at_most = {false, 2},
        .mapper = &rig->mapper,
        .retry_max = 3,
    };
    rig->request = (struct run_request){
        .sync = &rig->sync, .clock = &rig->clock, .log = &log_none, .stop = &rig->stop, .page_records = 3};
    open_store(rig);
    prepare(rig);
}

void push_rig_reopen(struct push_rig *rig, bool crashed) {
    if (crashed) {
        store_memory_crash();
    }
    store_close(rig->store);
    open_store(rig);
    prepare(rig);
}

void push_rig_close(struct push_rig *rig) {
    store_close(rig->store);
    remote_close(&rig->remote);
    arena_clear(&rig->arena);
    store_memory_forget();
}

// --- running ---

void push_rig_run(struct push_rig *rig, enum run_status status) {
    error_clear(&rig->error);
    CHECK_OK(run_sync(&rig->request, &rig->report, &rig->error), &rig->error);
    // What is held back is nothing to be content with.
    status = status == RUN_DONE && rig->report.counts.held > 0 ? RUN_WARNING : status;
    if (rig->report.status != status) {
        test_fail(__FILE__, __LINE__, "the run is %s, not %s: W%d %s", run_status_name(rig->report.status),
                  run_status_name(status), (int)rig->report.error.code, rig->report.error.message);
    }
}

struct sum {
    struct print print;
};

static bool add_link(void *context, struct text datasource, struct text external, const struct link *link,
                     struct error *error) {
    (void)datasource;
    (void)error;
    struct sum *sum = context;
    sum->print = print_join(sum->print, print_of(external, 0));
    sum->print = print_join(sum->print, link->seen);
    sum->print = print_join(sum->print, link->sent);
    int64_t numbers[] = {link->home, link->agreed_seq, link->bounces};
    sum->print = print_join(sum->print, print_of((struct text){(const char *)numbers, sizeof numbers}, 0));
    return true;
}

static struct print all_links(struct push_rig *rig) {
    struct sum sum = {{0, 0}};
    struct scan scan = {.filter = TEXT_LITERAL("remote")};
    for (size_t i = 0; i < 2; i++) {
        CHECK_OK(rig->store_type->link_scan(rig->store, rig->datatypes[i], &scan, add_link, &sum, &rig->error),
                 &rig->error);
    }
    return sum.print;
}

void push_rig_quiet(struct push_rig *rig) {
    int64_t seq = push_rig_seq(rig);
    size_t changes = rig->remote.changes;
    size_t writes = rig->remote.writes;
    int64_t deads = push_rig_deads(rig);
    struct print links = all_links(rig);
    push_rig_run(rig, RUN_DONE);
    CHECK_INT(push_rig_seq(rig), seq);
    CHECK_INT(rig->remote.changes, changes);
    CHECK_INT(rig->remote.writes, writes);
    CHECK_INT(push_rig_deads(rig), deads);
    CHECK_INT(rig->report.counts.pushed, 0);
    CHECK(print_same(all_links(rig), links));
}

void push_rig_retry(struct push_rig *rig, const int64_t *ids, size_t count) {
    rig->request.retry = true;
    rig->request.dead_ids = ids;
    rig->request.dead_count = count;
    push_rig_run(rig, RUN_DONE);
    rig->request.retry = false;
    rig->request.dead_ids = NULL;
}

// --- home ---

static const struct datatype *datatype_named(struct push_rig *rig, const char *type) {
    return strcmp(type, "reading") == 0 ? &rig->reading : &rig->resource;
}

static struct edit edit_of(struct push_rig *rig, const char *type) {
    return (struct edit){rig->store, datatype_named(rig, type), &rig->clock, TEXT_LITERAL("put"), 0};
}

int64_t push_rig_put(struct push_rig *rig, const char *type, const char *json, ...) {
    struct edit edit = edit_of(rig, type);
    struct value value;
    char text[2000];
    int64_t id;
    bool created, changed;
    va_list list;
    va_start(list, json);
    vsnprintf(text, sizeof text, json, list);
    va_end(list);
    CHECK_OK(json_read(text_of(text), &rig->arena, NULL, &value, &rig->error), &rig->error);
    CHECK_OK(edit_put(&edit, value.as.object, &id, &created, &changed, &rig->error), &rig->error);
    return id;
}

void push_rig_delete(struct push_rig *rig, const char *type, int64_t id) {
    struct edit edit = edit_of(rig, type);
    CHECK_OK(edit_delete(&edit, id, &rig->error), &rig->error);
}

struct home_row push_rig_record(struct push_rig *rig, const char *type, int64_t id) {
    struct home_row row;
    CHECK_OK(rig->store_type->record_find(rig->store, datatype_named(rig, type), id, &rig->arena, &row, &rig->error),
             &rig->error);
    return row;
}

struct link push_rig_link(struct push_rig *rig, const char *type, int64_t id, struct text *external) {
    struct linkset *links;
    struct link link;
    struct text found;
    CHECK_OK(store_linkset(rig->store, TEXT_LITERAL("remote"), datatype_named(rig, type), false, &links, &rig->error),
             &rig->error);
    CHECK_OK(rig->store_type->link_of(rig->store, links, id, &rig->arena, &link, &found, &rig->error), &rig->error);
    if (external != NULL) {
        *external = link.home != 0 ? found : text_of("");
    }
    return link;
}

int64_t push_rig_seq(struct push_rig *rig) {
    int64_t seq = 0;
    CHECK_OK(rig->store_type->seq(rig->store, &seq, &rig->error), &rig->error);
    return seq;
}

struct counting {
    struct push_rig *rig;
    int64_t count;
    enum intent_state state;
    int64_t home;
    struct dead_row dead;
    struct held_row helds[100];
};

static bool count_intent(void *context, const struct intent_row *row, struct error *error) {
    (void)error;
    struct counting *counting = context;
    counting->count += row->state == counting->state;
    return true;
}

int64_t push_rig_intents(struct push_rig *rig, enum intent_state state) {
    struct counting counting = {.state = state};
    struct scan scan = {.filter = TEXT_LITERAL("test/two_way")};
    CHECK_OK(rig->store_type->intent_scan(rig->store, &scan, count_intent, &counting, &rig->error), &rig->error);
    return counting.count;
}

static bool take_held(void *context, const struct held_row *row, struct error *error) {
    (void)error;
    struct counting *counting = context;
    CHECK(counting->count < 100);
    struct held_row *held = &counting->helds[counting->count++];
    *held = *row;
    struct arena *arena = &counting->rig->arena;
    CHECK(arena_text(arena, row->key, &held->key) && arena_text(arena, row->direction, &held->direction) &&
          arena_text(arena, row->datasource, &held->datasource) && arena_text(arena, row->datatype, &held->datatype) &&
          arena_text(arena, row->external, &held->external));
    return true;
}

static void find_helds(struct push_rig *rig, struct counting *counting) {
    struct scan scan = {.filter = TEXT_LITERAL("test/two_way")};
    *counting = (struct counting){.rig = rig};
    CHECK_OK(rig->store_type->held_scan(rig->store, &scan, take_held, counting, &rig->error), &rig->error);
}

int64_t push_rig_helds(struct push_rig *rig) {
    struct counting counting;
    find_helds(rig, &counting);
    return counting.count;
}

void push_rig_approve(struct push_rig *rig) {
    struct counting counting;
    enum commit_outcome outcome;
    find_helds(rig, &counting);
    for (int64_t i = 0; i < counting.count; i++) {
        counting.helds[i].approved = true;
    }
    struct page page = {.origin = TEXT_LITERAL("approve"),
                        .at_us = rig->now_us,
                        .helds = counting.helds,
                        .held_count = (size_t)counting.count};
    CHECK_OK(store_commit(rig->store, &page, &outcome, &rig->error), &rig->error);
}

static bool count_stale(void *context, const struct stale_row *row, struct error *error) {
    (void)row;
    (void)error;
    ((struct counting *)context)->count++;
    return true;
}

int64_t push_rig_stales(struct push_rig *rig) {
    struct counting counting = {.count = 0};
    struct scan scan = {.filter = {"", 0}};
    CHECK_OK(rig->store_type->stale_scan(rig->store, &scan, count_stale, &counting, &rig->error), &rig->error);
    return counting.count;
}

static bool take_dead(void *context, const struct dead_row *row, struct error *error) {
    struct counting *counting = context;
    int64_t home;
    if (!text_is(row->direction, "push")) {
        return true;
    }
    counting->count++;
    CHECK(text_integer(row->external, &home));
    if (counting->dead.id == 0 && (counting->home == 0 || home == counting->home)) {
        counting->dead = *row;
        struct arena *arena = &counting->rig->arena;
        CHECK(arena_text(arena, row->code, &counting->dead.code) &&
              arena_text(arena, row->reason, &counting->dead.reason) &&
              value_copy(arena, &row->payload, &counting->dead.payload));
    }
    (void)error;
    return true;
}

static void find_dead(struct push_rig *rig, int64_t home, struct counting *counting) {
    struct scan scan = {.filter = TEXT_LITERAL("test/two_way")};
    *counting = (struct counting){.rig = rig, .home = home};
    CHECK_OK(rig->store_type->dead_scan(rig->store, &scan, take_dead, counting, &rig->error), &rig->error);
}

struct dead_row push_rig_dead(struct push_rig *rig, int64_t home) {
    struct counting counting;
    find_dead(rig, home, &counting);
    return counting.dead;
}

int64_t push_rig_deads(struct push_rig *rig) {
    struct counting counting;
    find_dead(rig, 0, &counting);
    return counting.count;
}

int64_t push_rig_watermark(struct push_rig *rig, const char *type) {
    struct text text;
    int64_t seq = 0;
    CHECK_OK(rig->store_type->watermark_find(rig->store, TEXT_LITERAL("test/two_way"), text_of(type),
                                             TEXT_LITERAL("push"), &rig->arena, &text, &rig->error),
             &rig->error);
    CHECK(text.length == 0 || text_integer(text, &seq));
    return seq;
}
