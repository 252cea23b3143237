#include "rig.h"

// A whole listing in which nothing came, and what counts as an edit of a record that didn't come.

enum { ROWS = 5 };

static const struct source_list_row rows[ROWS] = {
    LIST_PAIRS("id", "0", "name", "zero"),  LIST_PAIRS("id", "1", "name", "one"),  LIST_PAIRS("id", "2", "name", "two"),
    LIST_PAIRS("id", "3", "name", "three"), LIST_PAIRS("id", "4", "name", "four"),
};

static void run(struct rig *rig) {
    rig_run(rig);
    // What is held back is nothing to be content with.
    bool held = rig->report.counts.held > 0;
    CHECK(rig->report.status == RUN_WARNING || (rig->report.status == RUN_DONE && !held));
}

static void list(struct rig *rig, size_t count) {
    rig_rows(rig, rows, count);
    run(rig);
}

static void open_full(struct rig *rig) {
    rig_open(rig, "resource");
    rig->sync.conflict = CONFLICT_FIELDS;
    rig->sync.deletes = true;
    rig->sync.deletes_at_most = (struct share){.amount = 100};
    rig->list.full = true;
}

// The guard never lets all of them go at once; with one that is edited, the others are not all.
TEST(engine_gone_empty, an_edited_one_is_no_proof_that_the_others_went_f13) {
    struct rig rig;
    open_full(&rig);
    list(&rig, ROWS);
    rig_change(&rig, "resource", "2", 0, value_text(text_of("edited")));
    list(&rig, 0);
    CHECK_INT(rig.report.counts.deleted, 0);
    CHECK_INT(rig.report.counts.held, ROWS - 1);
    CHECK_INT(rig_records(&rig, "resource"), ROWS);
    list(&rig, ROWS); // it was a mistake
    CHECK_INT(rig_helds(&rig, "pull"), 0);
    CHECK_INT(rig_records(&rig, "resource"), ROWS);
    rig_close(&rig);
}

// What home deleted is known by its link alone; were that forgotten, it would come as a new one.
TEST(engine_gone_empty, no_link_is_forgotten_f13) {
    struct rig rig;
    open_full(&rig);
    list(&rig, ROWS);
    rig_delete(&rig, "resource", "1");
    list(&rig, 0);
    CHECK(rig_linked(&rig, "resource", "1"));
    list(&rig, ROWS);
    CHECK_INT(rig_records(&rig, "resource"), ROWS - 1);
    list(&rig, 1); // and where something came, it is
    CHECK(!rig_linked(&rig, "resource", "1"));
    rig_close(&rig);
}

static void approve_all(size_t count) {
    struct rig rig;
    open_full(&rig);
    list(&rig, count);
    list(&rig, 0);
    CHECK_INT(rig_helds(&rig, "pull"), count);
    list(&rig, 0); // they wait on, and are said again
    CHECK_INT(rig.report.counts.held, count);
    CHECK_INT(rig_helds(&rig, "pull"), count);
    rig_approve(&rig);
    list(&rig, 0);
    CHECK_INT(rig.report.counts.deleted, count);
    CHECK_INT(rig_records(&rig, "resource"), 0);
    CHECK_INT(rig_helds(&rig, "pull"), 0);
    CHECK(!rig_linked(&rig, "resource", "0"));
    rig_close(&rig);
}

TEST(engine_gone_empty, when_it_is_true_a_person_approves_f13) {
    approve_all(ROWS);
    approve_all(1);
}

// Deleted in home since it was held: approved or not, it goes out of the list.
TEST(engine_gone_empty, one_that_home_deleted_too_is_forgotten_when_approved_f13) {
    struct rig rig;
    open_full(&rig);
    list(&rig, 3);
    list(&rig, 0);
    CHECK_INT(rig_helds(&rig, "pull"), 3);
    rig_delete(&rig, "resource", "1");
    rig_approve(&rig);
    list(&rig, 0);
    CHECK_INT(rig.report.counts.deleted, 2);
    CHECK_INT(rig_helds(&rig, "pull"), 0);
    CHECK(!rig_linked(&rig, "resource", "1"));
    rig_close(&rig);
}

// A tombstone is no silence: what it says goes, and what is not there either.
TEST(engine_gone_empty, tombstones_are_something_that_came_f13) {
    struct rig rig;
    open_full(&rig);
    list(&rig, ROWS);
    rig_change(&rig, "resource", "4", 0, value_text(text_of("edited")));
    RIG_ROWS(&rig, LIST_GONE("id", "0", "name", "zero"), LIST_GONE("id", "1", "name", "one"),
             LIST_GONE("id", "2", "name", "two"));
    run(&rig);
    CHECK_INT(rig.report.counts.deleted, 4);
    CHECK_INT(rig_helds(&rig, "pull"), 0);
    CHECK_INT(rig_records(&rig, "resource"), 1);
    CHECK(rig_linked(&rig, "resource", "4"));
    rig_close(&rig);
}

// --- what is an edit ---

static const struct text path_name[] = {{"name", 4}};
static const struct text path_memo[] = {{"memo", 4}};
static const struct path paths[] = {{path_name, 1}, {path_memo, 1}};
static const struct text told_names[] = {{"label", 5}};
static const struct shape told_shape = {1, told_names};

// A datatype with a field that the pull says nothing about.
static void open_with_memo(struct rig *rig) {
    static const struct text names[] = {{"name", 4}, {"parent", 6}, {"memo", 4}};
    static const struct shape shape = {3, names};
    open_full(rig);
    rig->resource_fields[2] = (struct field){.name = names[2], .type = FIELD_TEXT};
    rig->resource.count = 3;
    rig->resource.shape = &shape;
    list(rig, ROWS);
}

TEST(engine_gone_empty, what_the_datasource_never_said_is_no_edit_f12) {
    struct rig rig;
    open_with_memo(&rig);
    rig_change(&rig, "resource", "4", 2, value_text(text_of("given by another")));
    list(&rig, ROWS - 1);
    CHECK_INT(rig.report.counts.deleted, 1);
    CHECK_INT(rig_records(&rig, "resource"), ROWS - 1);
    rig_change(&rig, "resource", "3", 0, value_text(text_of("edited")));
    list(&rig, ROWS - 2);
    CHECK_INT(rig.report.counts.deleted, 0);
    CHECK(rig_linked(&rig, "resource", "3"));
    rig_close(&rig);
}

// Nothing says which fields a function of the whole record could have given.
TEST(engine_gone_empty, where_a_function_reads_any_field_may_be_one_f12) {
    struct rig rig;
    open_with_memo(&rig);
    rig.types[0].pull.has_function = true;
    rig_change(&rig, "resource", "4", 2, value_text(text_of("given by another")));
    rig_rows(&rig, rows, ROWS - 1);
    run(&rig); // what is known isn't mapped again
    CHECK_INT(rig.report.counts.deleted, 0);
    CHECK(rig_linked(&rig, "resource", "4"));
    rig_close(&rig);
}

// What a push writes there is the datasource's to know, though it never says it.
static void edit_what_is_told(const struct rule *rule, size_t count) {
    struct rig rig;
    open_with_memo(&rig);
    rig.types[0].pushes = true;
    rig.types[0].push.transform = (struct transform){.rules = rule, .count = count, .names = &told_shape};
    rig_change(&rig, "resource", "4", 2, value_text(text_of("not pushed yet")));
    rig_rows(&rig, rows, ROWS - 1);
    rig_run(&rig);
    CHECK_INT(rig.report.counts.deleted, 0);
    CHECK(rig_linked(&rig, "resource", "4"));
    rig_close(&rig);
}

TEST(engine_gone_empty, what_is_to_be_pushed_is_an_edit_f12) {
    static const struct rule whole = {.input = INPUT_PATH, .paths = &paths[1], .path_count = 1};
    static const struct rule among = {.input = INPUT_PATHS, .paths = paths, .path_count = 2};
    static const struct rule function = {.input = INPUT_FUNCTION};
    edit_what_is_told(&whole, 1);
    edit_what_is_told(&among, 1);
    edit_what_is_told(&function, 1);
    edit_what_is_told(NULL, 0);
}
