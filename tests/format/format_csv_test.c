#include "format/format_csv.h"

#include "format/csv_story.h"
#include "test.h"

static const struct csv_setup usual = {.delimiter = ',', .quote = '"', .header = true, .seed = 1};

TEST(format_csv, line_ends) {
    CHECK_STORY(&usual, "a,b\n1,2\n3,4\n", "2 1|2\n3 3|4\n");
    CHECK_STORY(&usual, "a,b\n1,2\n3,4", "2 1|2\n3 3|4\n");
    CHECK_STORY(&usual, "a,b\r\n1,2\r\n3,4\r\n", "2 1|2\n3 3|4\n");
    CHECK_STORY(&usual, "a,b\r1,2\r3,4\r", "2 1|2\n3 3|4\n");
    CHECK_STORY(&usual, "a,b\r1,2\n3,4\r\n5,6", "2 1|2\n3 3|4\n4 5|6\n");
    CHECK_STORY(&usual, "a,b\r1,2\r3,4", "2 1|2\n3 3|4\n");
    CHECK_STORY(&usual, "a,b\n", "");
    CHECK_STORY(&usual, "a,b", "");
}

TEST(format_csv, empty_lines_and_fields) {
    CHECK_STORY(&usual, "\n\r\n\na,b\n\n1,2\n\r\n\n3,4\n\n", "6 1|2\n9 3|4\n");
    CHECK_STORY(&usual, "a,b,c\n,,\n1,,\n,,3\n", "2 ||\n3 1||\n4 ||3\n");
    CHECK_STORY(&usual, "a\n\"\"\n\nx\n", "2 \n4 x\n");
    CHECK_STORY(&usual, "a,b\n 1 ,\t2\n", "2  1 |\t2\n");
}

TEST(format_csv, quotes) {
    CHECK_STORY(&usual, "a,b\n\"1\",\"2\"\n", "2 1|2\n");
    CHECK_STORY(&usual, "a,b\n\"1,1\",\"2\"\"2\"\n", "2 1,1|2\"2\n");
    CHECK_STORY(&usual, "a,b\n\"\"\"\",\"\"\"\"\"\"\n", "2 \"|\"\"\n");
    CHECK_STORY(&usual, "a,b\n\"x\ny\",\"z\"\n3,4\n", "2 x\ny|z\n4 3|4\n");
    CHECK_STORY(&usual, "a,b\n\"x\r\ny\rz\",\"\n\"\n3,4\n", "2 x\r\ny\rz|\n\n6 3|4\n");
    CHECK_STORY(&usual, "\"a\"\"b\",\"c\nd\"\n1,2\n", "3 1|2\n");
    CHECK_STORY(&usual, "a,b\n1,\"2\"", "2 1|2\n");
    CHECK_STORY(&usual, "a,b\n1,\"\"", "2 1|\n");
}

TEST(format_csv, nul_is_a_byte_like_others) {
    struct buffer story;
    struct error error;
    buffer_init(&story, 1000);
    CHECK_OK(csv_story(&usual, TEXT_LITERAL("a,b\n1\0x,\0\n"), 0, 10, &story, &error), &error);
    CHECK(text_same(buffer_view(&story), TEXT_LITERAL("2 1\0x|\0\n")));
    buffer_clear(&story);
}

TEST(format_csv, other_marks) {
    struct csv_setup tabs = {.delimiter = '\t', .quote = '"', .header = true};
    CHECK_STORY(&tabs, "a\tb\n1,1\t\"2\t2\"\n", "2 1,1|2\t2\n");
    struct csv_setup plain = {.delimiter = ';', .quote = '\0', .header = true};
    CHECK_STORY(&plain, "a;b\n\"1;2\"\n", "2 \"1|2\"\n");
    struct csv_setup single = {.delimiter = ',', .quote = '\'', .header = true};
    CHECK_STORY(&single, "a,b\n'1,''',\"\n", "2 1,'|\"\n");
}

TEST(format_csv, ragged_rows) {
    CHECK_STORY(&usual, "a,b\n1\n1,2,3\n3,4\n", "!2 W3003 |1\n!3 W3003 |1,2,3\n4 3|4\n");
    CHECK_STORY(&usual, "a,b\n1,\"x\ny\",3\n3,4", "!2 W3003 |1,\"x\ny\",3\n4 3|4\n");
}

TEST(format_csv, a_forgotten_quote_costs_one_row) {
    // To the end of the file; to a later quote that text stands behind; the only line there is.
    CHECK_STORY(&usual, "a,b\n1,2\n3,\"4\n5,6\n7,8\n", "2 1|2\n!3 W3004 b|3,\"4\n4 5|6\n5 7|8\n");
    CHECK_STORY(&usual, "a,b\n3,\"4\n5,6\n7,\"8\"\n9,1\n", "!2 W3004 b|3,\"4\n3 5|6\n4 7|8\n5 9|1\n");
    CHECK_STORY(&usual, "a,b\r\n\"1,2\r\n3,4\r\n", "!2 W3004 a|\"1,2\n3 3|4\n");
    CHECK_STORY(&usual, "a,b\n1,\"2", "!2 W3004 b|1,\"2\n");
    CHECK_STORY(&usual, "a,b\n\"", "!2 W3004 a|\"\n");
    CHECK_STORY(&usual, "a,b\n\"\"\"\n1,2\n", "!2 W3004 a|\"\"\"\n3 1|2\n");
}

TEST(format_csv, misplaced_quotes) {
    CHECK_STORY(&usual, "a,b\n1,2\"\n3,4\n", "!2 W3004 b|1,2\"\n3 3|4\n");
    CHECK_STORY(&usual, "a,b\n\"1\"x,2\n3,4\n", "!2 W3004 a|\"1\"x,2\n3 3|4\n");
    CHECK_STORY(&usual, "a,b\n\"1\" ,2\n3,4\n", "!2 W3004 a|\"1\" ,2\n3 3|4\n");
    CHECK_STORY(&usual, "a,b\n1 \"2\",3\r3,4\r", "!2 W3004 a|1 \"2\",3\n3 3|4\n");
}

TEST(format_csv, reasons_name_the_quote) {
    struct csv_reader *reader;
    struct error error;
    struct batch batch;
    bool end;
    batch_init(&batch, 8 * 1024 * 1024);
    CHECK_OK(csv_open(&usual, &reader, &error), &error);
    struct stream *stream = csv_drip(TEXT_LITERAL("a,b\n\"x\ny\",\"z\n1,2\n"), 0);
    CHECK_OK(csv_start(reader, stream, '\0', &error), &error);
    CHECK_OK(batch_reset(&batch, 10, &error), &error);
    CHECK_OK(csv_read(reader, &batch, &end, &error), &error);
    CHECK(end);
    CHECK_INT(batch.rejects[0].line, 2);
    CHECK_TEXT(batch.rejects[0].column, "b");
    CHECK_TEXT(batch.rejects[0].reason, "line 3, column 2: the quote that opens the field is not closed; reading went "
                                        "on with the next line");
    stream_close(stream);
    stream = csv_drip(TEXT_LITERAL("a,b\n1,2,3\n4,5\"\n"), 0);
    CHECK_OK(csv_start(reader, stream, '\0', &error), &error);
    CHECK_OK(batch_reset(&batch, 10, &error), &error);
    CHECK_OK(csv_read(reader, &batch, &end, &error), &error);
    CHECK_TEXT(batch.rejects[0].reason, "the row has 3 fields, and there are 2 columns");
    CHECK_TEXT(batch.rejects[1].reason, "line 3, column 2: a quote stands inside a field that does not begin with one "
                                        "(byte 4 of the row); inside quotes, a quote is written twice");
    stream_close(stream);
    csv_close(reader);
    batch_clear(&batch);
}

TEST(format_csv, bad_utf8) {
    CHECK_STORY(&usual, "a,b\n1,\xC3\xA4\n2,\xC3\n\xE4,3\n4,\xED\xA0\x80\n5,6\n",
                "2 1|\xC3\xA4\n!3 W3001 b|2,\xC3\n!4 W3001 a|\xE4,3\n!5 W3001 b|4,\xED\xA0\x80\n6 5|6\n");
}

TEST(format_csv, bad_utf8_far_into_a_row) {
#define TWENTY "xxxxxxxxxxxxxxxxxxxx"
#define LONG TWENTY TWENTY TWENTY TWENTY
    CHECK_STORY(&usual, "a,b\n" LONG ",2\xC3\n" LONG ",\xC3\xA4\n\xC3," LONG "\n",
                "!2 W3001 b|" LONG ",2\xC3\n3 " LONG "|\xC3\xA4\n!4 W3001 a|\xC3," LONG "\n");
}

TEST(format_csv, given_columns) {
    static const struct text names[] = {{"x", 1}, {"y", 1}};
    struct csv_setup setup = {.delimiter = ',', .quote = '"', .columns = names, .column_count = 2};
    CHECK_STORY(&setup, "1,2\n3\n", "1 1|2\n!2 W3003 |3\n");
    CHECK_STORY(&setup, "", "");
    setup.header = true;
    CHECK_STORY(&setup, "a,a\n1,2\n", "2 1|2\n");
}

// A page of rows with their prints.
static struct print print_of_row(const struct csv_setup *setup, const char *bytes, size_t index) {
    struct csv_reader *reader;
    struct error error;
    struct batch batch;
    bool end;
    batch_init(&batch, 8 * 1024 * 1024);
    CHECK_OK(csv_open(setup, &reader, &error), &error);
    struct stream *stream = csv_drip(text_of(bytes), 0);
    CHECK_OK(csv_start(reader, stream, '\0', &error), &error);
    CHECK_OK(batch_reset(&batch, 10, &error), &error);
    CHECK_OK(csv_read(reader, &batch, &end, &error), &error);
    struct print print = index < batch.count ? batch.records[index].print : batch.rejects[index - batch.count].print;
    stream_close(stream);
    csv_close(reader);
    batch_clear(&batch);
    return print;
}

TEST(format_csv, prints) {
    struct print row = print_of_row(&usual, "a,b\n1,2\n", 0);
    struct csv_setup other = usual;
    other.seed = 2;
    CHECK(print_same(row, print_of_row(&usual, "a,b\r\n3,4\r\n1,2", 1)));
    CHECK(!print_same(row, print_of_row(&usual, "b,a\n1,2\n", 0)));
    CHECK(!print_same(row, print_of_row(&usual, "a,b\n1,3\n", 0)));
    CHECK(!print_same(row, print_of_row(&usual, "a,bc\n1,2\n", 0)));
    CHECK(!print_same(row, print_of_row(&other, "a,b\n1,2\n", 0)));
    CHECK(print_same(print_of_row(&usual, "a,b\n1\n", 0), print_of_row(&usual, "a,b\n\n1", 0)));
    CHECK(!print_same(print_of_row(&usual, "a,b\n1\n", 0), print_of_row(&usual, "a,b\n2", 0)));
}

static void refuse(const struct csv_setup *setup, struct text bytes, const char *part) {
    struct buffer story;
    struct error error;
    buffer_init(&story, 1 << 20);
    if (csv_story(setup, bytes, 0, 10, &story, &error)) {
        test_fail(__FILE__, __LINE__, "taken: %.*s", TEXT_ARGS(buffer_view(&story)));
    }
    CHECK_INT(error.code, ERROR_CSV_HEADER);
    if (strstr(error.message, part) == NULL) {
        test_fail(__FILE__, __LINE__, "'%s' is not in '%s'", part, error.message);
    }
    buffer_clear(&story);
}

TEST(format_csv, headers_refused) {
    refuse(&usual, TEXT_LITERAL(""), "empty");
    refuse(&usual, TEXT_LITERAL("\n\n\r\n"), "empty");
    refuse(&usual, TEXT_LITERAL("a,,b\n"), "column 2 has no name");
    refuse(&usual, TEXT_LITERAL("a,b,a\n"), "columns 1 and 3 are both named \"a\"");
    refuse(&usual, TEXT_LITERAL("a,b\xE4\n"), "column 2 is not UTF-8 (byte 0xE4)");
    refuse(&usual, TEXT_LITERAL("a\0,b\n"), "UTF-16");
    refuse(&usual, TEXT_LITERAL("a,b\"\n1,2\n"), "in column 2, a quote stands inside");
    refuse(&usual, TEXT_LITERAL("a,\"b\n1,2\n"), "not closed");
    static const struct text names[] = {{"x", 1}, {"x", 1}};
    struct csv_setup given = {.delimiter = ',', .quote = '"', .columns = names, .column_count = 2};
    refuse(&given, TEXT_LITERAL("1,2\n"), "both named");
    given.header = true;
    refuse(&given, TEXT_LITERAL("a,b,c\n"), "columns has 2 names, and the header of the file has 3");
}

TEST(format_csv, options_refused) {
    static const struct csv_setup setups[] = {
        {.delimiter = '\0', .quote = '"', .header = true}, {.delimiter = '\n', .quote = '"', .header = true},
        {.delimiter = '"', .quote = '"', .header = true},  {.delimiter = (char)0xE4, .quote = '"', .header = true},
        {.delimiter = ',', .quote = '\r', .header = true}, {.delimiter = ',', .quote = '"'},
    };
    struct csv_reader *reader;
    struct error error;
    for (size_t i = 0; i < sizeof setups / sizeof setups[0]; i++) {
        CHECK(!csv_open(&setups[i], &reader, &error));
        CHECK(error.code == ERROR_OPTION_TYPE || error.code == ERROR_OPTION_MISSING);
    }
}
