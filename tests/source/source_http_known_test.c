#include "source/source_http_known.h"

#include "test.h"

enum { MANY = 200000 };

static struct print print_of_number(uint64_t number) {
    return print_of((struct text){(const char *)&number, sizeof number}, 7);
}

static void take(struct http_known *known, uint64_t from, uint64_t to) {
    struct error error = {.code = ERROR_NONE};
    for (uint64_t i = from; i < to; i++) {
        CHECK_OK(http_known_take(known, print_of_number(i), &error), &error);
    }
}

TEST(source_http_known, what_comes_twice) {
    struct http_known known = {.bytes = 0};
    take(&known, 0, MANY);
    CHECK(!known.repeated);
    CHECK_INT(known.now, MANY);
    take(&known, MANY / 2, MANY / 2 + 1);
    CHECK(known.repeated);
    CHECK_INT(known.now, MANY);
    http_known_clear(&known);
}

TEST(source_http_known, what_has_gone) {
    struct http_known known = {.bytes = 0};
    take(&known, 0, 1000);
    CHECK(!http_known_is_same(&known) && !http_known_holds_all(&known));
    http_known_again(&known);
    take(&known, 500, 1000); // in another order
    take(&known, 0, 500);
    CHECK(http_known_is_same(&known) && http_known_holds_all(&known));
    http_known_again(&known);
    take(&known, 0, 1001);
    CHECK(!http_known_is_same(&known) && http_known_holds_all(&known));
    http_known_again(&known);
    take(&known, 1, 1001);
    CHECK(!http_known_is_same(&known) && !http_known_holds_all(&known));
    http_known_again(&known);
    take(&known, 0, 1001); // 0 was not in the one before
    CHECK(!http_known_is_same(&known) && http_known_holds_all(&known));
    http_known_again(&known);
    take(&known, 0, 1001);
    take(&known, 0, 1);
    CHECK(!http_known_is_same(&known) && !http_known_holds_all(&known));
    http_known_clear(&known);
}

TEST(source_http_known, five_million_fit_and_no_end_of_them_is_kept) {
    struct http_known known = {.bytes = 0};
    take(&known, 0, 5000000);
    CHECK(!known.blind && !known.repeated);
    CHECK(known.bytes < 64 * 1024 * 1024);
    take(&known, 5000000, 8000000);
    CHECK(known.blind);
    CHECK_INT(known.bytes, 0);
    http_known_again(&known);
    take(&known, 0, 8000000);
    CHECK(http_known_is_same(&known));
    http_known_clear(&known);
}
