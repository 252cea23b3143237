#include "base/quote.h"

#include "test.h"

static void check_quoted(struct text text, const char *expected) {
    char room[256];
    size_t length = quote_length(text);
    CHECK(length < sizeof room);
    char *end = quote_write(room, text);
    CHECK_INT(end - room, length);
    CHECK_TEXT(((struct text){room, length}), expected);
}

TEST(base_quote, escapes_what_json_must_and_nothing_else) {
    check_quoted((struct text){NULL, 0}, "\"\"");
    check_quoted(text_of("plain / text \x7F \xC3\xA9"), "\"plain / text \x7F \xC3\xA9\"");
    check_quoted(text_of("a\"b\\c"), "\"a\\\"b\\\\c\"");
    check_quoted(text_of("\b\f\n\r\t"), "\"\\b\\f\\n\\r\\t\"");
    check_quoted((struct text){"\0\x01\x1F", 3}, "\"\\u0000\\u0001\\u001f\"");
    check_quoted(text_of("twelve bytes\nand more \" behind it"), "\"twelve bytes\\nand more \\\" behind it\"");
}

// Each byte at each place of a word: the scan by words must agree with the definition.
TEST(base_quote, scan_stops_at_each_special_byte) {
    for (int byte = 0; byte < 256; byte++) {
        for (size_t place = 0; place < 20; place++) {
            char text[24];
            unsigned char seen = 0;
            memset(text, 'x', sizeof text);
            text[place] = (char)byte;
            text[place + 1] = '"';
            bool stops = byte < 0x20 || byte == '"' || byte == '\\';
            const char *stop = quote_scan(text, text + sizeof text, &seen);
            CHECK_INT(stop - text, stops ? place : place + 1);
            CHECK_INT(seen >> 7, byte >= 0x80);
        }
    }
}

TEST(base_quote, what_stands_behind_the_end_is_not_seen) {
    unsigned char seen = 0;
    const char text[] = "abc\"\xFF\xFF\xFF\xFF\xFF\xFF\xFF\xFF";
    CHECK_INT(quote_scan(text, text + sizeof text - 1, &seen) - text, 3);
    CHECK_INT(seen & 0x80, 0);
}
