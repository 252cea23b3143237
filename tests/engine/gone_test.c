#include "rig.h"

// What is gone at the datasource: tombstones in a feed, and records that a full listing didn't bring.

enum { MANY = 40 };

static char ids[MANY][24];
static const char *pairs[MANY][7];
static struct source_list_row rows[MANY];

// `count` records, numbered from 0, without those in `without`.
static size_t many(size_t count, size_t without_first, size_t without) {
    size_t at = 0;
    for (size_t i = 0; i < count; i++) {
        if (i >= without_first && i < without_first + without) {
            continue;
        }
        snprintf(ids[i], sizeof ids[i], "%zu", i);
        const char *const row[] = {"id", ids[i], "value", "1", NULL};
        memcpy(pairs[i], row, sizeof row);
        rows[at++] = (struct source_list_row){.pairs = pairs[i]};
    }
    return at;
}

static void open_with(struct rig *rig, double at_most) {
    rig_open(rig, "reading");
    rig->reading_fields[0].required = false;
    rig->sync.deletes = at_most > 0;
    rig->sync.deletes_at_most = (struct share){.is_percent = false, .amount = at_most};
    rig->list.full = true;
    rig->request.page_records = 7;
}

static void list_many(struct rig *rig, size_t count, size_t without_first, size_t without) {
    rig_rows(rig, rows, many(count, without_first, without));
    rig_run(rig);
    // What is held back is nothing to be content with.
    CHECK(rig->report.status == (rig->report.counts.held > 0 ? RUN_WARNING : RUN_DONE));
}

static void check_quiet(struct rig *rig) {
    int64_t seq = rig_seq(rig);
    int64_t helds = rig_helds(rig, "pull");
    rig_run(rig);
    CHECK(rig->report.status == (rig->report.counts.held > 0 ? RUN_WARNING : RUN_DONE));
    CHECK_INT(rig_seq(rig), seq);
    CHECK_INT(rig_helds(rig, "pull"), helds);
    CHECK_INT(rig_helds(rig, "gone"), 0);
    CHECK_INT(rig->report.counts.deleted, 0);
}

// --- by absence ---

TEST(engine_gone, what_a_full_listing_leaves_out_is_deleted_f13) {
    struct rig rig;
    open_with(&rig, 5);
    list_many(&rig, 30, 0, 0);
    CHECK_INT(rig.report.counts.created, 30);
    list_many(&rig, 30, 3, 4);
    CHECK_INT(rig.report.counts.deleted, 4);
    CHECK_INT(rig.report.counts.unchanged, 26);
    CHECK_INT(rig_records(&rig, "reading"), 26);
    CHECK(!rig_linked(&rig, "reading", "3"));
    CHECK(rig_linked(&rig, "reading", "7"));
    check_quiet(&rig);
    list_many(&rig, 30, 0, 0); // and they come again as new ones
    CHECK_INT(rig.report.counts.created, 4);
    rig_close(&rig);
}

TEST(engine_gone, a_listing_that_is_not_proven_full_deletes_nothing_f13) {
    struct rig rig;
    open_with(&rig, 5);
    list_many(&rig, 30, 0, 0);
    rig.list.full = false;
    list_many(&rig, 30, 3, 4);
    CHECK_INT(rig_records(&rig, "reading"), 30);
    rig_close(&rig);
}

TEST(engine_gone, past_the_guard_nothing_goes_until_it_is_approved_f13) {
    struct rig rig;
    open_with(&rig, 5);
    list_many(&rig, 30, 0, 0);
    list_many(&rig, 30, 3, 6);
    CHECK_INT(rig.report.counts.deleted, 0);
    CHECK_INT(rig.report.counts.held, 6);
    CHECK_INT(rig_records(&rig, "reading"), 30);
    CHECK_INT(rig_helds(&rig, "pull"), 6);
    check_quiet(&rig);
    list_many(&rig, 30, 4, 5);             // 3 comes again: it isn't held any more
    CHECK_INT(rig_helds(&rig, "pull"), 0); // and five may go
    CHECK_INT(rig.report.counts.deleted, 5);
    CHECK_INT(rig_records(&rig, "reading"), 25);
    rig_close(&rig);
}

TEST(engine_gone, an_empty_answer_deletes_nothing_f13) {
    struct rig rig;
    open_with(&rig, 1000);
    list_many(&rig, 30, 0, 0);
    rig_rows(&rig, NULL, 0);
    rig_run(&rig);
    CHECK(rig.report.status == RUN_WARNING);
    CHECK_INT(rig_records(&rig, "reading"), 30);
    CHECK_INT(rig_helds(&rig, "pull"), 30);
    list_many(&rig, 30, 0, 0); // it was a mistake
    CHECK_INT(rig_helds(&rig, "pull"), 0);
    CHECK_INT(rig.report.counts.unchanged, 30);
    rig_close(&rig);
}

TEST(engine_gone, approved_ones_go_past_the_guard) {
    struct rig rig;
    open_with(&rig, 5);
    list_many(&rig, 30, 0, 0);
    list_many(&rig, 30, 3, 8);
    CHECK_INT(rig_helds(&rig, "pull"), 8);
    rig_change(&rig, "reading", "4", 1, value_decimal(text_of("2"))); // edited since it was held
    rig_approve(&rig);
    list_many(&rig, 30, 3, 7); // 10 has come back since it was approved
    CHECK_INT(rig.report.counts.deleted, 6);
    CHECK_INT(rig_helds(&rig, "pull"), 0);
    CHECK_INT(rig_records(&rig, "reading"), 24);
    CHECK(rig_linked(&rig, "reading", "10"));
    CHECK(rig_linked(&rig, "reading", "4"));
    check_quiet(&rig);
    rig_close(&rig);
}

TEST(engine_gone, approved_ones_do_not_count_against_the_guard) {
    struct rig rig;
    open_with(&rig, 5);
    list_many(&rig, 30, 0, 0);
    list_many(&rig, 30, 3, 8);
    rig_approve(&rig);
    list_many(&rig, 30, 3, 12); // four more have gone
    CHECK_INT(rig.report.counts.deleted, 12);
    CHECK_INT(rig_records(&rig, "reading"), 18);
    rig_close(&rig);
}

// A row that can't be read may be one of them.
TEST(engine_gone, approved_ones_stay_where_a_row_cannot_be_read_f13) {
    struct rig rig;
    open_with(&rig, 5);
    list_many(&rig, 30, 0, 0);
    list_many(&rig, 30, 3, 8);
    rig_approve(&rig);
    size_t count = many(30, 3, 8);
    rows[count] = (struct source_list_row)LIST_REJECT("3,", "the row has 2 fields");
    rig_rows(&rig, rows, count + 1);
    rig_run(&rig);
    CHECK_INT(rig.report.counts.deleted, 0);
    list_many(&rig, 30, 3, 8);
    CHECK_INT(rig.report.counts.deleted, 8);
    rig_close(&rig);
}

TEST(engine_gone, without_deletes_it_is_kept_and_said) {
    struct rig rig;
    open_with(&rig, 0);
    list_many(&rig, 30, 0, 0);
    list_many(&rig, 30, 3, 4);
    CHECK_INT(rig_records(&rig, "reading"), 30);
    CHECK_INT(rig_helds(&rig, "pull"), 0);
    check_quiet(&rig);
    rig_close(&rig);
}

TEST(engine_gone, gone_there_and_edited_here_is_kept_f12) {
    struct rig rig;
    open_with(&rig, 5);
    list_many(&rig, 30, 0, 0);
    rig_change(&rig, "reading", "3", 1, value_decimal(text_of("2")));
    list_many(&rig, 30, 3, 1);
    CHECK_INT(rig.report.counts.deleted, 0);
    CHECK_INT(rig_records(&rig, "reading"), 30);
    CHECK(rig_linked(&rig, "reading", "3"));
    check_quiet(&rig);
    rig_close(&rig);
}

TEST(engine_gone, gone_on_both_sides_is_forgotten_f12) {
    struct rig rig;
    open_with(&rig, 5);
    list_many(&rig, 30, 0, 0);
    rig_delete(&rig, "reading", "3");
    list_many(&rig, 30, 3, 1);
    CHECK_INT(rig.report.counts.deleted, 0);
    CHECK(!rig_linked(&rig, "reading", "3"));
    check_quiet(&rig);
    rig_close(&rig);
}

// A record that can't go in has come all the same.
TEST(engine_gone, a_dead_letter_is_not_absent_f13) {
    struct rig rig;
    open_with(&rig, 5);
    list_many(&rig, 30, 0, 0);
    size_t count = many(30, 0, 0);
    static const char *const bad[] = {"id", "3", "value", "many", NULL};
    static const char *const waits[] = {"id", "4", "value", "1", "resource", "nobody", NULL};
    rows[3].pairs = bad;
    rows[4].pairs = waits;
    rig.reading_fields[0].required = true;
    rig_rows(&rig, rows, count);
    rig_run(&rig);
    CHECK_INT(rig.report.counts.deleted + rig.report.counts.held, 0);
    CHECK_INT(rig_records(&rig, "reading"), 30);
    rig_close(&rig);
}

TEST(engine_gone, a_row_that_cannot_be_read_may_be_any_f13) {
    struct rig rig;
    open_with(&rig, 5);
    list_many(&rig, 30, 0, 0);
    size_t count = many(30, 3, 1);
    rows[5] = (struct source_list_row)LIST_REJECT("3,", "the row has 2 fields");
    rig_rows(&rig, rows, count);
    rig_run(&rig);
    CHECK_INT(rig.report.counts.deleted + rig.report.counts.held, 0);
    CHECK_INT(rig_records(&rig, "reading"), 30);
    rig_close(&rig);
}

TEST(engine_gone, a_pass_that_was_resumed_deletes_nothing_f13) {
    struct rig rig;
    open_with(&rig, 25);
    list_many(&rig, 30, 0, 0);
    rig.sync.print.low++; // everything is looked at again, so that pages leave a checkpoint
    rig_rows(&rig, rows, many(30, 28, 1));
    error_set(&rig.list.fail, ERROR_FILE_READ, "the disk is gone");
    rig.list.fail_read = 3;
    rig.list.fail_times = 1;
    rig_run(&rig);
    CHECK(rig.report.status == RUN_FAILED);
    rig_run(&rig);
    CHECK(rig.report.resumed && rig.report.status == RUN_DONE);
    CHECK_INT(rig_records(&rig, "reading"), 30);
    CHECK_INT(rig_helds(&rig, "pull"), 0);
    rig_run(&rig); // a whole pass of its own does
    CHECK_INT(rig.report.counts.deleted, 1);
    CHECK_INT(rig_records(&rig, "reading"), 29);
    rig_close(&rig);
}

TEST(engine_gone, another_type_may_bring_the_same_records) {
    struct rig rig;
    open_with(&rig, 5);
    list_many(&rig, 30, 0, 0);
    rig.types[1] = rig.types[0];
    rig.types[1].name = TEXT_LITERAL("more");
    rig.sync.type_count = 2;
    list_many(&rig, 30, 3, 1);
    CHECK_INT(rig_records(&rig, "reading"), 30);
    rig_close(&rig);
}

// More than one page of them, with the same end.
TEST(engine_gone, deletes_of_two_threads_are_the_same) {
    struct rig rig;
    open_with(&rig, 30);
    rig.request.threads = true;
    list_many(&rig, 40, 0, 0);
    list_many(&rig, 40, 5, 20);
    CHECK_INT(rig.report.counts.deleted, 20);
    CHECK_INT(rig_records(&rig, "reading"), 20);
    rig_close(&rig);
}

// --- one record, several of home's ---

static bool twofold(struct mapper *mapper, uint32_t function, const struct object *record, struct arena *arena,
                    struct mapped *out, struct error *error) {
    (void)mapper;
    (void)function;
    static const struct text names[] = {{"value", 5}};
    static const struct shape shape = {1, names};
    struct mapped_record *mapped = arena_take_zero(arena, 2, sizeof *mapped);
    struct value *values = arena_take(arena, 2 * sizeof *values);
    if (mapped == NULL || values == NULL) {
        return error_memory(error);
    }
    values[0] = values[1] = *object_find(record, TEXT_LITERAL("value"));
    mapped[0].fields = (struct object){&shape, &values[0]};
    mapped[1].fields = (struct object){&shape, &values[1]};
    out->records = mapped;
    out->count = 2;
    return true;
}

TEST(engine_gone, the_second_of_a_record_is_there_with_the_first) {
    struct rig rig;
    open_with(&rig, 5);
    rig.types[0].pull = (struct transform){.has_function = true};
    rig.mapper_type.record = twofold;
    list_many(&rig, 10, 0, 0);
    CHECK_INT(rig_records(&rig, "reading"), 20);
    check_quiet(&rig);
    CHECK_INT(rig_records(&rig, "reading"), 20);
    list_many(&rig, 10, 3, 1);
    CHECK_INT(rig.report.counts.deleted, 2);
    CHECK_INT(rig_records(&rig, "reading"), 18);
    rig_close(&rig);
}

// --- tombstones ---

static void open_feed(struct rig *rig, double at_most) {
    open_with(rig, at_most);
    rig->list.full = false;
    rig->list.cursor = "at";
    RIG_ROWS(rig, LIST_PAIRS("id", "a", "value", "1", "at", "1"), LIST_PAIRS("id", "b", "value", "1", "at", "2"),
             LIST_PAIRS("id", "c", "value", "1", "at", "3"), LIST_PAIRS("id", "d", "value", "1", "at", "4"));
    rig_run(rig);
    CHECK_INT(rig_records(rig, "reading"), 4);
}

TEST(engine_gone, a_tombstone_deletes_f12) {
    struct rig rig;
    open_feed(&rig, 5);
    RIG_ROWS(&rig, LIST_PAIRS("id", "d", "value", "1", "at", "4"), LIST_GONE("id", "a", "at", "5"),
             LIST_GONE("id", "nobody", "at", "5"));
    rig_run(&rig);
    CHECK_INT(rig.report.counts.deleted, 1);
    CHECK_INT(rig_records(&rig, "reading"), 3);
    CHECK(!rig_linked(&rig, "reading", "a"));
    check_quiet(&rig);
    rig_close(&rig);
}

TEST(engine_gone, tombstones_past_the_guard_are_held_and_approved_f13) {
    struct rig rig;
    open_feed(&rig, 1);
    RIG_ROWS(&rig, LIST_GONE("id", "a", "at", "5"), LIST_GONE("id", "b", "at", "5"), LIST_GONE("id", "c", "at", "6"));
    rig_run(&rig);
    CHECK_INT(rig.report.counts.held, 3);
    CHECK_INT(rig_records(&rig, "reading"), 4);
    CHECK_INT(rig_helds(&rig, "pull"), 3);
    check_quiet(&rig);
    CHECK_TEXT(text_of(rig.list.since), "6");
    rig_approve(&rig);
    RIG_ROWS(&rig, LIST_PAIRS("id", "d", "value", "1", "at", "4"), LIST_GONE("id", "a", "at", "5"),
             LIST_GONE("id", "b", "at", "5"), LIST_PAIRS("id", "c", "value", "1", "at", "7"));
    rig_run(&rig);
    CHECK_TEXT(text_of(rig.list.since), ""); // looked at once more, from the beginning
    CHECK_INT(rig.report.counts.deleted, 2);
    CHECK_INT(rig_records(&rig, "reading"), 2);
    CHECK_INT(rig_helds(&rig, "pull"), 0);
    check_quiet(&rig);
    rig_close(&rig);
}

TEST(engine_gone, a_tombstone_without_deletes_is_said_once) {
    struct rig rig;
    open_feed(&rig, 0);
    RIG_ROWS(&rig, LIST_PAIRS("id", "d", "value", "1", "at", "4"), LIST_GONE("id", "a", "at", "5"));
    rig_run(&rig);
    CHECK_INT(rig_records(&rig, "reading"), 4);
    check_quiet(&rig);
    // It is there again.
    RIG_ROWS(&rig, LIST_PAIRS("id", "a", "value", "2", "at", "6"));
    rig_run(&rig);
    CHECK_INT(rig.report.counts.updated, 1);
    rig_close(&rig);
}

TEST(engine_gone, a_tombstone_of_an_edited_record_keeps_the_edit_f12) {
    struct rig rig;
    open_feed(&rig, 5);
    rig.sync.conflict = CONFLICT_FIELDS;
    RIG_ROWS(&rig, LIST_PAIRS("id", "d", "value", "1", "at", "4"));
    rig_run(&rig); // from here on home keeps bases
    rig_change(&rig, "reading", "a", 1, value_decimal(text_of("2")));
    RIG_ROWS(&rig, LIST_GONE("id", "a", "at", "5"));
    rig_run(&rig);
    CHECK(rig.report.status == RUN_DONE);
    CHECK_INT(rig_records(&rig, "reading"), 4);
    struct home_row row = rig_record(&rig, "reading", "a");
    CHECK_TEXT(value_slice(&row.fields[1]), "2");
    CHECK(row.seq > rig_link(&rig, "reading", "a").agreed_seq); // still an edit
    check_quiet(&rig);
    // It comes back as it was: the edit is weighed against the base, as ever.
    RIG_ROWS(&rig, LIST_PAIRS("id", "a", "value", "1.0", "at", "6"));
    rig_run(&rig);
    row = rig_record(&rig, "reading", "a");
    CHECK_TEXT(value_slice(&row.fields[1]), "2");
    CHECK_INT(rig_conflicts(&rig), 0);
    rig_close(&rig);
}

TEST(engine_gone, a_tombstone_of_a_deleted_record_forgets_the_link_f12) {
    struct rig rig;
    open_feed(&rig, 5);
    rig_delete(&rig, "reading", "a");
    RIG_ROWS(&rig, LIST_GONE("id", "a", "at", "5"));
    rig_run(&rig);
    CHECK(!rig_linked(&rig, "reading", "a"));
    CHECK_INT(rig.report.counts.deleted, 0);
    check_quiet(&rig);
    rig_close(&rig);
}

// It goes and comes, in one page and over pages; the last word counts.
static void comes_and_goes(size_t page_records) {
    struct rig rig;
    open_feed(&rig, 5);
    rig.request.page_records = page_records;
    rig_delete(&rig, "reading", "d");
    RIG_ROWS(&rig, LIST_PAIRS("id", "a", "value", "2", "at", "5"), LIST_GONE("id", "a", "at", "6"),
             LIST_GONE("id", "b", "at", "6"), LIST_PAIRS("id", "b", "value", "3", "at", "7"),
             LIST_GONE("id", "c", "at", "7"), LIST_PAIRS("id", "c", "value", "1", "at", "7"),
             LIST_GONE("id", "d", "at", "8"), LIST_PAIRS("id", "d", "value", "9", "at", "9"),
             LIST_PAIRS("id", "e", "value", "1", "at", "9"), LIST_GONE("id", "e", "at", "9"));
    rig_run(&rig);
    CHECK(rig.report.status == RUN_DONE);
    CHECK(!rig_linked(&rig, "reading", "a"));
    CHECK(!rig_linked(&rig, "reading", "e"));
    struct home_row b = rig_record(&rig, "reading", "b");
    CHECK_TEXT(value_slice(&b.fields[1]), "3");
    struct home_row c = rig_record(&rig, "reading", "c");
    CHECK_TEXT(value_slice(&c.fields[1]), "1");
    struct home_row d = rig_record(&rig, "reading", "d");
    CHECK_TEXT(value_slice(&d.fields[1]), "9");
    CHECK_INT(rig_records(&rig, "reading"), 3);
    CHECK_INT(rig_helds(&rig, "gone") + rig_helds(&rig, "pull"), 0);
    rig_close(&rig);
}

TEST(engine_gone, comes_and_goes_in_one_page) {
    comes_and_goes(20);
}

TEST(engine_gone, comes_and_goes_over_pages) {
    comes_and_goes(1);
}

TEST(engine_gone, comes_and_goes_over_some_pages) {
    comes_and_goes(3);
}

// It comes and goes in one page, and comes again as it was in the next.
TEST(engine_gone, comes_again_as_it_was_before_it_went) {
    struct rig rig;
    open_feed(&rig, 5);
    rig.request.page_records = 2;
    RIG_ROWS(&rig, LIST_PAIRS("id", "a", "value", "1", "at", "5"), LIST_GONE("id", "a", "at", "6"),
             LIST_PAIRS("id", "a", "value", "1", "at", "5"), LIST_PAIRS("id", "b", "value", "1", "at", "7"));
    rig_run(&rig);
    CHECK(rig.report.status == RUN_DONE);
    CHECK_INT(rig.report.counts.deleted, 0);
    CHECK(rig_linked(&rig, "reading", "a"));
    CHECK_INT(rig_helds(&rig, "gone"), 0);
    rig_close(&rig);
}

// In a first load there is nothing to ask yet: its links are indexed when the first tombstone comes.
TEST(engine_gone, a_tombstone_in_a_first_load) {
    struct rig rig;
    open_with(&rig, 5);
    rig.list.cursor = "at";
    rig.request.page_records = 2;
    RIG_ROWS(&rig, LIST_PAIRS("id", "a", "value", "1", "at", "1"), LIST_PAIRS("id", "b", "value", "1", "at", "2"),
             LIST_PAIRS("id", "c", "value", "1", "at", "3"), LIST_GONE("id", "a", "at", "4"),
             LIST_GONE("id", "x", "at", "4"), LIST_PAIRS("id", "d", "value", "1", "at", "5"));
    rig_run(&rig);
    CHECK_INT(rig.report.counts.created, 4);
    CHECK_INT(rig.report.counts.deleted, 1);
    CHECK_INT(rig_records(&rig, "reading"), 3);
    rig_close(&rig);
}

// A kill between the tombstone's page and the pass's end loses nothing.
TEST(engine_gone, a_tombstone_survives_a_kill) {
    struct rig rig;
    open_feed(&rig, 5);
    rig.request.page_records = 1;
    RIG_ROWS(&rig, LIST_GONE("id", "a", "at", "5"), LIST_PAIRS("id", "x", "value", "1", "at", "6"),
             LIST_PAIRS("id", "y", "value", "1", "at", "7"), LIST_PAIRS("id", "z", "value", "1", "at", "8"));
    error_set(&rig.list.fail, ERROR_FILE_READ, "the disk is gone");
    rig.list.fail_read = 3;
    rig.list.fail_times = 1;
    rig_run(&rig);
    CHECK(rig.report.status == RUN_FAILED);
    CHECK_INT(rig_helds(&rig, "gone"), 1);
    rig_reopen(&rig, true);
    rig_run(&rig);
    CHECK(rig.report.resumed);
    CHECK_INT(rig.report.counts.deleted, 1);
    CHECK(!rig_linked(&rig, "reading", "a"));
    CHECK_INT(rig_helds(&rig, "gone"), 0);
    rig_close(&rig);
}
