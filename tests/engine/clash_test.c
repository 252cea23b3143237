#include "rig.h"

// Both sides changed: each row of the pull's table, under each policy, and what is kept of the side that lost. The
// datatype's `key` is empty unless a test says otherwise; `name` and `parent` are the two fields.

static const struct text path_at[] = {{"at", 2}};

static int64_t now_us;

static int64_t fake_now(void *context) {
    (void)context;
    return now_us;
}

static void fake_wait(void *context, int64_t span_us) {
    (void)context;
    now_us += span_us;
}

static const struct clock fake = {fake_now, fake_wait, NULL};

static void open_with(struct rig *rig, enum conflict_policy policy) {
    rig_open(rig, "reading");
    now_us = 1000000000;
    rig->request.clock = &fake;
    rig->reading_fields[0].required = false;
    rig->sync.conflict = policy;
    rig->types[0].cursor = (struct path){path_at, 1};
    rig->types[0].cursor_format = TEXT_LITERAL("epoch_s");
}

static struct value number(const char *digits) {
    return value_decimal(text_of(digits));
}

static const char *value_of(struct rig *rig) {
    static char text[40];
    struct home_row row = rig_record(rig, "reading", "a");
    snprintf(text, sizeof text, "%.*s", TEXT_ARGS(value_slice(&row.fields[1])));
    return text;
}

// A third quiet run writes nothing.
static void check_quiet(struct rig *rig) {
    int64_t seq = rig_seq(rig);
    int64_t conflicts = rig_conflicts(rig);
    struct link link = rig_link(rig, "reading", "a");
    rig_run(rig);
    CHECK_INT(rig_seq(rig), seq);
    CHECK_INT(rig_conflicts(rig), conflicts);
    CHECK_INT(rig->report.counts.updated + rig->report.counts.created, 0);
    struct link after = rig_link(rig, "reading", "a");
    CHECK(after.agreed_seq == link.agreed_seq && print_same(after.seen, link.seen));
}

// Whether an edit waits to be pushed.
static bool is_ahead(struct rig *rig) {
    return rig_record(rig, "reading", "a").seq > rig_link(rig, "reading", "a").agreed_seq;
}

static void both_change(struct rig *rig, const char *here, const char *there, const char *at) {
    RIG_ROWS(rig, LIST_PAIRS("id", "a", "value", "1", "at", "900"));
    rig_run(rig);
    now_us += 1000000;
    rig_change(rig, "reading", "a", 1, number(here));
    static const char *pairs[7];
    const char *const row[] = {"id", "a", "value", there, "at", at, NULL};
    memcpy(pairs, row, sizeof row);
    static struct source_list_row rows[1];
    rows[0] = (struct source_list_row){.pairs = pairs};
    rig_rows(rig, rows, 1);
    rig_run(rig);
    CHECK(rig->report.status == RUN_DONE);
}

TEST(engine_clash, datasource_wins_and_home_is_kept_f11) {
    struct rig rig;
    struct value lost;
    open_with(&rig, CONFLICT_DATASOURCE);
    both_change(&rig, "2", "3", "1000");
    CHECK_TEXT(text_of(value_of(&rig)), "3");
    CHECK_INT(rig_conflicts_of(&rig, "edit", &lost), 1);
    CHECK_TEXT(value_slice(object_find(lost.as.object, TEXT_LITERAL("value"))), "2");
    CHECK(!is_ahead(&rig));
    check_quiet(&rig);
    rig_close(&rig);
}

TEST(engine_clash, home_wins_and_the_datasource_is_kept_f11) {
    struct rig rig;
    struct value lost;
    open_with(&rig, CONFLICT_HOME);
    both_change(&rig, "2", "3", "1000");
    CHECK_TEXT(text_of(value_of(&rig)), "2");
    CHECK_INT(rig_conflicts_of(&rig, "remote", &lost), 1);
    CHECK_INT(rig_conflicts_of(&rig, "edit", NULL), 0);
    CHECK_INT(rig.report.counts.conflicts, 1);
    CHECK_TEXT(value_slice(object_find(lost.as.object, TEXT_LITERAL("value"))), "3");
    CHECK(is_ahead(&rig)); // the next push sends it
    check_quiet(&rig);
    // And the datasource changes once more: home's edit is still one.
    RIG_ROWS(&rig, LIST_PAIRS("id", "a", "value", "4", "at", "1100"));
    rig_run(&rig);
    CHECK_TEXT(text_of(value_of(&rig)), "2");
    CHECK_INT(rig_conflicts_of(&rig, "remote", NULL), 2);
    CHECK(is_ahead(&rig));
    rig_close(&rig);
}

TEST(engine_clash, newest_is_who_changed_last_f11) {
    struct rig rig;
    open_with(&rig, CONFLICT_NEWEST); // home is edited at 1001
    both_change(&rig, "2", "3", "1000");
    CHECK_TEXT(text_of(value_of(&rig)), "2");
    CHECK_INT(rig_conflicts_of(&rig, "remote", NULL), 1);
    CHECK(is_ahead(&rig));
    rig_close(&rig);
    open_with(&rig, CONFLICT_NEWEST);
    both_change(&rig, "2", "3", "1002");
    CHECK_TEXT(text_of(value_of(&rig)), "3");
    CHECK_INT(rig_conflicts_of(&rig, "edit", NULL), 1);
    CHECK(!is_ahead(&rig));
    rig_close(&rig);
    open_with(&rig, CONFLICT_NEWEST); // when it can't be told, home's is the one that is kept aside
    both_change(&rig, "2", "3", "yesterday");
    CHECK_TEXT(text_of(value_of(&rig)), "3");
    CHECK_INT(rig_conflicts_of(&rig, "edit", NULL), 1);
    rig_close(&rig);
}

TEST(engine_clash, fields_of_both_sides_are_kept_f11) {
    struct rig rig;
    open_with(&rig, CONFLICT_FIELDS);
    rig.types[0].datatype = &rig.resource;
    rig.types[0].name = TEXT_LITERAL("resource");
    rig.types[0].pull = (struct transform){.rules = rig.resource_rules, .count = 2};
    RIG_ROWS(&rig, LIST_PAIRS("id", "p", "name", "well"), LIST_PAIRS("id", "a", "name", "tank"));
    rig_run(&rig);
    rig_change(&rig, "resource", "a", 0, value_text(text_of("cistern")));
    RIG_ROWS(&rig, LIST_PAIRS("id", "a", "name", "tank", "parent", "p"));
    rig_run(&rig);
    struct home_row row = rig_record(&rig, "resource", "a");
    CHECK_TEXT(value_slice(&row.fields[0]), "cistern");
    CHECK_INT(row.fields[1].as.integer, rig_record(&rig, "resource", "p").id);
    CHECK_INT(rig_conflicts(&rig), 0);
    struct link link = rig_link(&rig, "resource", "a");
    CHECK(row.seq > link.agreed_seq); // home's name is still to be pushed
    int64_t seq = rig_seq(&rig);
    rig_run(&rig);
    CHECK_INT(rig_seq(&rig), seq);
    // Now both name it: the datasource's goes in, home's is kept.
    struct value lost;
    RIG_ROWS(&rig, LIST_PAIRS("id", "a", "name", "trough", "parent", "p"));
    rig_run(&rig);
    row = rig_record(&rig, "resource", "a");
    CHECK_TEXT(value_slice(&row.fields[0]), "trough");
    CHECK_INT(rig_conflicts_of(&rig, "edit", &lost), 1);
    CHECK_TEXT(value_slice(object_find(lost.as.object, TEXT_LITERAL("name"))), "cistern");
    CHECK_INT(row.seq, rig_link(&rig, "resource", "a").agreed_seq);
    rig_close(&rig);
}

TEST(engine_clash, the_same_change_on_both_sides_is_none_f11) {
    struct rig rig;
    open_with(&rig, CONFLICT_FIELDS);
    both_change(&rig, "3.0", "3", "1000");
    CHECK_INT(rig_conflicts(&rig), 0);
    CHECK(!is_ahead(&rig));
    check_quiet(&rig);
    rig_close(&rig);
}

// --- the script's own function ---

static bool larger(struct mapper *mapper, uint32_t function, const struct object *const *objects, size_t count,
                   struct arena *arena, struct mapped *out, struct error *error) {
    (void)mapper;
    (void)arena;
    CHECK_INT(function, 9);
    CHECK_INT(count, 3);
    if (objects[0] == NULL) {
        return error_set(error, ERROR_TRANSFORM, "script.lua:3: base is nil");
    }
    const struct value *home = object_find(objects[1], TEXT_LITERAL("value"));
    const struct value *remote = object_find(objects[2], TEXT_LITERAL("value"));
    bool keeps = home->as.text[0] >= remote->as.text[0];
    *out = (struct mapped){.value = value_object(objects[keeps ? 1 : 2])};
    return true;
}

TEST(engine_clash, a_function_decides_f11) {
    struct rig rig;
    open_with(&rig, CONFLICT_FUNCTION);
    rig.sync.conflict_function = 9;
    rig.mapper_type.call = larger;
    both_change(&rig, "2", "3", "1000");
    CHECK_TEXT(text_of(value_of(&rig)), "3");
    rig_close(&rig);
    open_with(&rig, CONFLICT_FUNCTION);
    rig.sync.conflict_function = 9;
    rig.mapper_type.call = larger;
    both_change(&rig, "5", "3", "1000");
    CHECK_TEXT(text_of(value_of(&rig)), "5");
    CHECK(is_ahead(&rig));
    check_quiet(&rig);
    rig_close(&rig);
}

TEST(engine_clash, a_function_that_raises_makes_a_dead_letter) {
    struct rig rig;
    static const uint32_t key[] = {1};
    open_with(&rig, CONFLICT_FUNCTION);
    rig.sync.conflict_function = 9;
    rig.mapper_type.call = larger;
    rig.reading.key = key;
    rig.reading.key_count = 1;
    RIG_ROWS(&rig, LIST_PAIRS("id", "a", "value", "1"));
    rig_run(&rig);
    // Another datasource's record of the same key is adopted: there is no base.
    rig.sync.datasource = TEXT_LITERAL("other");
    rig.sync.name = TEXT_LITERAL("others");
    RIG_ROWS(&rig, LIST_PAIRS("id", "x", "value", "1"));
    rig_run(&rig);
    CHECK_INT(rig_deads(&rig), 1);
    rig_close(&rig);
}

// --- deleted here, changed there ---

static void delete_here(struct rig *rig, const char *at) {
    RIG_ROWS(rig, LIST_PAIRS("id", "a", "value", "1", "at", "900"), LIST_PAIRS("id", "b", "value", "1", "at", "900"));
    rig_run(rig);
    now_us += 1000000;
    rig_delete(rig, "reading", "a");
    static const char *pairs[7];
    const char *const row[] = {"id", "a", "value", "3", "at", at, NULL};
    memcpy(pairs, row, sizeof row);
    static struct source_list_row rows[1];
    rows[0] = (struct source_list_row){.pairs = pairs};
    rig_rows(rig, rows, 1);
    rig_run(rig);
    CHECK(rig->report.status == RUN_DONE);
}

TEST(engine_clash, changed_there_deleted_here_comes_back_f12) {
    static const enum conflict_policy policies[] = {CONFLICT_DATASOURCE, CONFLICT_FIELDS, CONFLICT_FUNCTION};
    for (size_t i = 0; i < 3; i++) {
        struct rig rig;
        open_with(&rig, policies[i]);
        delete_here(&rig, "1000");
        CHECK_TEXT(text_of(value_of(&rig)), "3");
        CHECK(!is_ahead(&rig));
        check_quiet(&rig);
        rig_close(&rig);
    }
}

TEST(engine_clash, where_home_decides_its_deletion_stands_f12) {
    struct rig rig;
    struct value lost;
    open_with(&rig, CONFLICT_HOME);
    delete_here(&rig, "1000");
    CHECK_INT(rig_records(&rig, "reading"), 1); // b
    struct link link = rig_link(&rig, "reading", "a");
    CHECK_INT(link.agreed_seq, 1); // as it was created
    CHECK_INT(rig_conflicts_of(&rig, "remote", &lost), 1);
    CHECK_TEXT(value_slice(object_find(lost.as.object, TEXT_LITERAL("value"))), "3");
    // The link stays behind the deletion, so that a push finds it; and another run says nothing new.
    int64_t seq = rig_seq(&rig);
    CHECK(link.agreed_seq < seq);
    rig_run(&rig);
    CHECK_INT(rig_seq(&rig), seq);
    CHECK_INT(rig_conflicts(&rig), 1);
    CHECK_INT(rig.report.counts.unchanged, 1);
    rig_close(&rig);
}

TEST(engine_clash, newest_weighs_a_deletion_too_f12) {
    struct rig rig;
    open_with(&rig, CONFLICT_NEWEST);
    delete_here(&rig, "1000"); // deleted at 1001
    CHECK_INT(rig_records(&rig, "reading"), 1);
    rig_close(&rig);
    open_with(&rig, CONFLICT_NEWEST);
    delete_here(&rig, "1002");
    CHECK_INT(rig_records(&rig, "reading"), 2);
    rig_close(&rig);
}

// --- adoption ---

TEST(engine_clash, adoption_is_a_merge_without_a_base) {
    struct rig rig;
    static const uint32_t key[] = {0};
    open_with(&rig, CONFLICT_FIELDS);
    rig.types[0] = (struct sync_type){.name = TEXT_LITERAL("resource"),
                                      .datatype = &rig.resource,
                                      .key = rig.types[0].key,
                                      .key_count = 1,
                                      .pull = {.rules = rig.resource_rules, .count = 2}};
    rig.resource.key = key;
    rig.resource.key_count = 1;
    RIG_ROWS(&rig, LIST_PAIRS("id", "p", "name", "p"), LIST_PAIRS("id", "a", "name", "well", "parent", "p"));
    rig_run(&rig);
    int64_t p = rig_record(&rig, "resource", "p").id;
    rig.sync.datasource = TEXT_LITERAL("other");
    rig.sync.name = TEXT_LITERAL("others");
    RIG_ROWS(&rig, LIST_PAIRS("id", "x", "name", "well"));
    rig_run(&rig);
    CHECK_INT(rig_records(&rig, "resource"), 2);
    CHECK_INT(rig_conflicts(&rig), 0); // what the other side has nothing for stays
    rig.sync.datasource = TEXT_LITERAL("list");
    struct home_row row = rig_record(&rig, "resource", "a");
    CHECK_INT(row.fields[1].as.integer, p);
    rig_close(&rig);
}

// --- the same id twice in one pass, on an edited record ---

static void twice(size_t page_records) {
    struct rig rig;
    open_with(&rig, CONFLICT_FIELDS);
    rig.request.page_records = page_records;
    RIG_ROWS(&rig, LIST_PAIRS("id", "a", "value", "1"), LIST_PAIRS("id", "b", "value", "1"));
    rig_run(&rig);
    rig_change(&rig, "reading", "a", 0,
               value_integer(rig_record(&rig, "reading", "b").id)); // the source is silent of it
    RIG_ROWS(&rig, LIST_PAIRS("id", "a", "value", "2"), LIST_PAIRS("id", "b", "value", "1"),
             LIST_PAIRS("id", "a", "value", "3"));
    rig.types[0].pull.rules++;
    rig.types[0].pull.count = 1;
    rig_run(&rig);
    CHECK_TEXT(text_of(value_of(&rig)), "3");
    CHECK_INT(rig_record(&rig, "reading", "a").fields[0].as.integer, rig_record(&rig, "reading", "b").id);
    CHECK(is_ahead(&rig));
    CHECK_INT(rig_conflicts_of(&rig, "repeat", NULL), 1);
    CHECK_INT(rig_conflicts_of(&rig, "edit", NULL), 0);
    check_quiet(&rig);
    check_quiet(&rig);
    // What both sides agree on is what it said last: a change of it alone is no conflict.
    RIG_ROWS(&rig, LIST_PAIRS("id", "a", "value", "4"), LIST_PAIRS("id", "b", "value", "1"));
    rig_run(&rig);
    CHECK_TEXT(text_of(value_of(&rig)), "4");
    CHECK_INT(rig_conflicts_of(&rig, "edit", NULL), 0);
    CHECK(is_ahead(&rig));
    rig_close(&rig);
}

TEST(engine_clash, twice_in_one_page_keeps_the_edit) {
    twice(10);
}

TEST(engine_clash, twice_over_pages_keeps_the_edit) {
    twice(1);
}

// --- what arrives for an edited record is no reason to forget the edit ---

TEST(engine_clash, a_reference_that_arrives_leaves_the_edit_one) {
    struct rig rig;
    open_with(&rig, CONFLICT_FIELDS);
    RIG_ROWS(&rig, LIST_PAIRS("id", "a", "value", "1", "resource", "w"));
    rig_run(&rig);
    CHECK_INT(rig.report.pending_now, 1);
    rig_change(&rig, "reading", "a", 1, number("2"));
    struct sync_type readings = rig.types[0];
    rig.types[0] = (struct sync_type){.name = TEXT_LITERAL("resource"),
                                      .datatype = &rig.resource,
                                      .key = readings.key,
                                      .key_count = 1,
                                      .pull = {.rules = rig.resource_rules, .count = 2}};
    rig.sync.name = TEXT_LITERAL("resources");
    RIG_ROWS(&rig, LIST_PAIRS("id", "w", "name", "well"));
    rig_run(&rig);
    CHECK_INT(rig.report.pending_now, 0);
    CHECK_INT(rig_record(&rig, "reading", "a").fields[0].as.integer, rig_record(&rig, "resource", "w").id);
    CHECK(is_ahead(&rig));
    // The edit is weighed against the base that it was made on.
    rig.types[0] = readings;
    rig.sync.name = TEXT_LITERAL("readings");
    RIG_ROWS(&rig, LIST_PAIRS("id", "a", "value", "1.0", "resource", "w"));
    rig_run(&rig);
    CHECK_TEXT(text_of(value_of(&rig)), "2");
    CHECK_INT(rig_conflicts(&rig), 0);
    CHECK(is_ahead(&rig));
    rig_close(&rig);
}

// The datasource wins what it speaks of. What it is silent of is still home's edit, and still to be pushed.
TEST(engine_clash, where_the_datasource_wins_its_silence_does_not_f11) {
    struct rig rig;
    open_with(&rig, CONFLICT_DATASOURCE);
    rig.types[0].pushes = false;
    rig.types[0].pull.rules++; // value alone
    rig.types[0].pull.count = 1;
    RIG_ROWS(&rig, LIST_PAIRS("id", "a", "value", "1"), LIST_PAIRS("id", "b", "value", "1"));
    rig_run(&rig);
    struct linkset *links;
    CHECK_OK(store_linkset(rig.store, TEXT_LITERAL("list"), &rig.reading, false, &links, &rig.error), &rig.error);
    CHECK_OK(store_track(rig.store, links, &rig.error), &rig.error); // another sync pushes them
    int64_t b = rig_record(&rig, "reading", "b").id;
    rig_change(&rig, "reading", "a", 0, value_integer(b));
    RIG_ROWS(&rig, LIST_PAIRS("id", "a", "value", "2"), LIST_PAIRS("id", "b", "value", "1"));
    rig_run(&rig);
    CHECK_TEXT(text_of(value_of(&rig)), "2");
    CHECK_INT(rig_record(&rig, "reading", "a").fields[0].as.integer, b);
    CHECK(is_ahead(&rig));
    CHECK_INT(rig_conflicts(&rig), 0);
    check_quiet(&rig);
    rig_close(&rig);
}

// A pull alone without a policy goes on as it was: the datasource's form goes in, home's is kept.
TEST(engine_clash, a_plain_pull_tracks_nothing) {
    struct rig rig;
    struct linkset *links;
    open_with(&rig, CONFLICT_DATASOURCE);
    both_change(&rig, "2", "3", "1000");
    CHECK_OK(store_linkset(rig.store, TEXT_LITERAL("list"), &rig.reading, false, &links, &rig.error), &rig.error);
    CHECK(!links->tracked);
    rig_close(&rig);
}

// --- the push form ---

// A pulled change outdates the form that was pushed: going back to it must be sent again.
TEST(engine_clash, a_pulled_change_outdates_what_was_sent_f10) {
    struct rig rig;
    open_with(&rig, CONFLICT_FIELDS);
    RIG_ROWS(&rig, LIST_PAIRS("id", "a", "value", "1"));
    rig_run(&rig);
    struct link link = rig_link(&rig, "reading", "a");
    struct home_row row = rig_record(&rig, "reading", "a");
    struct linkset *links;
    CHECK_OK(store_linkset(rig.store, TEXT_LITERAL("list"), &rig.reading, false, &links, &rig.error), &rig.error);
    struct effect sent = {.kind = EFFECT_AGREE,
                          .datatype = &rig.reading,
                          .id = row.id,
                          .base_seq = row.seq,
                          .links = links,
                          .external = TEXT_LITERAL("a"),
                          .seen = link.seen,
                          .sends = true,
                          .sent = {7, 7},
                          .bounces = 2};
    struct page page = {.origin = TEXT_LITERAL("list"), .effects = &sent, .effect_count = 1, .audit = "a test"};
    enum commit_outcome outcome;
    CHECK_OK(store_commit(rig.store, &page, &outcome, &rig.error), &rig.error);
    CHECK(outcome == COMMIT_DONE);
    RIG_ROWS(&rig, LIST_PAIRS("id", "a", "value", "1", "note", "not ours"));
    rig_run(&rig); // home's fields are the same: so is what was sent
    link = rig_link(&rig, "reading", "a");
    CHECK(link.sent.low == 7 && link.bounces == 2);
    RIG_ROWS(&rig, LIST_PAIRS("id", "a", "value", "2"));
    rig_run(&rig);
    link = rig_link(&rig, "reading", "a");
    CHECK(link.sent.low == 0 && link.sent.high == 0 && link.sent_before.low == 7 && link.bounces == 2);
    check_quiet(&rig);
    rig_close(&rig);
}
