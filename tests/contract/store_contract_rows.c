#include "contract/store_contract_kit.h"

// What a page says beside its effects: dead letters, conflicts, logs.

// --- dead letters ---

static struct dead_row dead(const char *external, const char *payload) {
    return (struct dead_row){
        .flow = TEXT_LITERAL("acme/pull"),
        .datasource = TEXT_LITERAL("wells"),
        .type = TEXT_LITERAL("reading"),
        .external = text_of(external),
        .print = kit_print(payload),
        .code = TEXT_LITERAL("W4001"),
        .reason = TEXT_LITERAL("'x' is no number for field value"),
        .place = TEXT_LITERAL("a.csv line 7"),
        .payload = kit_text(payload),
        .attempts = 1,
        .at_us = 100,
        .run = 3,
    };
}

static void put_dead(struct kit *kit, const struct dead_row *row) {
    struct page page = kit_page(kit);
    page.deads = row;
    page.dead_count = 1;
    kit_commit(kit, &page);
}

void contract_dead_kept(const struct store_type *type, const char *folder) {
    struct kit kit;
    kit_open(&kit, type, folder);
    struct value values[] = {kit_text("x"), value_integer(INT64_MAX), kit_decimal("1.0"), value_null()};
    const struct text names[] = {TEXT_LITERAL("value"), TEXT_LITERAL("it's a \"näme\""), TEXT_LITERAL("z"),
                                 TEXT_LITERAL("a")};
    const struct shape shape = {4, names};
    const struct object object = {&shape, values};
    struct dead_row row = dead("r", "x");
    row.payload = value_object(&object);
    put_dead(&kit, &row);
    kit_reopen(&kit);
    struct kit_rows rows;
    kit_deads(&kit, kit_scan(""), &rows);
    CHECK_INT(rows.count, 1);
    const struct dead_row *got = &rows.as.deads[0];
    CHECK(got->id > 0);
    CHECK_TEXT(got->flow, "acme/pull");
    CHECK_TEXT(got->datasource, "wells");
    CHECK_TEXT(got->type, "reading");
    CHECK_TEXT(got->external, "r");
    CHECK(print_same(got->print, row.print));
    CHECK_TEXT(got->code, "W4001");
    CHECK(text_same(got->reason, row.reason));
    CHECK_TEXT(got->place, "a.csv line 7");
    CHECK(value_same(&got->payload, &row.payload));
    CHECK_TEXT(value_slice(object_find(got->payload.as.object, names[2])), "1.0");
    CHECK_INT(got->attempts, 1);
    CHECK_INT(got->at_us, 100);
    CHECK_INT(got->run, 3);
    kit_close(&kit);
}

void contract_dead_bytes_exact(const struct store_type *type, const char *folder) {
    struct kit kit;
    kit_open(&kit, type, folder);
    static const char bytes[] = "caf\xe9,\"1\0 2\xff\xfe\n\r";
    struct dead_row row = dead("#00ff", "x");
    row.payload = value_text((struct text){bytes, sizeof bytes - 1});
    put_dead(&kit, &row);
    kit_reopen(&kit);
    struct kit_rows rows;
    kit_deads(&kit, kit_scan(""), &rows);
    CHECK_INT(rows.count, 1);
    CHECK_INT(rows.as.deads[0].payload.kind, VALUE_TEXT);
    CHECK(value_same(&rows.as.deads[0].payload, &row.payload));
    row = dead("#0100", "x");
    row.payload = kit_text("{\"looks\":\"like an object\"}");
    put_dead(&kit, &row);
    kit_deads(&kit, kit_scan(""), &rows);
    CHECK_INT(rows.as.deads[1].payload.kind, VALUE_TEXT);
    CHECK(value_same(&rows.as.deads[1].payload, &row.payload));
    kit_close(&kit);
}

void contract_dead_same_changes_nothing(const struct store_type *type, const char *folder) {
    struct kit kit;
    kit_open(&kit, type, folder);
    struct dead_row row = dead("r", "x");
    put_dead(&kit, &row);
    struct kit_rows rows;
    kit_deads(&kit, kit_scan(""), &rows);
    int64_t id = rows.as.deads[0].id;
    row.at_us = 200;
    row.run = 4;
    row.reason = TEXT_LITERAL("said otherwise");
    put_dead(&kit, &row);
    kit_deads(&kit, kit_scan(""), &rows);
    CHECK_INT(rows.count, 1);
    CHECK_INT(rows.as.deads[0].id, id);
    CHECK_INT(rows.as.deads[0].at_us, 100);
    CHECK_INT(rows.as.deads[0].run, 3);
    CHECK(text_same(rows.as.deads[0].reason, dead("r", "x").reason));
    row.attempts = 2; // a retry that failed again says something new
    put_dead(&kit, &row);
    kit_deads(&kit, kit_scan(""), &rows);
    CHECK_INT(rows.count, 1);
    CHECK_INT(rows.as.deads[0].attempts, 2);
    CHECK_INT(rows.as.deads[0].at_us, 200);
    kit_close(&kit);
}

void contract_dead_replaced(const struct store_type *type, const char *folder) {
    struct kit kit;
    kit_open(&kit, type, folder);
    struct dead_row row = dead("r", "x");
    put_dead(&kit, &row);
    row = dead("r", "y"); // another payload
    row.attempts = 2;
    put_dead(&kit, &row);
    struct kit_rows rows;
    kit_deads(&kit, kit_scan(""), &rows);
    CHECK_INT(rows.count, 1);
    CHECK(print_same(rows.as.deads[0].print, kit_print("y")));
    CHECK_TEXT(value_slice(&rows.as.deads[0].payload), "y");
    CHECK_INT(rows.as.deads[0].attempts, 2);
    row.code = TEXT_LITERAL("W4002"); // the same payload, another reason
    put_dead(&kit, &row);
    kit_deads(&kit, kit_scan(""), &rows);
    CHECK_INT(rows.count, 1);
    CHECK_TEXT(rows.as.deads[0].code, "W4002");
    row.flow = TEXT_LITERAL("acme/other");
    put_dead(&kit, &row);
    row.type = TEXT_LITERAL("group");
    put_dead(&kit, &row);
    row.external = TEXT_LITERAL("R");
    put_dead(&kit, &row);
    kit_deads(&kit, kit_scan(""), &rows);
    CHECK_INT(rows.count, 4);
    kit_close(&kit);
}

void contract_dead_done(const struct store_type *type, const char *folder) {
    struct kit kit;
    kit_open(&kit, type, folder);
    static const char *const externals[] = {"1", "2", "3"};
    for (size_t i = 0; i < 3; i++) {
        const struct dead_row row = dead(externals[i], "x");
        put_dead(&kit, &row);
    }
    struct kit_rows rows;
    kit_deads(&kit, kit_scan(""), &rows);
    const int64_t done[] = {rows.as.deads[0].id, rows.as.deads[1].id};
    struct page page = kit_page(&kit);
    page.deads_done = done;
    page.dead_done_count = 2;
    kit_commit(&kit, &page);
    kit_deads(&kit, kit_scan(""), &rows);
    CHECK_INT(rows.count, 1);
    CHECK_TEXT(rows.as.deads[0].external, "3");
    kit_close(&kit);
}

void contract_dead_done_and_put_stays(const struct store_type *type, const char *folder) {
    struct kit kit;
    kit_open(&kit, type, folder);
    const struct dead_row row = dead("r", "x");
    put_dead(&kit, &row);
    struct kit_rows rows;
    kit_deads(&kit, kit_scan(""), &rows);
    struct page page = kit_page(&kit);
    page.deads = &row;
    page.deads_done = &rows.as.deads[0].id;
    page.dead_count = page.dead_done_count = 1;
    kit_commit(&kit, &page);
    kit_deads(&kit, kit_scan(""), &rows);
    CHECK_INT(rows.count, 1);
    kit_commit(&kit, &page); // an id that is not there any more is done already
    kit_close(&kit);
}

void contract_dead_scanned(const struct store_type *type, const char *folder) {
    struct kit kit;
    kit_open(&kit, type, folder);
    struct dead_row rows[] = {dead("1", "x"), dead("2", "x"), dead("3", "x"), dead("4", "x")};
    rows[1].type = TEXT_LITERAL("group");
    rows[2].flow = TEXT_LITERAL("acme/pull_more");
    for (size_t i = 0; i < 4; i++) {
        put_dead(&kit, &rows[i]);
    }
    struct kit_rows got;
    kit_deads(&kit, kit_scan("acme/pull"), &got);
    CHECK_INT(got.count, 3);
    kit_deads(&kit, kit_scan("acme/pull:reading"), &got);
    CHECK_INT(got.count, 2);
    CHECK_TEXT(got.as.deads[0].external, "1");
    CHECK_TEXT(got.as.deads[1].external, "4");
    kit_deads(&kit, kit_scan("acme/pull:nothing"), &got);
    CHECK_INT(got.count, 0);
    kit_deads(&kit, (struct scan){.filter = TEXT_LITERAL("acme/pull"), .newest_first = true, .limit = 2}, &got);
    CHECK_INT(got.count, 2);
    CHECK_TEXT(got.as.deads[0].external, "4");
    CHECK_TEXT(got.as.deads[1].external, "2");
    int64_t after = got.as.deads[1].id;
    kit_deads(&kit, (struct scan){.after = after}, &got);
    CHECK_INT(got.count, 2);
    CHECK_TEXT(got.as.deads[0].external, "3");
    kit_close(&kit);
}

// --- conflicts ---

static struct conflict_row conflict(const char *kind, const char *form) {
    return (struct conflict_row){
        .kind = text_of(kind),
        .datasource = TEXT_LITERAL("wells"),
        .datatype = TEXT_LITERAL("group"),
        .external = TEXT_LITERAL("a"),
        .home = 5,
        .print = kit_print(form),
        .payload = kit_text(form),
        .place = TEXT_LITERAL("a.csv line 9"),
        .met_run = 7,
        .at_us = 100,
        .run = 6,
    };
}

static void put_conflict(struct kit *kit, const struct conflict_row *row) {
    struct page page = kit_page(kit);
    page.conflicts = row;
    page.conflict_count = 1;
    kit_commit(kit, &page);
}

void contract_conflict_kept(const struct store_type *type, const char *folder) {
    struct kit kit;
    kit_open(&kit, type, folder);
    struct value values[] = {kit_decimal("12.50")};
    const struct text names[] = {TEXT_LITERAL("value")};
    const struct shape shape = {1, names};
    const struct object object = {&shape, values};
    struct conflict_row row = conflict("repeat", "x");
    row.payload = value_object(&object);
    put_conflict(&kit, &row);
    kit_reopen(&kit);
    struct kit_rows rows;
    kit_conflicts(&kit, kit_scan(""), &rows);
    CHECK_INT(rows.count, 1);
    const struct conflict_row *got = &rows.as.conflicts[0];
    CHECK(got->id > 0);
    CHECK_TEXT(got->kind, "repeat");
    CHECK_TEXT(got->datasource, "wells");
    CHECK_TEXT(got->datatype, "group");
    CHECK_TEXT(got->external, "a");
    CHECK_INT(got->home, 5);
    CHECK(print_same(got->print, kit_print("x")));
    CHECK(value_same(&got->payload, &row.payload));
    CHECK_TEXT(got->place, "a.csv line 9");
    CHECK_INT(got->met_run, 7);
    CHECK_INT(got->at_us, 100);
    CHECK_INT(got->run, 6);
    kit_close(&kit);
}

void contract_conflict_repeat_once(const struct store_type *type, const char *folder) {
    struct kit kit;
    kit_open(&kit, type, folder);
    struct conflict_row row = conflict("repeat", "x");
    put_conflict(&kit, &row);
    row.met_run = 0;
    row.run = 9;
    put_conflict(&kit, &row);
    struct kit_rows rows;
    kit_conflicts(&kit, kit_scan(""), &rows);
    CHECK_INT(rows.count, 1);
    CHECK_INT(rows.as.conflicts[0].met_run, 0);
    CHECK_INT(rows.as.conflicts[0].run, 6);
    row = conflict("repeat", "y");
    put_conflict(&kit, &row);
    row.datasource = TEXT_LITERAL("ponds");
    put_conflict(&kit, &row);
    row.datatype = TEXT_LITERAL("reading");
    put_conflict(&kit, &row);
    row.external = TEXT_LITERAL("b");
    put_conflict(&kit, &row);
    kit_conflicts(&kit, kit_scan(""), &rows);
    CHECK_INT(rows.count, 5);
    kit_close(&kit);
}

void contract_conflict_edits_added(const struct store_type *type, const char *folder) {
    struct kit kit;
    kit_open(&kit, type, folder);
    const struct conflict_row row = conflict("edit", "x");
    put_conflict(&kit, &row);
    put_conflict(&kit, &row);
    const struct conflict_row repeat = conflict("repeat", "x");
    put_conflict(&kit, &repeat);
    struct kit_rows rows;
    kit_conflicts(&kit, kit_scan(""), &rows);
    CHECK_INT(rows.count, 3);
    CHECK_TEXT(rows.as.conflicts[1].kind, "edit");
    CHECK_TEXT(rows.as.conflicts[2].kind, "repeat");
    kit_close(&kit);
}

void contract_conflict_done(const struct store_type *type, const char *folder) {
    struct kit kit;
    kit_open(&kit, type, folder);
    struct conflict_row row = conflict("edit", "x");
    put_conflict(&kit, &row);
    row = conflict("repeat", "x");
    put_conflict(&kit, &row);
    row.datatype = TEXT_LITERAL("reading");
    put_conflict(&kit, &row);
    struct kit_rows rows;
    kit_conflicts(&kit, kit_scan("group"), &rows);
    CHECK_INT(rows.count, 2);
    struct page page = kit_page(&kit);
    page.conflicts_done = &rows.as.conflicts[1].id;
    page.conflict_done_count = 1;
    kit_commit(&kit, &page);
    kit_conflicts(&kit, kit_scan(""), &rows);
    CHECK_INT(rows.count, 2);
    CHECK_TEXT(rows.as.conflicts[0].kind, "edit");
    CHECK_TEXT(rows.as.conflicts[1].datatype, "reading");
    kit_close(&kit);
}

// --- logs and audit ---

void contract_logs_kept_in_order(const struct store_type *type, const char *folder) {
    struct kit kit;
    kit_open(&kit, type, folder);
    kit_run(&kit);
    const struct log_row logs[] = {
        {30, LOG_DEBUG, TEXT_LITERAL("first")},
        {10, LOG_ERROR, TEXT_LITERAL("second; \"quoted\", ünicode")},
        {20, LOG_WARNING, TEXT_LITERAL("")},
    };
    struct page page = kit_page(&kit);
    page.logs = logs;
    page.log_count = 2;
    kit_commit(&kit, &page);
    page.logs = &logs[2];
    page.log_count = 1;
    kit_commit(&kit, &page);
    kit_reopen(&kit);
    kit_run(&kit);
    page = kit_page(&kit);
    page.logs = logs;
    page.log_count = 1;
    kit_commit(&kit, &page);
    struct kit_rows rows;
    kit_logs(&kit, kit_scan("1"), &rows);
    CHECK_INT(rows.count, 3);
    for (size_t i = 0; i < 3; i++) {
        CHECK_INT(rows.as.logs[i].at_us, logs[i].at_us);
        CHECK_INT(rows.as.logs[i].level, logs[i].level);
        CHECK(text_same(rows.as.logs[i].text, logs[i].text));
    }
    kit_logs(&kit, kit_scan("2"), &rows);
    CHECK_INT(rows.count, 1);
    kit_logs(&kit, kit_scan("12"), &rows);
    CHECK_INT(rows.count, 0);
    kit_logs(&kit, kit_scan(""), &rows);
    CHECK_INT(rows.count, 4);
    kit_logs(&kit, (struct scan){.filter = TEXT_LITERAL("1"), .limit = 1, .newest_first = true}, &rows);
    CHECK_INT(rows.count, 1);
    CHECK_TEXT(rows.as.logs[0].text, "");
    kit_close(&kit);
}

void contract_audit_line_taken(const struct store_type *type, const char *folder) {
    struct kit kit;
    kit_open(&kit, type, folder);
    const struct value fields[GROUP_FIELDS] = {kit_text("A"), value_null()};
    struct effect made = kit_create(&kit, kit.group, NULL, "", fields, "");
    struct page page = kit_effects(&kit, &made, 1);
    page.audit = "put group 1: it's \"done\"";
    kit_commit(&kit, &page);
    CHECK_INT(kit_record(&kit, kit.group, made.id).id, made.id);
    kit_close(&kit);
}

void contract_dead_of_each_direction(const struct store_type *type, const char *folder) {
    struct kit kit;
    kit_open(&kit, type, folder);
    struct dead_row put[3] = {
        {.flow = TEXT_LITERAL("acme/a"), .type = TEXT_LITERAL("group"), .external = TEXT_LITERAL("7")},
        {.flow = TEXT_LITERAL("acme/a"), .type = TEXT_LITERAL("group"), .external = TEXT_LITERAL("7")},
        {.flow = TEXT_LITERAL("acme/a"), .type = TEXT_LITERAL("group"), .external = TEXT_LITERAL("7")},
    };
    for (size_t i = 0; i < 3; i++) {
        put[i].payload = kit_text("raw");
        put[i].code = TEXT_LITERAL("W4001");
    }
    put[1].direction = TEXT_LITERAL("push");
    put[2].direction = TEXT_LITERAL("pull");
    put[2].attempts = 2;
    struct page page = kit_page(&kit);
    page.deads = put;
    page.dead_count = 3;
    kit_commit(&kit, &page);
    struct kit_rows rows;
    kit_deads(&kit, kit_scan("acme/a:group"), &rows);
    CHECK_INT(rows.count, 2);
    CHECK_TEXT(rows.as.deads[0].direction, "pull");
    CHECK_INT(rows.as.deads[0].attempts, 2);
    CHECK_TEXT(rows.as.deads[1].direction, "push");
    page.dead_count = 0;
    page.deads_done = &rows.as.deads[0].id;
    page.dead_done_count = 1;
    kit_commit(&kit, &page);
    kit_deads(&kit, kit_scan(""), &rows);
    CHECK_INT(rows.count, 1);
    CHECK_TEXT(rows.as.deads[0].direction, "push");
    kit_close(&kit);
}
