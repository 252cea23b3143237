#include "engine/edit.h"

#include "format/format_json.h"
#include "rig.h"

static struct edit edit_of(struct rig *rig, const char *type) {
    return (struct edit){
        .store = rig->store,
        .datatype = strcmp(type, "reading") == 0 ? &rig->reading : &rig->resource,
        .clock = &clock_system,
        .origin = TEXT_LITERAL("put"),
    };
}

static void prepare(struct rig *rig) {
    CHECK_OK(store_prepare(rig->store, rig->datatypes, 2, TEXT_LITERAL(""), &rig->error), &rig->error);
}

struct put {
    int64_t id;
    bool created, changed, ok;
};

static struct put put(struct rig *rig, const char *type, const char *json) {
    struct edit edit = edit_of(rig, type);
    struct put out = {0};
    struct value value;
    CHECK_OK(json_read(text_of(json), &rig->arena, NULL, &value, &rig->error), &rig->error);
    out.ok = edit_put(&edit, value.as.object, &out.id, &out.created, &out.changed, &rig->error);
    return out;
}

TEST(engine_edit, put_makes_then_changes_then_leaves) {
    struct rig rig;
    rig_open(&rig, "resource");
    prepare(&rig);
    struct put first = put(&rig, "resource", "{\"name\":\"well\"}");
    CHECK(first.ok && first.created && first.changed);
    char json[80];
    snprintf(json, sizeof json, "{\"id\":%lld,\"name\":\"tank\"}", (long long)first.id);
    struct put second = put(&rig, "resource", json);
    CHECK(second.ok && !second.created && second.changed);
    CHECK_INT(second.id, first.id);
    int64_t seq = rig_seq(&rig);
    struct put third = put(&rig, "resource", json);
    CHECK(third.ok && !third.changed);
    CHECK_INT(rig_seq(&rig), seq);
    CHECK_INT(rig_records(&rig, "resource"), 1);
    rig_close(&rig);
}

TEST(engine_edit, put_refuses_what_does_not_fit) {
    struct rig rig;
    rig_open(&rig, "resource");
    prepare(&rig);
    CHECK(!put(&rig, "resource", "{}").ok);
    CHECK(rig.error.code == ERROR_FIELD_REQUIRED);
    CHECK(!put(&rig, "resource", "{\"name\":\"x\",\"colour\":1}").ok);
    CHECK(rig.error.code == ERROR_FIELD_UNKNOWN);
    CHECK(!put(&rig, "resource", "{\"id\":77,\"name\":\"x\"}").ok);
    CHECK(rig.error.code == ERROR_NOT_THERE);
    CHECK(!put(&rig, "resource", "{\"id\":\"1\",\"name\":\"x\"}").ok);
    CHECK(rig.error.code == ERROR_FIELD_TYPE);
    CHECK(!put(&rig, "reading", "{\"resource\":[\"list\",\"resource\",\"9\"]}").ok);
    CHECK(rig.error.code == ERROR_NOT_THERE);
    CHECK_INT(rig_records(&rig, "resource"), 0);
    rig_close(&rig);
}

TEST(engine_edit, natural_key_finds_the_record) {
    struct rig rig;
    rig_open(&rig, "resource");
    static const uint32_t key[] = {0};
    rig.resource.key = key;
    rig.resource.key_count = 1;
    prepare(&rig);
    struct put first = put(&rig, "resource", "{\"name\":\"well\"}");
    struct put second = put(&rig, "resource", "{\"name\":\"well\",\"parent\":null}");
    CHECK_INT(second.id, first.id);
    CHECK(!second.changed);
    rig_close(&rig);
}

TEST(engine_edit, delete_leaves_nothing) {
    struct rig rig;
    rig_open(&rig, "resource");
    prepare(&rig);
    struct put first = put(&rig, "resource", "{\"name\":\"well\"}");
    struct edit edit = edit_of(&rig, "resource");
    CHECK_OK(edit_delete(&edit, first.id, &rig.error), &rig.error);
    CHECK_INT(rig_records(&rig, "resource"), 0);
    CHECK(!edit_delete(&edit, first.id, &rig.error));
    CHECK(rig.error.code == ERROR_NOT_THERE);
    struct put again = put(&rig, "resource", "{\"name\":\"well\"}");
    CHECK(again.id != first.id);
    rig_close(&rig);
}

// --- what a pull makes of edits ---

TEST(engine_edit, pull_over_an_edit_keeps_the_edit_as_a_conflict) {
    struct rig rig;
    rig_open(&rig, "resource");
    RIG_ROWS(&rig, LIST_PAIRS("id", "1", "name", "well"));
    rig_run(&rig);
    struct home_row row = rig_record(&rig, "resource", "1");
    char json[80];
    snprintf(json, sizeof json, "{\"id\":%lld,\"name\":\"edited\"}", (long long)row.id);
    CHECK(put(&rig, "resource", json).ok);
    rig_run(&rig); // the datasource said nothing new: the edit stays
    CHECK_INT(rig.report.counts.unchanged, 1);
    row = rig_record(&rig, "resource", "1");
    CHECK_TEXT(value_slice(&row.fields[0]), "edited");
    RIG_ROWS(&rig, LIST_PAIRS("id", "1", "name", "tank"));
    rig_run(&rig); // both changed: a pull lets the datasource win
    row = rig_record(&rig, "resource", "1");
    CHECK_TEXT(value_slice(&row.fields[0]), "tank");
    CHECK_INT(rig_conflicts(&rig), 1);
    rig_close(&rig);
}

TEST(engine_edit, deleted_here_changed_there_comes_back) {
    struct rig rig;
    rig_open(&rig, "resource");
    RIG_ROWS(&rig, LIST_PAIRS("id", "1", "name", "well"));
    rig_run(&rig);
    struct home_row row = rig_record(&rig, "resource", "1");
    struct edit edit = edit_of(&rig, "resource");
    CHECK_OK(edit_delete(&edit, row.id, &rig.error), &rig.error);
    rig_run(&rig);
    CHECK_INT(rig_records(&rig, "resource"), 0); // unchanged there: it stays deleted
    RIG_ROWS(&rig, LIST_PAIRS("id", "1", "name", "tank"));
    rig_run(&rig);
    struct home_row back = rig_record(&rig, "resource", "1");
    CHECK_INT(back.id, row.id);
    CHECK_TEXT(value_slice(&back.fields[0]), "tank");
    rig_close(&rig);
}

// --- adoption by natural key ---

TEST(engine_edit, pull_adopts_by_natural_key) {
    struct rig rig;
    rig_open(&rig, "resource");
    static const uint32_t key[] = {0};
    rig.resource.key = key;
    rig.resource.key_count = 1;
    prepare(&rig);
    struct put mine = put(&rig, "resource", "{\"name\":\"well\"}");
    RIG_ROWS(&rig, LIST_PAIRS("id", "1", "name", "well"), LIST_PAIRS("id", "2", "name", "tank"),
             LIST_PAIRS("id", "3", "name", "tank"), LIST_PAIRS("id", "4", "name", "well"));
    rig_run(&rig);
    CHECK_INT(rig_records(&rig, "resource"), 2);
    CHECK_INT(rig_record(&rig, "resource", "1").id, mine.id);
    CHECK_INT(rig.report.counts.dead, 2); // 3 and 4: another record already is the one with this key
    int64_t seq = rig_seq(&rig);
    rig_run(&rig);
    CHECK_INT(rig_seq(&rig), seq);
    CHECK_INT(rig.report.counts.unchanged, 2);
    CHECK_INT(rig_deads(&rig), 2);
    rig_close(&rig);
}

TEST(engine_edit, pull_refuses_an_ambiguous_key) {
    struct rig rig;
    rig_open(&rig, "resource");
    prepare(&rig);
    CHECK(put(&rig, "resource", "{\"name\":\"well\"}").ok);
    CHECK(put(&rig, "resource", "{\"name\":\"well\"}").ok);
    static const uint32_t key[] = {0};
    rig.resource.key = key;
    rig.resource.key_count = 1;
    RIG_ROWS(&rig, LIST_PAIRS("id", "1", "name", "well"));
    rig_run(&rig);
    CHECK_INT(rig.report.counts.dead, 1);
    CHECK_INT(rig_records(&rig, "resource"), 2);
    rig_close(&rig);
}

// --- edits between decide and apply ---

struct meddler {
    struct rig *rig;
    struct store *other;
    int64_t id;
    int meddles;
};

static struct meddler meddler;

// A field function that edits home, by another connection, while its own page is being decided.
static bool meddle(struct mapper *mapper, uint32_t function, const struct object *record, struct arena *arena,
                   struct mapped *out, struct error *error) {
    (void)mapper;
    (void)function;
    (void)arena;
    struct rig *rig = meddler.rig;
    out->value = *object_find(record, TEXT_LITERAL("name"));
    if (meddler.meddles > 0) {
        meddler.meddles--;
        struct edit edit = edit_of(rig, "resource");
        edit.store = meddler.other;
        char json[80];
        snprintf(json, sizeof json, "{\"id\":%lld,\"name\":\"meddled %d\"}", (long long)meddler.id, meddler.meddles);
        struct value value;
        int64_t id;
        bool created, changed;
        CHECK_OK(json_read(text_of(json), &rig->arena, NULL, &value, error), error);
        CHECK_OK(edit_put(&edit, value.as.object, &id, &created, &changed, error), error);
    }
    return true;
}

static void meddled_run(int meddles, bool threads) {
    struct rig rig;
    rig_open(&rig, "resource");
    rig.request.page_records = 1;
    RIG_ROWS(&rig, LIST_PAIRS("id", "1", "name", "well"), LIST_PAIRS("id", "2", "name", "tank"),
             LIST_PAIRS("id", "3", "name", "dam"));
    rig_run(&rig);
    struct store_setup setup = {.folder = text_of(test_folder()), .create = true};
    meddler = (struct meddler){&rig, NULL, rig_record(&rig, "resource", "1").id, meddles};
    CHECK_OK(store_open(rig.store_type, &setup, &meddler.other, &rig.error), &rig.error);
    CHECK_OK(store_prepare(meddler.other, rig.datatypes, 2, TEXT_LITERAL(""), &rig.error), &rig.error);
    rig.mapper_type.field = meddle;
    rig.resource_rules[0] = (struct rule){.field = 0, .input = INPUT_FUNCTION, .kind = RULE_TEXT};
    rig.request.threads = threads;
    RIG_ROWS(&rig, LIST_PAIRS("id", "1", "name", "well 2"), LIST_PAIRS("id", "2", "name", "tank 2"),
             LIST_PAIRS("id", "3", "name", "dam 2"), LIST_PAIRS("id", "4", "name", "gauge"));
    rig_run(&rig);
    CHECK(rig.report.status == RUN_DONE);
    struct home_row row = rig_record(&rig, "resource", "1");
    CHECK_TEXT(value_slice(&row.fields[0]), "well 2");
    CHECK(rig_conflicts(&rig) >= 1); // the edit lost and is kept
    CHECK_INT(rig_records(&rig, "resource"), 4);
    CHECK_INT(rig.report.counts.read, 4);
    store_close(meddler.other);
    rig_close(&rig);
}

TEST(engine_edit, edit_between_decide_and_apply) {
    meddled_run(1, false);
}

TEST(engine_edit, edits_between_decide_and_apply_again_and_again) {
    meddled_run(6, false);
}

TEST(engine_edit, edits_between_decide_and_apply_with_two_threads) {
    meddled_run(3, true);
}
