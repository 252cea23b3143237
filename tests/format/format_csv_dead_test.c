#include "format/format_csv_dead.h"

#include "base/arena.h"
#include "format/format_json.h"
#include "test.h"

static struct arena arena;
static struct buffer out;
static struct csv_dead *dead;

static struct value payload(const char *json) {
    struct value value;
    struct error error;
    CHECK_OK(json_read(text_of(json), &arena, NULL, &value, &error), &error);
    return value;
}

static void setup(bool people) {
    struct error error;
    struct csv_style style = {.delimiter = ',', .people = people};
    arena_init(&arena, 1 << 24);
    buffer_init(&out, 1 << 24);
    CHECK_OK(csv_dead_open(&style, &dead, &error), &error);
}

static void teardown(void) {
    csv_dead_close(dead);
    buffer_clear(&out);
    arena_clear(&arena);
}

static void see(const char *json) {
    struct error error;
    struct value value = payload(json);
    CHECK_OK(csv_dead_see(dead, &value, &error), &error);
}

static void head(void) {
    struct error error;
    CHECK_OK(csv_dead_head(dead, &out, &error), &error);
}

static void put(const char *json, const char *reason) {
    struct error error;
    struct value value = payload(json);
    struct csv_dead_row row = {TEXT_LITERAL("W4001"), text_of(reason), TEXT_LITERAL("a.csv line 2"), &value};
    CHECK_OK(csv_dead_write(dead, &row, &out, &error), &error);
}

TEST(format_csv_dead, columns_of_all) {
    setup(false);
    see("{\"id\":\"1\",\"name\":\"Well\"}");
    see("\"3,ragged\"");
    see("{\"depth\":12.5,\"id\":\"2\"}");
    head();
    put("{\"id\":\"1\",\"name\":\"=1+1\"}", "too deep");
    put("\"3,ragged\"", "the row has 2 fields");
    put("{\"depth\":12.5,\"id\":\"2\"}", "-");
    CHECK_TEXT(buffer_view(&out), "id,name,depth,weir_code,weir_reason,weir_place,weir_raw\n"
                                  "1,=1+1,,W4001,too deep,a.csv line 2,\n"
                                  ",,,W4001,the row has 2 fields,a.csv line 2,\"3,ragged\"\n"
                                  "2,,12.5,W4001,-,a.csv line 2,\n");
    teardown();
}

// What a spreadsheet would take for a formula, in a cell, a column's name or a reason.
TEST(format_csv_dead, for_people) {
    setup(true);
    see("{\"@id\":\"1\"}");
    head();
    put("{\"@id\":\"=cmd\"}", "+x");
    put("\"-raw\"", "\tx");
    CHECK_TEXT(buffer_view(&out), "'@id,weir_code,weir_reason,weir_place,weir_raw\n"
                                  "'=cmd,W4001,'+x,a.csv line 2,\n"
                                  ",W4001,'\tx,a.csv line 2,'-raw\n");
    teardown();
}

// One that was refused while the others were written.
TEST(format_csv_dead, came_in_between) {
    setup(false);
    see("{\"id\":\"1\"}");
    head();
    put("{\"id\":\"1\",\"new\":\"x\"}", "r");
    put("{\"id\":\"2\"}", "r");
    CHECK_TEXT(buffer_view(&out), "id,weir_code,weir_reason,weir_place,weir_raw\n"
                                  ",W4001,r,a.csv line 2,\"{\"\"id\"\":\"\"1\"\",\"\"new\"\":\"\"x\"\"}\"\n"
                                  "2,W4001,r,a.csv line 2,\n");
    teardown();
}

TEST(format_csv_dead, limits) {
    setup(false);
    struct error error;
    char json[64];
    for (int i = 0; i < 4096; i++) {
        snprintf(json, sizeof json, "{\"c%d\":1}", i);
        see(json);
    }
    struct value value = payload("{\"more\":1}");
    CHECK(!csv_dead_see(dead, &value, &error));
    CHECK_INT(error.code, ERROR_LIMIT);
    out.ceiling = 100;
    CHECK(!csv_dead_head(dead, &out, &error));
    CHECK_INT(error.code, ERROR_MEMORY);
    teardown();
}
