#include "http_rig.h"
#include "test.h"

enum { SIZE = 3 };

struct chain {
    int64_t count;
    const char *kind;
    bool loops;    // the next page is always the second
    int64_t empty; // this page and the next are empty, and not the last
    bool is_endless;
};

// Pages of three: page N has 3N+1 … 3N+3, and says what comes next in the way of its kind.
static void answer(void *context, const struct stub_request *request, struct stub_reply *reply) {
    const struct chain *chain = context;
    int64_t page = stub_integer(request, "p", 0);
    char cursor[200];
    if (stub_param(request, "after", cursor, sizeof cursor)) {
        CHECK(strncmp(cursor, "c-", 2) == 0);
        page = atol(cursor + 2);
    }
    if (request->body.length > 0) {
        const char *at = memchr(request->body.data, '7', request->body.length);
        page = at != NULL && at[1] == ',' ? at[2] - '0' : 0;
    }
    int64_t from = page * SIZE;
    int64_t next = chain->loops ? 1 : page + 1;
    bool is_last = !chain->is_endless && !chain->loops && from + SIZE >= chain->count;
    stub_print(reply, "{\"meta\":{");
    if (strcmp(chain->kind, "next") == 0) {
        stub_print(reply, is_last ? "\"next\":null" : "\"next\":\"/api/readings?p=%lld\"", (long long)next);
    } else if (strcmp(chain->kind, "absolute") == 0 && !is_last) {
        stub_print(reply, "\"next\":\"http://%.*s/api/readings?p=%lld\"", TEXT_ARGS(stub_header(request, "Host")),
                   (long long)next);
    } else if (strcmp(chain->kind, "elsewhere") == 0) {
        stub_print(reply, "\"next\":\"http://other.example/api/readings\"");
    } else if (strcmp(chain->kind, "cursor") == 0 && !is_last) {
        stub_print(reply, "\"next\":\"c-%lld\"", (long long)next);
    } else if (strcmp(chain->kind, "more") == 0) {
        stub_print(reply, "\"more\":%s,\"next\":\"c-%lld\"", is_last ? "false" : "true", (long long)next);
    } else if (strcmp(chain->kind, "table") == 0 && !is_last) {
        stub_print(reply, "\"next\":{\"S\":{\"k\":[7,%lld]}}", (long long)next);
    } else if (strcmp(chain->kind, "header") == 0 && !is_last) {
        buffer_print(&reply->headers, "X-Next: c-%lld\r\n", (long long)next);
    } else if (strcmp(chain->kind, "link") == 0) {
        buffer_print(&reply->headers, "Link: <readings?p=0>; rel=\"first\"; title=\"a, <b>; rel=next; x\"%s", "");
        if (!is_last) {
            buffer_print(&reply->headers, ", <?p=%lld>; type=x; REL=\"next last\"", (long long)next);
        }
        buffer_string(&reply->headers, "\r\n");
    }
    stub_print(reply, "},\"items\":[");
    bool is_empty = chain->empty >= 0 && (page == chain->empty || page == chain->empty + 1);
    for (int64_t i = from; !is_empty && i < from + SIZE && (i < chain->count || chain->is_endless); i++) {
        stub_print(reply, "%s{\"id\":%lld}", i > from ? "," : "", (long long)i + 1);
    }
    stub_print(reply, "]}");
}

#define TYPES "{\"reading\":{\"path\":\"/readings\",\"records\":\"items\"}}"
#define NEXT "{\"page\":{\"kind\":\"next\",\"next\":[\"meta\",\"next\"]}}"
#define LINK "{\"page\":{\"kind\":\"link\"}}"
#define CURSOR(more) "{\"page\":{\"kind\":\"cursor\",\"cursor\":\"after\",\"next\":[\"meta\",\"next\"]" more "}}"

static void check(const char *kind, int64_t empty, const char *settings, const char *types, const char *expected) {
    struct http_rig rig;
    struct chain chain = {empty < 0 ? 8 : 11, kind, false, empty, false};
    rig_open(&rig, answer, &chain, settings, types);
    for (size_t size = 1; size < 10; size += 2) {
        rig.setup.page_records = size;
        CHECK_TEXT(rig_pass(&rig, 0), expected);
    }
    rig_close(&rig);
}

TEST(source_http_pager_next, all_kinds) {
    check("next", -1, NEXT, TYPES, "1 2 3 4 5 6 7 8 last full");
    check("absolute", -1, NEXT, TYPES, "1 2 3 4 5 6 7 8 last full");
    check("link", -1, LINK, TYPES, "1 2 3 4 5 6 7 8 last full");
    check("cursor", -1, CURSOR(""), TYPES, "1 2 3 4 5 6 7 8 last full");
    check("more", -1, CURSOR(",\"more\":[\"meta\",\"more\"]"), TYPES, "1 2 3 4 5 6 7 8 last full");
    check("header", -1, "{\"page\":{\"kind\":\"cursor\",\"cursor\":\"after\",\"next\":\"header:x-next\"}}", TYPES,
          "1 2 3 4 5 6 7 8 last full");
    check("table", -1, CURSOR(",\"in_body\":true"),
          "{\"reading\":{\"path\":\"/readings\",\"records\":\"items\",\"method\":\"POST\",\"body\":{\"x\":1}}}",
          "1 2 3 4 5 6 7 8 last full");
    check("table", -1, "{\"page\":{\"kind\":\"cursor\",\"next\":[\"meta\",\"next\"]}}",
          "{\"reading\":{\"path\":\"/"
          "readings\",\"records\":\"items\",\"method\":\"POST\",\"body\":{\"from\":\"{cursor}\"}}}",
          "1 2 3 4 5 6 7 8 last full");
}

TEST(source_http_pager_next, empty_page_goes_on_f26) {
    check("next", 1, NEXT, TYPES, "1 2 3 10 11 last full");
    check("link", 1, LINK, TYPES, "1 2 3 10 11 last full");
    check("cursor", 0, CURSOR(""), TYPES, "7 8 9 10 11 last full");
}

TEST(source_http_pager_next, loop_f26) {
    static const struct {
        const char *kind;
        const char *settings;
    } cases[] = {{"next", NEXT}, {"link", LINK}, {"cursor", CURSOR("")}};
    for (size_t i = 0; i < 3; i++) {
        struct http_rig rig;
        struct chain chain = {30, cases[i].kind, true, -1, false};
        rig_open(&rig, answer, &chain, cases[i].settings, TYPES);
        rig_pass(&rig, 0);
        CHECK_INT(rig.error.code, ERROR_PAGE_REPEATS);
        rig_close(&rig);
    }
}

TEST(source_http_pager_next, empty_loop_f26) {
    // An empty page whose next one is itself.
    struct http_rig rig;
    struct chain chain = {30, "next", true, 1, false};
    rig_open(&rig, answer, &chain, "{\"page\":{\"kind\":\"next\",\"next\":[\"meta\",\"next\"],\"pages_max\":20}}",
             TYPES);
    rig_pass(&rig, 0);
    CHECK_INT(rig.error.code, ERROR_PAGE_REPEATS);
    rig_close(&rig);
}

TEST(source_http_pager_next, endless_f26) {
    struct http_rig rig;
    struct chain chain = {30, "cursor", false, -1, true};
    rig_open(&rig, answer, &chain, CURSOR(",\"pages_max\":20"), TYPES);
    rig_pass(&rig, 0);
    CHECK_INT(rig.error.code, ERROR_PAGE_ENDLESS);
    rig_close(&rig);
}

TEST(source_http_pager_next, other_host_is_refused) {
    struct http_rig rig;
    struct chain chain = {30, "elsewhere", false, -1, false};
    rig_open(&rig, answer, &chain, NEXT, TYPES);
    rig_pass(&rig, 0);
    CHECK_INT(rig.error.code, ERROR_HTTP_ADDRESS);
    CHECK_INT(http_stub_count(rig.stub), 1);
    rig_close(&rig);
}

TEST(source_http_pager_next, goes_on_where_it_stood) {
    static const struct {
        const char *kind;
        const char *settings;
    } cases[] = {{"next", NEXT}, {"link", LINK}, {"cursor", CURSOR("")}};
    for (size_t i = 0; i < 3; i++) {
        for (size_t batches = 1; batches < 5; batches++) {
            struct http_rig rig;
            struct chain chain = {8, cases[i].kind, false, -1, false};
            char position[4096];
            rig_open(&rig, answer, &chain, cases[i].settings, TYPES);
            rig.setup.page_records = 2;
            rig_part(&rig, batches);
            snprintf(position, sizeof position, "%s", rig.position);
            rig.setup.position = text_of(position);
            struct text story = rig_pass(&rig, 0);
            CHECK(story.length >= 9 && memcmp(story.data + story.length - 9, "last full", 9) == 0);
            // Pages of three in batches of two: 2, 1, 2, 1, 2.
            static const char *const rests[] = {"3 4 5 6 7 8 last full", "4 5 6 7 8 last full", "6 7 8 last full",
                                                "7 8 last full"};
            CHECK_TEXT(story, rests[batches - 1]);
            rig_close(&rig);
        }
    }
}
