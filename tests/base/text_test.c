#include "base/text.h"

#include "test.h"

TEST(base_text, compare_orders_by_bytes_then_length) {
    CHECK(text_compare(text_of("a"), text_of("b")) < 0);
    CHECK(text_compare(text_of("b"), text_of("a")) > 0);
    CHECK(text_compare(text_of("a"), text_of("ab")) < 0);
    CHECK(text_compare(text_of("\xC3\xA9"), text_of("z")) > 0);
    CHECK_INT(text_compare(text_of(""), (struct text){NULL, 0}), 0);
    CHECK(text_compare((struct text){"a\0b", 3}, (struct text){"a\0c", 3}) < 0);
}

TEST(base_text, same_counts_nul_as_a_byte) {
    CHECK(text_same((struct text){"a\0b", 3}, (struct text){"a\0b", 3}));
    CHECK(!text_same((struct text){"a\0b", 3}, text_of("a")));
    CHECK(text_same((struct text){NULL, 0}, text_of("")));
}

TEST(base_text, trim_takes_white_space_from_both_ends) {
    CHECK_TEXT(text_trim(text_of(" \t\r\n a b \v\f")), "a b");
    CHECK_TEXT(text_trim(text_of("   ")), "");
    CHECK_TEXT(text_trim((struct text){NULL, 0}), "");
}

TEST(base_text, utf8_takes_what_is_well_formed) {
    static const char *const good[] = {"",
                                       "plain",
                                       "\x7F",
                                       "\xC2\x80",
                                       "\xDF\xBF",
                                       "\xE0\xA0\x80",
                                       "\xED\x9F\xBF",
                                       "\xEE\x80\x80",
                                       "\xEF\xBF\xBF",
                                       "\xF0\x90\x80\x80",
                                       "\xF4\x8F\xBF\xBF",
                                       "eight bytes and then \xE2\x82\xAC",
                                       "1234567\xC3\xA9 behind the word"};
    for (size_t i = 0; i < sizeof good / sizeof good[0]; i++) {
        CHECK(text_utf8(text_of(good[i]), NULL));
    }
    CHECK(text_utf8((struct text){"a\0b", 3}, NULL));
}

TEST(base_text, utf8_names_the_first_bad_byte) {
    static const struct {
        const char *text;
        size_t bad;
    } cases[] = {
        {"\x80", 0},         {"a\xC0\x80", 1},        {"ab\xC1\xBF", 2},       {"\xE0\x9F\xBF", 0},
        {"\xED\xA0\x80", 0}, {"\xF0\x8F\xBF\xBF", 0}, {"\xF4\x90\x80\x80", 0}, {"\xF5\x80\x80\x80", 0},
        {"\xFF", 0},         {"12345678\xE2\x82", 8}, {"\xC3\xA9\xC3", 2},     {"\xE2\x28\xA1", 0},
    };
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        size_t bad = 99;
        CHECK(!text_utf8(text_of(cases[i].text), &bad));
        CHECK_INT(bad, cases[i].bad);
    }
}

TEST(base_text, distance_counts_edits) {
    CHECK_INT(text_distance(text_of("delimiter"), text_of("delimiter")), 0);
    CHECK_INT(text_distance(text_of("delimter"), text_of("delimiter")), 1);
    CHECK_INT(text_distance(text_of("kitten"), text_of("sitting")), 3);
    CHECK_INT(text_distance(text_of(""), text_of("abc")), 3);
    char lengthy[65];
    memset(lengthy, 'x', sizeof lengthy);
    CHECK_INT(text_distance((struct text){lengthy, 65}, text_of("x")), 65);
    CHECK_INT(text_distance((struct text){lengthy, 64}, (struct text){lengthy, 64}), 0);
}

TEST(base_text, digits_of_an_integer) {
    char room[TEXT_INTEGER_MAX];
    CHECK_TEXT(text_digits(0, room), "0");
    CHECK_TEXT(text_digits(-1, room), "-1");
    CHECK_TEXT(text_digits(1234567890, room), "1234567890");
    CHECK_TEXT(text_digits(INT64_MAX, room), "9223372036854775807");
    CHECK_TEXT(text_digits(INT64_MIN, room), "-9223372036854775808");
}

TEST(base_text, integer_fits_64_bits_or_is_none) {
    int64_t value = 0;
    CHECK(text_integer(text_of("9223372036854775807"), &value) && value == INT64_MAX);
    CHECK(text_integer(text_of("-9223372036854775808"), &value) && value == INT64_MIN);
    CHECK(text_integer(text_of("+7"), &value) && value == 7);
    CHECK(text_integer(text_of("007"), &value) && value == 7);
    CHECK(text_integer(text_of("-0"), &value) && value == 0);
    static const char *const bad[] = {"",
                                      "-",
                                      "+",
                                      "1 ",
                                      " 1",
                                      "1.0",
                                      "0x1",
                                      "9223372036854775808",
                                      "-9223372036854775809",
                                      "99999999999999999999",
                                      "--1",
                                      "1e3"};
    for (size_t i = 0; i < sizeof bad / sizeof bad[0]; i++) {
        CHECK(!text_integer(text_of(bad[i]), &value));
    }
}
