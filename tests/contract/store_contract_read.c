#include <pthread.h>

#include "contract/store_contract_kit.h"

// The reading side: snapshots, single answers and scans.

static void snapshot(struct kit *kit) {
    CHECK_OK(kit->type->snapshot(kit->store, &kit->error), &kit->error);
}

void contract_snapshot_stands_still(const struct store_type *type, const char *folder) {
    struct kit kit;
    kit_open(&kit, type, folder);
    kit_run(&kit);
    struct effect old = kit_add_group(&kit, "a", "A", "1");
    struct effect gone = kit_add_group(&kit, "b", "B", "1");
    snapshot(&kit);

    const struct value fields[GROUP_FIELDS] = {kit_text("A2"), value_null()};
    struct effect effects[] = {kit_change(&old, EFFECT_UPDATE, 1, fields, "2"),
                               kit_change(&gone, EFFECT_DELETE, 2, NULL, ""),
                               kit_create(&kit, kit.group, kit.groups, "c", fields, "1")};
    effects[1].links = NULL;
    const struct pending_row pending = {.awaits_datasource = TEXT_LITERAL("wells"),
                                        .awaits_type = TEXT_LITERAL("group"),
                                        .awaits_external = TEXT_LITERAL("z"),
                                        .datatype = TEXT_LITERAL("reading"),
                                        .datasource = TEXT_LITERAL("wells"),
                                        .external = TEXT_LITERAL("r")};
    const struct dead_row dead = {.flow = TEXT_LITERAL("f"), .payload = kit_text("x")};
    const struct checkpoint checkpoint = {.position = TEXT_LITERAL("10")};
    const struct log_row log = {1, LOG_INFO, TEXT_LITERAL("line")};
    struct page page = kit_effects(&kit, effects, 3);
    page.pendings = &pending;
    page.deads = &dead;
    page.logs = &log;
    page.pending_count = page.dead_count = page.log_count = 1;
    page.checkpoint = &checkpoint;
    kit_commit(&kit, &page);

    struct kit_rows rows;
    struct checkpoint found;
    for (int round = 0; round < 2; round++) {
        bool now = round == 1;
        CHECK_INT(kit_seq(&kit), now ? 5 : 2);
        CHECK_TEXT(value_slice(&kit_record(&kit, kit.group, old.id).fields[GROUP_CODE]), now ? "A2" : "A");
        CHECK_INT(kit_record(&kit, kit.group, gone.id).id, now ? 0 : gone.id);
        CHECK_INT(kit_record(&kit, kit.group, effects[2].id).id, now ? effects[2].id : 0);
        CHECK(print_same(kit_link(&kit, kit.groups, "a").seen, kit_print(now ? "2" : "1")));
        CHECK_INT(kit_link(&kit, kit.groups, "c").home, now ? effects[2].id : 0);
        CHECK_INT(kit_pending_count(&kit, "", ""), now);
        CHECK(kit_checkpoint(&kit, "acme/pull", &found) == now);
        kit_deads(&kit, kit_scan(""), &rows);
        CHECK_INT(rows.count, now);
        kit_logs(&kit, kit_scan(""), &rows);
        CHECK_INT(rows.count, now);
        kit_records(&kit, kit.group, kit_scan(""), &rows);
        CHECK_INT(rows.count, 2);
        CHECK_INT(rows.as.records[1].id, now ? effects[2].id : gone.id);
        int64_t ids[2];
        size_t count;
        const struct value key = kit_text("B");
        CHECK_OK(type->key_find(kit.store, kit.group, &key, ids, &count, &kit.error), &kit.error);
        CHECK_INT(count, !now);
        if (!now) {
            type->snapshot_end(kit.store);
            snapshot(&kit);
        }
    }
    type->snapshot_end(kit.store);
    kit_close(&kit);
}

void contract_snapshot_ends(const struct store_type *type, const char *folder) {
    struct kit kit;
    kit_open(&kit, type, folder);
    snapshot(&kit);
    kit_add_group(&kit, "a", "A", "1");
    CHECK_INT(kit_seq(&kit), 0);
    type->snapshot_end(kit.store);
    CHECK_INT(kit_seq(&kit), 1);
    kit_add_group(&kit, "b", "B", "1");
    CHECK_INT(kit_seq(&kit), 2);
    CHECK(kit_link(&kit, kit.groups, "b").home != 0);
    kit_close(&kit);
}

void contract_snapshot_of_other_store(const struct store_type *type, const char *folder) {
    struct kit kit;
    kit_open(&kit, type, folder);
    struct kit other = kit;
    other.store = kit_another(&kit);
    other.groups = kit_linkset(&other, "wells", kit.group, false);
    snapshot(&other);
    struct effect made = kit_add_group(&kit, "a", "A", "1");
    CHECK_INT(kit_link(&kit, kit.groups, "a").home, made.id);
    CHECK_INT(kit_link(&other, other.groups, "a").home, 0);
    type->snapshot_end(other.store);
    CHECK_INT(kit_link(&other, other.groups, "a").home, made.id);
    store_close(other.store);
    kit_close(&kit);
}

// --- links ---

enum { LINKS = 40 };

static void find_links(struct kit *kit, const int64_t *ids, const int *order, size_t count) {
    char names[LINKS][16];
    struct text externals[LINKS] = {{0}};
    struct link found[LINKS];
    for (size_t i = 0; i < count; i++) {
        snprintf(names[i], sizeof names[i], order[i] < 0 ? "none %d" : "%d", order[i]);
        externals[i] = text_of(names[i]);
    }
    CHECK_OK(kit->type->link_find(kit->store, kit->groups, externals, count, found, &kit->error), &kit->error);
    for (size_t i = 0; i < count; i++) {
        CHECK_INT(found[i].home, order[i] < 0 ? 0 : ids[order[i]]);
        if (order[i] >= 0) {
            CHECK(print_same(found[i].seen, kit_print(names[i])));
            CHECK_INT(found[i].agreed_seq, order[i] + 1);
        }
    }
}

void contract_link_find_any_order(const struct store_type *type, const char *folder) {
    struct kit kit;
    kit_open(&kit, type, folder);
    int64_t ids[LINKS];
    char name[16];
    for (int i = 0; i < LINKS; i++) {
        snprintf(name, sizeof name, "%d", i);
        ids[i] = kit_add_group(&kit, name, name, name).id;
    }
    int order[LINKS];
    snapshot(&kit);
    for (int i = 0; i < LINKS; i++) {
        order[i] = i;
    }
    find_links(&kit, ids, order, LINKS);
    find_links(&kit, ids, order, LINKS); // from the beginning again
    for (int i = 0; i < LINKS; i++) {
        order[i] = i * 17 % LINKS;
    }
    find_links(&kit, ids, order, LINKS);
    for (int i = 0; i < LINKS; i++) {
        order[i] = i % 5 == 2 ? -i : i; // misses on the way
    }
    find_links(&kit, ids, order, LINKS);
    for (int i = 0; i < LINKS; i++) {
        order[i] = LINKS - 1 - i / 2; // backwards, each twice
    }
    find_links(&kit, ids, order, LINKS);
    for (int i = 0; i < LINKS; i++) {
        order[i] = -1 - i;
    }
    find_links(&kit, ids, order, LINKS);
    find_links(&kit, ids, order, 0);
    type->snapshot_end(kit.store);
    kit_close(&kit);
}

void contract_link_of_record(const struct store_type *type, const char *folder) {
    struct kit kit;
    kit_open(&kit, type, folder);
    struct effect made = kit_add_group(&kit, "[\"313603\",\"it's\"]", "A", "1");
    struct linkset *ponds = kit_linkset(&kit, "ponds", kit.group, false);
    struct link link;
    struct text external;
    CHECK_OK(type->link_of(kit.store, kit.groups, made.id, kit.arena, &link, &external, &kit.error), &kit.error);
    CHECK_INT(link.home, made.id);
    CHECK_INT(link.agreed_seq, 1);
    CHECK(print_same(link.seen, kit_print("1")));
    CHECK_TEXT(external, "[\"313603\",\"it's\"]");
    CHECK_OK(type->link_of(kit.store, kit.groups, made.id + 1, kit.arena, &link, &external, &kit.error), &kit.error);
    CHECK_INT(link.home, 0);
    CHECK_OK(type->link_of(kit.store, ponds, made.id, kit.arena, &link, &external, &kit.error), &kit.error);
    CHECK_INT(link.home, 0);
    kit_close(&kit);
}

void contract_link_scanned(const struct store_type *type, const char *folder) {
    struct kit kit;
    kit_open(&kit, type, folder);
    int64_t ids[4];
    static const char *const externals[] = {"z", "m", "a", "q"};
    for (size_t i = 0; i < 4; i++) {
        ids[i] = kit_add_group(&kit, externals[i], externals[i], externals[i]).id;
    }
    struct linkset *wells = kit.groups;
    kit.groups = kit_linkset(&kit, "ponds", kit.group, false);
    kit_add_group(&kit, "p", "P", "p");
    kit.groups = wells;
    kit_add_reading(&kit, "r", 5, "1");

    struct kit_rows rows;
    kit_links(&kit, kit.group, kit_scan(""), &rows);
    CHECK_INT(rows.count, 5);
    kit_links(&kit, kit.group, kit_scan("ponds"), &rows);
    CHECK_INT(rows.count, 1);
    CHECK_TEXT(rows.as.links[0].datasource, "ponds");
    CHECK_TEXT(rows.as.links[0].external, "p");
    kit_links(&kit, kit.group, kit_scan("pond"), &rows);
    CHECK_INT(rows.count, 0);
    kit_links(&kit, kit.group, kit_scan("wells"), &rows);
    CHECK_INT(rows.count, 4);
    for (size_t i = 0; i < 4; i++) {
        CHECK_TEXT(rows.as.links[i].external, externals[i]);
        CHECK_INT(rows.as.links[i].link.home, ids[i]);
        CHECK(print_same(rows.as.links[i].link.seen, kit_print(externals[i])));
        CHECK_INT(rows.as.links[i].link.agreed_seq, i + 1);
    }
    kit_links(&kit, kit.group, (struct scan){TEXT_LITERAL("wells"), ids[1], 1, false}, &rows);
    CHECK_INT(rows.count, 1);
    CHECK_INT(rows.as.links[0].link.home, ids[2]);
    kit_links(&kit, kit.group, (struct scan){TEXT_LITERAL("wells"), 0, 2, true}, &rows);
    CHECK_INT(rows.count, 2);
    CHECK_INT(rows.as.links[0].link.home, ids[3]);
    CHECK_INT(rows.as.links[1].link.home, ids[2]);
    kit_close(&kit);
}

// --- records ---

void contract_record_missing(const struct store_type *type, const char *folder) {
    struct kit kit;
    kit_open(&kit, type, folder);
    CHECK_INT(kit_record(&kit, kit.group, 1).id, 0);
    CHECK_INT(kit_record(&kit, kit.group, INT64_MAX).id, 0);
    CHECK_INT(kit_record(&kit, kit.group, -1).id, 0);
    kit_close(&kit);
}

void contract_record_scanned(const struct store_type *type, const char *folder) {
    struct kit kit;
    kit_open(&kit, type, folder);
    enum { COUNT = 5 };
    int64_t first = kit_reserve(&kit, COUNT);
    const struct value fields[GROUP_FIELDS] = {kit_text("A"), value_null()};
    for (int64_t i = 0; i < COUNT; i++) {
        struct effect made = kit_create(&kit, kit.group, NULL, "", fields, "");
        made.id = first + i * 3 % COUNT; // made in another order than their ids
        kit_commit_effects(&kit, &made, 1);
    }
    kit_add_reading(&kit, "r", 5, "1");
    struct kit_rows rows;
    kit_records(&kit, kit.group, kit_scan(""), &rows);
    CHECK_INT(rows.count, COUNT);
    for (int64_t i = 0; i < COUNT; i++) {
        CHECK_INT(rows.as.records[i].id, first + i);
        CHECK_TEXT(rows.as.records[i].origin, "put");
    }
    CHECK_INT(rows.as.records[3].seq, 2);
    kit_records(&kit, kit.group, (struct scan){.after = first + 1, .limit = 2}, &rows);
    CHECK_INT(rows.count, 2);
    CHECK_INT(rows.as.records[0].id, first + 2);
    CHECK_INT(rows.as.records[1].id, first + 3);
    kit_records(&kit, kit.group, (struct scan){.after = first + COUNT}, &rows);
    CHECK_INT(rows.count, 0);
    kit_records(&kit, kit.group, (struct scan){.newest_first = true, .limit = 2}, &rows);
    CHECK_INT(rows.count, 2);
    CHECK_INT(rows.as.records[0].id, first + 4);
    CHECK_INT(rows.as.records[1].id, first + 3);
    kit_records(&kit, kit.group, (struct scan){.newest_first = true, .after = first + 3}, &rows);
    CHECK_INT(rows.count, 3);
    CHECK_INT(rows.as.records[0].id, first + 2);
    kit_close(&kit);
}

struct stopping {
    int seen;
    bool fails;
};

static bool stop_at_two(void *context, const struct home_row *row, struct error *error) {
    struct stopping *stopping = context;
    (void)row;
    if (++stopping->seen < 2) {
        return true;
    }
    return stopping->fails ? error_set(error, ERROR_LIMIT, "enough") : false;
}

void contract_scan_stops(const struct store_type *type, const char *folder) {
    struct kit kit;
    kit_open(&kit, type, folder);
    for (int i = 0; i < 4; i++) {
        char name[8];
        snprintf(name, sizeof name, "%d", i);
        kit_add_group(&kit, name, name, name);
    }
    struct stopping stopping = {0};
    const struct scan scan = {0};
    error_set(&kit.error, ERROR_LIMIT, "left over from before");
    CHECK(type->record_scan(kit.store, kit.group, &scan, stop_at_two, &stopping, &kit.error));
    CHECK_INT(stopping.seen, 2);
    CHECK_INT(kit.error.code, ERROR_NONE);
    stopping = (struct stopping){.fails = true};
    CHECK(!type->record_scan(kit.store, kit.group, &scan, stop_at_two, &stopping, &kit.error));
    CHECK_INT(stopping.seen, 2);
    CHECK_INT(kit.error.code, ERROR_LIMIT);
    struct kit_rows rows;
    kit_records(&kit, kit.group, scan, &rows); // a stopped scan leaves nothing behind
    CHECK_INT(rows.count, 4);
    kit_close(&kit);
}

// --- natural keys ---

static size_t find_key(struct kit *kit, int64_t group, int64_t at_us, int64_t ids[2]) {
    const struct value key[] = {value_integer(group), value_integer(at_us)};
    size_t count;
    CHECK_OK(kit->type->key_find(kit->store, kit->reading, key, ids, &count, &kit->error), &kit->error);
    return count;
}

void contract_key_found(const struct store_type *type, const char *folder) {
    struct kit kit;
    kit_open(&kit, type, folder);
    struct effect group = kit_add_group(&kit, "g", "G", "1");
    struct value fields[READING_FIELDS] = {[READING_GROUP] = value_integer(group.id), [READING_AT] = value_integer(7)};
    struct effect made[3];
    int64_t ids[2];
    CHECK_INT(find_key(&kit, group.id, 7, ids), 0);
    for (size_t i = 0; i < 3; i++) {
        made[i] = kit_create(&kit, kit.reading, NULL, "", fields, "");
        kit_commit_effects(&kit, &made[i], 1);
        CHECK_INT(find_key(&kit, group.id, 7, ids), i == 0 ? 1 : 2);
        CHECK(i != 0 || ids[0] == made[0].id);
        CHECK(i == 0 || (ids[0] != ids[1] && ids[0] >= made[0].id && ids[1] >= made[0].id));
    }
    CHECK_INT(find_key(&kit, group.id, 8, ids), 0);
    CHECK_INT(find_key(&kit, group.id + 1, 7, ids), 0);

    struct effect gone[2] = {kit_change(&made[0], EFFECT_DELETE, 2, NULL, ""), {0}};
    fields[READING_AT] = value_integer(8);
    gone[1] = kit_change(&made[1], EFFECT_UPDATE, 3, fields, ""); // moves to another key
    kit_commit_effects(&kit, gone, 2);
    CHECK_INT(find_key(&kit, group.id, 7, ids), 1);
    CHECK_INT(ids[0], made[2].id);
    CHECK_INT(find_key(&kit, group.id, 8, ids), 1);
    CHECK_INT(ids[0], made[1].id);
    kit_reopen(&kit);
    CHECK_INT(find_key(&kit, group.id, 8, ids), 1);
    kit_close(&kit);
}

void contract_key_found_by_number(const struct store_type *type, const char *folder) {
    struct kit kit;
    kit_open(&kit, type, folder);
    const struct field fields[] = {{.name = TEXT_LITERAL("level"), .type = FIELD_DECIMAL},
                                   {.name = TEXT_LITERAL("name"), .type = FIELD_TEXT}};
    const uint32_t places[] = {0, 1};
    const struct datatype *level = kit_datatype(&kit, "level", fields, 2, places, 2, false);
    CHECK_OK(store_prepare(kit.store, &level, 1, TEXT_LITERAL(""), &kit.error), &kit.error);
    const struct value values[] = {kit_decimal("12.50"), kit_text("A")};
    struct effect made = kit_create(&kit, level, NULL, "", values, "");
    kit_commit_effects(&kit, &made, 1);
    static const struct {
        const char *number, *name;
        size_t count;
    } cases[] = {{"12.5", "A", 1}, {"1250e-2", "A", 1}, {"12.500", "A", 1}, {"12.51", "A", 0},
                 {"12.5", "a", 0}, {"-12.5", "A", 0},   {"12.5", "A ", 0}};
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        const struct value key[] = {kit_decimal(cases[i].number), kit_text(cases[i].name)};
        int64_t ids[2];
        size_t count;
        CHECK_OK(type->key_find(kit.store, level, key, ids, &count, &kit.error), &kit.error);
        CHECK_INT(count, cases[i].count);
    }
    CHECK_TEXT(value_slice(&kit_record(&kit, level, made.id).fields[0]), "12.50");
    kit_close(&kit);
}

// --- both sides at once ---

enum { WRITES = 200 };

// Every page makes a group and a reading; whoever sees one sees the other.
static void *write_pages(void *context) {
    struct kit *kit = context;
    for (int64_t i = 0; i < WRITES; i++) {
        char name[16];
        snprintf(name, sizeof name, "%lld", (long long)i);
        const struct value group[GROUP_FIELDS] = {kit_text(name), value_null()};
        const struct value reading[READING_FIELDS] = {[READING_AT] = value_integer(i)};
        struct effect effects[] = {kit_create(kit, kit->group, kit->groups, name, group, name),
                                   kit_create(kit, kit->reading, kit->readings, name, reading, name)};
        kit_commit_effects(kit, effects, 2);
    }
    return NULL;
}

void contract_two_threads(const struct store_type *type, const char *folder) {
    struct kit kit;
    kit_open(&kit, type, folder);
    struct kit reader = kit; // its own place for errors
    struct text externals[WRITES];
    char names[WRITES][16];
    struct link groups[WRITES];
    struct link readings[WRITES];
    for (int i = 0; i < WRITES; i++) {
        snprintf(names[i], sizeof names[i], "%d", i);
        externals[i] = text_of(names[i]);
    }
    pthread_t writer;
    CHECK(pthread_create(&writer, NULL, write_pages, &kit) == 0);
    int64_t seen = 0;
    while (seen < WRITES) {
        snapshot(&reader);
        int64_t seq = kit_seq(&reader);
        CHECK_OK(type->link_find(reader.store, reader.groups, externals, WRITES, groups, &reader.error), &reader.error);
        CHECK_OK(type->link_find(reader.store, reader.readings, externals, WRITES, readings, &reader.error),
                 &reader.error);
        int64_t count = 0;
        for (int i = 0; i < WRITES; i++) {
            CHECK((groups[i].home == 0) == (readings[i].home == 0));
            count += groups[i].home != 0;
        }
        CHECK_INT(count * 2, seq);
        CHECK(count >= seen);
        seen = count;
        type->snapshot_end(reader.store);
    }
    CHECK(pthread_join(writer, NULL) == 0);
    kit_close(&kit);
}

struct names {
    char text[200];
    size_t count;
};

static bool keep_name(void *context, struct text datasource, struct error *error) {
    (void)error;
    struct names *names = context;
    size_t length = strlen(names->text);
    snprintf(names->text + length, sizeof names->text - length, "%.*s ", TEXT_ARGS(datasource));
    names->count++;
    return true;
}

void contract_linksets_scanned(const struct store_type *type, const char *folder) {
    struct kit kit;
    struct names names = {.count = 0};
    kit_open(&kit, type, folder);
    kit_linkset(&kit, "ponds", kit.group, false);
    CHECK_OK(type->linkset_scan(kit.store, kit.group, keep_name, &names, &kit.error), &kit.error);
    CHECK_INT(names.count, 2);
    CHECK(strstr(names.text, "wells ") != NULL);
    CHECK(strstr(names.text, "ponds ") != NULL);
    kit_close(&kit);
}

// Whoever reads a datatype from home's memory for one request may find its links by it.
void contract_linkset_outlives_datatype(const struct store_type *type, const char *folder) {
    struct kit kit;
    struct linkset *links;
    struct link link;
    struct text external = TEXT_LITERAL("a");
    kit_open(&kit, type, folder);
    struct effect made = kit_add_group(&kit, "a", "A", "a");
    for (int i = 0; i < 2; i++) {
        struct arena arena;
        const struct datatype *datatype;
        arena_init(&arena, 1024 * 1024);
        CHECK_OK(type->datatype(kit.store, kit.group->name, &arena, &datatype, &kit.error), &kit.error);
        CHECK_OK(store_linkset(kit.store, TEXT_LITERAL("ponds"), datatype, false, &links, &kit.error), &kit.error);
        CHECK_OK(store_linkset(kit.store, TEXT_LITERAL("wells"), datatype, false, &links, &kit.error), &kit.error);
        CHECK(links->datatype == datatype);
        CHECK_OK(type->link_find(kit.store, links, &external, 1, &link, &kit.error), &kit.error);
        CHECK_INT(link.home, made.id);
        arena_clear(&arena);
    }
    kit_close(&kit);
}
