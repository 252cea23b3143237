#include "inbox_rig.h"

#include "format/format_json.h"

static struct value record_of(struct rig *rig, const char *json) {
    struct json_shapes shapes = {0};
    struct value value;
    CHECK_OK(json_read(text_of(json), &rig->arena, &shapes, &value, &rig->error), &rig->error);
    return value;
}

bool rig_try_post(struct rig *rig, const char *type, const char *batch, const char *const *records, size_t count,
                  struct inbox_receipts *out) {
    struct value values[INBOX_ROWS_MAX];
    struct print print = {1, 2};
    struct text key;
    CHECK(count <= INBOX_ROWS_MAX);
    for (size_t i = 0; i < count; i++) {
        values[i] = record_of(rig, records[i]);
        print = print_join(print, print_of(text_of(records[i]), 0));
    }
    CHECK(sync_key(&rig->sync, &rig->arena, &key));
    char *name = arena_print(&rig->arena, "%.*s/%.*s", TEXT_ARGS(rig->sync.org), TEXT_ARGS(rig->sync.name));
    CHECK(name != NULL);
    const struct inbox_post post = {
        .store = rig->store,
        .clock = rig->request.clock,
        .key = key,
        .sync = text_of(name),
        .type = text_of(type),
        .batch = text_of(batch),
        .origin = TEXT_LITERAL("token 4"),
        .print = print,
        .bytes = 1000,
        .records = values,
        .count = count,
    };
    return inbox_post(&post, out, &rig->error);
}

int64_t rig_post(struct rig *rig, const char *type, const char *batch, const char *const *records, size_t count) {
    struct inbox_receipts receipts;
    CHECK_OK(rig_try_post(rig, type, batch, records, count, &receipts), &rig->error);
    CHECK_INT(receipts.count, (int64_t)count);
    CHECK(receipts.first > 0);
    return receipts.first;
}

struct inbox_report rig_drain(struct rig *rig) {
    struct inbox_report report;
    CHECK_OK(inbox_drain(&rig->request, &report, &rig->error), &rig->error);
    return report;
}

static bool take(void *context, const struct inbox_row *row, struct error *error) {
    (void)error;
    *(struct inbox_row *)context = *row; // in memory it stays
    return false;
}

static struct inbox_row find(struct rig *rig, int64_t id) {
    const struct inbox_ask ask = {.after = id - 1, .limit = 1};
    struct inbox_row row = {.id = 0};
    CHECK_OK(rig->store_type->inbox_scan(rig->store, &ask, take, &row, &rig->error), &rig->error);
    return row;
}

struct inbox_row rig_receipt(struct rig *rig, int64_t id) {
    struct inbox_row row = find(rig, id);
    CHECK_INT(row.id, id);
    return row;
}

bool rig_has_receipt(struct rig *rig, int64_t id) {
    return find(rig, id).id == id;
}

int64_t rig_waiting(struct rig *rig) {
    struct text key;
    int64_t waiting;
    CHECK(sync_key(&rig->sync, &rig->arena, &key));
    CHECK_OK(rig->store_type->inbox_count(rig->store, key, &waiting, &rig->error), &rig->error);
    return waiting;
}
