#include "server/web_target.h"

#include "test.h"

static bool decoded(const char *text, bool plus, const char *expected) {
    struct arena arena;
    struct text out;
    arena_init(&arena, 64 * 1024);
    bool ok = web_target_decode(text_of(text), plus, &arena, &out);
    if (ok) {
        CHECK(expected != NULL);
        CHECK_TEXT(out, expected);
        CHECK_INT(out.data[out.length], 0);
    }
    arena_clear(&arena);
    return ok;
}

TEST(server_web_target, escapes_are_decoded_once) {
    CHECK(decoded("a%20b+c", false, "a b+c"));
    CHECK(decoded("a%20b+c", true, "a b c"));
    CHECK(decoded("%2541", false, "%41"));
    CHECK(decoded("%c3%BC", false, "\xc3\xbc"));
    CHECK(decoded("", false, ""));
    CHECK(decoded("%2F..%2f", false, "/../"));
}

TEST(server_web_target, what_is_no_text_is_refused) {
    static const char *const broken[] = {"%00",    "a%0ab", "%7f",    "\x01", "%",   "%4",
                                         "a%4",    "%g1",   "%1g",    "%-1",  "%c3", "%ed%a0%80",
                                         "%c0%80", "\xff",  "%u0041", "% 41", "%\t", "%f4%90%80%80"};
    for (size_t i = 0; i < sizeof broken / sizeof broken[0]; i++) {
        CHECK(!decoded(broken[i], false, NULL));
        CHECK(!decoded(broken[i], true, NULL));
    }
}

static const char *read_it(const char *target, struct pair query[QUERY_MAX], size_t *count, struct arena *arena) {
    static const char *wrong;
    struct text path;
    wrong = NULL;
    bool ok = web_target_read(text_of(target), arena, &path, query, count, &wrong);
    CHECK(ok == (wrong == NULL));
    return wrong;
}

TEST(server_web_target, paths_and_queries) {
    struct arena arena;
    struct pair query[QUERY_MAX];
    size_t count;
    arena_init(&arena, 1024 * 1024);
    CHECK(read_it("/a/b?x=1&y=a%26b&&z&w=", query, &count, &arena) == NULL);
    CHECK_INT(count, 4);
    CHECK_TEXT(query[1].value, "a&b");
    CHECK_TEXT(query[2].name, "z");
    CHECK_INT(query[2].value.length, 0);
    CHECK(read_it("/?", query, &count, &arena) == NULL);
    CHECK_INT(count, 0);
    CHECK(read_it("/a?x=1=2", query, &count, &arena) == NULL);
    CHECK_TEXT(query[0].value, "1=2");
    CHECK(read_it("/a?x?=1", query, &count, &arena) == NULL);
    CHECK_TEXT(query[0].name, "x?");
    CHECK(read_it("a", query, &count, &arena) != NULL);
    CHECK(read_it("", query, &count, &arena) != NULL);
    CHECK(read_it("*", query, &count, &arena) != NULL);
    CHECK(read_it("http://x/a", query, &count, &arena) != NULL);
    CHECK(read_it("/%00", query, &count, &arena) != NULL);
    CHECK(read_it("/a?x=%", query, &count, &arena) != NULL);
    CHECK(read_it("/a?org=a&o%72g=b", query, &count, &arena) != NULL);
    arena_clear(&arena);
}

TEST(server_web_target, more_parameters_than_there_may_be) {
    char target[QUERY_MAX * 8 + 16] = "/?";
    struct arena arena;
    struct pair query[QUERY_MAX];
    size_t count;
    arena_init(&arena, 1024 * 1024);
    for (int i = 0; i < QUERY_MAX; i++) {
        snprintf(target + strlen(target), 8, "p%d&", i);
    }
    CHECK(read_it(target, query, &count, &arena) == NULL);
    CHECK_INT(count, QUERY_MAX);
    strcat(target, "more");
    CHECK(read_it(target, query, &count, &arena) != NULL);
    arena_clear(&arena);
}
