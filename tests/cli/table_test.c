#include "cli/table.h"
#include "test.h"

static void check_table(const struct table *table, size_t width, const char *expected) {
    struct buffer out;
    struct error error;
    buffer_init(&out, 64 * 1024);
    CHECK_OK(table_write(table, width, &out, &error), &error);
    CHECK_TEXT(buffer_view(&out), expected);
    buffer_clear(&out);
}

TEST(cli_table, texts_stand_left_and_numbers_right) {
    struct table table;
    table_init(&table, (const char *const[]){"NAME", "READ", "WHY", NULL});
    table_string(&table, "a");
    table_number(&table, 1234567);
    table_string(&table, "one");
    table_string(&table, "longer");
    table_number(&table, 0);
    table_string(&table, "");
    check_table(&table, 0,
                "NAME         READ  WHY\n"
                "a       1,234,567  one\n"
                "longer          0\n");
    table_clear(&table);
}

TEST(cli_table, without_heads) {
    struct table table;
    table_init(&table, (const char *const[]){"", "", "", NULL});
    table_string(&table, "");
    table_string(&table, "read");
    table_number(&table, 12);
    table_string(&table, "");
    table_string(&table, "created");
    table_number(&table, 3);
    check_table(&table, 0, "  read     12\n  created   3\n");
    table_clear(&table);
}

TEST(cli_table, the_last_column_is_cut_to_the_terminal) {
    struct table table;
    table_init(&table, (const char *const[]){"ID", "REASON", NULL});
    table_id(&table, 1);
    table_string(&table, "a long reason that does not fit");
    check_table(&table, 20, "ID  REASON\n 1  a long reason t…\n");
    table_clear(&table);
}

TEST(cli_table, a_terminal_that_is_too_narrow_still_shows_something) {
    struct table table;
    table_init(&table, (const char *const[]){"A", "B", NULL});
    table_string(&table, "0123456789");
    table_string(&table, "0123456789abcdef");
    check_table(&table, 5, "A           B\n0123456789  012345678…\n");
    table_clear(&table);
}

TEST(cli_table, wide_cells_line_up_and_hostile_ones_stay_harmless) {
    struct table table;
    table_init(&table, (const char *const[]){"A", "B", NULL});
    table_string(&table, "日本");
    table_string(&table, "x");
    table_string(&table, "\033[2J");
    table_string(&table, "y\n");
    check_table(&table, 0, "A        B\n日本     x\n\\x1b[2J  y\\n\n");
    table_clear(&table);
}

TEST(cli_table, a_huge_cell_is_cut) {
    struct table table;
    struct buffer out;
    struct error error;
    static char huge[100000];
    memset(huge, 'x', sizeof huge);
    buffer_init(&out, 64 * 1024);
    table_init(&table, (const char *const[]){"A", "B", NULL});
    table_text(&table, (struct text){huge, sizeof huge});
    table_string(&table, "b");
    CHECK_OK(table_write(&table, 0, &out, &error), &error);
    CHECK(out.length < 200);
    buffer_clear(&out);
    table_clear(&table);
}

TEST(cli_table, columns_without_room_are_left_out) {
    struct table table;
    struct buffer out;
    struct error error;
    size_t left_out;
    buffer_init(&out, 64 * 1024);
    table_init(&table, (const char *const[]){"ID", "FIRST", "SECOND", NULL});
    table_id(&table, 1);
    table_string(&table, "aaaa");
    table_string(&table, "bbbb");
    CHECK_OK(table_write_narrow(&table, 12, &left_out, &out, &error), &error);
    CHECK_INT(left_out, 1);
    CHECK_TEXT(buffer_view(&out), "ID  FIRST\n 1  aaaa\n");
    buffer_clear(&out);
    table_clear(&table);
}

TEST(cli_table, numbers_have_commas) {
    char text[NUMBER_TEXT_MAX];
    CHECK_TEXT(text_of(number_text(0, text)), "0");
    CHECK_TEXT(text_of(number_text(999, text)), "999");
    CHECK_TEXT(text_of(number_text(1000, text)), "1,000");
    CHECK_TEXT(text_of(number_text(-123456, text)), "-123,456");
    CHECK_TEXT(text_of(number_text(INT64_MIN, text)), "-9,223,372,036,854,775,808");
}
