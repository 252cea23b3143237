#include "push_rig.h"
#include "rig.h"

// A run that goes on where another stopped. What it read before may have changed there since: a sync of both directions
// reads on from its new watermark once more before it pushes.

#define ID(id) ((long long)(id))

enum { RECORDS = 9, PAGE = 3 };

static void put_there(struct push_rig *rig, int id, const char *code) {
    char json[80];
    snprintf(json, sizeof json, "{\"id\":%d,\"name\":\"well %d\",\"code\":\"%s\"}", id, id, code);
    remote_put(&rig->remote, "resource", json);
}

static int64_t home_of(struct push_rig *rig, const char *external) {
    struct text found;
    for (int64_t id = 1; id < 1000; id++) {
        if (push_rig_link(rig, "resource", id, &found).home != 0 && text_is(found, external)) {
            return id;
        }
    }
    CHECK(false);
    return 0;
}

// Both sides agree on nine; then all of them change there, and a run is refused after its first page.
static void tell(struct push_rig *rig) {
    push_rig_open(rig, SYNC_BOTH);
    rig->remote.tombstones = true;
    rig->remote.frozen = true;
    rig->sync.conflict = CONFLICT_DATASOURCE;
    for (int id = 1; id <= RECORDS; id++) {
        put_there(rig, id, "old");
    }
    push_rig_run(rig, RUN_DONE);
    push_rig_quiet(rig);
    for (int id = 1; id <= RECORDS; id++) {
        put_there(rig, id, "new");
    }
    error_set(&rig->remote.fail_read, ERROR_HTTP_REFUSED, "not now");
    rig->remote.fail_read.scope = ERROR_RUN;
    rig->remote.fail_read_at = rig->remote.reads + 2;
    push_rig_run(rig, RUN_FAILED);
    rig->remote.fail_read_at = 0;
    CHECK_TEXT(value_slice(&push_rig_record(rig, "resource", home_of(rig, "1")).fields[RES_CODE]), "new");
}

static void edit_both(struct push_rig *rig) {
    push_rig_put(rig, "resource", "{\"id\":%lld,\"code\":\"home\"}", ID(home_of(rig, "1")));
    put_there(rig, 1, "theirs"); // it was read before the run stopped
    remote_log_reset(&rig->remote);
}

static struct text code_of(struct push_rig *rig, const char *external) {
    struct home_row row = push_rig_record(rig, "resource", home_of(rig, external));
    return value_slice(&row.fields[RES_CODE]);
}

static bool take_edit(void *context, const struct conflict_row *row, struct error *error) {
    (void)error;
    const struct value *code = object_find(row->payload.as.object, TEXT_LITERAL("code"));
    *(int *)context += text_is(row->kind, "edit") && code != NULL && text_is(value_slice(code), "home");
    return true;
}

static int edits_kept(struct push_rig *rig) {
    int count = 0;
    struct scan scan = {.filter = TEXT_LITERAL("resource")};
    CHECK_OK(rig->store_type->conflict_scan(rig->store, &scan, take_edit, &count, &rig->error), &rig->error);
    return count;
}

static void check_weighed(struct push_rig *rig) {
    CHECK_TEXT(code_of(rig, "1"), "theirs");
    CHECK_TEXT(code_of(rig, "9"), "new");
    CHECK_TEXT(remote_log(&rig->remote), ""); // the datasource won: nothing to push
    CHECK_INT(edits_kept(rig), 1);
    push_rig_quiet(rig);
}

TEST(engine_run_resumed, what_changed_behind_its_place_is_not_written_over_f11) {
    struct push_rig rig;
    tell(&rig);
    edit_both(&rig);
    push_rig_run(&rig, RUN_DONE);
    CHECK(rig.report.resumed);
    check_weighed(&rig);
    push_rig_close(&rig);
}

TEST(engine_run_resumed, what_was_deleted_behind_its_place_is_not_changed_f12) {
    struct push_rig rig;
    tell(&rig);
    push_rig_put(&rig, "resource", "{\"id\":%lld,\"code\":\"home\"}", ID(home_of(&rig, "1")));
    remote_remove(&rig.remote, "resource", "2");
    push_rig_delete(&rig, "resource", home_of(&rig, "2"));
    remote_log_reset(&rig.remote);
    push_rig_run(&rig, RUN_DONE);
    CHECK_TEXT(remote_log(&rig.remote), "update resource 1\n"); // of 2 there is nothing left to say
    CHECK_INT(push_rig_helds(&rig), 0);
    push_rig_run(&rig, RUN_DONE);
    push_rig_quiet(&rig);
    push_rig_close(&rig);
}

TEST(engine_run_resumed, the_second_reading_fails_and_nothing_is_pushed_f11) {
    struct push_rig rig;
    tell(&rig);
    edit_both(&rig);
    rig.remote.fail_read_at = rig.remote.reads + 4; // two pages and the readings' one are left of the first
    push_rig_run(&rig, RUN_FAILED);
    CHECK_TEXT(remote_log(&rig.remote), "");
    rig.remote.fail_read_at = 0;
    push_rig_run(&rig, RUN_DONE);
    check_weighed(&rig);
    push_rig_close(&rig);
}

// --- a signal during the second reading ---

struct stopping {
    struct push_rig *rig;
    int pages, at;
};

static void count_page(void *context, struct text type, const struct counts *counts, uint64_t done, uint64_t total) {
    struct stopping *stopping = context;
    (void)type;
    (void)counts;
    (void)done;
    (void)total;
    if (++stopping->pages == stopping->at) {
        atomic_store(&stopping->rig->stop, true);
    }
}

// Wherever the signal comes, nothing is pushed before all was read; the run after it goes on.
TEST(engine_run_resumed, stopped_at_any_page_f11) {
    bool done = false;
    for (int at = 1; !done; at++) {
        struct push_rig rig;
        tell(&rig);
        edit_both(&rig);
        struct stopping stopping = {.rig = &rig, .at = at};
        struct run_watch watch = {.progress = count_page, .context = &stopping};
        rig.request.watch = &watch;
        error_clear(&rig.error);
        CHECK_OK(run_sync(&rig.request, &rig.report, &rig.error), &rig.error);
        done = stopping.pages < at;
        CHECK(rig.report.status == (done ? RUN_DONE : RUN_INTERRUPTED) || stopping.pages == at);
        CHECK_TEXT(remote_log(&rig.remote), "");
        rig.request.watch = NULL;
        atomic_store(&rig.stop, false);
        push_rig_run(&rig, RUN_DONE);
        check_weighed(&rig);
        push_rig_close(&rig);
        CHECK(at < 20);
    }
}

// --- others ---

// A sync that runs once is answered for afterwards, with the counts of both readings.
TEST(engine_run_resumed, a_sync_that_runs_once_is_done) {
    struct push_rig rig;
    tell(&rig);
    rig.sync.once = true;
    rig.request.force = false;
    push_rig_run(&rig, RUN_DONE);
    CHECK(rig.report.answered); // by the run before the one that failed
    rig.request.force = true;
    push_rig_run(&rig, RUN_DONE);
    CHECK(!rig.report.answered && !rig.report.resumed);
    CHECK_TEXT(code_of(&rig, "9"), "new");
    push_rig_close(&rig);
}

// A pull alone writes over nothing: it is read on and no more.
TEST(engine_run_resumed, a_pull_alone_reads_on_f03) {
    struct rig rig;
    rig_open(&rig, "resource");
    rig.request.page_records = 1;
    RIG_ROWS(&rig, LIST_PAIRS("id", "1", "name", "a"), LIST_PAIRS("id", "2", "name", "b"),
             LIST_PAIRS("id", "3", "name", "c"));
    error_set(&rig.list.fail, ERROR_HTTP_REFUSED, "not now");
    rig.list.fail.scope = ERROR_RUN;
    rig.list.fail_read = 2;
    rig.list.fail_times = 1;
    rig_run(&rig);
    CHECK(rig.report.status == RUN_FAILED);
    rig_run(&rig);
    CHECK(rig.report.status == RUN_DONE);
    CHECK(rig.report.resumed);
    CHECK_INT(rig.report.counts.read, 3);
    CHECK_INT(rig_records(&rig, "resource"), 3);
    rig_close(&rig);
}
