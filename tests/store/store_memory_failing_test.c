#include "contract/store_contract_kit.h"
#include "memory_fails.h"
#include "store/store_memory.h"
#include "test.h"

// Every allocation of a writing call fails once: the call says so, home is as it was, and the same call succeeds
// afterwards. Texts are longer than an arena's chunk, so that each copy of one is an allocation of its own.

enum { LONG_TEXT = 70 * 1024 };
static char long_text[LONG_TEXT + 1];

static struct print home_text(struct print so_far, struct text text) {
    return print_join(so_far, print_of(text, text.length));
}

static struct print home_number(struct print so_far, int64_t number) {
    return print_join(so_far, (struct print){(uint64_t)number, 1});
}

// A print of all that can be read.
static struct print home_print(struct kit *kit) {
    static struct kit_rows rows;
    struct print print = home_number((struct print){0, 0}, kit_seq(kit));
    const struct datatype *datatypes[] = {kit->group, kit->reading};
    for (size_t type = 0; type < 2; type++) {
        kit_records(kit, datatypes[type], kit_scan(""), &rows);
        for (size_t i = 0; i < rows.count; i++) {
            struct home_row row = kit_record(kit, datatypes[type], rows.as.records[i].id);
            print = home_number(home_number(print, row.id), row.seq);
            print = home_text(print, row.origin);
            for (size_t field = 0; field < datatypes[type]->count; field++) {
                print = home_number(print, row.fields[field].kind);
                if (row.fields[field].kind == VALUE_TEXT) {
                    print = home_text(print, value_slice(&row.fields[field]));
                }
            }
        }
        kit_links(kit, datatypes[type], kit_scan(""), &rows);
        for (size_t i = 0; i < rows.count; i++) {
            print = print_join(home_text(print, rows.as.links[i].external), rows.as.links[i].link.seen);
            print = home_number(home_number(print, rows.as.links[i].link.home), rows.as.links[i].link.agreed_seq);
            print = print_join(print, rows.as.links[i].link.sent);
        }
    }
    kit_pendings(kit, kit_scan(""), &rows);
    for (size_t i = 0; i < rows.count; i++) {
        print = home_number(home_text(print, rows.as.pendings[i].awaits_external), rows.as.pendings[i].home);
    }
    kit_deads(kit, kit_scan(""), &rows);
    print = home_number(print, (int64_t)rows.count);
    kit_conflicts(kit, kit_scan(""), &rows);
    print = home_number(print, (int64_t)rows.count);
    kit_logs(kit, kit_scan(""), &rows);
    print = home_number(print, (int64_t)rows.count);
    kit_runs(kit, kit_scan(""), &rows);
    for (size_t i = 0; i < rows.count; i++) {
        print = home_number(home_number(print, rows.as.runs[i].id), rows.as.runs[i].status);
    }
    struct checkpoint checkpoint;
    bool found = kit_checkpoint(kit, "acme/pull", &checkpoint);
    const struct datatype *group;
    CHECK_OK(kit->type->datatype(kit->store, TEXT_LITERAL("group"), kit->arena, &group, &kit->error), &kit->error);
    return home_number(home_number(print, found), (int64_t)group->count);
}

// Runs `act` on a home of its own for each allocation in it, failing that one.
static void fail_each(void (*before)(struct kit *kit), bool (*act)(struct kit *kit), unsigned long at_least) {
    memset(long_text, 'x', LONG_TEXT);
    unsigned long nth = 1;
    for (bool failed = true; failed; nth++) {
        struct kit kit;
        kit_open(&kit, &store_memory, "DATA/acme");
        kit_run(&kit);
        before(&kit);
        struct print was = home_print(&kit);
        memory_fail_at(nth);
        bool ok = act(&kit);
        failed = memory_failed();
        memory_fail_at(0);
        CHECK(ok == !failed);
        if (failed) {
            CHECK_INT(kit.error.code, ERROR_MEMORY);
            CHECK(print_same(home_print(&kit), was));
            CHECK_OK(act(&kit), &kit.error);
        }
        CHECK(!print_same(home_print(&kit), was));
        kit_close(&kit);
        store_memory_forget();
    }
    CHECK(nth > at_least); // or the test looks at nothing
}

static struct effect old_group;
static struct effect new_group;

static void before_commit(struct kit *kit) {
    static struct value fields[GROUP_FIELDS];
    old_group = kit_add_group(kit, "a", "A", "1");
    fields[GROUP_CODE] = kit_text(long_text);
    new_group = kit_create(kit, kit->group, kit->groups, long_text, fields, "1");
}

static bool act_commit(struct kit *kit) {
    const struct value fields[GROUP_FIELDS] = {kit_text(long_text), kit_text(long_text)};
    struct effect effects[] = {new_group, kit_change(&old_group, EFFECT_UPDATE, 1, fields, "2")};
    const struct pending_row pending = {.awaits_datasource = text_of(long_text),
                                        .datatype = text_of(long_text),
                                        .external = text_of(long_text),
                                        .place = text_of(long_text)};
    const struct dead_row dead = {
        .flow = text_of(long_text), .reason = text_of(long_text), .payload = kit_text(long_text)};
    const struct conflict_row conflicts[] = {
        {.kind = TEXT_LITERAL("repeat"), .external = text_of(long_text), .payload = kit_text(long_text)},
        {.kind = TEXT_LITERAL("edit"), .payload = kit_text(long_text)},
    };
    const struct log_row log = {1, LOG_INFO, text_of(long_text)};
    const struct checkpoint checkpoint = {.position = text_of(long_text)};
    struct page page = kit_effects(kit, effects, 2);
    page.pendings = &pending;
    page.deads = &dead;
    page.conflicts = conflicts;
    page.logs = &log;
    page.pending_count = page.dead_count = page.log_count = 1;
    page.conflict_count = 2;
    page.checkpoint = &checkpoint;
    page.audit = long_text;
    page.seen_seq = 1;
    enum commit_outcome outcome;
    return store_commit(kit->store, &page, &outcome, &kit->error);
}

TEST(store_memory_failing, commit) {
    fail_each(before_commit, act_commit, 25);
}

static void before_two_ways(struct kit *kit) {
    static struct value fields[GROUP_FIELDS];
    CHECK_OK(store_track(kit->store, kit->groups, &kit->error), &kit->error);
    fields[GROUP_CODE] = kit_text(long_text);
    old_group = kit_add_group(kit, "a", long_text, "1");
    new_group = kit_add_group(kit, "b", long_text, "1");
    struct effect edit = kit_change(&new_group, EFFECT_UPDATE, 2, fields, "2");
    edit.links = NULL;
    kit_commit_effects(kit, &edit, 1);
    const struct inbox_row inbox = {.key = text_of(long_text), .batch = text_of(long_text)};
    struct page page = kit_page(kit);
    page.inboxes = &inbox;
    page.inbox_count = 1;
    kit_commit(kit, &page);
}

// A first edit, a second one that is on its way while both sides agree, and rows of every kind.
static bool act_two_ways(struct kit *kit) {
    const struct value fields[GROUP_FIELDS] = {kit_text(long_text), kit_text("2")};
    struct effect effects[] = {kit_change(&old_group, EFFECT_DELETE, 1, NULL, "2"),
                               kit_change(&new_group, EFFECT_UPDATE, 3, fields, "2"),
                               kit_change(&new_group, EFFECT_AGREE, 3, NULL, "2")};
    effects[0].links = effects[1].links = NULL;
    effects[2].agreed = fields;
    effects[2].sends = true;
    effects[2].sent = kit_print("sent");
    const struct intent_row intent = {
        .operation = text_of(long_text), .key = text_of(long_text), .form = kit_text(long_text)};
    const struct watermark_row watermark = {.key = text_of(long_text), .text = text_of(long_text)};
    const struct held_row held = {.key = text_of(long_text), .external = text_of(long_text)};
    const struct stale_row stale = {.datatype = text_of(long_text), .home = 1};
    const struct inbox_row inbox = {
        .key = text_of(long_text), .batch = text_of(long_text), .place = 1, .payload = kit_text(long_text)};
    const struct inbox_done done = {1, text_of(long_text), 1, text_of(long_text), text_of(long_text)};
    struct page page = kit_effects(kit, effects, 3);
    page.inboxes = &inbox;
    page.inboxes_done = &done;
    page.inbox_count = page.inbox_done_count = 1;
    page.inboxes_before_us = 1;
    page.intents = &intent;
    page.watermarks = &watermark;
    page.helds = &held;
    page.stales = &stale;
    page.intent_count = page.watermark_count = page.held_count = page.stale_count = 1;
    enum commit_outcome outcome;
    return store_commit(kit->store, &page, &outcome, &kit->error) && outcome == COMMIT_DONE;
}

TEST(store_memory_failing, commit_of_two_ways) {
    fail_each(before_two_ways, act_two_ways, 20);
}

static void before_settle(struct kit *kit) {
    kit->groups = kit_linkset(kit, "ponds", kit->group, true);
    kit_add_group(kit, "a", long_text, "1");
    struct effect last = kit_add_group(kit, "a", long_text, "2");
    const struct pending_row pending = {.awaits_external = text_of(long_text),
                                        .datatype = TEXT_LITERAL("group"),
                                        .home = last.id,
                                        .field = TEXT_LITERAL("name")};
    struct page page = kit_page(kit);
    page.pendings = &pending;
    page.pending_count = 1;
    kit_commit(kit, &page);
}

static bool act_settle(struct kit *kit) {
    int64_t repeats;
    int64_t conflicts;
    return store_settle(kit->store, kit->groups, &kit->lease, kit->run, 1, &repeats, &conflicts, &kit->error);
}

TEST(store_memory_failing, settle) {
    fail_each(before_settle, act_settle, 5);
}

static void before_prepare(struct kit *kit) {
    kit_add_group(kit, "a", "A", "1");
}

static bool act_prepare(struct kit *kit) {
    const struct field fields[] = {
        {.name = TEXT_LITERAL("code"), .type = FIELD_TEXT},
        {.name = TEXT_LITERAL("name"), .type = FIELD_TEXT},
        {.name = TEXT_LITERAL("more"), .type = FIELD_TEXT, .fallback = kit_text(long_text)},
    };
    const uint32_t key[] = {1};
    struct text names[] = {fields[0].name, fields[1].name, fields[2].name};
    const struct shape shape = {3, names};
    const struct datatype wider = {
        .name = TEXT_LITERAL("group"), .fields = fields, .count = 3, .shape = &shape, .key = key, .key_count = 1};
    const struct datatype *datatypes[] = {&wider};
    return store_prepare(kit->store, datatypes, 1, text_of(long_text), &kit->error);
}

TEST(store_memory_failing, prepare) {
    fail_each(before_prepare, act_prepare, 3);
}

static bool act_run(struct kit *kit) {
    struct run_row row = kit_run_row("acme/pull", 9);
    row.params = text_of(long_text);
    row.message = text_of(long_text);
    int64_t id;
    return store_run_begin(kit->store, &kit->lease, &row, &id, &kit->error);
}

TEST(store_memory_failing, run_begin) {
    fail_each(before_prepare, act_run, 2);
}

static bool act_run_end(struct kit *kit) {
    const struct log_row log = {1, LOG_INFO, text_of(long_text)};
    struct run_row row = {.id = kit->run, .status = RUN_FAILED, .message = text_of(long_text)};
    return store_run_end(kit->store, &kit->lease, &row, true, &log, 1, &kit->error);
}

TEST(store_memory_failing, run_end) {
    fail_each(before_prepare, act_run_end, 2);
}
