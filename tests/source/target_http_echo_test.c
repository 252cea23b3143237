// What was written is known when it is read: the print in the receipt is the print of the pass.

#include "source/source_http.h"
#include "target_rig.h"
#include "test.h"

static void check_known(const char *type, bool trims, bool known) {
    struct target_rig rig;
    target_rig_open(&rig, type);
    rig.api.remote.trims = trims;
    target_rig_add(&rig, TARGET_CREATE, "", "{\"name\":\"a\",\"value\":\" x \",\"deep\":{\"b\":1.0,\"a\":null}}");
    target_rig_add(&rig, TARGET_CREATE, "", "{\"name\":\"b\",\"value\":12.50}");
    target_rig_write(&rig);
    struct source_setup setup = {
        .settings = rig.setup.settings,
        .type = rig.setup.type,
        .type_name = rig.setup.type_name,
        .session = rig.session,
        .since = {"", 0},
        .key = rig.setup.key,
        .key_count = rig.setup.key_count,
        .folder = {"", 0},
        .position = {"", 0},
        .seed = RIG_SEED,
        .page_records = 100,
        .clock = &clock_system,
        .log = &log_none,
    };
    struct source *source;
    struct batch batch;
    batch_init(&batch, 1 << 24);
    CHECK_OK(batch_reset(&batch, 100, &rig.error), &rig.error);
    CHECK_OK(source_open(&source_http, &setup, &source, &rig.error), &rig.error);
    CHECK_OK(source_read(source, &batch, &rig.error), &rig.error);
    CHECK_INT(batch.count, 2);
    for (size_t i = 0; i < 2; i++) {
        struct text external;
        CHECK_OK(record_key(&batch.records[i].fields, setup.key, setup.key_count, &rig.arena, &external, &rig.error),
                 &rig.error);
        size_t item = text_same(rig.receipts[0].external, external) ? 0 : 1; // two requests at once come in any order
        CHECK_INT(rig.receipts[item].outcome, TARGET_DONE);
        CHECK(text_same(rig.receipts[item].external, external));
        CHECK(print_same(batch.records[i].print, rig.receipts[item].seen) == known);
    }
    source_close(source);
    batch_clear(&batch);
    target_rig_close(&rig);
}

#define TYPE(more) "{\"path\":\"/things\",\"page\":{\"kind\":\"whole\"},\"find\":[\"name\"]" more "}"

TEST(target_http_echo, known_f10) {
    check_known(TYPE(""), false, true);
    check_known(TYPE(""), true, true);
    check_known(TYPE(",\"read_back\":\"find\""), true, true);
    check_known(TYPE(",\"read_back\":\"one\""), true, true);
    check_known(TYPE(",\"create\":{\"array\":true}"), true, true);
    check_known(TYPE(",\"read_back\":\"none\""), false, false);
}
