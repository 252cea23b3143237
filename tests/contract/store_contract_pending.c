#include "contract/store_contract_kit.h"

// Records and references that wait.

static struct pending_row held(const char *external, const char *awaits) {
    return (struct pending_row){
        .awaits_datasource = TEXT_LITERAL("wells"),
        .awaits_type = TEXT_LITERAL("group"),
        .awaits_external = text_of(awaits),
        .datatype = TEXT_LITERAL("reading"),
        .datasource = TEXT_LITERAL("wells"),
        .external = text_of(external),
        .seen = kit_print(external),
        .place = TEXT_LITERAL("a.csv line 7"),
    };
}

static struct pending_row waiting(int64_t home, const char *field, const char *awaits) {
    return (struct pending_row){
        .awaits_datasource = TEXT_LITERAL("wells"),
        .awaits_type = TEXT_LITERAL("group"),
        .awaits_external = text_of(awaits),
        .datatype = TEXT_LITERAL("reading"),
        .home = home,
        .field = text_of(field),
        .place = TEXT_LITERAL("a.csv line 8"),
    };
}

static void put_pendings(struct kit *kit, const struct pending_row *rows, size_t count) {
    struct page page = kit_page(kit);
    page.pendings = rows;
    page.pending_count = count;
    kit_commit(kit, &page);
}

static size_t find_pendings(struct kit *kit, const char *external, struct pending_row *out, size_t max) {
    size_t count;
    CHECK_OK(kit->type->pending_find(kit->store, TEXT_LITERAL("wells"), TEXT_LITERAL("group"), text_of(external),
                                     kit->arena, out, max, &count, &kit->error),
             &kit->error);
    return count;
}

void contract_pending_held(const struct store_type *type, const char *folder) {
    struct kit kit;
    kit_open(&kit, type, folder);
    const struct value awaits[] = {kit_text("wells"), kit_text("group"), kit_text("g")};
    struct value values[] = {value_list(awaits, 3), value_integer(INT64_MIN), kit_decimal("12.50"), kit_text("it's")};
    const struct text names[] = {TEXT_LITERAL("group"), TEXT_LITERAL("at"), TEXT_LITERAL("value"),
                                 TEXT_LITERAL("note")};
    const struct shape shape = {4, names};
    const struct object object = {&shape, values};
    struct pending_row row = held("r 1", "g");
    row.fields = value_object(&object);
    put_pendings(&kit, &row, 1);
    kit_reopen(&kit);
    struct pending_row got;
    CHECK_INT(find_pendings(&kit, "g", &got, 1), 1);
    CHECK(got.id > 0);
    CHECK_TEXT(got.awaits_datasource, "wells");
    CHECK_TEXT(got.awaits_type, "group");
    CHECK_TEXT(got.awaits_external, "g");
    CHECK_TEXT(got.datatype, "reading");
    CHECK_INT(got.home, 0);
    CHECK_TEXT(got.datasource, "wells");
    CHECK_TEXT(got.external, "r 1");
    CHECK(print_same(got.seen, kit_print("r 1")));
    CHECK_TEXT(got.place, "a.csv line 7");
    CHECK(value_same(&got.fields, &row.fields));
    CHECK_TEXT(value_slice(object_find(got.fields.as.object, names[2])), "12.50");
    kit_close(&kit);
}

void contract_pending_reference(const struct store_type *type, const char *folder) {
    struct kit kit;
    kit_open(&kit, type, folder);
    struct effect made = kit_add_reading(&kit, "r", 5, "1");
    const struct pending_row row = waiting(made.id, "group", "g");
    put_pendings(&kit, &row, 1);
    kit_reopen(&kit);
    struct pending_row got;
    CHECK_INT(find_pendings(&kit, "g", &got, 1), 1);
    CHECK_INT(got.home, made.id);
    CHECK_TEXT(got.field, "group");
    CHECK_TEXT(got.datatype, "reading");
    kit_close(&kit);
}

void contract_pending_replaced(const struct store_type *type, const char *folder) {
    struct kit kit;
    kit_open(&kit, type, folder);
    struct effect made = kit_add_reading(&kit, "r", 5, "1");
    const struct pending_row first[] = {held("h", "g"), waiting(made.id, "group", "g")};
    put_pendings(&kit, first, 2);
    struct pending_row second[] = {held("h", "other"), waiting(made.id, "group", "other")};
    second[0].seen = kit_print("newer");
    put_pendings(&kit, second, 2);
    struct pending_row got[4];
    CHECK_INT(find_pendings(&kit, "g", got, 4), 0);
    CHECK_INT(find_pendings(&kit, "other", got, 4), 2);
    CHECK(print_same(got[got[0].home == 0 ? 0 : 1].seen, kit_print("newer")));
    CHECK_INT(kit_pending_count(&kit, "", ""), 2);

    // Another datasource, datatype, record or field makes another row.
    struct pending_row others[] = {held("h", "g"), held("h", "g"), waiting(made.id + 1, "group", "g"),
                                   waiting(made.id, "note", "g")};
    others[0].datasource = TEXT_LITERAL("ponds");
    others[1].datatype = TEXT_LITERAL("group");
    put_pendings(&kit, others, 4);
    CHECK_INT(kit_pending_count(&kit, "", ""), 6);
    kit_close(&kit);
}

void contract_pending_done(const struct store_type *type, const char *folder) {
    struct kit kit;
    kit_open(&kit, type, folder);
    const struct pending_row rows[] = {held("1", "g"), held("2", "g"), held("3", "g")};
    put_pendings(&kit, rows, 3);
    struct pending_row got[4];
    CHECK_INT(find_pendings(&kit, "g", got, 4), 3);
    const int64_t done[] = {got[0].id, got[2].id};
    struct page page = kit_page(&kit);
    page.pendings_done = done;
    page.pending_done_count = 2;
    kit_commit(&kit, &page);
    CHECK_INT(find_pendings(&kit, "g", got, 4), 1);
    CHECK_TEXT(got[0].external, "2");
    kit_close(&kit);
}

void contract_pending_done_is_of_its_row(const struct store_type *type, const char *folder) {
    struct kit kit;
    kit_open(&kit, type, folder);
    struct pending_row row = held("r", "g");
    put_pendings(&kit, &row, 1);
    struct pending_row got[2];
    CHECK_INT(find_pendings(&kit, "g", got, 2), 1);
    int64_t old = got[0].id;
    row.awaits_external = TEXT_LITERAL("h");
    put_pendings(&kit, &row, 1);
    struct page page = kit_page(&kit);
    page.pendings_done = &old; // decided on the row that is replaced: it must not take the new one away
    page.pending_done_count = 1;
    kit_commit(&kit, &page);
    CHECK_INT(find_pendings(&kit, "h", got, 2), 1);
    page.pendings_done = &got[0].id;
    kit_commit(&kit, &page);
    kit_commit(&kit, &page); // it is done already
    CHECK_INT(kit_pending_count(&kit, "", ""), 0);
    kit_close(&kit);
}

void contract_pending_done_and_put_stays(const struct store_type *type, const char *folder) {
    struct kit kit;
    kit_open(&kit, type, folder);
    const struct pending_row row = held("r", "g");
    put_pendings(&kit, &row, 1);
    struct pending_row got;
    CHECK_INT(find_pendings(&kit, "g", &got, 1), 1);
    struct page page = kit_page(&kit);
    page.pendings = &row;
    page.pendings_done = &got.id;
    page.pending_count = page.pending_done_count = 1;
    kit_commit(&kit, &page);
    CHECK_INT(kit_pending_count(&kit, "", ""), 1);
    kit_close(&kit);
}

void contract_pending_counted(const struct store_type *type, const char *folder) {
    struct kit kit;
    kit_open(&kit, type, folder);
    CHECK_INT(kit_pending_count(&kit, "", ""), 0);
    struct pending_row rows[] = {held("1", "g"), held("2", "h"), held("3", "g"), held("4", "g")};
    rows[2].awaits_type = TEXT_LITERAL("area");
    rows[3].awaits_datasource = TEXT_LITERAL("ponds");
    put_pendings(&kit, rows, 4);
    CHECK_INT(kit_pending_count(&kit, "", ""), 4);
    CHECK_INT(kit_pending_count(&kit, "wells", "group"), 2);
    CHECK_INT(kit_pending_count(&kit, "wells", "area"), 1);
    CHECK_INT(kit_pending_count(&kit, "ponds", "group"), 1);
    CHECK_INT(kit_pending_count(&kit, "ponds", "area"), 0);
    kit_close(&kit);
}

void contract_pending_found_oldest_first(const struct store_type *type, const char *folder) {
    struct kit kit;
    kit_open(&kit, type, folder);
    static const char *const externals[] = {"z", "m", "a", "q", "b"};
    for (size_t i = 0; i < 5; i++) {
        const struct pending_row row = held(externals[i], i == 3 ? "other" : "g");
        put_pendings(&kit, &row, 1);
    }
    struct pending_row got[5];
    CHECK_INT(find_pendings(&kit, "g", got, 5), 4);
    CHECK_TEXT(got[0].external, "z");
    CHECK_TEXT(got[1].external, "m");
    CHECK_TEXT(got[2].external, "a");
    CHECK_TEXT(got[3].external, "b");
    CHECK_INT(find_pendings(&kit, "g", got, 2), 2);
    CHECK_TEXT(got[0].external, "z");
    CHECK_TEXT(got[1].external, "m");
    CHECK_INT(find_pendings(&kit, "G", got, 5), 0);
    struct pending_row again = held("z", "g");
    again.seen = kit_print("newer"); // said anew, it stands behind the others
    put_pendings(&kit, &again, 1);
    CHECK_INT(find_pendings(&kit, "g", got, 5), 4);
    CHECK_TEXT(got[0].external, "m");
    CHECK_TEXT(got[3].external, "z");
    kit_close(&kit);
}

void contract_pending_scanned(const struct store_type *type, const char *folder) {
    struct kit kit;
    kit_open(&kit, type, folder);
    struct pending_row rows[] = {held("1", "g"), held("2", "g"), held("3", "g")};
    rows[1].datatype = TEXT_LITERAL("group");
    put_pendings(&kit, rows, 3);
    struct kit_rows got;
    kit_pendings(&kit, kit_scan(""), &got);
    CHECK_INT(got.count, 3);
    kit_pendings(&kit, kit_scan("reading"), &got);
    CHECK_INT(got.count, 2);
    CHECK_TEXT(got.as.pendings[0].external, "1");
    CHECK_TEXT(got.as.pendings[1].external, "3");
    int64_t first = got.as.pendings[0].id;
    kit_pendings(&kit, (struct scan){.after = first, .limit = 1}, &got);
    CHECK_INT(got.count, 1);
    CHECK_TEXT(got.as.pendings[0].external, "2");
    kit_pendings(&kit, (struct scan){.newest_first = true}, &got);
    CHECK_TEXT(got.as.pendings[0].external, "3");
    kit_close(&kit);
}
