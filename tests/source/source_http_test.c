#include "source/source_http.h"

#include "contract/source_contract.h"
#include "format/format_json.h"
#include "http_rig.h"
#include "source/source_http_position.h"
#include "test.h"

// A list of so many records, given by offset and limit: /api/readings?skip=2&limit=2
struct list {
    int64_t count;
    int64_t cap; // a page's most; 0: none
};

static void answer_list(void *context, const struct stub_request *request, struct stub_reply *reply) {
    const struct list *list = context;
    int64_t from = stub_integer(request, "skip", 0);
    int64_t limit = stub_integer(request, "limit", list->count);
    limit = list->cap > 0 && list->cap < limit ? list->cap : limit;
    stub_print(reply, "[");
    for (int64_t i = from; i < list->count && i < from + limit; i++) {
        stub_print(reply, "%s{\"id\":%lld,\"name\":\"r%lld\"}", i > from ? "," : "", (long long)i, (long long)i);
    }
    stub_print(reply, "]");
}

static void answer_body(void *context, const struct stub_request *request, struct stub_reply *reply) {
    (void)request;
    stub_print(reply, "%s", (const char *)context);
}

#define OFFSET "\"page\":{\"kind\":\"offset\",\"offset\":\"skip\",\"limit\":\"limit\",\"size\":3}"
#define READINGS "{\"reading\":{\"path\":\"/readings\"}}"

TEST(source_http, whole) {
    struct http_rig rig;
    struct list list = {3, 0};
    rig_open(&rig, answer_list, &list, "{}", READINGS);
    CHECK_TEXT(rig_pass(&rig, 0), "0 1 2 last full");
    CHECK_TEXT(http_stub_log(rig.stub), "GET /api/readings\n");
    list.count = 0;
    CHECK_TEXT(rig_pass(&rig, 0), "last full");
    rig_close(&rig);
}

TEST(source_http, offset) {
    struct http_rig rig;
    struct list list = {7, 0};
    rig_open(&rig, answer_list, &list, "{\"at_once\":1," OFFSET "}", READINGS);
    CHECK_TEXT(rig_pass(&rig, 0), "0 1 2 3 4 5 6 last full");
    CHECK_TEXT(http_stub_log(rig.stub), "GET /api/readings?limit=3&skip=0\nGET /api/readings?limit=3&skip=2\n"
                                        "GET /api/readings?limit=3&skip=4\nGET /api/readings?limit=3&skip=6\n");
    rig_close(&rig);
}

TEST(source_http, batches_of_any_size) {
    struct http_rig rig;
    struct list list = {20, 0};
    rig_open(&rig, answer_list, &list, "{\"at_once\":3," OFFSET "}", READINGS);
    rig_pass(&rig, 0);
    uint64_t prints = rig.prints;
    for (size_t size = 1; size < 30; size++) {
        rig.setup.page_records = size;
        CHECK_TEXT(rig_pass(&rig, 0), "0 1 2 3 4 5 6 7 8 9 10 11 12 13 14 15 16 17 18 19 last full");
        CHECK(rig.prints == prints);
    }
    rig_close(&rig);
}

TEST(source_http, goes_on_where_it_stood) {
    struct http_rig rig;
    struct list list = {11, 0};
    rig_open(&rig, answer_list, &list, "{\"at_once\":2," OFFSET "}", READINGS);
    for (size_t size = 1; size < 9; size++) {
        for (size_t batches = 1; batches < 14; batches++) {
            char story[256];
            char position[4096];
            rig.setup.page_records = size;
            rig.setup.position = TEXT_LITERAL("");
            struct text first = rig_part(&rig, batches);
            bool is_whole = memchr(first.data, 'l', first.length) != NULL;
            snprintf(story, sizeof story, "%.*s", TEXT_ARGS(first));
            snprintf(position, sizeof position, "%s", rig.position);
            rig.setup.position = text_of(position);
            rig.setup.page_records = (size + batches) % 5 + 1;
            struct text rest = rig_pass(&rig, 0);
            size_t used = strlen(story);
            snprintf(story + used, sizeof story - used, "%s%.*s", used > 0 && !is_whole ? " " : "",
                     is_whole ? 0 : (int)rest.length, rest.data);
            CHECK_TEXT(text_of(story), "0 1 2 3 4 5 6 7 8 9 10 last full");
            if (is_whole) {
                CHECK_TEXT(rest, "last full");
            }
        }
    }
    rig_close(&rig);
}

static void answer_bad_rows(void *context, const struct stub_request *request, struct stub_reply *reply) {
    static const char *const rows[] = {"1,a", "bad", "3,c", "4,d", "bad,2,3", "6,f"};
    int64_t from = stub_integer(request, "skip", 0);
    int64_t limit = stub_integer(request, "limit", 6);
    (void)context;
    reply->type = "text/csv";
    stub_print(reply, "id,name\n");
    for (int64_t i = from; i < 6 && i < from + limit; i++) {
        stub_print(reply, "%s\n", rows[i]);
    }
}

// A row that can't be read may be what pages meet at.
TEST(source_http, rows_that_cannot_be_read_keep_their_place) {
    static const char *const stories[] = {"1 !3003 3 !3003 4 !3003 6 !3003 last", "1 3 !3003 4 !3003 6 !3003 last",
                                          "1 3 4 !3003 6 !3003 last", "1 3 4 !3003 !3003 6 !3003 last"};
    struct http_rig rig;
    for (size_t size = 1; size < 5; size++) {
        char settings[200];
        snprintf(settings, sizeof settings,
                 "{\"at_once\":1,\"page\":{\"kind\":\"offset\",\"offset\":\"skip\",\"limit\":\"limit\",\"size\":%zu}}",
                 size + 1);
        rig_open(&rig, answer_bad_rows, NULL, settings, "{\"reading\":{\"path\":\"/readings\",\"format\":\"csv\"}}");
        CHECK_TEXT(rig_pass(&rig, 0), stories[size - 1]);
        rig_close(&rig);
    }
}

TEST(source_http, strange_positions) {
    static const char *const positions[] = {"x",  "v1", "{}", "{\"v\":2}", "{\"v\":1}", "{\"v\":1,\"of\":\"00\"}",
                                            "[1]"};
    struct http_rig rig;
    struct list list = {3, 0};
    rig_open(&rig, answer_list, &list, "{}", READINGS);
    for (size_t i = 0; i < sizeof positions / sizeof positions[0]; i++) {
        rig.setup.position = text_of(positions[i]);
        rig_pass(&rig, 0);
        CHECK_INT(rig.error.code, ERROR_SOURCE_CHANGED);
    }
    rig_close(&rig);
}

// What a home holds may have been damaged: numbers that adding to would overflow are no position.
TEST(source_http, positions_at_the_ends_of_numbers) {
    static const char *const bad[] = {"{\"v\":1,\"size\":1,\"n\":9223372036854775807}",
                                      "{\"v\":1,\"size\":9223372036854775807}",
                                      "{\"v\":1,\"size\":1,\"until\":-9223372036854775807}",
                                      "{\"v\":1,\"seen\":9223372036854775807}",
                                      "{\"v\":1,\"pages\":-1}",
                                      "{\"v\":1,\"tries\":4294967296}"};
    struct http_position position;
    struct arena arena;
    arena_init(&arena, 1 << 20);
    CHECK(http_position_read(TEXT_LITERAL("{\"v\":1,\"size\":1,\"n\":1000000000000000000}"), &arena, &position));
    CHECK_INT(position.number, INT64_C(1000000000000000000));
    for (size_t i = 0; i < sizeof bad / sizeof bad[0]; i++) {
        CHECK(!http_position_read(text_of(bad[i]), &arena, &position));
    }
    arena_clear(&arena);
}

TEST(source_http, page_that_changed_is_read_anew) {
    struct http_rig rig;
    char body[200] = "[{\"id\":1},{\"id\":2},{\"id\":3}]";
    char position[4096];
    rig_open(&rig, answer_body, body, "{}", READINGS);
    rig.setup.page_records = 2;
    CHECK_TEXT(rig_part(&rig, 1), "1 2");
    snprintf(position, sizeof position, "%s", rig.position);
    rig.setup.position = text_of(position);
    CHECK_TEXT(rig_pass(&rig, 0), "3 last full");
    snprintf(body, sizeof body, "%s", "[{\"id\":2},{\"id\":3},{\"id\":4}]");
    CHECK_TEXT(rig_pass(&rig, 0), "2 3 4 last full");
    snprintf(body, sizeof body, "%s", "[{\"id\":1}]");
    CHECK_TEXT(rig_pass(&rig, 0), "1 last full");
    rig_close(&rig);
}

TEST(source_http, prints_do_not_know_the_order_of_names) {
    struct http_rig rig;
    char body[200] = "[{\"id\":1,\"a\":{\"x\":1,\"y\":[1,2]},\"b\":null}]";
    rig_open(&rig, answer_body, body, "{}", READINGS);
    rig_pass(&rig, 0);
    uint64_t prints = rig.prints;
    static const char *const same[] = {"[{\"b\":null,\"a\":{\"y\":[1,2],\"x\":1},\"id\":1}]",
                                       " [ {\"a\" : {\"x\":1,\"y\":[1,2]}, \"id\":1,\"b\":null}]"};
    static const char *const others[] = {
        "[{\"id\":1,\"a\":{\"x\":1,\"y\":[2,1]},\"b\":null}]", "[{\"id\":1,\"a\":{\"x\":1,\"y\":[1,2]}}]",
        "[{\"id\":1,\"b\":{\"x\":1,\"y\":[1,2]},\"a\":null}]", "[{\"id\":1.0,\"a\":{\"x\":1,\"y\":[1,2]},\"b\":null}]",
        "[{\"id\":1,\"a\":{\"x\":\"1\",\"y\":[1,2]},\"b\":null}]"};
    for (size_t i = 0; i < sizeof same / sizeof same[0]; i++) {
        snprintf(body, sizeof body, "%s", same[i]);
        CHECK_TEXT(rig_pass(&rig, 0), "1 last full");
        CHECK(rig.prints == prints);
    }
    for (size_t i = 0; i < sizeof others / sizeof others[0]; i++) {
        snprintf(body, sizeof body, "%s", others[i]);
        rig_pass(&rig, 0);
        CHECK(rig.prints != prints);
    }
    rig.setup.seed = 43;
    snprintf(body, sizeof body, "%s", same[0]);
    rig_pass(&rig, 0);
    CHECK(rig.prints != prints);
    rig_close(&rig);
}

TEST(source_http, records_that_are_none) {
    struct http_rig rig;
    char body[300] = "[{\"id\":1},2,\"x\",{\"id\":3,\"id\":4},{\"id\":1e99999},{\"id\":5},[[]],null]";
    rig_open(&rig, answer_body, body, "{}", READINGS);
    CHECK_TEXT(rig_pass(&rig, 0), "1 5 !3032 !3032 !3006 !3008 !3032 !3032 last");
    rig_close(&rig);
}

// Rows of which each third one is no record.
static void answer_dirty(void *context, const struct stub_request *request, struct stub_reply *reply) {
    int64_t from = stub_integer(request, "skip", 0);
    (void)context;
    stub_print(reply, "[");
    for (int64_t i = from; i < 18 && i < from + 3; i++) {
        stub_print(reply, i > from ? "," : "");
        stub_print(reply,
                   i % 3 == 1   ? "%lld"
                   : i % 3 == 0 ? "{\"id\":%lld,\"x\":\"é\"}"
                                : "{\"x\":null,\"id\":%lld}",
                   (long long)i);
    }
    stub_print(reply, "]");
}

TEST(source_http, keeps_the_contract) {
    struct http_rig rig;
    rig_open(&rig, answer_dirty, NULL, "{\"at_once\":3,\"page\":{\"kind\":\"offset\",\"offset\":\"skip\",\"size\":3}}",
             READINGS);
    source_contract_run(&source_http, &rig.setup, 12, 6);
    rig_close(&rig);
}

static void answer_rows(void *context, const struct stub_request *request, struct stub_reply *reply) {
    (void)context;
    (void)request;
    reply->type = "text/csv";
    stub_print(reply, "id,name\n");
    for (int i = 0; i < 40; i++) {
        stub_print(reply, i % 7 == 3 ? "%d,\"a\nb\"\n" : i % 11 == 5 ? "%d\n" : "%d,x\n", i);
    }
}

TEST(source_http, keeps_the_contract_with_csv) {
    struct http_rig rig;
    rig_open(&rig, answer_rows, NULL, "{}", "{\"reading\":{\"path\":\"/readings\",\"format\":\"csv\"}}");
    source_contract_run(&source_http, &rig.setup, 37, 3);
    rig_close(&rig);
}

static bool says_gone(struct arena *arena, const char *options, const char *record) {
    struct value type;
    struct value value;
    struct error error;
    bool gone;
    CHECK_OK(json_read(text_of(options), arena, NULL, &type, &error), &error);
    CHECK_OK(json_read(text_of(record), arena, NULL, &value, &error), &error);
    CHECK_OK(source_http.gone(type.as.object, value.as.object, &gone, &error), &error);
    return gone;
}

// A record that was posted says of itself what a listed one would.
TEST(source_http, posted_record_says_that_it_is_gone) {
    struct arena arena;
    arena_init(&arena, 1024 * 1024);
    const char *options = "{\"path\":\"/readings\",\"gone\":[\"meta\",\"deleted\"]}";
    CHECK(says_gone(&arena, options, "{\"id\":1,\"meta\":{\"deleted\":true}}"));
    CHECK(says_gone(&arena, options, "{\"id\":1,\"meta\":{\"deleted\":\"2026-01-01\"}}"));
    CHECK(!says_gone(&arena, options, "{\"id\":1,\"meta\":{\"deleted\":false}}"));
    CHECK(!says_gone(&arena, options, "{\"id\":1}"));
    CHECK(!says_gone(&arena, "{\"path\":\"/readings\"}", "{\"id\":1,\"meta\":{\"deleted\":true}}"));
    arena_clear(&arena);
}
