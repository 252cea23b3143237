#include "format/format_csv_write.h"

#include "test.h"

static void check_row(const struct csv_style *style, struct text field, const char *expected) {
    struct buffer buffer;
    buffer_init(&buffer, 1000);
    csv_write_row(&buffer, style, (struct text[]){TEXT_LITERAL("x"), field}, 2);
    CHECK(!buffer.failed);
    CHECK_TEXT(buffer_view(&buffer), expected);
    buffer_clear(&buffer);
}

TEST(format_csv_write, quotes_where_needed) {
    static const struct csv_style style = {.delimiter = ','};
    check_row(&style, TEXT_LITERAL("plain"), "x,plain\n");
    check_row(&style, TEXT_LITERAL(""), "x,\n");
    check_row(&style, TEXT_LITERAL("a,b"), "x,\"a,b\"\n");
    check_row(&style, TEXT_LITERAL("a\"b\""), "x,\"a\"\"b\"\"\"\n");
    check_row(&style, TEXT_LITERAL("a\nb"), "x,\"a\nb\"\n");
    check_row(&style, TEXT_LITERAL("a\rb"), "x,\"a\rb\"\n");
    check_row(&style, TEXT_LITERAL("=1+1"), "x,=1+1\n");
    static const struct csv_style tabs = {.delimiter = '\t'};
    check_row(&tabs, TEXT_LITERAL("a,b"), "x\ta,b\n");
    check_row(&tabs, TEXT_LITERAL("a\tb"), "x\t\"a\tb\"\n");
}

TEST(format_csv_write, formulas_are_disarmed_for_people) {
    static const struct csv_style style = {.delimiter = ',', .people = true};
    check_row(&style, TEXT_LITERAL("=1+1"), "x,'=1+1\n");
    check_row(&style, TEXT_LITERAL("+1"), "x,'+1\n");
    check_row(&style, TEXT_LITERAL("-1"), "x,'-1\n");
    check_row(&style, TEXT_LITERAL("@a"), "x,'@a\n");
    check_row(&style, TEXT_LITERAL("\ta"), "x,'\ta\n");
    check_row(&style, TEXT_LITERAL("\ra"), "x,\"'\ra\"\n");
    check_row(&style, TEXT_LITERAL("=\"a\",b"), "x,\"'=\"\"a\"\",b\"\n");
    check_row(&style, TEXT_LITERAL("1=1"), "x,1=1\n");
}

TEST(format_csv_write, values) {
    static const struct csv_style style = {.delimiter = ',', .people = true};
    struct value items[] = {value_integer(1), value_text(TEXT_LITERAL("a"))};
    struct value values[] = {
        value_null(),
        {.kind = VALUE_MISSING},
        value_bool(true),
        value_integer(-5),
        value_decimal(TEXT_LITERAL("-1.50")),
        value_text(TEXT_LITERAL("")),
        value_text(TEXT_LITERAL("-x")),
        value_list(items, 2),
    };
    struct buffer buffer;
    buffer_init(&buffer, 1000);
    csv_write_values(&buffer, &style, values, 8);
    csv_write_values(&buffer, &style, values, 1);
    CHECK_TEXT(buffer_view(&buffer), ",,true,-5,-1.50,\"\",'-x,\"[1,\"\"a\"\"]\"\n\"\"\n");
    buffer_clear(&buffer);
    buffer_init(&buffer, 5);
    csv_write_values(&buffer, &style, values, 8);
    CHECK(buffer.failed);
    buffer_clear(&buffer);
}
