#include "source/source_http_answer.h"

#include "http_rig.h"
#include "test.h"

// One wrong answer, from a request of that number on.
struct trouble {
    const char *body;
    const char *type;
    int status;
    size_t from;  // 0: at once
    size_t times; // 0: for ever
    size_t cut;
    bool drop;
    bool unframed;
    const char *header;
};

static void answer(void *context, const struct stub_request *request, struct stub_reply *reply) {
    const struct trouble *trouble = context;
    bool is_on =
        request->number >= trouble->from && (trouble->times == 0 || request->number < trouble->from + trouble->times);
    if (!is_on) {
        int64_t from = stub_integer(request, "skip", 0);
        stub_print(reply, "[");
        for (int64_t i = from; i < from + 3 && i < 8; i++) {
            stub_print(reply, "%s{\"id\":%lld}", i > from ? "," : "", (long long)i + 1);
        }
        stub_print(reply, "]");
        return;
    }
    reply->status = trouble->status != 0 ? trouble->status : 200;
    reply->type = trouble->type != NULL ? trouble->type : "application/json";
    reply->cut = trouble->cut != 0 ? trouble->cut : SIZE_MAX;
    reply->drop = trouble->drop;
    reply->unframed = trouble->unframed;
    buffer_string(&reply->headers, trouble->header != NULL ? trouble->header : "");
    buffer_string(&reply->body, trouble->body != NULL ? trouble->body : "");
}

#define TYPES "{\"reading\":{\"path\":\"/readings\"}}"
#define OFFSET "{\"at_once\":1,\"page\":{\"kind\":\"offset\",\"offset\":\"skip\",\"size\":3,\"overlap\":0}}"

static void check(struct trouble trouble, const char *types, const char *story) {
    struct http_rig rig;
    rig_open(&rig, answer, &trouble, "{}", types);
    CHECK_TEXT(rig_pass(&rig, 0), story);
    rig_close(&rig);
}

TEST(source_http_answer, other_than_data_f14) {
    static const char *const login = "<!DOCTYPE html><html><body>Please log in</body></html>";
    check((struct trouble){.body = login, .type = "text/html"}, TYPES, "W3032");
    check((struct trouble){.body = login, .type = "application/json"}, TYPES, "W3032");
    check((struct trouble){.body = login, .type = "text/plain"},
          "{\"reading\":{\"path\":\"/readings\",\"format\":\"csv\"}}", "W3032");
    check((struct trouble){.body = login, .type = "text/plain"},
          "{\"reading\":{\"path\":\"/readings\",\"format\":\"jsonl\"}}", "W3032");
    check((struct trouble){.body = "id,name\n1,x\n", .type = "text/html"},
          "{\"reading\":{\"path\":\"/readings\",\"format\":\"csv\"}}", "W3032");
    check((struct trouble){.body = "{\"error\":{\"statusCode\":401}}"}, TYPES, "W3032");
    check((struct trouble){.body = "{\"error\":\"x\"}"}, "{\"reading\":{\"path\":\"/readings\",\"records\":\"items\"}}",
          "W3032");
    check((struct trouble){.body = "{\"items\":null}"}, "{\"reading\":{\"path\":\"/readings\",\"records\":\"items\"}}",
          "W3032");
    check((struct trouble){.body = ""}, TYPES, "W3032");
}

TEST(source_http_answer, ok_f14) {
    static const char *const types =
        "{\"reading\":{\"path\":\"/readings\",\"records\":\"items\",\"ok\":{\"path\":\"status\",\"is\":\"ok\"}}}";
    check((struct trouble){.body = "{\"status\":\"ok\",\"items\":[{\"id\":1}]}"}, types, "1 last full");
    check((struct trouble){.body = "{\"items\":[{\"id\":1}],\"status\":\"failed\"}"}, types, "W3032");
    check((struct trouble){.body = "{\"items\":[{\"id\":1}]}"}, types, "W3032");
    check((struct trouble){.body = "{\"status\":\"failed\"}"}, types, "W3032");
    static const char *const set =
        "{\"reading\":{\"path\":\"/readings\",\"records\":\"items\",\"ok\":{\"path\":\"ok\"}}}";
    check((struct trouble){.body = "{\"ok\":1,\"items\":[{\"id\":1}]}"}, set, "1 last full");
    check((struct trouble){.body = "{\"ok\":false,\"items\":[{\"id\":1}]}"}, set, "W3032");
    check((struct trouble){.body = "{\"ok\":\"\",\"items\":[{\"id\":1}]}"}, set, "W3032");
}

TEST(source_http_answer, cut_off_f15) {
    static const char *const body = "[{\"id\":1},{\"id\":2}]";
    // With a length: the connection ends too early.
    check((struct trouble){.body = body, .cut = 12}, TYPES, "W3024");
    // Without one it may be cut anywhere, and JSON shows it.
    check((struct trouble){.body = body, .cut = 12, .unframed = true}, TYPES, "W3024");
    check((struct trouble){.body = body, .cut = 18, .unframed = true}, TYPES, "W3024");
    check((struct trouble){.body = body, .unframed = true}, TYPES, "1 2 last full");
    // The server itself ends it too early, or goes on behind it.
    check((struct trouble){.body = "[{\"id\":1},{\"id\":2}"}, TYPES, "W3032");
    check((struct trouble){.body = "[{\"id\":1}]<b>Warning</b>"}, TYPES, "W3032");
}

TEST(source_http_answer, end_that_nothing_proves_f15) {
    static const char *const csv = "{\"reading\":{\"path\":\"/readings\",\"format\":\"csv\"}}";
    static const char *const lines = "{\"reading\":{\"path\":\"/readings\",\"format\":\"jsonl\"}}";
    check((struct trouble){.body = "id,x\n1,a\n2,b\n", .type = "text/csv"}, csv, "1 2 last full");
    check((struct trouble){.body = "id,x\n1,a\n2,b\n", .type = "text/csv", .unframed = true}, csv, "W3032");
    check((struct trouble){.body = "{\"id\":1}\n\n{\"id\":2}", .type = "application/x-ndjson"}, lines, "1 2 last full");
    check((struct trouble){.body = "{\"id\":1}\n{\"id\":2}\n", .type = "application/x-ndjson", .unframed = true}, lines,
          "W3032");
}

TEST(source_http_answer, empty_is_not_missing) {
    check((struct trouble){.body = "[]"}, TYPES, "last full");
    check((struct trouble){.status = 204}, TYPES, "last full");
    check((struct trouble){.body = "[]", .status = 404}, TYPES, "W3031");
    check((struct trouble){.body = "[{\"id\":1}]", .status = 206}, TYPES, "W3031");
}

TEST(source_http_answer, failure_is_tried_again) {
    // The third page fails twice. What came whole before it is given first, and nothing comes twice.
    static const struct trouble troubles[] = {
        {.status = 500, .from = 3, .times = 2},
        {.drop = true, .from = 3, .times = 2},
        {.body = "[{\"id\":7},{\"id\":8}]", .cut = 12, .from = 3, .times = 2},
    };
    static const char *const codes[] = {"W3030", "W3024", "W3024"};
    for (size_t i = 0; i < 3; i++) {
        for (size_t size = 1; size < 12; size++) {
            struct http_rig rig;
            struct trouble trouble = troubles[i];
            char plain[200];
            size_t used = 0;
            rig_open(&rig, answer, &trouble, OFFSET, TYPES);
            rig.setup.page_records = size;
            struct text story = rig_pass(&rig, 2);
            // The story without the errors.
            for (size_t at = 0; at < story.length; at++) {
                if (story.data[at] == 'W') {
                    CHECK(memcmp(story.data + at, codes[i], 5) == 0);
                    at += 5;
                } else {
                    plain[used++] = story.data[at];
                }
            }
            CHECK_TEXT(((struct text){plain, used}), "1 2 3 4 5 6 7 8 1 2 3 4 5 6 7 8 last full");
            CHECK_INT(rig.error.code, ERROR_NONE);
            rig_close(&rig);
        }
    }
}

TEST(source_http_answer, asks_to_wait_f24) {
    struct http_rig rig;
    struct trouble trouble = {.status = 429, .header = "Retry-After: 120\r\n", .from = 2, .times = 1};
    rig_open(&rig, answer, &trouble, OFFSET, TYPES);
    rig.setup.page_records = 3;
    CHECK_TEXT(rig_pass(&rig, 0), "1 2 3 W3029");
    CHECK_INT(rig.error.after_us, rig.now_us + 120000000);
    rig_close(&rig);
    trouble = (struct trouble){.status = 503, .from = 1};
    rig_open(&rig, answer, &trouble, OFFSET, TYPES);
    CHECK_TEXT(rig_pass(&rig, 0), "W3029");
    CHECK_INT(rig.error.scope, ERROR_BATCH);
    rig_close(&rig);
}

TEST(source_http_answer, refused) {
    check((struct trouble){.status = 401}, TYPES, "W3028");
    check((struct trouble){.status = 403}, TYPES, "W3028");
    check((struct trouble){.status = 418, .body = "{\"x\":1}"}, TYPES, "W3031");
}

TEST(source_http_answer, csv_in_pieces) {
    struct http_rig rig;
    struct trouble trouble = {.body = "id,x\n1,a\n2\n3,c\n4,d\n5\n6,f\n", .type = "text/csv"};
    static const char *const types = "{\"reading\":{\"path\":\"/readings\",\"format\":\"csv\"}}";
    rig_open(&rig, answer, &trouble, "{}", types);
    CHECK_TEXT(rig_pass(&rig, 0), "1 3 4 6 !3003 !3003 last");
    for (size_t batches = 1; batches < 6; batches++) {
        char position[4096];
        char story[200];
        rig.setup.page_records = 1;
        rig.setup.position = TEXT_LITERAL("");
        snprintf(story, sizeof story, "%.*s ", TEXT_ARGS(rig_part(&rig, batches)));
        snprintf(position, sizeof position, "%s", rig.position);
        rig.setup.position = text_of(position);
        size_t used = strlen(story);
        snprintf(story + used, sizeof story - used, "%.*s", TEXT_ARGS(rig_pass(&rig, 0)));
        CHECK_TEXT(text_of(story), "1 !3003 3 4 !3003 6 last");
    }
    rig_close(&rig);
}
