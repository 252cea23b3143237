#include "contract/store_contract_kit.h"

// What derived fields need: who refers to a record, and what is to be computed anew.

struct stales {
    struct kit *kit;
    size_t count;
    struct stale_row rows[KIT_ROWS_MAX];
};

static bool keep_stale(void *context, const struct stale_row *row, struct error *error) {
    (void)error;
    struct stales *rows = context;
    rows->rows[rows->count] = *row;
    CHECK(rows->count < KIT_ROWS_MAX);
    CHECK(arena_text(rows->kit->arena, row->datatype, &rows->rows[rows->count].datatype));
    rows->count++;
    return true;
}

static void stales(struct kit *kit, struct scan scan, struct stales *out) {
    out->kit = kit;
    out->count = 0;
    CHECK_OK(kit->type->stale_scan(kit->store, &scan, keep_stale, out, &kit->error), &kit->error);
}

static void stale_commit(struct kit *kit, const struct stale_row *rows, size_t count, const struct stale_row *done,
                         size_t done_count, int64_t seen_seq) {
    struct page page = kit_page(kit);
    page.stales = rows;
    page.stale_count = count;
    page.stales_done = done;
    page.stale_done_count = done_count;
    page.seen_seq = seen_seq;
    kit_commit(kit, &page);
}

void contract_stale_kept(const struct store_type *type, const char *folder) {
    static struct stales rows;
    struct kit kit;
    kit_open(&kit, type, folder);
    const struct stale_row put[] = {{TEXT_LITERAL("reading"), 10},
                                    {TEXT_LITERAL("reading"), 9},
                                    {TEXT_LITERAL("group"), 11},
                                    {TEXT_LITERAL("reading"), 10}};
    stale_commit(&kit, put, 4, NULL, 0, 0);
    stale_commit(&kit, put, 1, NULL, 0, 0);
    kit_reopen(&kit);
    stales(&kit, kit_scan(""), &rows);
    CHECK_INT(rows.count, 3);
    CHECK_TEXT(rows.rows[0].datatype, "group");
    CHECK_INT(rows.rows[1].home, 9);
    CHECK_INT(rows.rows[2].home, 10);
    struct scan scan = kit_scan("");
    scan.limit = 2;
    stales(&kit, scan, &rows);
    CHECK_INT(rows.count, 2);
    stale_commit(&kit, put, 1, put, 2, 0); // done and put stays
    stales(&kit, kit_scan(""), &rows);
    CHECK_INT(rows.count, 2);
    CHECK_INT(rows.rows[1].home, 10);
    kit_close(&kit);
}

// What became stale again while it was computed is not done by what was computed.
void contract_stale_again_is_not_done(const struct store_type *type, const char *folder) {
    static struct stales rows;
    struct kit kit;
    kit_open(&kit, type, folder);
    const struct stale_row row = {TEXT_LITERAL("reading"), 10};
    kit_add_group(&kit, "a", "A", "1");
    stale_commit(&kit, &row, 1, NULL, 0, 0);
    int64_t seen_seq = kit_seq(&kit);
    kit_add_group(&kit, "b", "B", "1");
    stale_commit(&kit, &row, 1, NULL, 0, 0);
    stale_commit(&kit, NULL, 0, &row, 1, seen_seq);
    stales(&kit, kit_scan(""), &rows);
    CHECK_INT(rows.count, 1);
    stale_commit(&kit, NULL, 0, &row, 1, kit_seq(&kit));
    stales(&kit, kit_scan(""), &rows);
    CHECK_INT(rows.count, 0);
    kit_close(&kit);
}

// --- derived fields ---

static const struct datatype *derived(struct kit *kit, const char *name, bool derives) {
    static const struct derive fields[] = {{.field = 1, .function = 5}};
    const struct field declared[] = {
        {.name = TEXT_LITERAL("of"), .type = FIELD_REF, .target = TEXT_LITERAL("group")},
        {.name = TEXT_LITERAL("cost"), .type = FIELD_INTEGER},
        {.name = TEXT_LITERAL("by"), .type = FIELD_REF, .target = TEXT_LITERAL("group")},
    };
    const struct datatype *made = kit_datatype(kit, name, declared, 3, NULL, 0, false);
    struct datatype *out = arena_take(kit->arena, sizeof *out);
    CHECK(out != NULL);
    *out = *made;
    out->derives = fields;
    out->derive_count = derives ? 1 : 0;
    return out;
}

void contract_derived_remembered(const struct store_type *type, const char *folder) {
    struct kit kit;
    kit_open(&kit, type, folder);
    for (int i = 0; i < 3; i++) {
        const struct datatype *datatype = derived(&kit, "bill", i != 1);
        const struct datatype *known;
        CHECK_OK(store_prepare(kit.store, &datatype, 1, TEXT_LITERAL("x"), &kit.error), &kit.error);
        CHECK_OK(type->datatype(kit.store, TEXT_LITERAL("bill"), kit.arena, &known, &kit.error), &kit.error);
        CHECK_INT(known->derive_count, i != 1);
        if (i != 1) {
            CHECK_INT(known->derives[0].field, 1);
            CHECK_INT(known->derives[0].function, DERIVE_ELSEWHERE);
        }
    }
    kit_close(&kit);
}

static bool join_text(void *context, struct text text, struct error *error) {
    (void)error;
    char *joined = context;
    size_t length = strlen(joined);
    snprintf(joined + length, 64 - length, "%.*s;", TEXT_ARGS(text));
    return true;
}

static void check_modules(struct kit *kit, const char *one, const char *other) {
    char joined[64] = "";
    CHECK_OK(kit->type->module_scan(kit->store, join_text, joined, &kit->error), &kit->error);
    CHECK(strcmp(joined, one) == 0 || strcmp(joined, other) == 0); // in any order
}

// The functions are in the module: the newest one is remembered, although the declaration says the same.
void contract_modules_of_derived_fields(const struct store_type *type, const char *folder) {
    struct kit kit;
    kit_open(&kit, type, folder); // group and reading come from "return {}"
    const struct datatype *bill = derived(&kit, "bill", true);
    check_modules(&kit, "return {};", "return {};");
    CHECK_OK(store_prepare(kit.store, &bill, 1, TEXT_LITERAL("bill 1"), &kit.error), &kit.error);
    check_modules(&kit, "return {};bill 1;", "bill 1;return {};");
    CHECK_OK(store_prepare(kit.store, &bill, 1, TEXT_LITERAL("bill 2"), &kit.error), &kit.error);
    check_modules(&kit, "return {};bill 2;", "bill 2;return {};");
    kit_reopen(&kit);
    check_modules(&kit, "return {};bill 2;", "bill 2;return {};");
    kit_close(&kit);
}

void contract_referrers_found(const struct store_type *type, const char *folder) {
    struct kit kit;
    kit_open(&kit, type, folder);
    const struct datatype *bill = derived(&kit, "bill", true);
    CHECK_OK(store_prepare(kit.store, &bill, 1, TEXT_LITERAL("x"), &kit.error), &kit.error);
    struct effect effects[6];
    struct value fields[6][3];
    for (int i = 0; i < 6; i++) {
        fields[i][0] = i == 5 ? value_null() : value_integer(i % 2 == 0 ? 100 : 200);
        fields[i][1] = value_integer(100);
        fields[i][2] = value_integer(200);
        effects[i] = kit_create(&kit, bill, NULL, "", fields[i], "");
    }
    kit_commit_effects(&kit, effects, 6);
    int64_t ids[4];
    size_t count;
    CHECK_OK(type->referrers(kit.store, bill, 0, 100, 0, ids, 2, &count, &kit.error), &kit.error);
    CHECK_INT(count, 2);
    CHECK(ids[0] == effects[0].id && ids[1] == effects[2].id);
    CHECK_OK(type->referrers(kit.store, bill, 0, 100, ids[1], ids, 4, &count, &kit.error), &kit.error);
    CHECK_INT(count, 1);
    CHECK_INT(ids[0], effects[4].id);
    CHECK_OK(type->referrers(kit.store, bill, 2, 200, 0, ids, 4, &count, &kit.error), &kit.error);
    CHECK_INT(count, 4);
    CHECK_OK(type->referrers(kit.store, bill, 0, 300, 0, ids, 4, &count, &kit.error), &kit.error);
    CHECK_INT(count, 0);
    kit_close(&kit);
}
