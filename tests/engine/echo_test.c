#include "rig.h"

// The datasource says again what both sides agreed on, in other words: home alone changed the record. `note` is a field
// that no transform looks at.

static void open_with(struct rig *rig, enum conflict_policy policy) {
    rig_open(rig, "reading");
    rig->reading_fields[0].required = false;
    rig->sync.conflict = CONFLICT_HOME; // so that home keeps what was agreed on, whatever the policy is later
    RIG_ROWS(rig, LIST_PAIRS("id", "a", "value", "1"), LIST_PAIRS("id", "b", "value", "1"));
    rig_run(rig);
    rig->sync.conflict = policy;
}

static void check_value(struct rig *rig, const char *value) {
    struct home_row row = rig_record(rig, "reading", "a");
    CHECK_TEXT(value_slice(&row.fields[1]), value);
}

static bool is_ahead(struct rig *rig) {
    return rig_record(rig, "reading", "a").seq > rig_link(rig, "reading", "a").agreed_seq;
}

// Home deleted it: no record is behind the link.
static bool is_deleted(struct rig *rig) {
    struct home_row row;
    struct link link = rig_link(rig, "reading", "a");
    CHECK_OK(rig->store_type->record_find(rig->store, &rig->reading, link.home, &rig->arena, &row, &rig->error),
             &rig->error);
    return row.id == 0;
}

// The link knows the new words: they are nothing new any more.
static void check_quiet(struct rig *rig) {
    int64_t seq = rig_seq(rig);
    int64_t conflicts = rig_conflicts(rig);
    struct link link = rig_link(rig, "reading", "a");
    rig_run(rig);
    CHECK(rig->report.status == RUN_DONE);
    CHECK_INT(rig_seq(rig), seq);
    CHECK_INT(rig_conflicts(rig), conflicts);
    struct link after = rig_link(rig, "reading", "a");
    CHECK(after.agreed_seq == link.agreed_seq && print_same(after.seen, link.seen));
}

static bool refuse(struct mapper *mapper, uint32_t function, const struct object *const *objects, size_t count,
                   struct arena *arena, struct mapped *out, struct error *error) {
    (void)mapper;
    (void)function;
    (void)objects;
    (void)count;
    (void)arena;
    (void)out;
    return error_set(error, ERROR_TRANSFORM, "the two sides don't differ");
}

static const enum conflict_policy policies[] = {CONFLICT_DATASOURCE, CONFLICT_HOME, CONFLICT_FIELDS, CONFLICT_NEWEST,
                                                CONFLICT_FUNCTION};
enum { POLICIES = sizeof policies / sizeof policies[0] };

TEST(engine_echo, an_edit_stands_whatever_the_policy_f11) {
    for (size_t i = 0; i < POLICIES; i++) {
        struct rig rig;
        open_with(&rig, policies[i]);
        rig.mapper_type.call = refuse;
        rig_change(&rig, "reading", "a", 1, value_decimal(text_of("2")));
        struct link before = rig_link(&rig, "reading", "a");
        RIG_ROWS(&rig, LIST_PAIRS("id", "a", "value", "1.0", "note", "new"));
        rig_run(&rig);
        CHECK(rig.report.status == RUN_DONE);
        check_value(&rig, "2");
        CHECK_INT(rig_conflicts(&rig), 0);
        CHECK_INT(rig_deads(&rig), 0);
        CHECK_INT(rig.report.counts.unchanged, 1);
        CHECK(is_ahead(&rig));
        CHECK(!print_same(rig_link(&rig, "reading", "a").seen, before.seen));
        check_quiet(&rig);
        rig_close(&rig);
    }
}

TEST(engine_echo, a_deletion_stands_whatever_the_policy_f12) {
    for (size_t i = 0; i < POLICIES; i++) {
        struct rig rig;
        open_with(&rig, policies[i]);
        rig.mapper_type.call = refuse;
        rig_delete(&rig, "reading", "a");
        RIG_ROWS(&rig, LIST_PAIRS("id", "a", "value", "1", "note", "new"));
        rig_run(&rig);
        CHECK(rig.report.status == RUN_DONE);
        CHECK(is_deleted(&rig));
        CHECK_INT(rig_conflicts(&rig), 0);
        check_quiet(&rig);
        RIG_ROWS(&rig, LIST_PAIRS("id", "a", "value", "3", "note", "new")); // and what is new is weighed as before
        rig_run(&rig);
        CHECK(is_deleted(&rig) == (policies[i] == CONFLICT_HOME));
        rig_close(&rig);
    }
}

// --- the same record again in one pass, another form of it ---

static void edit_and_read_twice(const char *first, const char *second, size_t page_records, bool deletes) {
    struct rig rig;
    open_with(&rig, CONFLICT_FIELDS);
    rig.request.page_records = page_records;
    if (deletes) {
        rig_delete(&rig, "reading", "a");
    } else {
        rig_change(&rig, "reading", "a", 1, value_decimal(text_of("2")));
    }
    RIG_ROWS(&rig, LIST_PAIRS("id", "a", "value", first, "note", "first"),
             LIST_PAIRS("id", "a", "value", second, "note", "second"));
    rig_run(&rig);
    CHECK(rig.report.status == RUN_DONE);
    if (!deletes) {
        struct value lost;
        CHECK_INT(rig_conflicts_of(&rig, "edit", &lost), 1);
        CHECK_TEXT(value_slice(object_find(lost.as.object, TEXT_LITERAL("value"))), "2");
    }
    check_value(&rig, "3"); // the one change that somebody made there
    CHECK(!is_ahead(&rig));
    CHECK_INT(rig_records(&rig, "reading"), 2);
    rig_close(&rig);
}

TEST(engine_echo, what_comes_behind_it_is_weighed_f11) {
    edit_and_read_twice("1", "3", 3, false);
    edit_and_read_twice("1", "3", 1, false);
}

TEST(engine_echo, what_comes_behind_it_brings_back_f12) {
    edit_and_read_twice("1", "3", 3, true);
    edit_and_read_twice("1", "3", 1, true);
}

// Twice the same, with other words: the edit stands.
TEST(engine_echo, twice_in_one_page_is_none_either_f11) {
    struct rig rig;
    open_with(&rig, CONFLICT_DATASOURCE);
    rig_change(&rig, "reading", "a", 1, value_decimal(text_of("2")));
    RIG_ROWS(&rig, LIST_PAIRS("id", "a", "value", "1", "note", "x"), LIST_PAIRS("id", "a", "value", "1", "note", "y"),
             LIST_PAIRS("id", "a", "value", "1", "note", "y"));
    rig_run(&rig);
    CHECK(rig.report.status == RUN_DONE);
    check_value(&rig, "2");
    CHECK_INT(rig_conflicts(&rig), 0);
    CHECK(is_ahead(&rig));
    rig_close(&rig);
}

// It is gone right after: home's edit is kept, its deletion is none any more.
TEST(engine_echo, gone_behind_it_f12) {
    struct rig rig;
    open_with(&rig, CONFLICT_FIELDS);
    rig.sync.deletes = true;
    rig.sync.deletes_at_most = (struct share){.amount = 5};
    rig_change(&rig, "reading", "a", 1, value_decimal(text_of("2")));
    RIG_ROWS(&rig, LIST_PAIRS("id", "a", "value", "1", "note", "x"), LIST_GONE("id", "a", "value", "1", "note", "x"));
    rig_run(&rig);
    check_value(&rig, "2");
    CHECK(is_ahead(&rig));
    rig_delete(&rig, "reading", "a");
    RIG_ROWS(&rig, LIST_PAIRS("id", "a", "value", "1", "note", "z"), LIST_GONE("id", "a", "value", "1", "note", "z"));
    rig_run(&rig);
    CHECK(rig.report.status == RUN_DONE);
    CHECK(!rig_linked(&rig, "reading", "a"));
    CHECK_INT(rig_records(&rig, "reading"), 1);
    rig_close(&rig);
}

// --- where it can't be told ---

// A pull alone keeps nothing of what was agreed on: the datasource wins, and home's form is kept aside.
TEST(engine_echo, a_pull_that_keeps_no_base_takes_what_it_reads_f11) {
    struct rig rig;
    struct value lost;
    rig_open(&rig, "reading");
    rig.reading_fields[0].required = false;
    rig.sync.conflict = CONFLICT_DATASOURCE;
    RIG_ROWS(&rig, LIST_PAIRS("id", "a", "value", "1"));
    rig_run(&rig);
    rig_change(&rig, "reading", "a", 1, value_decimal(text_of("2")));
    RIG_ROWS(&rig, LIST_PAIRS("id", "a", "value", "1", "note", "new"));
    rig_run(&rig);
    check_value(&rig, "1");
    CHECK_INT(rig_conflicts_of(&rig, "edit", &lost), 1);
    CHECK_TEXT(value_slice(object_find(lost.as.object, TEXT_LITERAL("value"))), "2");
    rig_close(&rig);
}

// Fields that no datatype declares come along, and home keeps no base of them: a new one is a change.
TEST(engine_echo, undeclared_fields_are_looked_at_f11) {
    struct rig rig;
    open_with(&rig, CONFLICT_FIELDS);
    rig.types[0].pull.rest = true;
    rig.reading.keeps_extra = true;
    rig.sync.print.low++;
    RIG_ROWS(&rig, LIST_PAIRS("id", "a", "value", "1", "note", "old"));
    rig_run(&rig);
    rig_change(&rig, "reading", "a", 1, value_decimal(text_of("2")));
    RIG_ROWS(&rig, LIST_PAIRS("id", "a", "value", "1", "note", "new"));
    rig_run(&rig);
    CHECK(rig.report.status == RUN_DONE);
    check_value(&rig, "2");
    CHECK(is_ahead(&rig));
    struct home_row row = rig_record(&rig, "reading", "a");
    const struct value *note =
        row.extra.kind == VALUE_OBJECT ? object_find(row.extra.as.object, TEXT_LITERAL("note")) : NULL;
    CHECK(note != NULL);
    CHECK_TEXT(value_slice(note), "new");
    check_quiet(&rig);
    rig_close(&rig);
}

// --- a reference that waits ---

static void open_resources(struct rig *rig) {
    rig_open(rig, "resource");
    rig->sync.conflict = CONFLICT_FIELDS;
    RIG_ROWS(rig, LIST_PAIRS("id", "a", "name", "tank", "parent", "p"), LIST_PAIRS("id", "b", "name", "well"));
    rig_run(rig);
    CHECK_INT(rig_pendings(rig), 1);
    rig_change(rig, "resource", "a", 0, value_text(text_of("cistern")));
}

// It is null in home, and was when both agreed; that says nothing about what the datasource has.
TEST(engine_echo, a_reference_that_waits_is_no_echo_f11) {
    struct rig rig;
    open_resources(&rig);
    RIG_ROWS(&rig, LIST_PAIRS("id", "a", "name", "tank", "parent", "p", "note", "new"));
    rig_run(&rig);
    CHECK_INT(rig_pendings(&rig), 1);
    RIG_ROWS(&rig, LIST_PAIRS("id", "p", "name", "dam"));
    rig_run(&rig);
    CHECK_INT(rig_pendings(&rig), 0);
    struct home_row row = rig_record(&rig, "resource", "a");
    CHECK_TEXT(value_slice(&row.fields[0]), "cistern");
    CHECK_INT(row.fields[1].as.integer, rig_record(&rig, "resource", "p").id);
    rig_close(&rig);
}

// The datasource has no parent any more, as was agreed on while it waited: the wait ends.
TEST(engine_echo, a_reference_that_was_taken_back_waits_no_longer_f11) {
    struct rig rig;
    open_resources(&rig);
    RIG_ROWS(&rig, LIST_PAIRS("id", "a", "name", "tank", "parent", ""));
    rig_run(&rig);
    CHECK_INT(rig_pendings(&rig), 0);
    RIG_ROWS(&rig, LIST_PAIRS("id", "p", "name", "dam"));
    rig_run(&rig);
    struct home_row row = rig_record(&rig, "resource", "a");
    CHECK_TEXT(value_slice(&row.fields[0]), "cistern");
    CHECK(value_empty(&row.fields[1]));
    rig_close(&rig);
}
