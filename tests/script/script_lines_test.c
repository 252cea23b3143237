#include "script/script_lines.h"

#include "test.h"

static int in_call(const char *chunk, int line, const char *opener, const char *key) {
    struct key_place place;
    return lines_find_in_call(text_of(chunk), line, opener, text_of(key), &place) ? place.line : 0;
}

static int anywhere(const char *chunk, int line, const char *key) {
    struct key_place place;
    return lines_find(text_of(chunk), line, text_of(key), &place) ? place.line : 0;
}

TEST(script_lines, keys_of_a_call) {
    static const char chunk[] = "local a = f {\n"                             // 1
                                "  -- one = 1\n"                              // 2
                                "  --[==[ one = 1\n ]] ]==] one = 2,\n"       // 3, 4
                                "  two = { three = 3 }, 'three = 4',\n"       // 5
                                "  [\"four\"] = [[ five = 5 ]], five == 6,\n" // 6
                                "  three = g(three = 1),\n"                   // 7
                                "  ['fi\\'ve'] = 1, s = \"} five = \",\n"     // 8
                                "  five = 7; six = 8 }\n"                     // 9
                                "local b = f({\n\n one = 9 })\n";             // 10 …
    CHECK_INT(in_call(chunk, 1, "f", "one"), 4);
    CHECK_INT(in_call(chunk, 1, "f", "two"), 5);
    CHECK_INT(in_call(chunk, 1, "f", "three"), 7);
    CHECK_INT(in_call(chunk, 1, "f", "four"), 6);
    CHECK_INT(in_call(chunk, 1, "f", "five"), 9);
    CHECK_INT(in_call(chunk, 1, "f", "six"), 9);
    CHECK_INT(in_call(chunk, 1, "f", "seven"), 0);
    CHECK_INT(in_call(chunk, 1, "g", "one"), 0);
    CHECK_INT(in_call(chunk, 10, "f", "one"), 12);
    CHECK_INT(in_call(chunk, 9, "f", "one"), 0);
    CHECK_INT(anywhere(chunk, 1, "three"), 5);
    CHECK_INT(anywhere(chunk, 6, "one"), 12);
    CHECK_INT(anywhere(chunk, 13, "one"), 0);
}

TEST(script_lines, two_calls_on_a_line) {
    static const char chunk[] = "x = { f { a = 1 }, f { b = 2,\n c = 3 } } f {\n d = 4 }";
    CHECK_INT(in_call(chunk, 1, "f", "a"), 1);
    CHECK_INT(in_call(chunk, 1, "f", "c"), 2);
    CHECK_INT(in_call(chunk, 1, "f", "d"), 0);
    CHECK_INT(in_call(chunk, 2, "f", "d"), 3);
}

TEST(script_lines, text_that_is_no_lua) {
    static const char *const chunks[] = {"",         "f",       "f {",      "f { a",   "f { a =",      "f { ['a",
                                         "f { --[[", "f { [==", "f { 'a\\", "}}}} ]]", "f { \"a\n = 1"};
    for (size_t i = 0; i < sizeof chunks / sizeof *chunks; i++) {
        in_call(chunks[i], 1, "f", "a");
        anywhere(chunks[i], 1, "a");
    }
}
