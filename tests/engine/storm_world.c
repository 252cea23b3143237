#include "storm.h"

#include <stdarg.h>

#include "store/store_memory.h"

// --- chance ---

uint64_t storm_draw(struct storm *storm, uint64_t below) {
    uint64_t x = storm->random += UINT64_C(0x9e3779b97f4a7c15);
    x = (x ^ (x >> 30)) * UINT64_C(0xbf58476d1ce4e5b9);
    x = (x ^ (x >> 27)) * UINT64_C(0x94d049bb133111eb);
    return (x ^ (x >> 31)) % below;
}

void storm_tell(const struct storm *storm, const char *format, ...) {
    va_list list;
    if (storm->told) {
        va_start(list, format);
        vfprintf(stderr, format, list);
        va_end(list);
        fputc('\n', stderr);
    }
}

static void tell_line(void *context, enum log_level level, struct text text) {
    (void)level;
    struct storm *storm = context;
    storm->anew = storm->anew || (text.length > 15 && memcmp(text.data + text.length - 15, "it is made anew", 15) == 0);
    storm_tell(storm, "    %.*s", TEXT_ARGS(text));
}

// --- the script ---

static const struct text path_name[] = {{"name", 4}};
static const struct text path_code[] = {{"code", 4}};
static const struct text path_legacy[] = {{"legacy", 6}};
static const struct text path_parent[] = {{"parent", 6}};
static const struct text path_stamp[] = {{"updatedAt", 9}};
static const struct path paths[] = {
    {path_name, 1}, {path_code, 1}, {path_legacy, 1}, {path_parent, 1}, {path_stamp, 1}};

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

static bool take_home(const struct object *const *objects, size_t count, struct arena *arena, struct mapped *out,
                      struct error *error) {
    (void)arena;
    (void)error;
    CHECK(count == 3);
    out->value = value_object(objects[1]);
    return true;
}

static void write_script(struct storm *storm) {
    struct push_rig *rig = &storm->rig;
    static const uint32_t fields[] = {RES_NAME, RES_CODE, RES_LEGACY, RES_PARENT};
    for (size_t i = 0; i < 4; i++) {
        bool is_parent = fields[i] == RES_PARENT;
        storm->pull_rules[i] = rule(fields[i], is_parent ? RULE_REF : RULE_COPY, i);
        storm->push_rules[i] = rule((uint32_t)i, is_parent ? RULE_LINK : RULE_COPY, i);
        storm->push_names[i] = rig->resource.fields[fields[i]].name;
    }
    storm->push_shape = (struct shape){4, storm->push_names};
    storm->back_rule = rule(RES_AT, RULE_COPY, 4);
    size_t count = storm->parents ? 4 : 3;
    struct sync_type *type = &rig->types[0];
    type->pull.rules = storm->pull_rules;
    type->pull.count = count;
    type->push.transform = (struct transform){.rules = storm->push_rules, .count = count, .names = &storm->push_shape};
    if (storm_one_in(storm, 3)) {
        type->push.back = (struct transform){.rules = &storm->back_rule, .count = 1};
    }
    type->cursor_format = TEXT_LITERAL("epoch_ms");
    if (storm->natural) {
        storm->key[0] = RES_LEGACY;
        rig->resource.key = storm->key;
        rig->resource.key_count = 1;
    }
    if (!storm->parents) {
        rig->resource_fields[RES_PARENT].type = FIELD_TEXT; // then nothing keeps a first load from being one
    }
    rig->sync.type_count = 1;
    rig->sync.conflict = (enum conflict_policy)storm_draw(storm, 5);
    rig->sync.conflict_function = 2;
    rig->functions[2] = take_home;
    rig->sync.deletes = storm->deletes;
    rig->sync.deletes_at_most = (struct share){.amount = 1 + (double)storm_draw(storm, 6)};
}

void storm_open(struct storm *storm, uint64_t seed) {
    bool told = storm->told;
    *storm = (struct storm){.random = seed * 1000003, .told = told, .calm = true};
    storm_now = storm;
    struct push_rig *rig = &storm->rig;
    push_rig_open(rig, SYNC_BOTH);
    storm->keys = storm_one_in(storm, 3);
    storm->finds = !storm->keys && !storm_one_in(storm, 3);
    storm->parents = storm_one_in(storm, 3);
    storm->natural = storm_one_in(storm, 3);
    storm->deletes = !storm_one_in(storm, 3);
    storm->lively = !storm_one_in(storm, 3);
    storm->restores = storm_one_in(storm, 4);
    storm->tombstones = storm_one_in(storm, 2);
    write_script(storm);
    store_close(rig->store); // home begins with these datatypes
    store_memory_forget();
    rig->store = NULL;
    push_rig_reopen(rig, false);
    rig->request.page_records = 1 + storm_draw(storm, 5);
    rig->remote.honours_keys = storm->keys;
    rig->remote.has_find = storm->finds;
    rig->remote.find[0] = "legacy";
    rig->remote.tombstones = storm->tombstones;
    rig->remote.never_full = storm_one_in(storm, 4);
    rig->remote.trims = storm_one_in(storm, 4);
    rig->remote.silent = storm_one_in(storm, 5);
    rig->remote.chunk = storm_draw(storm, 4);
    storm_doors(storm);
    storm->log = (struct log){tell_line, storm};
    rig->request.log = &storm->log;
    storm_tell(storm,
               "world: find %d keys %d parents %d natural %d deletes %d lively %d restores %d tombstones %d never_full "
               "%d trims %d silent %d chunk %zu page %zu policy %d back %zu",
               storm->finds, storm->keys, storm->parents, storm->natural, storm->deletes, storm->lively,
               storm->restores, storm->tombstones, rig->remote.never_full, rig->remote.trims, rig->remote.silent,
               rig->remote.chunk, rig->request.page_records, (int)rig->sync.conflict, rig->types[0].push.back.count);
}

void storm_close(struct storm *storm) {
    push_rig_close(&storm->rig);
    storm_now = NULL;
}

// --- home ---

struct rows {
    struct storm *storm;
    struct home_row *list;
    size_t count;
};

static bool take_row(void *context, const struct home_row *row, struct error *error) {
    (void)error;
    struct rows *rows = context;
    CHECK(rows->count < STORM_ROWS);
    struct home_row *copy = &rows->list[rows->count++];
    struct arena *arena = &rows->storm->rig.arena;
    *copy = *row;
    copy->fields = arena_take(arena, RES_FIELDS * sizeof *copy->fields);
    CHECK(copy->fields != NULL);
    for (size_t i = 0; i < RES_FIELDS; i++) {
        CHECK(value_copy(arena, &row->fields[i], &copy->fields[i]));
    }
    return true;
}

struct home_row *storm_home(struct storm *storm, size_t *count) {
    static struct home_row list[STORM_ROWS];
    struct rows rows = {storm, list, 0};
    struct scan all = {.filter = {"", 0}};
    struct push_rig *rig = &storm->rig;
    CHECK_OK(rig->store_type->record_scan(rig->store, &rig->resource, &all, take_row, &rows, &rig->error), &rig->error);
    *count = rows.count;
    return list;
}

// --- people ---

static void end_value(struct storm *storm, const struct value *value) {
    int number;
    if (value != NULL && value->kind == VALUE_TEXT && sscanf(value->as.text, "<%d>", &number) == 1) {
        storm->over[number] = true;
    }
}

static const char *new_value(struct storm *storm) {
    static char text[40];
    CHECK(storm->value_count < STORM_VALUES);
    snprintf(text, sizeof text, "<%d>%s", storm->value_count++,
             storm->rig.remote.trims && storm_one_in(storm, 2) ? " " : "");
    return text;
}

static int new_name(struct storm *storm) {
    bool again = storm->name_count > 0 && storm_one_in(storm, 4);
    int name = again ? (int)storm_draw(storm, (uint64_t)storm->name_count) : storm->name_count++;
    CHECK(name < STORM_NAMES);
    return name;
}

static bool is_named(const struct value *value, int name) {
    int number;
    return value != NULL && value->kind == VALUE_TEXT && sscanf(value->as.text, "k%d", &number) == 1 && number == name;
}

static void make_home(struct storm *storm, const struct home_row *rows, size_t count) {
    int name = new_name(storm);
    char parent[60] = "";
    for (size_t i = 0; i < count; i++) {
        if (is_named(&rows[i].fields[RES_LEGACY], name)) {
            return; // nobody makes the same one twice
        }
    }
    if (storm->parents && count > 0 && storm_one_in(storm, 2)) {
        snprintf(parent, sizeof parent, ",\"parent\":%lld", (long long)rows[storm_draw(storm, count)].id);
    }
    storm->births[name]++;
    const char *value = new_value(storm);
    storm_tell(storm, "  home makes k%d name %s%s", name, value, parent);
    push_rig_put(&storm->rig, "resource", "{\"name\":\"%s\",\"legacy\":\"k%d\"%s}", value, name, parent);
}

void storm_act_home(struct storm *storm) {
    size_t count;
    storm->person = true;
    storm->rig.now_us += (int64_t)storm_draw(storm, 5000000);
    const struct home_row *rows = storm_home(storm, &count);
    const struct home_row *row = count > 0 ? &rows[storm_draw(storm, count)] : NULL;
    if (row == NULL || (count < 30 && storm_one_in(storm, 3))) {
        make_home(storm, rows, count);
    } else if (storm_one_in(storm, 4)) {
        storm_tell(storm, "  home deletes %lld %.*s", (long long)row->id,
                   TEXT_ARGS(value_slice(&row->fields[RES_LEGACY])));
        end_value(storm, &row->fields[RES_NAME]);
        end_value(storm, &row->fields[RES_CODE]);
        push_rig_delete(&storm->rig, "resource", row->id);
    } else {
        bool is_name = storm_one_in(storm, 2);
        end_value(storm, &row->fields[is_name ? RES_NAME : RES_CODE]);
        const char *value = new_value(storm);
        storm_tell(storm, "  home edits %lld %.*s %s %s", (long long)row->id,
                   TEXT_ARGS(value_slice(&row->fields[RES_LEGACY])), is_name ? "name" : "code", value);
        push_rig_put(&storm->rig, "resource", "{\"id\":%lld,\"%s\":\"%s\"}", (long long)row->id,
                     is_name ? "name" : "code", value);
    }
    storm->person = false;
}

static struct remote_row *some_row(struct storm *storm) {
    struct remote_fake *remote = &storm->rig.remote;
    for (int tries = 0; remote->count > 0 && tries < 10; tries++) {
        struct remote_row *row = &remote->rows[storm_draw(storm, remote->count)];
        if (!row->gone) {
            return row;
        }
    }
    return NULL;
}

static void make_there(struct storm *storm, const struct remote_row *parent) {
    struct remote_fake *remote = &storm->rig.remote;
    int name = new_name(storm);
    char json[200], more[60] = "";
    for (size_t i = 0; i < remote->count; i++) {
        if (!remote->rows[i].gone && is_named(object_find(&remote->rows[i].fields, TEXT_LITERAL("legacy")), name)) {
            return;
        }
    }
    if (storm->parents && parent != NULL && storm_one_in(storm, 2)) {
        snprintf(more, sizeof more, ",\"parent\":%.*s", TEXT_ARGS(parent->id));
    }
    storm->births[name]++;
    snprintf(json, sizeof json, "{\"name\":\"%s\",\"legacy\":\"k%d\"%s}", new_value(storm), name, more);
    storm_tell(storm, "  there makes %lld %s", (long long)remote->next_id, json);
    remote_put(remote, "resource", json);
}

void storm_act_there(struct storm *storm) {
    struct remote_fake *remote = &storm->rig.remote;
    storm->rig.now_us += (int64_t)storm_draw(storm, 5000000);
    remote->tick = remote->tick > storm->rig.now_us / 1000 ? remote->tick : storm->rig.now_us / 1000;
    struct remote_row *row = some_row(storm);
    if (row == NULL || (remote->count < 30 && storm_one_in(storm, 3))) {
        make_there(storm, row);
    } else if (storm_one_in(storm, 4)) {
        storm_tell(storm, "  there deletes %.*s", TEXT_ARGS(row->id));
        end_value(storm, object_find(&row->fields, TEXT_LITERAL("name")));
        end_value(storm, object_find(&row->fields, TEXT_LITERAL("code")));
        char id[30];
        snprintf(id, sizeof id, "%.*s", TEXT_ARGS(row->id));
        remote_remove(remote, "resource", id);
    } else {
        char json[200];
        bool is_name = storm_one_in(storm, 2);
        end_value(storm, object_find(&row->fields, is_name ? TEXT_LITERAL("name") : TEXT_LITERAL("code")));
        snprintf(json, sizeof json, "{\"id\":%.*s,\"%s\":\"%s\"}", TEXT_ARGS(row->id), is_name ? "name" : "code",
                 new_value(storm));
        storm_tell(storm, "  there edits %s", json);
        remote_put(remote, "resource", json);
    }
}
