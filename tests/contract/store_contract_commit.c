#include "contract/store_contract_kit.h"

// What a page changes, and when it changes nothing.

void contract_reserve_never_repeats(const struct store_type *type, const char *folder) {
    struct kit kit;
    kit_open(&kit, type, folder);
    int64_t next = 1;
    for (int i = 0; i < 3; i++) {
        int64_t first = kit_reserve(&kit, 10);
        CHECK(first >= next);
        next = first + 10;
        CHECK(kit_reserve(&kit, 1) >= next);
        next++;
        struct store *other = kit_another(&kit);
        int64_t taken;
        CHECK_OK(store_reserve(other, 5, &taken, &kit.error), &kit.error);
        CHECK(taken >= next);
        next = taken + 5;
        store_close(other);
        kit_reopen(&kit); // what was reserved and not used is lost
    }
    kit_close(&kit);
}

void contract_commit_create(const struct store_type *type, const char *folder) {
    struct kit kit;
    kit_open(&kit, type, folder);
    kit_run(&kit);
    struct effect made = kit_add_group(&kit, "a", "A", "form 1");
    struct home_row row = kit_record(&kit, kit.group, made.id);
    CHECK_INT(row.id, made.id);
    CHECK_INT(row.seq, 1);
    CHECK_TEXT(row.origin, "wells");
    CHECK_TEXT(value_slice(&row.fields[GROUP_CODE]), "A");
    CHECK_INT(row.extra.kind, VALUE_MISSING);
    struct link link = kit_link(&kit, kit.groups, "a");
    CHECK_INT(link.home, made.id);
    CHECK(print_same(link.seen, kit_print("form 1")));
    CHECK_INT(link.agreed_seq, 1);
    CHECK_INT(kit_record(&kit, kit.reading, made.id).id, 0);
    CHECK_INT(kit_link(&kit, kit.readings, "a").home, 0);
    kit_close(&kit);
}

void contract_commit_survives(const struct store_type *type, const char *folder) {
    struct kit kit;
    kit_open(&kit, type, folder);
    kit_run(&kit);
    struct effect made = kit_add_group(&kit, "a", "A", "form 1");
    kit_reopen(&kit);
    CHECK_TEXT(value_slice(&kit_record(&kit, kit.group, made.id).fields[GROUP_CODE]), "A");
    CHECK(print_same(kit_link(&kit, kit.groups, "a").seen, kit_print("form 1")));
    CHECK_INT(kit_seq(&kit), 1);
    kit_close(&kit);
}

void contract_commit_update(const struct store_type *type, const char *folder) {
    struct kit kit;
    kit_open(&kit, type, folder);
    struct effect made = kit_add_group(&kit, "a", "A", "form 1");
    kit_run(&kit);
    const struct value fields[GROUP_FIELDS] = {kit_text("B"), {.kind = VALUE_MISSING}};
    struct effect change = kit_change(&made, EFFECT_UPDATE, 1, fields, "form 2");
    kit_commit_effects(&kit, &change, 1);
    struct home_row row = kit_record(&kit, kit.group, made.id);
    CHECK_INT(row.seq, 2);
    CHECK_TEXT(row.origin, "wells");
    CHECK_TEXT(value_slice(&row.fields[GROUP_CODE]), "B");
    CHECK_INT(row.fields[GROUP_NAME].kind, VALUE_NULL);
    struct link link = kit_link(&kit, kit.groups, "a");
    CHECK(print_same(link.seen, kit_print("form 2")));
    CHECK_INT(link.agreed_seq, 2);
    CHECK_INT(link.home, made.id);
    kit_close(&kit);
}

void contract_commit_delete(const struct store_type *type, const char *folder) {
    struct kit kit;
    kit_open(&kit, type, folder);
    struct effect made = kit_add_group(&kit, "a", "A", "form 1");
    struct effect other = kit_add_group(&kit, "b", "B", "form 1");
    struct effect gone = kit_change(&made, EFFECT_DELETE, 1, NULL, "");
    gone.links = NULL;
    kit_commit_effects(&kit, &gone, 1);
    CHECK_INT(kit_record(&kit, kit.group, made.id).id, 0);
    CHECK_INT(kit_record(&kit, kit.group, other.id).id, other.id);
    CHECK_INT(kit_seq(&kit), 3);
    struct kit_rows rows;
    kit_records(&kit, kit.group, kit_scan(""), &rows);
    CHECK_INT(rows.count, 1);
    int64_t ids[2];
    size_t count;
    const struct value key = kit_text("A");
    CHECK_OK(type->key_find(kit.store, kit.group, &key, ids, &count, &kit.error), &kit.error);
    CHECK_INT(count, 0);
    CHECK_INT(kit_link(&kit, kit.groups, "a").home, made.id); // an edit leaves the link alone
    kit_close(&kit);
}

void contract_commit_brings_back(const struct store_type *type, const char *folder) {
    struct kit kit;
    kit_open(&kit, type, folder);
    struct effect made = kit_add_group(&kit, "a", "A", "form 1");
    struct effect gone = kit_change(&made, EFFECT_DELETE, 1, NULL, "");
    gone.links = NULL;
    kit_commit_effects(&kit, &gone, 1);
    const struct value fields[GROUP_FIELDS] = {kit_text("C"), value_null()};
    struct effect back = kit_change(&made, EFFECT_CREATE, 0, fields, "form 2");
    kit_commit_effects(&kit, &back, 1);
    struct home_row row = kit_record(&kit, kit.group, made.id);
    CHECK_INT(row.id, made.id);
    CHECK_INT(row.seq, 3);
    CHECK_TEXT(value_slice(&row.fields[GROUP_CODE]), "C");
    struct link link = kit_link(&kit, kit.groups, "a");
    CHECK(print_same(link.seen, kit_print("form 2")));
    CHECK_INT(link.agreed_seq, 3);
    kit_close(&kit);
}

void contract_commit_agree(const struct store_type *type, const char *folder) {
    struct kit kit;
    kit_open(&kit, type, folder);
    struct effect made = kit_add_group(&kit, "a", "A", "form 1");
    const struct value fields[GROUP_FIELDS] = {kit_text("B"), value_null()};
    struct effect edit = kit_change(&made, EFFECT_UPDATE, 1, fields, "");
    edit.links = NULL;
    kit_commit_effects(&kit, &edit, 1);
    struct link link = kit_link(&kit, kit.groups, "a");
    CHECK_INT(link.agreed_seq, 1);
    CHECK(print_same(link.seen, kit_print("form 1")));
    CHECK_TEXT(kit_record(&kit, kit.group, made.id).origin, "put");

    struct effect agree = kit_change(&made, EFFECT_AGREE, 2, NULL, "form 2");
    kit_commit_effects(&kit, &agree, 1);
    link = kit_link(&kit, kit.groups, "a");
    CHECK_INT(link.agreed_seq, 2);
    CHECK(print_same(link.seen, kit_print("form 2")));
    CHECK_INT(kit_record(&kit, kit.group, made.id).seq, 2);
    CHECK_INT(kit_seq(&kit), 2);
    kit_close(&kit);
}

void contract_commit_adopts(const struct store_type *type, const char *folder) {
    struct kit kit;
    kit_open(&kit, type, folder);
    const struct value fields[GROUP_FIELDS] = {kit_text("A"), value_null()};
    struct effect edit = kit_create(&kit, kit.group, NULL, "", fields, "");
    kit_commit_effects(&kit, &edit, 1);
    struct effect adopt = kit_change(&edit, EFFECT_AGREE, 1, NULL, "form 1");
    adopt.links = kit.groups;
    adopt.external = TEXT_LITERAL("a");
    adopt.adds_link = true;
    kit_commit_effects(&kit, &adopt, 1);
    struct link link = kit_link(&kit, kit.groups, "a");
    CHECK_INT(link.home, edit.id);
    CHECK_INT(link.agreed_seq, 1);

    // The same record may be linked to another datasource, changed by the same effect.
    struct linkset *others = kit_linkset(&kit, "ponds", kit.group, false);
    const struct value changed[GROUP_FIELDS] = {kit_text("A"), kit_text("pond")};
    struct effect update = kit_change(&adopt, EFFECT_UPDATE, 1, changed, "form 1");
    update.links = others;
    update.adds_link = true;
    kit_commit_effects(&kit, &update, 1);
    CHECK_INT(kit_link(&kit, others, "a").agreed_seq, 2);
    CHECK_INT(kit_link(&kit, kit.groups, "a").agreed_seq, 1);
    kit_close(&kit);
}

void contract_commit_in_order(const struct store_type *type, const char *folder) {
    struct kit kit;
    kit_open(&kit, type, folder);
    enum { COUNT = 20 };
    struct effect effects[COUNT];
    const struct value group[GROUP_FIELDS] = {kit_text("A"), value_null()};
    const struct value reading[READING_FIELDS] = {[READING_AT] = value_integer(1)};
    char externals[COUNT][8];
    for (int i = 0; i < COUNT; i++) {
        bool is_group = i % 3 == 0;
        snprintf(externals[i], sizeof externals[i], "%d", i);
        effects[i] = kit_create(&kit, is_group ? kit.group : kit.reading, is_group ? kit.groups : kit.readings,
                                externals[i], is_group ? group : reading, "form");
    }
    kit_commit_effects(&kit, effects, COUNT);
    int64_t last = 0;
    for (int i = 0; i < COUNT; i++) {
        struct home_row row = kit_record(&kit, effects[i].datatype, effects[i].id);
        CHECK(row.seq > last);
        CHECK_INT(kit_link(&kit, effects[i].links, externals[i]).agreed_seq, row.seq);
        last = row.seq;
    }
    CHECK_INT(kit_seq(&kit), last);
    struct effect agree = kit_change(&effects[0], EFFECT_AGREE, 1, NULL, "form 2");
    kit_commit_effects(&kit, &agree, 1);
    CHECK_INT(kit_seq(&kit), last);
    kit_add_group(&kit, "z", "Z", "form");
    CHECK(kit_seq(&kit) > last);
    kit_close(&kit);
}

void contract_commit_empty_page(const struct store_type *type, const char *folder) {
    struct kit kit;
    kit_open(&kit, type, folder);
    struct page page = kit_page(&kit);
    kit_commit(&kit, &page);
    CHECK_INT(kit_seq(&kit), 0);
    kit_close(&kit);
}

void contract_commit_many_at_once(const struct store_type *type, const char *folder) {
    struct kit kit;
    kit_open(&kit, type, folder);
    enum { COUNT = 2500 };
    static struct effect effects[COUNT];
    static struct value fields[COUNT][READING_FIELDS];
    static char externals[COUNT][16];
    int64_t first = kit_reserve(&kit, COUNT);
    for (int64_t i = 0; i < COUNT; i++) {
        snprintf(externals[i], sizeof externals[i], "%lld", (long long)i);
        fields[i][READING_AT] = value_integer(i);
        effects[i] = (struct effect){
            .kind = EFFECT_CREATE,
            .datatype = kit.reading,
            .id = first + i,
            .fields = fields[i],
            .links = kit.readings,
            .external = text_of(externals[i]),
            .seen = kit_print(externals[i]),
            .adds_link = true,
        };
    }
    kit_commit_effects(&kit, effects, COUNT);
    for (int64_t i = 0; i < COUNT; i += 7) {
        struct link link = kit_link(&kit, kit.readings, externals[i]);
        CHECK_INT(link.home, first + i);
        CHECK(print_same(link.seen, kit_print(externals[i])));
        CHECK_INT(kit_record(&kit, kit.reading, link.home).fields[READING_AT].as.integer, i);
    }
    kit_close(&kit);
}

// --- stale pages ---

// A page that is stale because of one effect, with something of every other kind in it that must not get in.
static void check_stale(struct kit *kit, struct effect stale) {
    const struct value fields[GROUP_FIELDS] = {kit_text("new"), value_null()};
    struct effect effects[] = {kit_create(kit, kit->group, kit->groups, "new", fields, "form"), stale,
                               kit_create(kit, kit->group, kit->groups, "newer", fields, "form")};
    const struct pending_row pending = {
        .awaits_datasource = TEXT_LITERAL("wells"),
        .awaits_type = TEXT_LITERAL("group"),
        .awaits_external = TEXT_LITERAL("later"),
        .datatype = TEXT_LITERAL("reading"),
        .datasource = TEXT_LITERAL("wells"),
        .external = TEXT_LITERAL("r"),
    };
    const struct dead_row dead = {.flow = TEXT_LITERAL("acme/pull"),
                                  .type = TEXT_LITERAL("group"),
                                  .external = TEXT_LITERAL("x"),
                                  .code = TEXT_LITERAL("W4001"),
                                  .payload = kit_text("x")};
    const struct conflict_row conflict = {
        .kind = TEXT_LITERAL("edit"), .datatype = TEXT_LITERAL("group"), .payload = kit_text("x")};
    const struct log_row log = {1, LOG_INFO, TEXT_LITERAL("line")};
    const struct checkpoint checkpoint = {.run = kit->run, .position = TEXT_LITERAL("99")};
    int64_t seq = kit_seq(kit);
    struct page page = kit_effects(kit, effects, 3);
    page.pendings = &pending;
    page.deads = &dead;
    page.conflicts = &conflict;
    page.logs = &log;
    page.pending_count = page.dead_count = page.conflict_count = page.log_count = 1;
    page.checkpoint = &checkpoint;
    kit_stale(kit, &page);

    static struct kit_rows rows;
    struct checkpoint found;
    CHECK_INT(kit_seq(kit), seq);
    CHECK_INT(kit_record(kit, kit->group, effects[0].id).id, 0);
    CHECK_INT(kit_record(kit, kit->group, effects[2].id).id, 0);
    CHECK_INT(kit_link(kit, kit->groups, "new").home, 0);
    CHECK_INT(kit_link(kit, kit->groups, "newer").home, 0);
    CHECK_INT(kit_pending_count(kit, "", ""), 0);
    CHECK(!kit_checkpoint(kit, "acme/pull", &found));
    kit_deads(kit, kit_scan(""), &rows);
    CHECK_INT(rows.count, 0);
    kit_conflicts(kit, kit_scan(""), &rows);
    CHECK_INT(rows.count, 0);
    kit_logs(kit, kit_scan(""), &rows);
    CHECK_INT(rows.count, 0);
}

void contract_stale_changed_record(const struct store_type *type, const char *folder) {
    struct kit kit;
    kit_open(&kit, type, folder);
    struct effect made = kit_add_group(&kit, "a", "A", "form 1");
    const struct value fields[GROUP_FIELDS] = {kit_text("B"), value_null()};
    struct effect edit = kit_change(&made, EFFECT_UPDATE, 1, fields, "");
    edit.links = NULL;
    kit_commit_effects(&kit, &edit, 1);
    kit_run(&kit);
    check_stale(&kit, kit_change(&made, EFFECT_UPDATE, 1, fields, "form 2"));
    check_stale(&kit, kit_change(&made, EFFECT_DELETE, 1, NULL, "form 2"));
    check_stale(&kit, kit_change(&made, EFFECT_AGREE, 1, NULL, "form 2"));
    CHECK(print_same(kit_link(&kit, kit.groups, "a").seen, kit_print("form 1")));
    CHECK_INT(kit_record(&kit, kit.group, made.id).seq, 2);
    kit_close(&kit);
}

void contract_stale_vanished_record(const struct store_type *type, const char *folder) {
    struct kit kit;
    kit_open(&kit, type, folder);
    struct effect made = kit_add_group(&kit, "a", "A", "form 1");
    struct effect gone = kit_change(&made, EFFECT_DELETE, 1, NULL, "");
    gone.links = NULL;
    kit_commit_effects(&kit, &gone, 1);
    kit_run(&kit);
    const struct value fields[GROUP_FIELDS] = {kit_text("B"), value_null()};
    check_stale(&kit, kit_change(&made, EFFECT_UPDATE, 1, fields, "form 2"));
    check_stale(&kit, kit_change(&made, EFFECT_DELETE, 1, NULL, "form 2"));
    check_stale(&kit, kit_change(&made, EFFECT_AGREE, 1, NULL, "form 2"));
    CHECK_INT(kit_record(&kit, kit.group, made.id).id, 0);
    kit_close(&kit);
}

void contract_stale_record_back_already(const struct store_type *type, const char *folder) {
    struct kit kit;
    kit_open(&kit, type, folder);
    struct effect made = kit_add_group(&kit, "a", "A", "form 1");
    kit_run(&kit);
    const struct value fields[GROUP_FIELDS] = {kit_text("B"), value_null()};
    check_stale(&kit, kit_change(&made, EFFECT_CREATE, 0, fields, "form 2"));
    CHECK_TEXT(value_slice(&kit_record(&kit, kit.group, made.id).fields[GROUP_CODE]), "A");
    kit_close(&kit);
}

void contract_stale_repeated_link(const struct store_type *type, const char *folder) {
    struct kit kit;
    kit_open(&kit, type, folder);
    struct effect made = kit_add_group(&kit, "a", "A", "form 1");
    kit_run(&kit);
    const struct value fields[GROUP_FIELDS] = {kit_text("B"), value_null()};
    check_stale(&kit, kit_create(&kit, kit.group, kit.groups, "a", fields, "form 2"));
    CHECK_INT(kit_link(&kit, kit.groups, "a").home, made.id);
    kit_close(&kit);
}

void contract_stale_missing_link(const struct store_type *type, const char *folder) {
    struct kit kit;
    kit_open(&kit, type, folder);
    struct effect made = kit_add_group(&kit, "a", "A", "form 1");
    struct effect other = kit_add_group(&kit, "b", "B", "form 1");
    kit_run(&kit);
    const struct value fields[GROUP_FIELDS] = {kit_text("C"), value_null()};
    struct effect change = kit_change(&made, EFFECT_UPDATE, 1, fields, "form 2");
    change.external = TEXT_LITERAL("c");
    check_stale(&kit, change);
    change.external = TEXT_LITERAL("b"); // another record's
    check_stale(&kit, change);
    CHECK_INT(kit_link(&kit, kit.groups, "b").home, other.id);
    CHECK_TEXT(value_slice(&kit_record(&kit, kit.group, made.id).fields[GROUP_CODE]), "A");
    kit_close(&kit);
}

void contract_stale_taken_key(const struct store_type *type, const char *folder) {
    struct kit kit;
    kit_open(&kit, type, folder);
    kit_add_group(&kit, "a", "A", "1");
    int64_t seen_seq = kit_seq(&kit);
    kit_add_group(&kit, "b", "B", "1");
    const struct value fields[GROUP_FIELDS] = {kit_text("B"), value_null()};
    struct effect made[] = {kit_create(&kit, kit.group, NULL, "", fields, ""),
                            kit_create(&kit, kit.group, kit.groups, "c", fields, "1")};
    for (size_t i = 0; i < 2; i++) {
        struct page page = kit_effects(&kit, &made[i], 1);
        page.seen_seq = seen_seq;
        kit_stale(&kit, &page); // somebody made a B since
        CHECK_INT(kit_record(&kit, kit.group, made[i].id).id, 0);
    }
    struct page page = kit_effects(&kit, made, 1);
    page.seen_seq = kit_seq(&kit); // decided with B in sight
    kit_commit(&kit, &page);

    // Two of one page were decided together: a record that is brought back has the key that another one took.
    const struct value twice[GROUP_FIELDS] = {kit_text("D"), value_null()};
    struct effect pair[] = {kit_create(&kit, kit.group, kit.groups, "d", twice, "1"),
                            kit_create(&kit, kit.group, kit.groups, "e", twice, "1"),
                            kit_create(&kit, kit.group, NULL, "", twice, "")};
    page = kit_effects(&kit, pair, 3);
    page.seen_seq = kit_seq(&kit);
    kit_commit(&kit, &page);

    // Without seen_seq nothing is looked for, nor in a bulk linkset.
    struct linkset *bulk = kit_linkset(&kit, "ponds", kit.group, true);
    struct effect more[] = {kit_create(&kit, kit.group, NULL, "", fields, ""),
                            kit_create(&kit, kit.group, bulk, "c", fields, "1")};
    kit_commit_effects(&kit, &more[0], 1);
    page = kit_effects(&kit, &more[1], 1);
    page.seen_seq = seen_seq;
    kit_commit(&kit, &page);
    kit_close(&kit);
}

void contract_stale_settled_bulk(const struct store_type *type, const char *folder) {
    struct kit kit;
    kit_open(&kit, type, folder);
    kit_run(&kit);
    struct linkset *bulk = kit_linkset(&kit, "ponds", kit.group, true);
    CHECK(bulk->bulk);
    struct kit other = kit;
    other.store = kit_another(&kit);
    struct linkset *same = kit_linkset(&other, "ponds", kit.group, true);
    int64_t repeats;
    int64_t conflicts;
    CHECK_OK(store_settle(other.store, same, &kit.lease, kit.run, 1, &repeats, &conflicts, &kit.error), &kit.error);
    store_close(other.store);
    const struct value fields[GROUP_FIELDS] = {kit_text("C"), value_null()};
    check_stale(&kit, kit_create(&kit, kit.group, bulk, "a", fields, "form 1"));
    CHECK(!bulk->bulk); // whoever holds it is told
    bulk = kit_linkset(&kit, "ponds", kit.group, false);
    CHECK(!bulk->bulk);
    struct effect made = kit_create(&kit, kit.group, bulk, "a", fields, "form 1");
    kit_commit_effects(&kit, &made, 1);
    CHECK_INT(kit_link(&kit, bulk, "a").home, made.id);
    kit_close(&kit);
}
