#include "source/source_http_cursor.h"

#include "http_rig.h"
#include "test.h"

static void answer(void *context, const struct stub_request *request, struct stub_reply *reply) {
    (void)request;
    stub_print(reply, "%s", (const char *)context);
}

static void check(const char *body, const char *type, const char *since, const char *story, const char *log) {
    struct http_rig rig;
    char types[600];
    char copy[1000];
    snprintf(types, sizeof types, "{\"reading\":{\"path\":\"/readings\",\"cursor\":\"at\"%s%s}}",
             type[0] != '\0' ? "," : "", type);
    snprintf(copy, sizeof copy, "%s", body);
    rig_open(&rig, answer, copy, "{}", types);
    rig.setup.since = text_of(since);
    CHECK_TEXT(rig_pass(&rig, 0), story);
    if (log != NULL) {
        CHECK_TEXT(http_stub_log(rig.stub), log);
    }
    rig_close(&rig);
}

#define ISO "\"cursor_format\":\"iso\""

TEST(source_http_cursor, kept_as_its_own_text_f05) {
    // The highest by what it means, in the words of the source: no digit is added, lost or rounded.
    check("[{\"id\":1,\"at\":\"2023-01-02T10:00:00.123456789Z\"},{\"id\":2,\"at\":\"2023-01-02T10:00:00.1Z\"}]", ISO,
          "", "1 2 last full cursor=2023-01-02T10:00:00.123456789Z", NULL);
    check("[{\"id\":1,\"at\":\"2023-01-02T12:00:00+05:30\"},{\"id\":2,\"at\":\"2023-01-02T07:00:00Z\"}]", ISO, "",
          "1 2 last full cursor=2023-01-02T07:00:00Z", NULL);
    check("[{\"id\":1,\"at\":9},{\"id\":2,\"at\":10},{\"id\":3,\"at\":9.5}]", "", "", "1 2 3 last full cursor=10",
          NULL);
    check("[{\"id\":1,\"at\":\"b\"},{\"id\":2,\"at\":\"a\"}]", "", "", "1 2 last full cursor=b", NULL);
    check("[{\"id\":1,\"at\":9223372036854775807}]", "", "", "1 last full cursor=9223372036854775807", NULL);
    check("[{\"id\":1,\"at\":1700000000123}]", "\"cursor_format\":\"epoch_ms\"", "", "1 last full cursor=1700000000123",
          NULL);
}

TEST(source_http_cursor, asked_for_as_it_was_f05) {
    check("[]", ISO ",\"since\":\"filter[gte]\"", "2023-01-02T10:00:00.1200Z", "last cursor=2023-01-02T10:00:00.1200Z",
          "GET /api/readings?filter[gte]=2023-01-02T10:00:00.1200Z\n");
    // In JSON a number is a number.
    check("[]", "\"query\":{\"filter\":{\"where\":{\"at\":{\"gte\":\"{since}\"}},\"limit\":5}}", "17", "last cursor=17",
          "GET /api/readings?filter={\"where\":{\"at\":{\"gte\":17}},\"limit\":5}\n");
    check("[]", "\"query\":{\"filter\":{\"where\":{\"at\":{\"gte\":\"{since}\"}},\"limit\":5}}", "", "last full",
          "GET /api/readings?filter={\"limit\":5}\n");
}

TEST(source_http_cursor, overlap_f02) {
    // Records that were committed late are within the overlap.
    check("[{\"id\":1,\"at\":\"2023-01-02T09:58:00Z\"}]", ISO ",\"since\":\"from\",\"overlap\":300000000",
          "2023-01-02T10:00:00Z", "1 last cursor=2023-01-02T10:00:00Z",
          "GET /api/readings?from=2023-01-02T09:55:00Z\n");
    check("[]", ISO ",\"since\":\"from\",\"overlap\":300000000", "2023-01-02 10:00:00.500+02:00",
          "last cursor=2023-01-02 10:00:00.500+02:00", "GET /api/readings?from=2023-01-02 07:55:00.500+00:00\n");
    check("[]", "\"cursor_format\":\"epoch_s\",\"since\":\"from\",\"overlap\":60000000", "1700000000",
          "last cursor=1700000000", "GET /api/readings?from=1699999940\n");
    check("[]", "\"cursor_format\":\"DD/MM/YYYY HH:mm\",\"since\":\"from\",\"overlap\":60000000", "01/01/2023 00:00",
          "last cursor=01/01/2023 00:00", "GET /api/readings?from=31/12/2022 23:59\n");
    check("[]", "\"since\":\"from\",\"overlap\":60000000", "5", "W2007", "");
}

TEST(source_http_cursor, overlap_past_all_calendars) {
    const struct {
        const char *since, *format;
    } cases[] = {{"0001-01-01T00:00:00Z", "iso"}, {"0001-01-01", "YYYY-MM-DD"}, {"-9223372036854775808", "epoch_us"}};
    struct buffer out;
    struct error error;
    buffer_init(&out, HTTP_CURSOR_BYTES_MAX);
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        CHECK(!http_cursor_back(text_of(cases[i].since), text_of(cases[i].format), INT64_C(60000000), &out, &error));
        CHECK_INT(error.code, ERROR_OPTION_TYPE);
    }
    CHECK_INT(out.length, 0);
    buffer_clear(&out);
}

TEST(source_http_cursor, future_is_not_believed_f04) {
    struct http_rig rig;
    char body[] = "[{\"id\":1,\"at\":\"2023-11-14T00:00:00Z\"},{\"id\":2,\"at\":\"2099-01-01T00:00:00Z\"},"
                  "{\"id\":3,\"at\":\"2023-11-15T12:00:00Z\"}]";
    rig_open(&rig, answer, body, "{}", "{\"reading\":{\"path\":\"/readings\",\"cursor\":\"at\"," ISO "}}");
    CHECK_TEXT(rig_pass(&rig, 0), "1 2 3 last full cursor=2023-11-15T12:00:00Z");
    CHECK(strstr(rig.log.data, "1 records have a at more than a day in the future") != NULL);
    rig_close(&rig);
}

TEST(source_http_cursor, watermark_never_goes_back_f04) {
    check("[{\"id\":1,\"at\":5}]", "\"since\":\"from\"", "7", "1 last cursor=7", NULL);
}

TEST(source_http_cursor, records_without_one_f27) {
    struct http_rig rig;
    char body[] =
        "[{\"id\":1,\"at\":null},{\"id\":2},{\"id\":3,\"at\":\"2023-01-01\"},{\"id\":4,\"at\":\"0000-00-00\"},"
        "{\"id\":5,\"at\":[]},{\"id\":6,\"at\":\"\"}]";
    rig_open(&rig, answer, body, "{}", "{\"reading\":{\"path\":\"/readings\",\"cursor\":\"at\"," ISO "}}");
    CHECK_TEXT(rig_pass(&rig, 0), "1 2 3 4 5 6 last full cursor=2023-01-01");
    CHECK(strstr(rig.log.data, "5 records have no at") != NULL);
    rig_close(&rig);
    rig_open(&rig, answer, body, "{}",
             "{\"reading\":{\"path\":\"/readings\",\"cursor\":\"at\",\"without_cursor\":\"refuse\"," ISO "}}");
    CHECK_TEXT(rig_pass(&rig, 0), "3 !4002 !4002 !4002 !4002 !4002 last cursor=2023-01-01");
    rig_close(&rig);
}

TEST(source_http_cursor, gone_records) {
    check("[{\"id\":1,\"at\":1,\"deleted\":true},{\"id\":2,\"at\":2,\"deleted\":false},{\"id\":3,\"at\":3}]",
          "\"gone\":\"deleted\"", "", "-1 2 3 last full cursor=3", NULL);
}

TEST(source_http_cursor, full_or_not) {
    // Without since in the request everything comes, whatever the watermark is.
    check("[{\"id\":1,\"at\":5}]", "", "3", "1 last full cursor=5", "GET /api/readings\n");
    check("[{\"id\":1,\"at\":5}]", "\"since\":\"from\"", "3", "1 last cursor=5", NULL);
    check("[{\"id\":1,\"at\":5}]", "\"since\":\"from\"", "", "1 last full cursor=5", NULL);
    // An upper bound leaves out what is behind it.
    check("[]", ISO ",\"until\":\"to\"", "", "last", "GET /api/readings?to=2023-11-15T22:13:20.000Z\n");
}

// --- the watermark of a pass that was interrupted ---

// Six records in pages of two, each a minute later than the one before.
static void answer_pages(void *context, const struct stub_request *request, struct stub_reply *reply) {
    int64_t from = stub_integer(request, "skip", 0);
    (void)context;
    stub_print(reply, "[");
    for (int64_t i = from; i < from + 2 && i < 6; i++) {
        stub_print(reply, "%s{\"id\":%lld,\"at\":\"2023-01-02T10:0%lld:00Z\"}", i > from ? "," : "", (long long)i,
                   (long long)i);
    }
    stub_print(reply, "]");
}

// Reads `parts` parts of so many batches, each in a new life, and then the rest.
static void read_in_parts(const char *type, const size_t *parts, size_t count, const char *end) {
    struct http_rig rig;
    char types[400];
    char at[sizeof rig.position];
    snprintf(types, sizeof types, "{\"reading\":{\"path\":\"/readings\",\"cursor\":\"at\"," ISO "%s}}", type);
    rig_open(&rig, answer_pages, NULL, "{\"page\":{\"kind\":\"offset\",\"offset\":\"skip\",\"size\":2}}", types);
    rig.setup.page_records = 2;
    for (size_t i = 0; i < count; i++) {
        rig_part(&rig, parts[i]);
        CHECK_INT(rig.error.code, ERROR_NONE);
        memcpy(at, rig.position, sizeof at);
        rig.setup.position = text_of(at);
    }
    struct text story = rig_pass(&rig, 0);
    CHECK(story.length > strlen(end));
    CHECK_TEXT(text_of(story.data + story.length - strlen(end)), end);
    rig_close(&rig);
}

#define OVERLAP ",\"since\":\"from\",\"overlap\":60000000"

// What went in behind its place meanwhile may be older than the overlap reaches back: the next pass begins where this
// one first stopped.
TEST(source_http_cursor, moves_no_further_than_where_it_first_stopped_f02) {
    static const size_t once[] = {1};
    static const size_t twice[] = {1, 1};
    read_in_parts(OVERLAP, NULL, 0, "last full cursor=2023-01-02T10:05:00Z");
    read_in_parts(OVERLAP, once, 1, "cursor=2023-01-02T10:01:00Z");
    read_in_parts(OVERLAP, twice, 2, "cursor=2023-01-02T10:01:00Z");
    read_in_parts(",\"since\":\"from\"", twice, 2, "cursor=2023-01-02T10:05:00Z"); // records never come late there
}
