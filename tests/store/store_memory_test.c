#include "store/store_memory.h"

#include "contract/store_contract_kit.h"
#include "test.h"

// What store_memory has beyond the contract: homes that outlive their stores, deaths and faults to order.

static const char folder[] = "DATA/acme";

struct plan {
    const char *call;
    enum store_memory_outcome outcome;
    int asked;
};

static enum store_memory_outcome follow(void *context, const char *call) {
    struct plan *plan = context;
    if (strcmp(call, plan->call) != 0) {
        return STORE_MEMORY_COMMIT;
    }
    plan->asked++;
    return plan->outcome;
}

static void end(struct kit *kit) {
    kit_close(kit);
    store_memory_hook(NULL, NULL);
    store_memory_forget();
}

TEST(store_memory, forget_drops_homes) {
    struct kit kit;
    kit_open(&kit, &store_memory, folder);
    kit_add_group(&kit, "a", "A", "1");
    kit_close(&kit);
    store_memory_forget();
    struct store *store;
    struct store_setup setup = {.folder = text_of(folder)};
    CHECK(!store_open(&store_memory, &setup, &store, &kit.error));
    CHECK_INT(kit.error.code, ERROR_HOME_MISSING);
    kit_open(&kit, &store_memory, folder);
    CHECK_INT(kit_seq(&kit), 0);
    end(&kit);
}

TEST(store_memory, folders_are_apart) {
    struct kit kit;
    struct kit other;
    kit_open(&kit, &store_memory, folder);
    kit_open(&other, &store_memory, "DATA/other");
    kit_run(&kit);
    kit_run(&other);
    kit_add_group(&kit, "a", "A", "1");
    CHECK_INT(kit_seq(&other), 0);
    CHECK_INT(kit_link(&other, other.groups, "a").home, 0);
    kit_close(&other);
    end(&kit);
}

TEST(store_memory, crash_frees_leases_and_keeps_what_was_committed) {
    struct kit kit;
    kit_open(&kit, &store_memory, folder);
    kit_run(&kit);
    struct effect made = kit_add_group(&kit, "a", "A", "1");
    struct lease dead = kit.lease;
    store_memory_crash();
    struct page page = kit_page(&kit);
    enum commit_outcome outcome;
    CHECK(!store_commit(kit.store, &page, &outcome, &kit.error)); // a ghost cannot write
    CHECK_INT(kit.error.code, ERROR_LEASE_LOST);
    kit.run = 0;
    kit_reopen(&kit);
    kit_run(&kit);
    CHECK(kit.lease.token > dead.token);
    CHECK_INT(kit_link(&kit, kit.groups, "a").home, made.id);
    struct kit_rows rows;
    kit_runs(&kit, kit_scan(""), &rows);
    CHECK_INT(rows.as.runs[0].status, RUN_INTERRUPTED);
    store_lease_free(kit.store, &dead); // an old lease frees nothing
    kit_add_group(&kit, "b", "B", "1");
    end(&kit);
}

TEST(store_memory, commit_refused) {
    struct kit kit;
    kit_open(&kit, &store_memory, folder);
    struct plan plan = {"commit", STORE_MEMORY_REFUSE, 0};
    const struct value fields[GROUP_FIELDS] = {kit_text("A"), value_null()};
    struct effect made = kit_create(&kit, kit.group, kit.groups, "a", fields, "1");
    struct page page = kit_effects(&kit, &made, 1);
    enum commit_outcome outcome;
    store_memory_hook(follow, &plan);
    CHECK(!store_commit(kit.store, &page, &outcome, &kit.error));
    CHECK_INT(kit.error.code, ERROR_HOME_IO);
    CHECK_INT(plan.asked, 1);
    store_memory_hook(NULL, NULL);
    CHECK_INT(kit_seq(&kit), 0);
    CHECK_INT(kit_link(&kit, kit.groups, "a").home, 0);
    CHECK_INT(kit_record(&kit, kit.group, made.id).id, 0);
    kit_commit(&kit, &page);
    CHECK_INT(kit_record(&kit, kit.group, made.id).seq, 1);
    end(&kit);
}

TEST(store_memory, commit_done_but_error) {
    struct kit kit;
    kit_open(&kit, &store_memory, folder);
    struct plan plan = {"commit", STORE_MEMORY_COMMIT_SILENT, 0};
    const struct value fields[GROUP_FIELDS] = {kit_text("A"), value_null()};
    struct effect made = kit_create(&kit, kit.group, kit.groups, "a", fields, "1");
    struct page page = kit_effects(&kit, &made, 1);
    enum commit_outcome outcome;
    store_memory_hook(follow, &plan);
    CHECK(!store_commit(kit.store, &page, &outcome, &kit.error));
    CHECK_INT(kit.error.code, ERROR_HOME_IO);
    store_memory_hook(NULL, NULL);
    CHECK_INT(kit_link(&kit, kit.groups, "a").home, made.id);
    kit_stale(&kit, &page);
    end(&kit);
}

TEST(store_memory, every_writing_call_can_fail) {
    struct kit kit;
    kit_open(&kit, &store_memory, folder);
    static const char *const calls[] = {"track",  "reserve", "lease_take", "run_begin", "run_end",
                                        "settle", "prepare", "linkset",    "commit"};
    for (size_t i = 0; i < sizeof calls / sizeof calls[0]; i++) {
        struct plan plan = {calls[i], STORE_MEMORY_REFUSE, 0};
        struct run_row row = kit_run_row("acme/pull", 1);
        struct lease lease;
        struct linkset *links;
        struct page page = kit_page(&kit);
        enum commit_outcome outcome;
        int64_t number;
        int failed = 0;
        store_memory_hook(follow, &plan);
        failed += !store_track(kit.store, kit.readings, &kit.error);
        failed += !store_reserve(kit.store, 1, &number, &kit.error);
        bool taken = store_lease_take(kit.store, row.key, &lease, &kit.error);
        failed += !taken;
        if (taken) {
            failed += !store_run_begin(kit.store, &lease, &row, &row.id, &kit.error);
            if (plan.asked == 0) {
                failed += !store_run_end(kit.store, &lease, &row, true, NULL, 0, &kit.error);
            }
            store_lease_free(kit.store, &lease);
        }
        failed += !store_settle(kit.store, kit.groups, NULL, 0, 1, &number, &number, &kit.error);
        failed += !store_prepare(kit.store, &kit.group, 1, TEXT_LITERAL("x"), &kit.error);
        failed += !store_linkset(kit.store, TEXT_LITERAL("ponds"), kit.group, true, &links, &kit.error);
        failed += !store_commit(kit.store, &page, &outcome, &kit.error);
        CHECK_INT(failed, 1);
        CHECK_INT(plan.asked, 1);
    }
    store_memory_hook(NULL, NULL);
    CHECK_TEXT(store_memory_modules(text_of(folder)), "x");
    kit_run(&kit); // the refused lease_take left the key free
    end(&kit);
}

TEST(store_memory, settle_refused_is_still_bulk) {
    struct kit kit;
    kit_open(&kit, &store_memory, folder);
    kit_run(&kit);
    kit.groups = kit_linkset(&kit, "ponds", kit.group, true);
    kit_add_group(&kit, "a", "A1", "1");
    struct effect second = kit_add_group(&kit, "a", "A2", "2");
    CHECK_INT(kit_link(&kit, kit.groups, "a").home, 0); // a bulk linkset is not asked
    struct plan plan = {"settle", STORE_MEMORY_REFUSE, 0};
    int64_t repeats;
    int64_t conflicts;
    store_memory_hook(follow, &plan);
    CHECK(!store_settle(kit.store, kit.groups, &kit.lease, kit.run, 1, &repeats, &conflicts, &kit.error));
    store_memory_hook(NULL, NULL);
    CHECK(kit.groups->bulk);
    CHECK_INT(kit_record(&kit, kit.group, second.id).id, second.id);
    CHECK_OK(store_settle(kit.store, kit.groups, &kit.lease, kit.run, 1, &repeats, &conflicts, &kit.error), &kit.error);
    CHECK_INT(repeats, 1);
    CHECK_INT(kit_record(&kit, kit.group, second.id).id, 0);
    end(&kit);
}

TEST(store_memory, audit_and_modules_are_kept) {
    struct kit kit;
    kit_open(&kit, &store_memory, folder);
    CHECK_TEXT(store_memory_modules(text_of(folder)), "return {}");
    CHECK_TEXT(store_memory_modules(TEXT_LITERAL("elsewhere")), "");
    struct page page = kit_page(&kit);
    page.audit = "put group 1";
    kit_commit(&kit, &page);
    page.audit = "delete group 1";
    kit_commit(&kit, &page);
    CHECK_TEXT(store_memory_audit(text_of(folder), 0), "put group 1");
    CHECK_TEXT(store_memory_audit(text_of(folder), 1), "delete group 1");
    CHECK_TEXT(store_memory_audit(text_of(folder), 2), "");
    end(&kit);
}

static void push(struct kit *kit, const char *operation) {
    const struct intent_row intent = {.operation = text_of(operation), .form = {.kind = VALUE_MISSING}};
    struct page page = kit_page(kit);
    page.intents = &intent;
    page.intent_count = 1;
    kit_commit(kit, &page);
}

static bool restored(struct kit *kit) {
    bool out = false;
    CHECK_OK(store_memory.restored(kit->store, &out, &kit->error), &kit->error);
    return out;
}

TEST(store_memory, backup_comes_back_f18) {
    struct kit kit;
    kit_open(&kit, &store_memory, folder);
    kit_run(&kit);
    kit_add_group(&kit, "a", "A", "1");
    push(&kit, "1");
    kit_end(&kit, RUN_DONE, true);
    int64_t backup = store_memory_backup(text_of(folder));
    kit_run(&kit);
    kit_add_group(&kit, "b", "B", "1");
    push(&kit, "2");
    kit_end(&kit, RUN_DONE, true);
    CHECK(!restored(&kit));
    store_close(kit.store);
    store_memory_restore(text_of(folder), backup);
    struct store_setup setup = {.folder = text_of(folder)};
    CHECK_OK(store_open(&store_memory, &setup, &kit.store, &kit.error), &kit.error);
    kit_prepare(&kit);
    CHECK(restored(&kit));
    CHECK(kit_link(&kit, kit.groups, "a").home != 0);
    CHECK_INT(kit_link(&kit, kit.groups, "b").home, 0);
    CHECK_INT(kit_seq(&kit), 1);
    push(&kit, "3");
    push(&kit, "4");
    CHECK(restored(&kit)); // it does not catch up by itself
    struct page page = kit_page(&kit);
    page.reconciled = true;
    kit_commit(&kit, &page);
    CHECK(!restored(&kit));
    kit_run(&kit);
    kit_add_group(&kit, "b", "B", "1");
    CHECK_INT(kit_seq(&kit), 2);
    end(&kit);
}
