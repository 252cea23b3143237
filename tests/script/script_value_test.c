#include "script/script_value.h"

#include <math.h>

#include "test.h"

static void number(double value, const char *expected) {
    char text[NUMBER_TEXT_MAX];
    int length = value_number_text(value, text);
    CHECK_TEXT(((struct text){text, (size_t)length}), expected);
    CHECK(strtod(text, NULL) == value);
}

TEST(script_value, shortest_decimals) {
    number(0, "0.0");
    number(-0.0, "-0.0");
    number(1, "1.0");
    number(-3, "-3.0");
    number(0.1, "0.1");
    number(-0.05, "-0.05");
    number(12.5, "12.5");
    number(123456.789, "123456.789");
    number(0.1 + 0.2, "0.30000000000000004");
    number(1e15, "1e+15");
    number(1e21, "1e+21");
    number(5e-324, "4.94065645841247e-324");
    number(1.7976931348623157e308, "1.7976931348623157e+308");
    number(0.000001, "0.000001");
    number(0.0000001, "1e-07");
    number(1.0 / 3, "0.3333333333333333");
    number(999999999.5, "999999999.5");
}

// Every text reads back as the number it was made of.
TEST(script_value, numbers_at_random) {
    uint64_t seed = 1;
    for (int i = 0; i < 200000; i++) {
        seed = seed * 6364136223846793005u + 1442695040888963407u;
        double value;
        uint64_t bits = seed ^ (seed >> 29);
        memcpy(&value, &bits, sizeof value);
        if (i % 2 == 0) {
            value = (double)(int64_t)(bits >> 20) / (double)(1 << (bits % 20)) / 1000;
        }
        if (!isfinite(value)) {
            continue;
        }
        char text[NUMBER_TEXT_MAX];
        int length = value_number_text(value, text);
        CHECK(length > 0 && length < NUMBER_TEXT_MAX && (size_t)length == strlen(text));
        CHECK(strtod(text, NULL) == value);
    }
}
