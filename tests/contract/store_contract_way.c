#include "contract/store_contract_kit.h"

// What the way back leaves in home: intents, watermarks, held deletes and the mark.

struct rows {
    struct kit *kit;
    size_t count;
    size_t stop;
    union {
        struct intent_row intents[KIT_ROWS_MAX];
        struct held_row helds[KIT_ROWS_MAX];
        struct watermark_row watermarks[KIT_ROWS_MAX];
    } as;
};

static void keep(struct rows *rows, struct text *text) {
    CHECK(arena_text(rows->kit->arena, *text, text));
}

static bool goes_on(struct rows *rows) {
    CHECK(rows->count < KIT_ROWS_MAX);
    return ++rows->count != rows->stop;
}

static bool keep_intent(void *context, const struct intent_row *row, struct error *error) {
    (void)error;
    struct rows *rows = context;
    struct intent_row *out = &rows->as.intents[rows->count];
    *out = *row;
    keep(rows, &out->operation);
    keep(rows, &out->key);
    keep(rows, &out->datasource);
    keep(rows, &out->datatype);
    keep(rows, &out->verb);
    keep(rows, &out->external);
    CHECK(value_copy(rows->kit->arena, &row->form, &out->form));
    return goes_on(rows);
}

static bool keep_held(void *context, const struct held_row *row, struct error *error) {
    (void)error;
    struct rows *rows = context;
    struct held_row *out = &rows->as.helds[rows->count];
    *out = *row;
    keep(rows, &out->key);
    keep(rows, &out->direction);
    keep(rows, &out->datasource);
    keep(rows, &out->datatype);
    keep(rows, &out->external);
    return goes_on(rows);
}

static bool keep_watermark(void *context, const struct watermark_row *row, struct error *error) {
    (void)error;
    struct rows *rows = context;
    struct watermark_row *out = &rows->as.watermarks[rows->count];
    *out = *row;
    keep(rows, &out->key);
    keep(rows, &out->type);
    keep(rows, &out->direction);
    keep(rows, &out->text);
    return goes_on(rows);
}

static void begin(struct kit *kit, struct rows *out) {
    out->kit = kit;
    out->count = 0;
}

static void intents(struct kit *kit, struct scan scan, struct rows *out) {
    begin(kit, out);
    CHECK_OK(kit->type->intent_scan(kit->store, &scan, keep_intent, out, &kit->error), &kit->error);
}

static void helds(struct kit *kit, struct scan scan, struct rows *out) {
    begin(kit, out);
    CHECK_OK(kit->type->held_scan(kit->store, &scan, keep_held, out, &kit->error), &kit->error);
}

static void watermarks(struct kit *kit, struct scan scan, struct rows *out) {
    begin(kit, out);
    CHECK_OK(kit->type->watermark_scan(kit->store, &scan, keep_watermark, out, &kit->error), &kit->error);
}

// --- intents ---

static struct intent_row intent_of(const char *operation, const char *key) {
    static struct text names[2];
    static const struct shape shape = {2, names};
    static struct value values[2];
    static const struct object form = {&shape, values};
    names[0] = TEXT_LITERAL("name");
    names[1] = TEXT_LITERAL("depth");
    values[0] = kit_text("it's \"ü\"");
    values[1] = kit_decimal("12.50");
    return (struct intent_row){
        .operation = text_of(operation),
        .key = text_of(key),
        .datasource = TEXT_LITERAL("wells"),
        .datatype = TEXT_LITERAL("group"),
        .verb = TEXT_LITERAL("update"),
        .home = 7,
        .external = TEXT_LITERAL("[\"1\",\"a\"]"),
        .base_seq = 5,
        .sent = kit_print("sent"),
        .form = value_object(&form),
        .at_us = 1500,
        .run = 1,
    };
}

static void intent_commit(struct kit *kit, const struct intent_row *rows, size_t count, const int64_t *done,
                          size_t done_count) {
    struct page page = kit_page(kit);
    page.intents = rows;
    page.intent_count = count;
    page.intents_done = done;
    page.intent_done_count = done_count;
    kit_commit(kit, &page);
}

void contract_intent_kept(const struct store_type *type, const char *folder) {
    static struct rows rows;
    struct kit kit;
    kit_open(&kit, type, folder);
    kit_run(&kit);
    struct intent_row put[2] = {intent_of("1-1", "acme/pull"), intent_of("1-2", "acme/pull")};
    put[1].verb = TEXT_LITERAL("delete");
    put[1].form = (struct value){.kind = VALUE_MISSING};
    put[1].external = TEXT_LITERAL("");
    put[1].state = INTENT_PARKED;
    intent_commit(&kit, put, 2, NULL, 0);
    kit_reopen(&kit);
    intents(&kit, kit_scan(""), &rows);
    CHECK_INT(rows.count, 2);
    const struct intent_row *got = &rows.as.intents[0];
    CHECK(got->id > 0 && rows.as.intents[1].id > got->id);
    CHECK_TEXT(got->operation, "1-1");
    CHECK_TEXT(got->key, "acme/pull");
    CHECK_TEXT(got->datasource, "wells");
    CHECK_TEXT(got->datatype, "group");
    CHECK_TEXT(got->verb, "update");
    CHECK_TEXT(got->external, "[\"1\",\"a\"]");
    CHECK_INT(got->home, 7);
    CHECK_INT(got->base_seq, 5);
    CHECK(print_same(got->sent, kit_print("sent")));
    CHECK(value_same(&got->form, &put[0].form));
    CHECK_INT(got->state, INTENT_SENDING);
    CHECK_INT(got->at_us, 1500);
    CHECK_INT(got->run, 1);
    CHECK_INT(rows.as.intents[1].form.kind, VALUE_MISSING);
    CHECK_INT(rows.as.intents[1].state, INTENT_PARKED);
    CHECK_TEXT(rows.as.intents[1].external, "");
    kit_close(&kit);
}

// What was sent is never anything else afterwards.
void contract_intent_state_replaced(const struct store_type *type, const char *folder) {
    static struct rows rows;
    struct kit kit;
    kit_open(&kit, type, folder);
    struct intent_row put = intent_of("1-1", "acme/pull");
    intent_commit(&kit, &put, 1, NULL, 0);
    intents(&kit, kit_scan(""), &rows);
    int64_t id = rows.as.intents[0].id;
    put.state = INTENT_UNKNOWN;
    put.base_seq = 99;
    put.sent = kit_print("else");
    intent_commit(&kit, &put, 1, NULL, 0);
    intents(&kit, kit_scan(""), &rows);
    CHECK_INT(rows.count, 1);
    CHECK_INT(rows.as.intents[0].id, id);
    CHECK_INT(rows.as.intents[0].state, INTENT_UNKNOWN);
    CHECK_INT(rows.as.intents[0].base_seq, 5);
    CHECK(print_same(rows.as.intents[0].sent, kit_print("sent")));
    kit_close(&kit);
}

void contract_intent_done(const struct store_type *type, const char *folder) {
    static struct rows rows;
    struct kit kit;
    kit_open(&kit, type, folder);
    struct intent_row put[2] = {intent_of("1-1", "acme/pull"), intent_of("1-2", "acme/pull")};
    intent_commit(&kit, put, 2, NULL, 0);
    intents(&kit, kit_scan(""), &rows);
    const int64_t done[] = {rows.as.intents[0].id, 9999};
    intent_commit(&kit, put, 1, done, 2); // done and put stays
    intents(&kit, kit_scan(""), &rows);
    CHECK_INT(rows.count, 2);
    CHECK(rows.as.intents[1].id > done[0]); // numbers never come again
    const int64_t all[] = {rows.as.intents[0].id, rows.as.intents[1].id};
    intent_commit(&kit, NULL, 0, all, 2);
    intents(&kit, kit_scan(""), &rows);
    CHECK_INT(rows.count, 0);
    kit_close(&kit);
}

void contract_intent_scanned(const struct store_type *type, const char *folder) {
    static struct rows rows;
    struct kit kit;
    kit_open(&kit, type, folder);
    struct intent_row put[3] = {intent_of("1", "acme/pull"), intent_of("2", "acme/pull {\"a\":1}"),
                                intent_of("3", "acme/pull")};
    intent_commit(&kit, put, 3, NULL, 0);
    intents(&kit, kit_scan("acme/pull"), &rows);
    CHECK_INT(rows.count, 2);
    CHECK_TEXT(rows.as.intents[1].operation, "3");
    struct scan scan = kit_scan("");
    scan.after = rows.as.intents[0].id;
    scan.limit = 1;
    intents(&kit, scan, &rows);
    CHECK_INT(rows.count, 1);
    CHECK_TEXT(rows.as.intents[0].operation, "2");
    rows.stop = 1;
    intents(&kit, kit_scan(""), &rows);
    CHECK_INT(rows.count, 1);
    rows.stop = 0;
    kit_close(&kit);
}

// --- watermarks ---

static void watermark_put(struct kit *kit, const char *key, const char *type, const char *direction, const char *text) {
    const struct watermark_row row = {text_of(key), text_of(type), text_of(direction), text_of(text)};
    struct page page = kit_page(kit);
    page.watermarks = &row;
    page.watermark_count = 1;
    kit_commit(kit, &page);
}

static struct text watermark_find(struct kit *kit, const char *key, const char *type, const char *direction) {
    struct text out;
    CHECK_OK(kit->type->watermark_find(kit->store, text_of(key), text_of(type), text_of(direction), kit->arena, &out,
                                       &kit->error),
             &kit->error);
    return out;
}

void contract_watermark_kept(const struct store_type *type, const char *folder) {
    static struct rows rows;
    struct kit kit;
    kit_open(&kit, type, folder);
    CHECK_TEXT(watermark_find(&kit, "acme/a", "group", "pull"), "");
    watermark_put(&kit, "acme/b", "group", "pull", "9");
    watermark_put(&kit, "acme/a", "reading", "pull", "2018-08-06T14:30:00.123456789+02:00");
    watermark_put(&kit, "acme/a", "group", "push", "17");
    watermark_put(&kit, "acme/a", "group", "pull", "2");
    watermark_put(&kit, "acme/a", "group", "pull", "3");
    kit_reopen(&kit);
    CHECK_TEXT(watermark_find(&kit, "acme/a", "reading", "pull"), "2018-08-06T14:30:00.123456789+02:00");
    CHECK_TEXT(watermark_find(&kit, "acme/a", "group", "push"), "17");
    CHECK_TEXT(watermark_find(&kit, "acme/a", "group", "pull"), "3");
    CHECK_TEXT(watermark_find(&kit, "acme/a", "group", "full"), "");
    watermarks(&kit, kit_scan(""), &rows);
    CHECK_INT(rows.count, 4);
    CHECK_TEXT(rows.as.watermarks[0].direction, "pull");
    CHECK_TEXT(rows.as.watermarks[0].text, "3");
    CHECK_TEXT(rows.as.watermarks[1].direction, "push");
    CHECK_TEXT(rows.as.watermarks[2].type, "reading");
    CHECK_TEXT(rows.as.watermarks[3].key, "acme/b");
    watermarks(&kit, kit_scan("acme/b"), &rows);
    CHECK_INT(rows.count, 1);
    watermark_put(&kit, "acme/a", "group", "pull", ""); // forgotten
    CHECK_TEXT(watermark_find(&kit, "acme/a", "group", "pull"), "");
    watermarks(&kit, kit_scan("acme/a"), &rows);
    CHECK_INT(rows.count, 2);
    kit_close(&kit);
}

// --- held deletes ---

static struct held_row held_of(const char *key, const char *direction, int64_t home) {
    return (struct held_row){
        .key = text_of(key),
        .direction = text_of(direction),
        .datasource = TEXT_LITERAL("wells"),
        .datatype = TEXT_LITERAL("group"),
        .external = TEXT_LITERAL("a"),
        .home = home,
        .at_us = 10,
        .run = 3,
    };
}

static void held_commit(struct kit *kit, const struct held_row *rows, size_t count, const int64_t *done,
                        size_t done_count) {
    struct page page = kit_page(kit);
    page.helds = rows;
    page.held_count = count;
    page.helds_done = done;
    page.held_done_count = done_count;
    kit_commit(kit, &page);
}

void contract_held_kept(const struct store_type *type, const char *folder) {
    static struct rows rows;
    struct kit kit;
    kit_open(&kit, type, folder);
    struct held_row put[3] = {held_of("acme/a", "pull", 1), held_of("acme/a", "push", 1), held_of("acme/b", "pull", 1)};
    held_commit(&kit, put, 3, NULL, 0);
    kit_reopen(&kit);
    helds(&kit, kit_scan(""), &rows);
    CHECK_INT(rows.count, 3);
    const struct held_row *got = &rows.as.helds[0];
    CHECK(got->id > 0);
    CHECK_TEXT(got->key, "acme/a");
    CHECK_TEXT(got->direction, "pull");
    CHECK_TEXT(got->datasource, "wells");
    CHECK_TEXT(got->datatype, "group");
    CHECK_TEXT(got->external, "a");
    CHECK_INT(got->home, 1);
    CHECK(!got->approved);
    CHECK_INT(got->at_us, 10);
    CHECK_INT(got->run, 3);
    helds(&kit, kit_scan("acme/a"), &rows);
    CHECK_INT(rows.count, 2);
    const int64_t done[] = {rows.as.helds[0].id};
    held_commit(&kit, NULL, 0, done, 1);
    helds(&kit, kit_scan(""), &rows);
    CHECK_INT(rows.count, 2);
    CHECK_TEXT(rows.as.helds[0].direction, "push");
    kit_close(&kit);
}

void contract_held_approval_stays(const struct store_type *type, const char *folder) {
    static struct rows rows;
    struct kit kit;
    kit_open(&kit, type, folder);
    struct held_row put = held_of("acme/a", "pull", 1);
    held_commit(&kit, &put, 1, NULL, 0);
    put.run = 4;
    held_commit(&kit, &put, 1, NULL, 0); // the same again is no news
    helds(&kit, kit_scan(""), &rows);
    int64_t id = rows.as.helds[0].id;
    CHECK_INT(rows.as.helds[0].run, 3);
    put.approved = true;
    held_commit(&kit, &put, 1, NULL, 0);
    put.approved = false;
    put.run = 5;
    held_commit(&kit, &put, 1, NULL, 0);
    helds(&kit, kit_scan(""), &rows);
    CHECK_INT(rows.count, 1);
    CHECK_INT(rows.as.helds[0].id, id);
    CHECK(rows.as.helds[0].approved);
    CHECK_INT(rows.as.helds[0].run, 4);
    put.external = TEXT_LITERAL("b");
    held_commit(&kit, &put, 1, NULL, 0);
    helds(&kit, kit_scan(""), &rows);
    CHECK_TEXT(rows.as.helds[0].external, "b");
    CHECK(rows.as.helds[0].approved);
    CHECK_INT(rows.as.helds[0].run, 5);
    kit_close(&kit);
}

// --- a page ---

void contract_stale_page_leaves_nothing(const struct store_type *type, const char *folder) {
    static struct rows rows;
    struct kit kit;
    kit_open(&kit, type, folder);
    struct effect a = kit_add_group(&kit, "a", "A", "1");
    struct effect old = kit_change(&a, EFFECT_AGREE, 99, NULL, "2");
    struct page page = kit_effects(&kit, &old, 1);
    const struct intent_row intent = intent_of("1", "acme/a");
    const struct held_row held = held_of("acme/a", "pull", 1);
    const struct watermark_row watermark = {TEXT_LITERAL("acme/a"), TEXT_LITERAL("group"), TEXT_LITERAL("push"),
                                            TEXT_LITERAL("1")};
    page.intents = &intent;
    page.helds = &held;
    page.watermarks = &watermark;
    page.intent_count = page.held_count = page.watermark_count = 1;
    kit_stale(&kit, &page);
    intents(&kit, kit_scan(""), &rows);
    CHECK_INT(rows.count, 0);
    helds(&kit, kit_scan(""), &rows);
    CHECK_INT(rows.count, 0);
    watermarks(&kit, kit_scan(""), &rows);
    CHECK_INT(rows.count, 0);
    kit_close(&kit);
}

// --- the mark ---

static bool restored(struct kit *kit) {
    bool out = true;
    CHECK_OK(kit->type->restored(kit->store, &out, &kit->error), &kit->error);
    return out;
}

void contract_restored_is_not_said_of_others(const struct store_type *type, const char *folder) {
    struct kit kit;
    kit_open(&kit, type, folder);
    CHECK(!restored(&kit));
    kit_run(&kit);
    CHECK_OK(type->snapshot(kit.store, &kit.error), &kit.error); // it may be older than what is beside home
    const struct intent_row put = intent_of("1", "acme/a");
    intent_commit(&kit, &put, 1, NULL, 0);
    CHECK(!restored(&kit));
    type->snapshot_end(kit.store);
    kit_end(&kit, RUN_DONE, true);
    CHECK(!restored(&kit));
    kit_reopen(&kit);
    CHECK(!restored(&kit));
    struct page page = kit_page(&kit);
    page.reconciled = true;
    kit_commit(&kit, &page);
    CHECK(!restored(&kit));
    kit_close(&kit);
}
