#include "contract/store_contract_kit.h"

// First loads: bulk linksets and how they end.

static void open_bulk(struct kit *kit, const struct store_type *type, const char *folder) {
    kit_open_bare(kit, type, folder);
    const struct datatype *datatypes[] = {kit->group, kit->reading};
    CHECK_OK(store_prepare(kit->store, datatypes, 2, TEXT_LITERAL(""), &kit->error), &kit->error);
    kit->groups = kit_linkset(kit, "wells", kit->group, true);
    kit->readings = kit_linkset(kit, "wells", kit->reading, true);
    CHECK(kit->groups->bulk);
    kit_run(kit);
}

static void settle(struct kit *kit, struct linkset *links, int64_t repeats, int64_t conflicts) {
    int64_t went = -1;
    int64_t differed = -1;
    CHECK_OK(store_settle(kit->store, links, &kit->lease, kit->run, 99, &went, &differed, &kit->error), &kit->error);
    CHECK_INT(went, repeats);
    CHECK_INT(differed, conflicts);
    CHECK(!links->bulk);
}

void contract_bulk_granted_while_empty(const struct store_type *type, const char *folder) {
    struct kit kit;
    kit_open(&kit, type, folder);
    CHECK(!kit.groups->bulk);
    CHECK_TEXT(kit.groups->datasource, "wells");
    CHECK(kit.groups->datatype == kit.group);
    kit_add_group(&kit, "a", "A", "1");
    CHECK(!kit_linkset(&kit, "wells", kit.group, true)->bulk);
    CHECK(kit_linkset(&kit, "ponds", kit.group, true)->bulk);
    CHECK(kit_linkset(&kit, "wells", kit.reading, true)->bulk);
    kit_close(&kit);
}

void contract_bulk_stays_until_settled(const struct store_type *type, const char *folder) {
    struct kit kit;
    open_bulk(&kit, type, folder);
    kit_add_group(&kit, "a", "A", "1");
    kit_reopen(&kit); // asks without bulk
    CHECK(kit.groups->bulk);
    kit.groups = kit_linkset(&kit, "wells", kit.group, true);
    CHECK(kit.groups->bulk);
    kit_run(&kit);
    kit_add_group(&kit, "b", "B", "1");
    settle(&kit, kit.groups, 0, 0);
    kit_reopen(&kit);
    CHECK(!kit.groups->bulk);
    CHECK(!kit_linkset(&kit, "wells", kit.group, true)->bulk);
    CHECK(kit_link(&kit, kit.groups, "a").home != 0);
    CHECK(kit_link(&kit, kit.groups, "b").home != 0);
    kit_close(&kit);
}

void contract_settle_without_repeats(const struct store_type *type, const char *folder) {
    struct kit kit;
    open_bulk(&kit, type, folder);
    static const char *const externals[] = {"c", "a", "b"};
    struct effect made[3];
    for (size_t i = 0; i < 3; i++) {
        made[i] = kit_add_group(&kit, externals[i], externals[i], externals[i]);
    }
    int64_t seq = kit_seq(&kit);
    settle(&kit, kit.groups, 0, 0);
    CHECK_INT(kit_seq(&kit), seq);
    for (size_t i = 0; i < 3; i++) {
        struct link link = kit_link(&kit, kit.groups, externals[i]);
        CHECK_INT(link.home, made[i].id);
        CHECK_INT(link.agreed_seq, i + 1);
        CHECK(print_same(link.seen, kit_print(externals[i])));
    }
    const struct value fields[GROUP_FIELDS] = {kit_text("x"), value_null()};
    struct effect repeat = kit_create(&kit, kit.group, kit.groups, "a", fields, "2");
    struct page page = kit_effects(&kit, &repeat, 1);
    kit_stale(&kit, &page); // it looks for repeats now
    kit_close(&kit);
}

void contract_settle_empty(const struct store_type *type, const char *folder) {
    struct kit kit;
    open_bulk(&kit, type, folder);
    settle(&kit, kit.groups, 0, 0);
    struct effect made = kit_add_group(&kit, "a", "A", "1");
    CHECK_INT(kit_link(&kit, kit.groups, "a").home, made.id);
    kit_close(&kit);
}

void contract_settle_equal_repeats(const struct store_type *type, const char *folder) {
    struct kit kit;
    open_bulk(&kit, type, folder);
    struct effect first = kit_add_group(&kit, "a", "A", "1");
    struct effect second = kit_add_group(&kit, "a", "A", "1");
    struct effect third = kit_add_group(&kit, "a", "A", "1");
    settle(&kit, kit.groups, 2, 0);
    CHECK_INT(kit_record(&kit, kit.group, first.id).seq, 1);
    CHECK_INT(kit_record(&kit, kit.group, second.id).id, 0);
    CHECK_INT(kit_record(&kit, kit.group, third.id).id, 0);
    CHECK_INT(kit_link(&kit, kit.groups, "a").home, first.id);
    CHECK_INT(kit_link(&kit, kit.groups, "a").agreed_seq, 1);
    struct kit_rows rows;
    kit_conflicts(&kit, kit_scan(""), &rows);
    CHECK_INT(rows.count, 0);
    kit_links(&kit, kit.group, kit_scan(""), &rows);
    CHECK_INT(rows.count, 1);
    kit_records(&kit, kit.group, kit_scan(""), &rows);
    CHECK_INT(rows.count, 1);
    kit_close(&kit);
}

void contract_settle_differing_repeats(const struct store_type *type, const char *folder) {
    struct kit kit;
    open_bulk(&kit, type, folder);
    struct effect first = kit_add_group(&kit, "a", "A1", "1");
    struct effect other = kit_add_group(&kit, "b", "B", "1");
    struct effect second = kit_add_group(&kit, "a", "A2", "2");
    int64_t seq = kit_seq(&kit);
    settle(&kit, kit.groups, 1, 1);
    struct home_row row = kit_record(&kit, kit.group, first.id);
    CHECK_TEXT(value_slice(&row.fields[GROUP_CODE]), "A2");
    CHECK(row.seq > seq);
    CHECK_INT(kit_seq(&kit), row.seq);
    CHECK_TEXT(row.origin, "wells");
    CHECK_INT(kit_record(&kit, kit.group, second.id).id, 0);
    CHECK_INT(kit_record(&kit, kit.group, other.id).seq, 2);
    struct link link = kit_link(&kit, kit.groups, "a");
    CHECK_INT(link.home, first.id);
    CHECK(print_same(link.seen, kit_print("2")));
    CHECK_INT(link.agreed_seq, row.seq);
    CHECK_INT(kit_link(&kit, kit.groups, "b").home, other.id);

    struct kit_rows rows;
    kit_conflicts(&kit, kit_scan(""), &rows);
    CHECK_INT(rows.count, 1);
    const struct conflict_row *conflict = &rows.as.conflicts[0];
    CHECK_TEXT(conflict->kind, "repeat");
    CHECK_TEXT(conflict->datasource, "wells");
    CHECK_TEXT(conflict->datatype, "group");
    CHECK_TEXT(conflict->external, "a");
    CHECK_INT(conflict->home, first.id);
    CHECK(print_same(conflict->print, kit_print("1")));
    CHECK_INT(conflict->payload.kind, VALUE_OBJECT);
    const struct value *lost = object_find(conflict->payload.as.object, TEXT_LITERAL("code"));
    CHECK(lost != NULL);
    CHECK_TEXT(value_slice(lost), "A1");
    CHECK_INT(conflict->met_run, 0);
    CHECK_INT(conflict->at_us, 99);
    CHECK_INT(conflict->run, kit.run);

    int64_t ids[2];
    size_t count;
    const struct value key = kit_text("A2");
    CHECK_OK(type->key_find(kit.store, kit.group, &key, ids, &count, &kit.error), &kit.error);
    CHECK_INT(count, 1);
    CHECK_INT(ids[0], first.id);
    kit_close(&kit);
}

void contract_settle_many_forms(const struct store_type *type, const char *folder) {
    struct kit kit;
    open_bulk(&kit, type, folder);
    struct effect three = kit_add_group(&kit, "three", "1", "1");
    struct effect twice = kit_add_group(&kit, "twice", "1", "1");
    kit_add_group(&kit, "three", "2", "2");
    kit_add_group(&kit, "twice", "1", "1");
    kit_add_group(&kit, "three", "3", "3");
    kit_add_group(&kit, "twice", "2", "2");
    settle(&kit, kit.groups, 4, 3);
    CHECK_TEXT(value_slice(&kit_record(&kit, kit.group, three.id).fields[GROUP_CODE]), "3");
    CHECK_TEXT(value_slice(&kit_record(&kit, kit.group, twice.id).fields[GROUP_CODE]), "2");
    struct kit_rows rows;
    kit_conflicts(&kit, kit_scan(""), &rows);
    CHECK_INT(rows.count, 3);
    int lost[3] = {0};
    for (size_t i = 0; i < rows.count; i++) {
        const struct conflict_row *row = &rows.as.conflicts[i];
        bool is_three = text_is(row->external, "three");
        CHECK_INT(row->home, is_three ? three.id : twice.id);
        bool is_first = print_same(row->print, kit_print("1"));
        CHECK(is_first || (is_three && print_same(row->print, kit_print("2"))));
        lost[is_three ? is_first : 2]++;
    }
    CHECK(lost[0] == 1 && lost[1] == 1 && lost[2] == 1);
    kit_close(&kit);
}

void contract_settle_form_comes_back(const struct store_type *type, const char *folder) {
    struct kit kit;
    open_bulk(&kit, type, folder);
    struct effect first = kit_add_group(&kit, "a", "A1", "1");
    kit_add_group(&kit, "a", "A2", "2");
    kit_add_group(&kit, "a", "A1", "1");
    int64_t repeats;
    int64_t conflicts;
    CHECK_OK(store_settle(kit.store, kit.groups, &kit.lease, kit.run, 99, &repeats, &conflicts, &kit.error),
             &kit.error);
    CHECK_INT(repeats, 2);
    CHECK_TEXT(value_slice(&kit_record(&kit, kit.group, first.id).fields[GROUP_CODE]), "A1");
    CHECK(print_same(kit_link(&kit, kit.groups, "a").seen, kit_print("1")));
    struct kit_rows rows;
    kit_conflicts(&kit, kit_scan(""), &rows);
    bool lost = false;
    for (size_t i = 0; i < rows.count; i++) {
        lost = lost || print_same(rows.as.conflicts[i].print, kit_print("2"));
    }
    CHECK(lost);
    kit_close(&kit);
}

void contract_settle_again_does_nothing(const struct store_type *type, const char *folder) {
    struct kit kit;
    open_bulk(&kit, type, folder);
    kit_add_group(&kit, "a", "A1", "1");
    kit_add_group(&kit, "a", "A2", "2");
    settle(&kit, kit.groups, 1, 1);
    int64_t seq = kit_seq(&kit);
    settle(&kit, kit.groups, 0, 0);
    CHECK_INT(kit_seq(&kit), seq);
    kit_reopen(&kit);
    kit_run(&kit);
    settle(&kit, kit.groups, 0, 0);
    struct kit_rows rows;
    kit_conflicts(&kit, kit_scan(""), &rows);
    CHECK_INT(rows.count, 1);
    kit_close(&kit);
}

void contract_settle_leaves_others(const struct store_type *type, const char *folder) {
    struct kit kit;
    open_bulk(&kit, type, folder);
    struct linkset *ponds = kit_linkset(&kit, "ponds", kit.group, true);
    kit_add_group(&kit, "a", "A1", "1");
    struct linkset *wells = kit.groups;
    kit.groups = ponds;
    struct effect pond = kit_add_group(&kit, "a", "P1", "1");
    struct effect again = kit_add_group(&kit, "a", "P2", "2");
    settle(&kit, wells, 0, 0);
    CHECK(ponds->bulk);
    CHECK(kit_linkset(&kit, "ponds", kit.group, false)->bulk);
    CHECK_INT(kit_record(&kit, kit.group, pond.id).id, pond.id);
    CHECK_INT(kit_record(&kit, kit.group, again.id).id, again.id);
    kit_close(&kit);
}

void contract_settle_keeps_what_waits(const struct store_type *type, const char *folder) {
    struct kit kit;
    open_bulk(&kit, type, folder);
    struct effect first = kit_add_reading(&kit, "r", 5, "1");
    struct effect second = kit_add_reading(&kit, "r", 5, "2");
    struct pending_row rows[] = {
        {.awaits_datasource = TEXT_LITERAL("wells"),
         .awaits_type = TEXT_LITERAL("group"),
         .awaits_external = TEXT_LITERAL("old"),
         .datatype = TEXT_LITERAL("reading"),
         .home = first.id,
         .field = TEXT_LITERAL("group")},
        {.awaits_datasource = TEXT_LITERAL("wells"),
         .awaits_type = TEXT_LITERAL("group"),
         .awaits_external = TEXT_LITERAL("new"),
         .datatype = TEXT_LITERAL("reading"),
         .home = second.id,
         .field = TEXT_LITERAL("group")},
    };
    struct page page = kit_page(&kit);
    page.pendings = rows;
    page.pending_count = 2;
    kit_commit(&kit, &page);
    settle(&kit, kit.readings, 1, 1);
    struct kit_rows got;
    kit_pendings(&kit, kit_scan(""), &got);
    CHECK_INT(got.count, 1);
    CHECK_TEXT(got.as.pendings[0].awaits_external, "new");
    CHECK_INT(got.as.pendings[0].home, first.id); // the record that took the form waits for what the form waits for
    kit_close(&kit);
}

void contract_settle_keeps_other_links(const struct store_type *type, const char *folder) {
    struct kit kit;
    open_bulk(&kit, type, folder);
    struct effect first = kit_add_group(&kit, "a", "A1", "1");
    struct effect second = kit_add_group(&kit, "a", "A2", "2");
    struct linkset *ponds = kit_linkset(&kit, "ponds", kit.group, false);
    struct effect adopt = kit_change(&second, EFFECT_AGREE, 2, NULL, "p");
    adopt.links = ponds;
    adopt.external = TEXT_LITERAL("p");
    adopt.adds_link = true;
    kit_commit_effects(&kit, &adopt, 1);
    settle(&kit, kit.groups, 1, 1);
    CHECK_INT(kit_link(&kit, ponds, "p").home, first.id);
    kit_close(&kit);
}

void contract_settle_keeps_edits(const struct store_type *type, const char *folder) {
    struct kit kit;
    open_bulk(&kit, type, folder);
    struct effect first = kit_add_group(&kit, "a", "A1", "1");
    const struct value fields[GROUP_FIELDS] = {kit_text("edited"), value_null()};
    struct effect edit = kit_change(&first, EFFECT_UPDATE, 1, fields, "");
    edit.links = NULL;
    kit_commit_effects(&kit, &edit, 1);
    kit_add_group(&kit, "a", "A2", "2");
    settle(&kit, kit.groups, 1, 1);
    CHECK_TEXT(value_slice(&kit_record(&kit, kit.group, first.id).fields[GROUP_CODE]), "A2");
    struct kit_rows rows;
    kit_conflicts(&kit, kit_scan(""), &rows);
    CHECK_INT(rows.count, 1);
    CHECK_TEXT(rows.as.conflicts[0].kind, "edit");
    CHECK_TEXT(value_slice(object_find(rows.as.conflicts[0].payload.as.object, TEXT_LITERAL("code"))), "edited");
    kit_close(&kit);
}

void contract_settle_fenced_by_lease(const struct store_type *type, const char *folder) {
    struct kit kit;
    open_bulk(&kit, type, folder);
    struct effect first = kit_add_group(&kit, "a", "A1", "1");
    struct effect second = kit_add_group(&kit, "a", "A2", "2");
    struct lease old = kit.lease;
    store_lease_free(kit.store, &kit.lease);
    CHECK_OK(store_lease_take(kit.store, old.key, &kit.lease, &kit.error), &kit.error);
    int64_t repeats;
    int64_t conflicts;
    CHECK(!store_settle(kit.store, kit.groups, &old, kit.run, 99, &repeats, &conflicts, &kit.error));
    CHECK_INT(kit.error.code, ERROR_LEASE_LOST);
    CHECK_INT(kit_record(&kit, kit.group, first.id).id, first.id);
    CHECK_INT(kit_record(&kit, kit.group, second.id).id, second.id);
    settle(&kit, kit.groups, 1, 1);
    kit_close(&kit);
}

static void check_unsettled(struct kit *kit, const struct store_type *type, const struct datatype *datatype,
                            const char *datasource) {
    struct arena arena;
    struct text text;
    arena_init(&arena, 4096);
    CHECK_OK(type->unsettled(kit->store, datatype, &arena, &text, &kit->error), &kit->error);
    CHECK_TEXT(text, datasource);
    arena_clear(&arena);
}

void contract_settle_left_is_told(const struct store_type *type, const char *folder) {
    struct kit kit;
    open_bulk(&kit, type, folder);
    struct linkset *ponds = kit_linkset(&kit, "ponds", kit.group, false);
    kit_add_group(&kit, "a", "A", "1");
    CHECK(!ponds->bulk);
    check_unsettled(&kit, type, kit.group, "wells");
    settle(&kit, kit.groups, 0, 0);
    check_unsettled(&kit, type, kit.group, "");
    check_unsettled(&kit, type, kit.reading, "wells");
    kit_close(&kit);
}

void contract_settle_large(const struct store_type *type, const char *folder) {
    struct kit kit;
    open_bulk(&kit, type, folder);
    enum { COUNT = 3000, DISTINCT = 2000 };
    static struct effect effects[COUNT];
    static struct value fields[COUNT][READING_FIELDS];
    static char externals[COUNT][16];
    int64_t first = kit_reserve(&kit, COUNT);
    for (int64_t i = 0; i < COUNT; i++) {
        // The ids of the second round come again in another order; every other one with another form.
        int64_t number = i < DISTINCT ? i * 7919 % DISTINCT : (i - DISTINCT) * 2;
        bool differs = i >= DISTINCT && number % 4 == 0;
        snprintf(externals[i], sizeof externals[i], "%lld", (long long)number);
        fields[i][READING_AT] = value_integer(number);
        fields[i][READING_COUNT] = value_integer(differs);
        effects[i] = (struct effect){
            .kind = EFFECT_CREATE,
            .datatype = kit.reading,
            .id = first + i,
            .fields = fields[i],
            .links = kit.readings,
            .external = text_of(externals[i]),
            .seen = kit_print(differs ? "other" : externals[i]),
            .adds_link = true,
        };
    }
    for (int64_t i = 0; i < COUNT; i += 500) {
        kit_commit_effects(&kit, &effects[i], 500);
    }
    settle(&kit, kit.readings, COUNT - DISTINCT, (COUNT - DISTINCT) / 2);
    for (int64_t i = 0; i < DISTINCT; i++) {
        int64_t number = i * 7919 % DISTINCT;
        struct link link = kit_link(&kit, kit.readings, externals[i]);
        CHECK_INT(link.home, first + i);
        struct home_row row = kit_record(&kit, kit.reading, link.home);
        CHECK_INT(row.fields[READING_AT].as.integer, number);
        CHECK_INT(row.fields[READING_COUNT].as.integer, number % 4 == 0);
    }
    kit_close(&kit);
}
