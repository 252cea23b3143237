#include "contract/store_contract_kit.h"

// What was posted, its receipts, and a home that a run has closed.

struct inboxes {
    struct kit *kit;
    struct inbox_row rows[KIT_ROWS_MAX];
    size_t count;
    size_t stop;
};

static bool keep_inbox(void *context, const struct inbox_row *row, struct error *error) {
    (void)error;
    struct inboxes *out = context;
    CHECK(out->count < KIT_ROWS_MAX);
    struct inbox_row *kept = &out->rows[out->count++];
    *kept = *row;
    struct text *const texts[] = {&kept->key,    &kept->sync,    &kept->type, &kept->batch,
                                  &kept->origin, &kept->outcome, &kept->code, &kept->reason};
    for (size_t i = 0; i < sizeof texts / sizeof texts[0]; i++) {
        CHECK(arena_text(out->kit->arena, *texts[i], texts[i]));
    }
    CHECK(value_copy(out->kit->arena, &row->payload, &kept->payload));
    return out->count != out->stop;
}

static void inboxes(struct kit *kit, struct inbox_ask ask, struct inboxes *out) {
    out->kit = kit;
    out->count = 0;
    CHECK_OK(kit->type->inbox_scan(kit->store, &ask, keep_inbox, out, &kit->error), &kit->error);
}

static int64_t waiting(struct kit *kit, const char *key) {
    int64_t count;
    CHECK_OK(kit->type->inbox_count(kit->store, text_of(key), &count, &kit->error), &kit->error);
    return count;
}

static struct inbox_row row_of(const char *key, const char *batch, int64_t place) {
    static const struct text names[] = {{"id", 2}};
    static const struct value values[] = {{.kind = VALUE_TEXT, .length = 1, .as.text = "a"}};
    static const struct shape shape = {1, names};
    static const struct object fields = {&shape, (struct value *)values};
    return (struct inbox_row){
        .key = text_of(key),
        .sync = TEXT_LITERAL("acme/pull"),
        .type = TEXT_LITERAL("reading"),
        .batch = text_of(batch),
        .place = place,
        .print = kit_print(batch),
        .payload = value_object(&fields),
        .origin = TEXT_LITERAL("token 4"),
        .posted_us = 1000,
    };
}

static struct page post_page(struct kit *kit, const struct inbox_row *rows, size_t count) {
    struct page page = kit_page(kit);
    page.inboxes = rows;
    page.inbox_count = count;
    return page;
}

static void post(struct kit *kit, const struct inbox_row *rows, size_t count) {
    struct page page = post_page(kit, rows, count);
    kit_commit(kit, &page);
}

static struct page close_page(struct kit *kit, const struct inbox_done *done, size_t count, int64_t at_us) {
    struct page page = kit_page(kit);
    page.inboxes_done = done;
    page.inbox_done_count = count;
    page.at_us = at_us;
    return page;
}

static struct inbox_done done_of(int64_t id, int64_t home) {
    return (struct inbox_done){id, TEXT_LITERAL("created"), home, TEXT_LITERAL(""), TEXT_LITERAL("")};
}

void contract_inbox_kept(const struct store_type *type, const char *folder) {
    struct kit kit;
    static struct inboxes out;
    kit_open(&kit, type, folder);
    kit_run(&kit);
    kit_add_group(&kit, "a", "A", "1");
    kit_end(&kit, RUN_DONE, true);
    struct inbox_row rows[] = {row_of("acme/pull", "b1", 0), row_of("acme/pull", "b1", 1)};
    post(&kit, rows, 2);
    kit_reopen(&kit);
    inboxes(&kit, (struct inbox_ask){.key = TEXT_LITERAL("acme/pull"), .waiting = true}, &out);
    CHECK_INT(out.count, 2);
    const struct inbox_row *got = &out.rows[1];
    CHECK_INT(got->id, out.rows[0].id + 1);
    CHECK_TEXT(got->key, "acme/pull");
    CHECK_TEXT(got->sync, "acme/pull");
    CHECK_TEXT(got->type, "reading");
    CHECK_TEXT(got->batch, "b1");
    CHECK_INT(got->place, 1);
    CHECK(print_same(got->print, kit_print("b1")));
    CHECK(value_same(&got->payload, &rows[1].payload));
    CHECK_TEXT(got->origin, "token 4");
    CHECK_INT(got->posted_us, 1000);
    CHECK_INT(got->posted_seq, kit_seq(&kit));
    CHECK(!got->done && got->home == 0 && got->done_us == 0);
    CHECK_TEXT(got->outcome, "");
    kit_close(&kit);
}

void contract_inbox_batch_once(const struct store_type *type, const char *folder) {
    struct kit kit;
    kit_open(&kit, type, folder);
    struct inbox_row rows[] = {row_of("acme/pull", "b1", 0), row_of("acme/pull", "b2", 0),
                               row_of("acme/pull", "b1", 1)};
    post(&kit, rows, 1);
    // A row that is new goes with the one that isn't.
    struct page page = post_page(&kit, rows + 1, 1);
    struct inbox_row both[] = {rows[1], rows[0]};
    page.inboxes = both;
    page.inbox_count = 2;
    kit_stale(&kit, &page);
    CHECK_INT(waiting(&kit, "acme/pull"), 1);
    post(&kit, rows + 1, 2);
    CHECK_INT(waiting(&kit, "acme/pull"), 3);
    struct inbox_row other = row_of("acme/pull {\"a\":1}", "b1", 0); // a key has its own batches
    post(&kit, &other, 1);
    CHECK_INT(waiting(&kit, "acme/pull"), 3);
    CHECK_INT(waiting(&kit, "acme/pull {\"a\":1}"), 1);
    kit_close(&kit);
}

void contract_inbox_closed_with_its_page(const struct store_type *type, const char *folder) {
    struct kit kit;
    static struct inboxes out;
    kit_open(&kit, type, folder);
    struct inbox_row rows[] = {row_of("acme/pull", "b1", 0), row_of("acme/pull", "b1", 1)};
    post(&kit, rows, 2);
    kit_run(&kit);
    const struct value fields[GROUP_FIELDS] = {kit_text("A"), value_null()};
    struct effect made = kit_create(&kit, kit.group, kit.groups, "a", fields, "1");
    struct inbox_done done[] = {done_of(1, made.id),
                                {2, TEXT_LITERAL("dead"), 0, TEXT_LITERAL("W4001"), TEXT_LITERAL("no number")}};
    struct page page = close_page(&kit, done, 2, 2000);
    page.effects = &made;
    page.effect_count = 1;
    kit_commit(&kit, &page);
    CHECK_INT(waiting(&kit, "acme/pull"), 0);
    inboxes(&kit, (struct inbox_ask){.key = TEXT_LITERAL("acme/pull"), .batch = TEXT_LITERAL("b1")}, &out);
    CHECK_INT(out.count, 2);
    CHECK(out.rows[0].done && out.rows[1].done);
    CHECK_TEXT(out.rows[0].outcome, "created");
    CHECK_INT(out.rows[0].home, made.id);
    CHECK_INT(out.rows[0].done_us, 2000);
    CHECK_INT(out.rows[0].done_seq, kit_seq(&kit));
    CHECK_TEXT(out.rows[1].code, "W4001");
    CHECK_TEXT(out.rows[1].reason, "no number");
    // Closed once: the page that closes it again goes in with nothing.
    struct effect again = kit_create(&kit, kit.group, kit.groups, "b", fields, "1");
    page.effects = &again;
    kit_stale(&kit, &page);
    CHECK_INT(kit_record(&kit, kit.group, again.id).id, 0);
    kit_close(&kit);
}

// A page that doesn't go in closes nothing.
void contract_inbox_stays_with_stale_page(const struct store_type *type, const char *folder) {
    struct kit kit;
    kit_open(&kit, type, folder);
    struct inbox_row row = row_of("acme/pull", "b1", 0);
    post(&kit, &row, 1);
    kit_run(&kit);
    struct effect made = kit_add_group(&kit, "a", "A", "1");
    const struct value fields[GROUP_FIELDS] = {kit_text("B"), value_null()};
    struct effect stale = kit_change(&made, EFFECT_UPDATE, 99, fields, "2");
    struct inbox_done done = done_of(1, made.id);
    struct page page = close_page(&kit, &done, 1, 2000);
    page.effects = &stale;
    page.effect_count = 1;
    kit_stale(&kit, &page);
    CHECK_INT(waiting(&kit, "acme/pull"), 1);
    kit_close(&kit);
}

void contract_inbox_scanned(const struct store_type *type, const char *folder) {
    struct kit kit;
    static struct inboxes out;
    kit_open(&kit, type, folder);
    struct inbox_row rows[] = {row_of("acme/pull", "b1", 0), row_of("acme/other", "b1", 0),
                               row_of("acme/pull", "b2", 0), row_of("acme/pull", "b2", 1)};
    rows[1].sync = TEXT_LITERAL("acme/other");
    post(&kit, rows, 4);
    struct inbox_done done[] = {done_of(1, 7), done_of(2, 7), done_of(3, 7)};
    struct page page = close_page(&kit, done, 3, 2000);
    kit_commit(&kit, &page);
    out.stop = 0;
    inboxes(&kit, (struct inbox_ask){.key = TEXT_LITERAL("acme/pull")}, &out);
    CHECK_INT(out.count, 3);
    inboxes(&kit, (struct inbox_ask){.key = TEXT_LITERAL("acme/pull"), .waiting = true}, &out);
    CHECK_INT(out.count, 1);
    CHECK_INT(out.rows[0].id, 4);
    inboxes(&kit, (struct inbox_ask){.after = 1, .limit = 1}, &out);
    CHECK_INT(out.count, 1);
    CHECK_INT(out.rows[0].id, 2);
    struct inbox_ask of_batch = {.key = TEXT_LITERAL("acme/pull"), .batch = TEXT_LITERAL("b2"), .newest_first = true};
    inboxes(&kit, of_batch, &out);
    CHECK_INT(out.count, 2);
    CHECK_INT(out.rows[0].place, 1);
    of_batch.waiting = true;
    inboxes(&kit, of_batch, &out);
    CHECK_INT(out.count, 1);
    struct inbox_ask of_home = {.sync = TEXT_LITERAL("acme/pull"), .home = 7, .newest_first = true, .limit = 1};
    inboxes(&kit, of_home, &out);
    CHECK_INT(out.count, 1);
    CHECK_INT(out.rows[0].id, 3);
    of_home.sync = TEXT_LITERAL("acme/other");
    inboxes(&kit, of_home, &out);
    CHECK_INT(out.rows[0].id, 2);
    out.stop = 2;
    inboxes(&kit, (struct inbox_ask){.after = 0}, &out); // a row may end it
    CHECK_INT(out.count, 2);
    out.stop = 0;
    kit_close(&kit);
}

void contract_inbox_trimmed(const struct store_type *type, const char *folder) {
    struct kit kit;
    static struct inboxes out;
    kit_open(&kit, type, folder);
    struct inbox_row rows[] = {row_of("acme/pull", "b1", 0), row_of("acme/pull", "b1", 1),
                               row_of("acme/pull", "b1", 2)};
    post(&kit, rows, 3);
    struct inbox_done first = done_of(1, 0);
    struct inbox_done second = done_of(2, 0);
    struct page page = close_page(&kit, &first, 1, 5000);
    kit_commit(&kit, &page);
    page = close_page(&kit, &second, 1, 6000);
    kit_commit(&kit, &page);
    page = kit_page(&kit);
    page.inboxes_before_us = 6000;
    kit_commit(&kit, &page);
    inboxes(&kit, (struct inbox_ask){.key = TEXT_LITERAL("acme/pull")}, &out);
    CHECK_INT(out.count, 2);
    CHECK_INT(out.rows[0].id, 2);
    CHECK(!out.rows[1].done); // what waits never goes
    page.inboxes_before_us = INT64_MAX;
    kit_commit(&kit, &page);
    struct inbox_row again = row_of("acme/pull", "b1", 0);
    post(&kit, &again, 1);
    inboxes(&kit, (struct inbox_ask){.key = TEXT_LITERAL("acme/pull")}, &out);
    CHECK_INT(out.count, 2);
    CHECK_INT(out.rows[1].id, 4); // no number is given twice
    kit_close(&kit);
}

// --- a home that is closed ---

static struct closed_row closed(struct kit *kit, struct store *store) {
    struct closed_row row;
    CHECK_OK(store->type->closed(store, kit->arena, &row, &kit->error), &kit->error);
    return row;
}

static void closing_run(struct kit *kit) {
    struct run_row row = kit_run_row("acme/pull", 1000);
    row.closes = true;
    CHECK_OK(store_lease_take(kit->store, row.key, &kit->lease, &kit->error), &kit->error);
    CHECK_OK(store_run_begin(kit->store, &kit->lease, &row, &kit->run, &kit->error), &kit->error);
}

static bool edit_goes(struct kit *kit, struct store *store) {
    const struct log_row line = {.at_us = 1, .text = TEXT_LITERAL("a person's")};
    struct page page = {.origin = TEXT_LITERAL("put"), .at_us = 1, .logs = &line, .log_count = 1};
    enum commit_outcome outcome;
    bool ok = store_commit(store, &page, &outcome, &kit->error);
    CHECK(ok || kit->error.code == ERROR_HOME_CLOSED);
    return ok;
}

void contract_closed_while_it_runs(const struct store_type *type, const char *folder) {
    struct kit kit;
    kit_open(&kit, type, folder);
    struct store *other = kit_another(&kit);
    CHECK_INT(closed(&kit, other).run, 0);
    CHECK(edit_goes(&kit, other));
    closing_run(&kit);
    struct closed_row row = closed(&kit, other);
    CHECK_INT(row.run, kit.run);
    CHECK_TEXT(row.key, "acme/pull");
    CHECK_TEXT(row.sync, "acme/pull");
    CHECK_INT(row.since_us, 1000);
    struct store_setup setup = {.folder = kit.folder, .read_only = true};
    struct store *reader;
    CHECK_OK(store_open(type, &setup, &reader, &kit.error), &kit.error);
    CHECK_INT(closed(&kit, reader).run, kit.run);
    store_close(reader);
    CHECK(!edit_goes(&kit, other));
    CHECK(strstr(kit.error.message, "acme/pull") != NULL);
    struct lease lease;
    int64_t id;
    struct run_row second = kit_run_row("acme/other", 1100);
    CHECK_OK(store_lease_take(other, second.key, &lease, &kit.error), &kit.error);
    CHECK(!store_run_begin(other, &lease, &second, &id, &kit.error));
    CHECK_INT(kit.error.code, ERROR_HOME_CLOSED);
    // A page of another key that was on its way.
    struct page late = {.lease = &lease, .run = 99, .origin = TEXT_LITERAL("wells"), .at_us = 1};
    enum commit_outcome outcome;
    CHECK(!store_commit(other, &late, &outcome, &kit.error));
    CHECK_INT(kit.error.code, ERROR_HOME_CLOSED);
    kit_add_group(&kit, "a", "A", "1"); // its own pages go in
    struct run_row end = {.id = kit.run, .key = kit.lease.key, .status = RUN_DONE, .ended_us = 2000};
    CHECK_OK(store_run_end(kit.store, &kit.lease, &end, true, NULL, 0, &kit.error), &kit.error);
    CHECK_INT(closed(&kit, other).run, 0); // its end opens home, the lease may be held a little longer
    store_lease_free(kit.store, &kit.lease);
    CHECK_INT(closed(&kit, other).run, 0);
    CHECK(edit_goes(&kit, other));
    CHECK_OK(store_run_begin(other, &lease, &second, &id, &kit.error), &kit.error);
    store_lease_free(other, &lease);
    store_close(other);
    kit_close(&kit);
}

// A run that was killed closes nothing, also not when the next run of its key doesn't.
void contract_closed_no_longer_than_its_run(const struct store_type *type, const char *folder) {
    struct kit kit;
    kit_open(&kit, type, folder);
    struct store *other = kit_another(&kit);
    closing_run(&kit);
    CHECK(!edit_goes(&kit, other));
    store_lease_free(kit.store, &kit.lease); // as any death does
    CHECK_INT(closed(&kit, other).run, 0);
    CHECK(edit_goes(&kit, other));
    CHECK_OK(store_lease_take(kit.store, kit.lease.key, &kit.lease, &kit.error), &kit.error);
    CHECK_INT(closed(&kit, other).run, 0); // another holds it now, and has closed nothing
    store_lease_free(kit.store, &kit.lease);
    kit_run(&kit);
    CHECK_INT(closed(&kit, other).run, 0);
    CHECK(edit_goes(&kit, other));
    kit_end(&kit, RUN_DONE, true);
    store_close(other);
    kit_close(&kit);
}

void contract_closes_when_alone(const struct store_type *type, const char *folder) {
    struct kit kit;
    kit_open(&kit, type, folder);
    struct store *other = kit_another(&kit);
    struct lease lease;
    int64_t id;
    kit_run(&kit);
    struct run_row row = kit_run_row("acme/other", 1100);
    row.sync = TEXT_LITERAL("acme/other");
    row.closes = true;
    CHECK_OK(store_lease_take(other, row.key, &lease, &kit.error), &kit.error);
    CHECK(!store_run_begin(other, &lease, &row, &id, &kit.error));
    CHECK_INT(kit.error.code, ERROR_HOME_BUSY);
    CHECK_INT(closed(&kit, other).run, 0);
    store_lease_free(kit.store, &kit.lease); // a run that died doesn't hold it up
    CHECK_OK(store_run_begin(other, &lease, &row, &id, &kit.error), &kit.error);
    CHECK_INT(closed(&kit, kit.store).run, id);
    CHECK_TEXT(closed(&kit, kit.store).sync, "acme/other");
    store_lease_free(other, &lease);
    store_close(other);
    kit_close(&kit);
}
