#include "target_rig.h"

#include "base/clock.h"
#include "format/format_json.h"
#include "source/source_http_print.h"
#include "source/target_http.h"
#include "target_rig_serve.h"
#include "test.h"

enum { RIG_CEILING = 256 * 1024 * 1024 };

static const struct text id_name = {"id", 2};
static const struct path id_key = {&id_name, 1};

static const struct object *object_of(struct target_rig *rig, const char *json) {
    struct value value;
    struct text text;
    CHECK(arena_text(&rig->arena, text_of(json), &text));
    CHECK_OK(json_read(text, &rig->arena, NULL, &value, &rig->error), &rig->error);
    CHECK_INT(value.kind, VALUE_OBJECT);
    return value.as.object;
}

bool target_rig_try(struct target_rig *rig, const char *type) {
    target_close(rig->target);
    rig->target = NULL;
    rig->setup.type = object_of(rig, type);
    return target_open(&target_http, &rig->setup, &rig->target, &rig->error);
}

void target_rig_open_key(struct target_rig *rig, const char *type, const struct path *key, size_t key_count) {
    memset(rig, 0, sizeof *rig);
    arena_init(&rig->arena, RIG_CEILING);
    api_open(&rig->api);
    rig->setup = (struct target_setup){
        .type_name = TEXT_LITERAL("thing"),
        .key = key,
        .key_count = key_count,
        .clock = &clock_system,
        .log = &log_none,
    };
    target_rig_serve(rig);
    CHECK_OK(target_rig_try(rig, type), &rig->error);
}

void target_rig_open(struct target_rig *rig, const char *type) {
    target_rig_open_key(rig, type, &id_key, 1);
}

void target_rig_close(struct target_rig *rig) {
    target_close(rig->target);
    target_rig_unserve(rig);
    api_close(&rig->api);
    arena_clear(&rig->arena);
}

void target_rig_next(struct target_rig *rig) {
    rig->count = 0;
}

void target_rig_add(struct target_rig *rig, enum target_verb verb, const char *external, const char *form) {
    CHECK(rig->count < RIG_ITEMS);
    const char *operation = arena_print(&rig->arena, "op-%zu", ++rig->operations);
    CHECK(operation != NULL);
    rig->items[rig->count++] = (struct target_item){
        .verb = verb,
        .operation = text_of(operation),
        .external = text_of(external),
        .form = form != NULL ? object_of(rig, form) : NULL,
        .seed = RIG_SEED,
    };
}

bool target_rig_send(struct target_rig *rig) {
    memset(rig->receipts, 0x5a, sizeof rig->receipts); // one that was not filled shows
    api_sync(&rig->api);
    bool ok = target_write(rig->target, rig->items, rig->count, &rig->arena, rig->receipts, &rig->error);
    api_sync(&rig->api);
    return ok;
}

void target_rig_write(struct target_rig *rig) {
    CHECK_OK(target_rig_send(rig), &rig->error);
}

void target_rig_resolve(struct target_rig *rig, size_t index) {
    api_sync(&rig->api);
    CHECK_OK(target_resolve(rig->target, &rig->items[index], &rig->arena, &rig->receipts[index], &rig->error),
             &rig->error);
    api_sync(&rig->api);
}

void target_rig_done(struct target_rig *rig, size_t index, const char *external) {
    const struct target_receipt *receipt = &rig->receipts[index];
    if (receipt->outcome != TARGET_DONE) {
        test_fail(__FILE__, __LINE__, "item %zu is not done but %d: W%d %s", index, (int)receipt->outcome,
                  (int)receipt->error.code, receipt->error.message);
    }
    CHECK_TEXT(receipt->external, external);
    if (receipt->has_reply) {
        const struct remote_row *row = remote_find(&rig->api.remote, TEXT_LITERAL("thing"), receipt->external);
        CHECK(row != NULL);
        CHECK(print_same(receipt->seen, http_print(&row->fields, RIG_SEED, NULL)));
    }
}

void target_rig_failed(struct target_rig *rig, size_t index, enum error_code code, enum error_scope scope) {
    const struct target_receipt *receipt = &rig->receipts[index];
    CHECK_INT(receipt->outcome, TARGET_FAILED);
    CHECK_INT(receipt->error.code, code);
    CHECK_INT(receipt->error.scope, scope);
    CHECK(receipt->error.message[0] != 0);
}
