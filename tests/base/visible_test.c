#include "base/visible.h"
#include "test.h"

static void check_shown(struct text text, size_t width, const char *expected, size_t columns) {
    struct buffer out;
    buffer_init(&out, 4096);
    size_t used = visible_write(&out, text, width);
    CHECK_TEXT(buffer_view(&out), expected);
    CHECK_INT(used, columns);
    buffer_clear(&out);
}

TEST(base_visible, plain_text_passes) {
    check_shown(TEXT_LITERAL("Zürich"), 0, "Zürich", 6);
    check_shown(TEXT_LITERAL(""), 0, "", 0);
}

TEST(base_visible, nothing_reaches_the_terminal_that_it_would_obey) {
    check_shown(TEXT_LITERAL("a\033[2Jb"), 0, "a\\x1b[2Jb", 9);
    check_shown(TEXT_LITERAL("a\nb\tc\rd"), 0, "a\\nb\\tc\\rd", 10);
    check_shown(TEXT_LITERAL("a\0b\x7f"), 0, "a\\x00b\\x7f", 10);
    check_shown(TEXT_LITERAL("a\xc2\x9b"
                             "2J"),
                0, "a\\u009b2J", 9);
    check_shown(TEXT_LITERAL("\xe2\x80\xae"
                             "gpj.exe"),
                0, "\\u202egpj.exe", 13);
}

TEST(base_visible, bytes_that_are_no_utf8_are_escaped) {
    check_shown(TEXT_LITERAL("a\xff"
                             "b\xc3"),
                0, "a\\xffb\\xc3", 10);
    check_shown(TEXT_LITERAL("\xed\xa0\x80"), 0, "\\xed\\xa0\\x80", 12);
}

TEST(base_visible, wide_and_combining_characters_are_counted) {
    CHECK_INT(visible_width(TEXT_LITERAL("日本")), 4);
    CHECK_INT(visible_width(TEXT_LITERAL("e\xcc\x81")), 1);
}

TEST(base_visible, what_is_too_long_ends_in_an_ellipsis) {
    check_shown(TEXT_LITERAL("abcdef"), 6, "abcdef", 6);
    check_shown(TEXT_LITERAL("abcdefg"), 6, "abcde…", 6);
    check_shown(TEXT_LITERAL("ab日本語"), 5, "ab日…", 5);
    check_shown(TEXT_LITERAL("a日本語"), 5, "a日…", 4);
    check_shown(TEXT_LITERAL("abc"), 1, "…", 1);
}
