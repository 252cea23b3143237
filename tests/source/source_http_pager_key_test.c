#include <inttypes.h>

#include "http_rig.h"
#include "test.h"

// Rows with a time each (seconds behind 2023-11-01T00:00:00Z), in its order.
struct rows {
    int64_t times[64];
    size_t count;
    int64_t cap; // a page's most, whatever is asked for; 0: none
    bool ignores;
    bool shuffled;
};

static int64_t day_second(const char *text) {
    int day = 0;
    int hour = 0;
    int minute = 0;
    int second = 0;
    CHECK(sscanf(text, "2023-11-%2dT%2d:%2d:%2dZ", &day, &hour, &minute, &second) == 4);
    return ((day - 1) * 24 + hour) * 3600 + minute * 60 + second;
}

static void answer(void *context, const struct stub_request *request, struct stub_reply *reply) {
    const struct rows *rows = context;
    char room[64];
    int64_t from = stub_param(request, "from", room, sizeof room) && !rows->ignores ? day_second(room) : 0;
    int64_t to = stub_param(request, "to", room, sizeof room) && !rows->ignores ? day_second(room) : INT64_MAX;
    int64_t limit = stub_integer(request, "limit", 3);
    int64_t given = 0;
    limit = rows->cap > 0 && limit > rows->cap ? rows->cap : limit;
    stub_print(reply, "[");
    for (size_t i = 0; i < rows->count && given < limit; i++) {
        size_t place = rows->shuffled ? rows->count - 1 - i : i;
        int64_t time = rows->times[place];
        if (time >= from && time < to) {
            stub_print(reply, "%s{\"id\":%zu,\"at\":\"2023-11-%02dT%02d:%02d:%02dZ\"}", given > 0 ? "," : "", place + 1,
                       (int)(time / 86400) + 1, (int)(time / 3600 % 24), (int)(time / 60 % 60), (int)(time % 60));
            given++;
        }
    }
    stub_print(reply, "]");
}

#define TYPES "{\"reading\":{\"path\":\"/readings\",\"cursor\":\"at\",\"cursor_format\":\"iso\"}}"
#define KEYSET "{\"page\":{\"kind\":\"keyset\",\"after\":\"from\",\"limit\":\"limit\",\"size\":3}}"
#define WINDOW(more)                                                                                               \
    "{\"at_once\":4,\"page\":{\"kind\":\"window\",\"from\":\"from\",\"to\":\"to\",\"limit\":\"limit\",\"size\":3," \
    "\"start\":\"2023-11-01T00:00:00Z\",\"width\":86400000000" more "}}"

TEST(source_http_pager_key, keyset_with_ties_f01) {
    // The page ends in the middle of a tie: all of it comes.
    struct http_rig rig;
    struct rows rows = {{10, 20, 30, 30, 30, 40, 50, 50}, 8, 0, false, false};
    rig_open(&rig, answer, &rows, KEYSET, TYPES);
    CHECK_TEXT(rig_pass(&rig, 0), "1 2 3 4 5 6 7 8 last full cursor=2023-11-01T00:00:50Z");
    // A later run asks from the watermark on, inclusive. What it gets is just one page of one time: a page from the
    // beginning shows that the server would have given more.
    rig.setup.since = TEXT_LITERAL("2023-11-01T00:00:50Z");
    rows.times[8] = 50;
    rows.count = 9;
    http_stub_forget(rig.stub);
    CHECK_TEXT(rig_pass(&rig, 0), "7 8 9 1 2 3 4 5 6 last cursor=2023-11-01T00:00:50Z");
    CHECK(memcmp(http_stub_log(rig.stub).data, "GET /api/readings?limit=3&from=2023-11-01T00:00:50Z\n", 51) == 0);
    rig_close(&rig);
}

TEST(source_http_pager_key, tie_larger_than_a_page_f26) {
    struct http_rig rig;
    struct rows rows = {{10, 30, 30, 30, 30, 30, 30, 30, 30, 40}, 10, 0, false, false};
    rig_open(&rig, answer, &rows, KEYSET, TYPES);
    CHECK_TEXT(rig_pass(&rig, 0), "1 2 3 4 5 6 7 8 9 10 last full cursor=2023-11-01T00:00:40Z");
    rig_close(&rig);
    // A server that gives no more than three: there is no way past the tie, and no record is left out in silence.
    rows.cap = 3;
    rig_open(&rig, answer, &rows, KEYSET, TYPES);
    rig_pass(&rig, 0);
    CHECK_INT(rig.error.code, ERROR_PAGE_ENDLESS);
    rig_close(&rig);
}

// What was read is all there is, though a page of one time had just as many as were asked for.
static void ties_end(struct rows rows, const char *since, const char *story) {
    struct http_rig rig;
    rig_open(&rig, answer, &rows, KEYSET, TYPES);
    rig.setup.since = text_of(since);
    CHECK_TEXT(rig_pass(&rig, 0), story);
    rig_close(&rig);
}

TEST(source_http_pager_key, tie_as_large_as_a_page_at_the_end_f26) {
    ties_end((struct rows){{10, 30, 30, 30}, 4, 0, false, false}, "",
             "1 2 3 4 1 last full cursor=2023-11-01T00:00:30Z");
    ties_end((struct rows){{10, 30, 30, 30, 30, 30, 30}, 7, 0, false, false}, "",
             "1 2 3 4 5 6 7 1 last full cursor=2023-11-01T00:00:30Z");
    // From the watermark on there is nothing else: what came before shows that the server would have given more.
    ties_end((struct rows){{10, 30, 30, 30}, 4, 0, false, false}, "2023-11-01T00:00:30Z",
             "2 3 4 1 last cursor=2023-11-01T00:00:30Z");
    // A longer page came before: that is enough.
    ties_end((struct rows){{10, 10, 10, 10, 30, 30, 30}, 7, 0, false, false}, "",
             "1 2 3 4 5 6 7 last full cursor=2023-11-01T00:00:30Z");
    // As many as nobody asked for.
    ties_end((struct rows){{30, 30, 30, 30}, 4, 0, false, false}, "", "1 2 3 4 last full cursor=2023-11-01T00:00:30Z");
}

// The server gives so many at a time: what is behind the tie can't be reached, and nothing is left out in silence.
static void ties_cut(struct rows rows, const char *since) {
    struct http_rig rig;
    rig_open(&rig, answer, &rows, KEYSET, TYPES);
    rig.setup.since = text_of(since);
    rig_pass(&rig, 0);
    CHECK_INT(rig.error.code, ERROR_PAGE_ENDLESS);
    rig_close(&rig);
}

TEST(source_http_pager_key, tie_larger_than_the_server_gives_f26) {
    for (int64_t cap = 2; cap <= 7; cap++) {
        ties_cut((struct rows){{10, 30, 30, 30, 30, 30, 30, 30, 30, 40}, 10, cap, false, false}, "");
    }
    ties_cut((struct rows){{10, 30, 30, 30, 30, 40}, 6, 3, false, false}, "2023-11-01T00:00:30Z");
    // All of one time, as many as were asked for: nobody can tell them from the first of more.
    ties_cut((struct rows){{30, 30, 30, 30, 30}, 5, 3, false, false}, "");
    ties_cut((struct rows){{30, 30, 30}, 3, 0, false, false}, "");
}

TEST(source_http_pager_key, server_gives_fewer_than_asked_for_f26) {
    for (int64_t cap = 2; cap <= 4; cap++) {
        ties_end((struct rows){{10, 20, 30, 40, 50, 60, 70}, 7, cap, false, false}, "",
                 "1 2 3 4 5 6 7 last full cursor=2023-11-01T00:01:10Z");
    }
    ties_end((struct rows){{10, 20, 30, 30, 40, 50, 60, 60}, 8, 3, false, false}, "",
             "1 2 3 4 5 6 7 8 last full cursor=2023-11-01T00:01:00Z");
}

TEST(source_http_pager_key, short_pages_after_a_resume_are_the_end) {
    struct http_rig rig;
    struct rows rows = {{10, 20, 30, 40, 45}, 5, 0, false, false};
    char position[4096];
    rig_open(&rig, answer, &rows, KEYSET, TYPES);
    rig.setup.page_records = 3;
    CHECK_TEXT(rig_part(&rig, 2), "1 2 3 4 5");
    snprintf(position, sizeof position, "%s", rig.position);
    rows.times[4] = 60; // what stood there has changed: one page of one record, and the same again
    rig.setup.position = text_of(position);
    CHECK_TEXT(rig_pass(&rig, 0), "5 last full cursor=2023-11-01T00:01:00Z");
    rig_close(&rig);
}

TEST(source_http_pager_key, keyset_ignored_f26) {
    struct http_rig rig;
    struct rows rows = {{10, 20, 30, 40}, 4, 0, true, false};
    rig_open(&rig, answer, &rows, KEYSET, TYPES);
    rig_pass(&rig, 0);
    CHECK_INT(rig.error.code, ERROR_PAGE_REPEATS);
    rig_close(&rig);
}

TEST(source_http_pager_key, keyset_out_of_order) {
    struct http_rig rig;
    struct rows rows = {{10, 20, 30, 40}, 4, 0, false, true};
    rig_open(&rig, answer, &rows, KEYSET, TYPES);
    rig_pass(&rig, 0);
    CHECK_INT(rig.error.code, ERROR_HTTP_SHAPE);
    rig_close(&rig);
}

TEST(source_http_pager_key, keyset_by_since) {
    struct http_rig rig;
    struct rows rows = {{10, 20, 30, 40, 50}, 5, 0, false, false};
    rig_open(&rig, answer, &rows, "{\"page\":{\"kind\":\"keyset\",\"limit\":\"limit\",\"size\":2}}",
             "{\"reading\":{\"path\":\"/readings\",\"cursor\":\"at\",\"cursor_format\":\"iso\",\"since\":\"from\"}}");
    CHECK_TEXT(rig_pass(&rig, 0), "1 2 3 4 5 last full cursor=2023-11-01T00:00:50Z");
    rig_close(&rig);
}

TEST(source_http_pager_key, windows) {
    struct http_rig rig;
    struct rows rows = {{0, 86399, 86400, 3 * 86400, 12 * 86400, 13 * 86400 + 79000}, 6, 0, false, false};
    rig_open(&rig, answer, &rows, WINDOW(""), TYPES);
    CHECK_TEXT(rig_pass(&rig, 0), "1 2 3 4 5 6 last cursor=2023-11-14T21:56:40Z");
    // From the watermark to a day from now: the 15th, 22:13:20.
    rig.setup.since = TEXT_LITERAL("2023-11-14T21:56:40Z");
    http_stub_forget(rig.stub);
    CHECK_TEXT(rig_pass(&rig, 0), "6 last cursor=2023-11-14T21:56:40Z");
    CHECK_TEXT(http_stub_log(rig.stub),
               "GET /api/readings?limit=3&from=2023-11-14T21:56:40Z&to=2023-11-15T21:56:40Z\n"
               "GET /api/readings?limit=3&from=2023-11-15T21:56:40Z&to=2023-11-15T22:13:20Z\n");
    rig_close(&rig);
}

TEST(source_http_pager_key, full_window_splits_f26) {
    struct http_rig rig;
    struct rows rows = {{0, 100, 200, 300, 400, 40000, 40001, 86399, 86400}, 9, 0, false, false};
    rig_open(&rig, answer, &rows, WINDOW(""), TYPES);
    rig_pass(&rig, 0);
    CHECK_INT(rig.error.code, ERROR_NONE);
    // Every record came, some again; the last batch has the watermark.
    struct text story = buffer_view(&rig.story);
    for (char id = '1'; id <= '9'; id++) {
        CHECK(memchr(story.data, id, story.length) != NULL);
    }
    rig_close(&rig);
    // Four in one second don't fit a page of three.
    struct rows flood = {{100, 100, 100, 100}, 4, 0, false, false};
    rig_open(&rig, answer, &flood, WINDOW(""), TYPES);
    rig_pass(&rig, 0);
    CHECK_INT(rig.error.code, ERROR_PAGE_ENDLESS);
    rig_close(&rig);
}

TEST(source_http_pager_key, what_is_missing) {
    static const char *const settings[] = {KEYSET,
                                           WINDOW(""),
                                           "{\"page\":{\"kind\":\"offset\"}}",
                                           "{\"page\":{\"kind\":\"number\"}}",
                                           "{\"page\":{\"kind\":\"cursor\"}}",
                                           "{\"page\":{\"kind\":\"next\"}}",
                                           "{\"page\":{\"kind\":\"function\"}}"};
    for (size_t i = 0; i < sizeof settings / sizeof settings[0]; i++) {
        struct http_rig rig;
        struct rows rows = {.count = 0};
        rig_open(&rig, answer, &rows, settings[i], "{\"reading\":{\"path\":\"/readings\"}}");
        rig_pass(&rig, 0);
        CHECK_INT(rig.error.code, ERROR_OPTION_MISSING);
        rig_close(&rig);
    }
}
