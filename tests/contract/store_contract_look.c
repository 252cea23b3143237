#include "contract/store_contract_kit.h"

// The kit's reading half.

struct home_row kit_record(struct kit *kit, const struct datatype *datatype, int64_t id) {
    struct home_row row;
    CHECK_OK(kit->type->record_find(kit->store, datatype, id, kit->arena, &row, &kit->error), &kit->error);
    return row;
}

struct link kit_link(struct kit *kit, struct linkset *links, const char *external) {
    struct text name = text_of(external);
    struct link link;
    CHECK_OK(kit->type->link_find(kit->store, links, &name, 1, &link, &kit->error), &kit->error);
    return link;
}

int64_t kit_seq(struct kit *kit) {
    int64_t seq;
    CHECK_OK(kit->type->seq(kit->store, &seq, &kit->error), &kit->error);
    return seq;
}

bool kit_checkpoint(struct kit *kit, const char *key, struct checkpoint *out) {
    bool found;
    CHECK_OK(kit->type->checkpoint_find(kit->store, text_of(key), kit->arena, &found, out, &kit->error), &kit->error);
    return found;
}

int64_t kit_pending_count(struct kit *kit, const char *datasource, const char *type) {
    int64_t count;
    CHECK_OK(kit->type->pending_count(kit->store, text_of(datasource), text_of(type), &count, &kit->error),
             &kit->error);
    return count;
}

struct scan kit_scan(const char *filter) {
    return (struct scan){.filter = text_of(filter)};
}

static void kit_room(const struct kit_rows *rows) {
    CHECK(rows->count < KIT_ROWS_MAX);
}

static void keep_text(struct kit_rows *rows, struct text *text) {
    CHECK(arena_text(rows->kit->arena, *text, text));
}

static void keep_value(struct kit_rows *rows, struct value *value) {
    CHECK(value_copy(rows->kit->arena, value, value));
}

static bool keep_run(void *context, const struct run_row *row, struct error *error) {
    (void)error;
    struct kit_rows *rows = context;
    kit_room(rows);
    struct run_row *out = &rows->as.runs[rows->count++];
    *out = *row;
    keep_text(rows, &out->key);
    keep_text(rows, &out->sync);
    keep_text(rows, &out->params);
    keep_text(rows, &out->message);
    keep_text(rows, &out->script_text);
    return true;
}

static bool keep_log(void *context, const struct log_row *row, struct error *error) {
    (void)error;
    struct kit_rows *rows = context;
    kit_room(rows);
    struct log_row *out = &rows->as.logs[rows->count++];
    *out = *row;
    keep_text(rows, &out->text);
    return true;
}

static bool keep_dead(void *context, const struct dead_row *row, struct error *error) {
    (void)error;
    struct kit_rows *rows = context;
    kit_room(rows);
    struct dead_row *out = &rows->as.deads[rows->count++];
    *out = *row;
    keep_text(rows, &out->flow);
    keep_text(rows, &out->direction);
    keep_text(rows, &out->datasource);
    keep_text(rows, &out->type);
    keep_text(rows, &out->external);
    keep_text(rows, &out->code);
    keep_text(rows, &out->reason);
    keep_text(rows, &out->place);
    keep_value(rows, &out->payload);
    return true;
}

static bool keep_pending(void *context, const struct pending_row *row, struct error *error) {
    (void)error;
    struct kit_rows *rows = context;
    kit_room(rows);
    struct pending_row *out = &rows->as.pendings[rows->count++];
    *out = *row;
    keep_text(rows, &out->awaits_datasource);
    keep_text(rows, &out->awaits_type);
    keep_text(rows, &out->awaits_external);
    keep_text(rows, &out->datatype);
    keep_text(rows, &out->field);
    keep_text(rows, &out->datasource);
    keep_text(rows, &out->external);
    keep_text(rows, &out->place);
    keep_value(rows, &out->fields);
    return true;
}

static bool keep_conflict(void *context, const struct conflict_row *row, struct error *error) {
    (void)error;
    struct kit_rows *rows = context;
    kit_room(rows);
    struct conflict_row *out = &rows->as.conflicts[rows->count++];
    *out = *row;
    keep_text(rows, &out->kind);
    keep_text(rows, &out->datasource);
    keep_text(rows, &out->datatype);
    keep_text(rows, &out->external);
    keep_text(rows, &out->place);
    keep_value(rows, &out->payload);
    return true;
}

static bool keep_link(void *context, struct text datasource, struct text external, const struct link *link,
                      struct error *error) {
    (void)error;
    struct kit_rows *rows = context;
    kit_room(rows);
    struct kit_link_row *out = &rows->as.links[rows->count++];
    *out = (struct kit_link_row){datasource, external, *link};
    keep_text(rows, &out->datasource);
    keep_text(rows, &out->external);
    return true;
}

static bool keep_record(void *context, const struct home_row *row, struct error *error) {
    (void)error;
    struct kit_rows *rows = context;
    kit_room(rows);
    struct home_row *out = &rows->as.records[rows->count++];
    *out = (struct home_row){.id = row->id, .seq = row->seq, .origin = row->origin};
    keep_text(rows, &out->origin);
    return true;
}

static bool keep_datatype(void *context, const struct datatype *datatype, struct error *error) {
    (void)error;
    struct kit_rows *rows = context;
    kit_room(rows);
    struct text *out = &rows->as.datatypes[rows->count++];
    *out = datatype->name;
    keep_text(rows, out);
    return true;
}

void kit_runs(struct kit *kit, struct scan scan, struct kit_rows *out) {
    out->kit = kit;
    out->count = 0;
    CHECK_OK(kit->type->run_scan(kit->store, &scan, keep_run, out, &kit->error), &kit->error);
}

void kit_logs(struct kit *kit, struct scan scan, struct kit_rows *out) {
    out->kit = kit;
    out->count = 0;
    CHECK_OK(kit->type->log_scan(kit->store, &scan, keep_log, out, &kit->error), &kit->error);
}

void kit_deads(struct kit *kit, struct scan scan, struct kit_rows *out) {
    out->kit = kit;
    out->count = 0;
    CHECK_OK(kit->type->dead_scan(kit->store, &scan, keep_dead, out, &kit->error), &kit->error);
}

void kit_pendings(struct kit *kit, struct scan scan, struct kit_rows *out) {
    out->kit = kit;
    out->count = 0;
    CHECK_OK(kit->type->pending_scan(kit->store, &scan, keep_pending, out, &kit->error), &kit->error);
}

void kit_conflicts(struct kit *kit, struct scan scan, struct kit_rows *out) {
    out->kit = kit;
    out->count = 0;
    CHECK_OK(kit->type->conflict_scan(kit->store, &scan, keep_conflict, out, &kit->error), &kit->error);
}

void kit_links(struct kit *kit, const struct datatype *datatype, struct scan scan, struct kit_rows *out) {
    out->kit = kit;
    out->count = 0;
    CHECK_OK(kit->type->link_scan(kit->store, datatype, &scan, keep_link, out, &kit->error), &kit->error);
}

void kit_records(struct kit *kit, const struct datatype *datatype, struct scan scan, struct kit_rows *out) {
    out->kit = kit;
    out->count = 0;
    CHECK_OK(kit->type->record_scan(kit->store, datatype, &scan, keep_record, out, &kit->error), &kit->error);
}

void kit_datatypes(struct kit *kit, struct kit_rows *out) {
    out->kit = kit;
    out->count = 0;
    CHECK_OK(kit->type->datatype_scan(kit->store, keep_datatype, out, &kit->error), &kit->error);
}
