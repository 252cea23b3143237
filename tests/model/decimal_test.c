#include "model/decimal.h"

#include "test.h"

static struct arena arena;

static void arena_open(void) {
    arena_init(&arena, 8 << 20);
}

static struct text plain(struct text text) {
    struct text out;
    CHECK(decimal_plain(&arena, text, &out));
    return out;
}

static struct text repeat(const char *before, char c, size_t count, const char *after) {
    size_t front = strlen(before);
    size_t back = strlen(after);
    char *data = arena_take(&arena, front + count + back);
    CHECK(data != NULL);
    memcpy(data, before, front);
    memset(data + front, c, count);
    memcpy(data + front + count, after, back);
    return (struct text){data, front + count + back};
}

TEST(model_decimal, check_takes_json_numbers_alone) {
    static const char *const good[] = {
        "0",    "-0",     "1",      "-1",     "12.50",   "0.001",        "1e5",
        "1E+5", "1.0e-7", "-0.0e0", "1e9999", "1e-9999", "9e0000000005", "123456789012345678901234567890"};
    static const char *const bad[] = {"",
                                      "-",
                                      "+1",
                                      ".5",
                                      "5.",
                                      "01",
                                      "-01",
                                      "00",
                                      "1e",
                                      "1e+",
                                      "e5",
                                      "1.e5",
                                      "0x10",
                                      "NaN",
                                      "Infinity",
                                      "1 ",
                                      " 1",
                                      "1,5",
                                      "1_0",
                                      "1e10000",
                                      "1e-10000",
                                      "--1",
                                      "1e99999999999999999999",
                                      "10e9999",
                                      "0.1e-9999"};
    for (size_t i = 0; i < sizeof good / sizeof good[0]; i++) {
        CHECK(decimal_check(text_of(good[i])));
    }
    for (size_t i = 0; i < sizeof bad / sizeof bad[0]; i++) {
        CHECK(!decimal_check(text_of(bad[i])));
    }
    CHECK(!decimal_check((struct text){NULL, 0}));
    arena_open();
    CHECK(decimal_check(repeat("", '9', DECIMAL_BYTES_MAX, "")));
    CHECK(!decimal_check(repeat("", '9', DECIMAL_BYTES_MAX + 1, "")));
    CHECK(decimal_check(text_of("0e9999")) && decimal_check(text_of("0.1e9999")));
    arena_clear(&arena);
}

TEST(model_decimal, compare_orders_numbers) {
    // Ascending, and equal within a line.
    static const char *const rows[][4] = {
        {"-1e9999", "-1.0E+9999"},
        {"-12.5", "-12.50", "-125e-1", "-0.125e2"},
        {"-12.4"},
        {"-1e-9999"},
        {"0", "-0", "0.000e5", "-0e-9999"},
        {"1e-9999"},
        {"0.00099"},
        {"0.001", "1e-3", "0.0010", "10E-4"},
        {"0.1", "1e-1"},
        {"1", "1.0", "10e-1", "0.1e1"},
        {"9.99"},
        {"10", "1e1"},
        {"12.05"},
        {"12.5", "12.50"},
        {"12345678901234567.88"},
        {"12345678901234567.89", "12345678901234567.8900"},
        {"1e9999"},
        {"9.99e9999"},
    };
    size_t count = sizeof rows / sizeof rows[0];
    for (size_t i = 0; i < count; i++) {
        for (size_t j = 0; j < count; j++) {
            for (int a = 0; a < 4 && rows[i][a] != NULL; a++) {
                for (int b = 0; b < 4 && rows[j][b] != NULL; b++) {
                    int order = decimal_compare(text_of(rows[i][a]), text_of(rows[j][b]));
                    CHECK_INT((order > 0) - (order < 0), (i > j) - (i < j));
                }
            }
        }
    }
}

TEST(model_decimal, plain_is_the_shortest_form) {
    static const char *const cases[][2] = {
        {"12.50", "12.5"},
        {"1e3", "1000"},
        {"-0.0", "0"},
        {"-0", "0"},
        {"0.10e1", "1"},
        {"1.0", "1"},
        {"100", "100"},
        {"-12.50e-2", "-0.125"},
        {"1E-7", "0.0000001"},
        {"0.5", "0.5"},
        {"123.456e2", "12345.6"},
        {"123.456e3", "123456"},
        {"123.456e-3", "0.123456"},
        {"1e20", "100000000000000000000"},
        {"0e9999", "0"},
        {"1e9999", "1e9999"},
        {"-1.50e-9999", "-1.5e-9999"},
        {"12000e600", "12e603"},
    };
    arena_open();
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        CHECK_TEXT(plain(text_of(cases[i][0])), cases[i][1]);
    }
    arena_clear(&arena);
}

// The canonical form is a decimal itself, is its own canonical form, and is the same number.
static void check_canonical(struct text text) {
    if (!decimal_check(text)) {
        return;
    }
    struct text form = plain(text);
    CHECK(decimal_check(form));
    CHECK(form.length <= DECIMAL_BYTES_MAX);
    CHECK(text_same(plain(form), form));
    CHECK_INT(decimal_compare(form, text), 0);
}

TEST(model_decimal, canonical_at_the_limits) {
    static const char *const before[] = {"", "-", "0.", "-0.", "1", "1.", "10.0", "0.000"};
    static const char *const after[] = {"", "e9", "e-9", "e99", "e-99", "e511", "e-511", "e9999", "e-9999", "0e1", "1"};
    arena_open();
    for (size_t i = 0; i < sizeof before / sizeof before[0]; i++) {
        for (size_t j = 0; j < sizeof after / sizeof after[0]; j++) {
            for (size_t count = 0; count <= DECIMAL_BYTES_MAX; count += count > 20 && count < 480 ? 50 : 1) {
                arena_reset(&arena);
                check_canonical(repeat(before[i], '7', count, after[j]));
                check_canonical(repeat(before[i], '0', count, after[j]));
            }
        }
    }
    arena_clear(&arena);
}

TEST(model_decimal, read_takes_what_people_write) {
    static const char *const cases[][2] = {
        {" 12.50\r\n", "12.50"}, {"+5", "5"},       {"5.", "5"},  {".5", "0.5"},
        {"-.5", "-0.5"},         {"007", "7"},      {"000", "0"}, {"-00.10", "-0.10"},
        {"5.e3", "5e3"},         {"+1E+5", "1E+5"}, {"-0", "-0"},
    };
    static const char *const bad[] = {"",   " ",   "+",  "-",    ".",   "+-5", "5 6",     "1,5", "1.2.3",
                                      "e5", ".e5", "5e", "0x1f", "nan", "inf", "1e10000", "- 5", "5%"};
    arena_open();
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        struct text out;
        CHECK(decimal_read(&arena, text_of(cases[i][0]), &out));
        CHECK_TEXT(out, cases[i][1]);
        CHECK(decimal_check(out));
    }
    for (size_t i = 0; i < sizeof bad / sizeof bad[0]; i++) {
        struct text out;
        CHECK(!decimal_read(&arena, text_of(bad[i]), &out));
        CHECK(out.data != NULL);
    }
    arena_clear(&arena);
}

TEST(model_decimal, out_of_memory_is_told_apart) {
    struct arena none;
    struct text out;
    arena_init(&none, 0);
    CHECK(decimal_read(&none, text_of("12.5"), &out));
    CHECK(!decimal_read(&none, text_of("+12.5"), &out));
    CHECK(out.data == NULL);
    CHECK(!decimal_plain(&none, text_of("12.50"), &out));
    CHECK(decimal_plain(&none, text_of("12.5"), &out));
}
