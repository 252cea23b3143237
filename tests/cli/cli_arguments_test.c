#include "cli/cli_arguments.h"
#include "test.h"

static const struct cli_option own[] = {
    {"rows", "N", false, ""},
    {"param", "NAME=VALUE", true, ""},
    {"force", NULL, false, ""},
    {NULL, NULL, false, NULL},
};
static const struct cli_option common[] = {
    {"data", "DIR", false, ""},
    {"json", NULL, true, ""},
    {NULL, NULL, false, NULL},
};

// Reads a line of at most 15 arguments, NULL at the end.
static bool read_line(struct cli_arguments *arguments, const char *const *line, struct error *error) {
    char *values[16];
    int count = 0;
    for (; line[count] != NULL; count++) {
        values[count] = (char *)(uintptr_t)line[count];
    }
    return cli_arguments_read(arguments, own, common, count, values, error);
}
#define LINE(...) ((const char *const[]){__VA_ARGS__, NULL})

static void check_refused(const char *const *line, const char *expected) {
    struct cli_arguments arguments;
    struct error error;
    CHECK(!read_line(&arguments, line, &error));
    CHECK_INT(error.code, ERROR_USAGE);
    CHECK_TEXT(text_of(error.message), expected);
    cli_arguments_clear(&arguments);
}

TEST(cli_arguments, words_and_options_in_any_order) {
    struct cli_arguments arguments;
    struct error error;
    CHECK_OK(
        read_line(&arguments, LINE("--rows", "3", "a.lua", "--param=x=1", "b", "--param", "y=2=3", "--json"), &error),
        &error);
    CHECK_INT(arguments.word_count, 2);
    CHECK_TEXT(text_of(arguments.words[0]), "a.lua");
    CHECK_TEXT(text_of(arguments.words[1]), "b");
    size_t place = 0;
    CHECK_TEXT(text_of(cli_next(&arguments, "param", &place)), "x=1");
    CHECK_TEXT(text_of(cli_next(&arguments, "param", &place)), "y=2=3");
    CHECK(cli_next(&arguments, "param", &place) == NULL);
    CHECK(cli_flag(&arguments, "json"));
    CHECK(!cli_flag(&arguments, "force"));
    CHECK(cli_value(&arguments, "data") == NULL);
    int64_t rows;
    CHECK_OK(cli_count(&arguments, "rows", 9, &rows, &error), &error);
    CHECK_INT(rows, 3);
    cli_arguments_clear(&arguments);
}

TEST(cli_arguments, two_dashes_end_the_options) {
    struct cli_arguments arguments;
    struct error error;
    CHECK_OK(read_line(&arguments, LINE("--force", "--", "--json", "-"), &error), &error);
    CHECK_INT(arguments.word_count, 2);
    CHECK_TEXT(text_of(arguments.words[0]), "--json");
    CHECK(!cli_flag(&arguments, "json"));
    cli_arguments_clear(&arguments);
}

TEST(cli_arguments, a_lone_dash_and_an_empty_text_are_words) {
    struct cli_arguments arguments;
    struct error error;
    CHECK_OK(read_line(&arguments, LINE("-", ""), &error), &error);
    CHECK_INT(arguments.word_count, 2);
    cli_arguments_clear(&arguments);
}

TEST(cli_arguments, help_in_both_forms) {
    struct cli_arguments arguments;
    struct error error;
    CHECK_OK(read_line(&arguments, LINE("-h"), &error), &error);
    CHECK(cli_flag(&arguments, "help"));
    cli_arguments_clear(&arguments);
    CHECK_OK(read_line(&arguments, LINE("x", "--help"), &error), &error);
    CHECK(cli_flag(&arguments, "help"));
    cli_arguments_clear(&arguments);
}

TEST(cli_arguments, an_unknown_option_names_the_nearest) {
    check_refused(LINE("--fource"), "there is no option --fource; did you mean --force?");
    check_refused(LINE("--jsn"), "there is no option --jsn; did you mean --json?");
    check_refused(LINE("--parm=x=1"), "there is no option --parm; did you mean --param?");
    check_refused(LINE("--nothing-like-it"), "there is no option --nothing-like-it");
    check_refused(LINE("-f"), "there is no option -f; options are written out: --json");
}

TEST(cli_arguments, values_where_they_belong) {
    check_refused(LINE("--rows"), "--rows needs a value: --rows N");
    check_refused(LINE("--force=yes"), "--force takes no value");
    check_refused(LINE("--rows", "1", "--rows", "2"), "--rows is given twice");
}

TEST(cli_arguments, counts_are_whole_numbers) {
    const char *const bad[] = {"-1", "x", "", "1.5", "99999999999999999999"};
    for (size_t i = 0; i < sizeof bad / sizeof bad[0]; i++) {
        struct cli_arguments arguments;
        struct error error;
        int64_t rows;
        CHECK_OK(read_line(&arguments, LINE("--rows", bad[i]), &error), &error);
        CHECK(!cli_count(&arguments, "rows", 9, &rows, &error));
        CHECK_INT(error.code, ERROR_USAGE);
        cli_arguments_clear(&arguments);
    }
}

TEST(cli_arguments, nearest_stays_silent_when_nothing_is_near) {
    struct cli_nearest nearest = {.word = TEXT_LITERAL("xy")};
    CHECK(cli_nearest_name(&nearest) == NULL);
    cli_nearest_offer(&nearest, "status");
    CHECK(cli_nearest_name(&nearest) == NULL);
    nearest = (struct cli_nearest){.word = TEXT_LITERAL("staus")};
    cli_nearest_offer(&nearest, "run");
    cli_nearest_offer(&nearest, "status");
    CHECK_TEXT(text_of(cli_nearest_name(&nearest)), "status");
}
