#include "source/source_http_walk.h"

#include "http_rig.h"
#include "test.h"

// Stations and what they measured, the way GGMN has it: /stations, /stations/CODE/events, /search?q=CODE.
struct api {
    size_t removed; // this station's events are 404
    size_t stations;
    bool station_gone; // the second one is marked deleted
    bool first_left;   // the first one is no longer listed
};

static void answer_events(const struct api *api, const struct stub_request *request, struct stub_reply *reply,
                          int64_t station) {
    int64_t page = stub_integer(request, "page", 1);
    if (station == (int64_t)api->removed) {
        reply->status = 404;
        return;
    }
    stub_print(reply, "{\"results\":[");
    for (int64_t i = (page - 1) * 2; i < page * 2 && i < station; i++) {
        stub_print(reply, "%s{\"id\":\"%lld-%lld\",\"value\":%lld}", i % 2 > 0 ? "," : "", (long long)station,
                   (long long)i, (long long)i);
    }
    stub_print(reply, "],\"count\":%lld}", (long long)station);
}

static void answer_search(const struct stub_request *request, struct stub_reply *reply) {
    char q[100];
    CHECK(stub_param(request, "q", q, sizeof q));
    if (strcmp(q, "none") == 0) {
        stub_print(reply, "{\"results\":[],\"count\":0}");
    } else if (strcmp(q, "two") == 0) {
        stub_print(reply, "{\"results\":[{\"id\":\"two\"},{\"id\":\"two\"}],\"count\":0}");
    } else {
        stub_print(reply, "{\"results\":[{\"id\":\"%s\"}],\"count\":0}", q);
    }
}

static void answer(void *context, const struct stub_request *request, struct stub_reply *reply) {
    const struct api *api = context;
    char ids[200];
    int64_t number = 0;
    struct text path = request->path;
    if (text_is(path, "/api/search")) {
        answer_search(request, reply);
    } else if (path.length > 14 && memcmp(path.data, "/api/stations/", 14) == 0) {
        int station = path.data[14] - '0';
        if (path.length > 15) {
            answer_events(api, request, reply, station);
        } else if (station > (int)api->stations) {
            reply->status = 404;
        } else {
            stub_print(reply, "{\"id\":%d}", station);
        }
    } else if (stub_param(request, "ids", ids, sizeof ids)) {
        stub_print(reply, "[");
        for (const char *at = ids; at != NULL; at = strchr(at, ',') != NULL ? strchr(at, ',') + 1 : NULL) {
            stub_print(reply, "{\"id\":%d},", atoi(at));
        }
        stub_print(reply, "{\"id\":77}]"); // one that nobody asked for
    } else {
        stub_print(reply, "[");
        for (number = 1 + api->first_left; number <= (int64_t)api->stations; number++) {
            stub_print(reply, "%s{\"id\":%lld,\"code\":\"S/%lld\",\"deleted\":%s}",
                       number > 1 + api->first_left ? "," : "", (long long)number, (long long)number,
                       api->station_gone && number == 2 ? "true" : "false");
        }
        stub_print(reply, "]");
    }
}

#define STATION "\"station\":{\"path\":\"/stations\",\"key\":\"id\",\"gone\":\"deleted\",\"page\":{\"kind\":\"whole\"}}"
#define EACH                                                                                                 \
    "{" STATION                                                                                              \
    ",\"reading\":{\"path\":\"/stations/{id}/events\",\"each\":\"station\",\"with\":{\"station\":\"code\"}," \
    "\"records\":\"results\"}}"
#define NUMBER "{\"page\":{\"kind\":\"number\",\"page\":\"page\",\"total\":\"count\",\"size\":2}}"

TEST(source_http_walk, each_parent) {
    struct http_rig rig;
    struct api api = {.stations = 4};
    rig_open(&rig, answer, &api, NUMBER, EACH);
    CHECK_TEXT(rig_pass(&rig, 0), "1-0 2-0 2-1 3-0 3-1 3-2 4-0 4-1 4-2 4-3 last full");
    rig.label = TEXT_LITERAL("station");
    CHECK_TEXT(rig_pass(&rig, 0), "S/1 S/2 S/2 S/3 S/3 S/3 S/4 S/4 S/4 S/4 last full");
    api.stations = 0;
    CHECK_TEXT(rig_pass(&rig, 0), "last full");
    rig_close(&rig);
}

TEST(source_http_walk, each_in_one_answer) {
    struct http_rig rig;
    struct api api = {.stations = 2};
    rig_open(&rig, answer, &api, "{\"at_once\":3}", EACH);
    CHECK_TEXT(rig_pass(&rig, 0), "1-0 2-0 2-1 last full");
    // The second station is gone: nobody asks for its events.
    api.station_gone = true;
    CHECK_TEXT(rig_pass(&rig, 0), "1-0 last full");
    rig_close(&rig);
}

// A list of several pages that was interrupted is read once more: what its first part saw is not known any more.
static void leave_out_repeats(char *story) {
    char once[400] = "";
    size_t used = 0;
    for (const char *at = story; *at != '\0'; at += strspn(at, " ")) {
        char word[40];
        size_t length = strcspn(at, " ");
        snprintf(word, sizeof word, "%.*s", (int)length, at);
        if (strstr(once, word) == NULL) {
            used += (size_t)snprintf(once + used, sizeof once - used, "%s%s", used > 0 ? " " : "", word);
        }
        at += length;
    }
    memcpy(story, once, used + 1);
}

TEST(source_http_walk, each_goes_on_where_it_stood) {
    struct http_rig rig;
    struct api api = {.stations = 4};
    rig_open(&rig, answer, &api, NUMBER, EACH);
    for (size_t size = 1; size < 8; size++) {
        for (size_t batches = 1; batches < 11; batches++) {
            char story[400];
            char position[4096];
            rig.setup.page_records = size;
            rig.setup.position = TEXT_LITERAL("");
            snprintf(story, sizeof story, "%.*s", TEXT_ARGS(rig_part(&rig, batches)));
            if (strstr(story, "last") != NULL) {
                continue;
            }
            snprintf(position, sizeof position, "%s", rig.position);
            rig.setup.position = text_of(position);
            size_t used = strlen(story);
            snprintf(story + used, sizeof story - used, "%s%.*s", used > 0 ? " " : "", TEXT_ARGS(rig_pass(&rig, 0)));
            leave_out_repeats(story);
            CHECK_TEXT(text_of(story), "1-0 2-0 2-1 3-0 3-1 3-2 4-0 4-1 4-2 4-3 last full");
        }
    }
    rig_close(&rig);
}

TEST(source_http_walk, parent_that_has_none) {
    struct http_rig rig;
    struct api api = {.stations = 3, .removed = 2};
    rig_open(&rig, answer, &api, NUMBER, EACH);
    // What a parent that can't be asked has is not gone.
    CHECK_TEXT(rig_pass(&rig, 0), "1-0 3-0 3-1 3-2 !3031 last");
    rig_close(&rig);
    // A parent without what the path needs.
    rig_open(&rig, answer, &api, NUMBER,
             "{" STATION ",\"reading\":{\"path\":\"/stations/{number}/events\",\"each\":\"station\"}}");
    CHECK_TEXT(rig_pass(&rig, 0), "!4002 !4002 !4002 last");
    rig_close(&rig);
}

TEST(source_http_walk, chosen_parents_are_not_all) {
    struct http_rig rig;
    struct api api = {.stations = 4};
    rig_open(&rig, answer, &api, NUMBER,
             "{\"station\":{\"path\":\"/stations\",\"key\":\"id\",\"only\":[\"2\"],\"page\":{\"kind\":\"whole\"}},"
             "\"reading\":{\"path\":\"/stations/{id}/events\",\"each\":\"station\",\"records\":\"results\"}}");
    CHECK_TEXT(rig_pass(&rig, 0), "2-0 2-1 last");
    rig_close(&rig);
}

TEST(source_http_walk, other_parent_where_it_stood) {
    // The parents moved between two runs of one pass: it begins anew.
    struct http_rig rig;
    struct api api = {.stations = 4};
    char position[4096];
    rig_open(&rig, answer, &api, NUMBER, EACH);
    rig.setup.page_records = 4;
    rig_part(&rig, 2);
    snprintf(position, sizeof position, "%s", rig.position);
    rig.setup.position = text_of(position);
    api.first_left = true;
    rig_pass(&rig, 0);
    CHECK_INT(rig.error.code, ERROR_SOURCE_CHANGED);
    rig_close(&rig);
}

TEST(source_http_walk, lookup) {
    struct http_rig rig;
    struct api api = {.stations = 3};
    rig_open(
        &rig, answer, &api, "{}",
        "{\"reading\":{\"path\":\"/search\",\"query\":{\"q\":\"{id}\"},\"only\":[\"a\",\"none\",\"b\",\"two\",\"c\"],"
        "\"lookup\":true,\"records\":\"results\"}}");
    for (size_t size = 1; size < 7; size++) {
        rig.setup.page_records = size;
        struct text story = rig_pass(&rig, 0);
        CHECK(memchr(story.data, 'a', story.length) != NULL && strstr(story.data, "b ") != NULL);
        CHECK(strstr(story.data, "two") == NULL && strstr(story.data, "c ") != NULL);
        CHECK_INT(rig.error.code, ERROR_NONE);
    }
    rig.setup.page_records = 1000;
    CHECK_TEXT(rig_pass(&rig, 0), "a b c !3044 !3044 last");
    CHECK(strstr(http_stub_log(rig.stub).data, "GET /api/search?q=none\n") != NULL);
    rig_close(&rig);
}

TEST(source_http_walk, only_by_ids) {
    struct http_rig rig;
    struct api api = {.stations = 3};
    rig_open(
        &rig, answer, &api, "{\"at_once\":1}",
        "{\"reading\":{\"path\":\"/list\",\"only\":[\"1\",\"2\",\"3\",\"4\",\"5\"],\"ids\":\"ids\",\"ids_max\":2}}");
    CHECK_TEXT(rig_pass(&rig, 0), "1 2 3 4 5 last");
    CHECK_TEXT(http_stub_log(rig.stub), "GET /api/list?ids=1,2\nGET /api/list?ids=3,4\nGET /api/list?ids=5\n");
    CHECK(strstr(rig.log.data, "3 records came that are not among the chosen ids") != NULL);
    rig_close(&rig);
}

TEST(source_http_walk, only_one_by_one) {
    struct http_rig rig;
    struct api api = {.stations = 3};
    rig_open(&rig, answer, &api, "{}", "{\"reading\":{\"path\":\"/stations\",\"only\":[\"1\",\"9\",\"3\"]}}");
    CHECK_TEXT(rig_pass(&rig, 0), "1 3 last");
    CHECK_TEXT(http_stub_log(rig.stub), "GET /api/stations/1\nGET /api/stations/9\nGET /api/stations/3\n");
    rig_close(&rig);
    rig_open(&rig, answer, &api, "{}",
             "{\"reading\":{\"path\":\"/x\",\"one\":\"/stations/{id}\",\"lookup\":true,\"only\":[\"1\",\"9\",\"3\"]}}");
    CHECK_TEXT(rig_pass(&rig, 0), "1 3 !3044 last");
    rig_close(&rig);
}

TEST(source_http_walk, what_does_not_go_together) {
    struct http_rig rig;
    struct api api = {.stations = 3};
    rig_open(&rig, answer, &api, "{}", "{" STATION ",\"reading\":{\"path\":\"/x\",\"each\":\"nothing\"}}");
    CHECK_TEXT(rig_pass(&rig, 0), "W2006");
    rig_close(&rig);
    rig_open(&rig, answer, &api, "{}",
             "{" STATION ",\"reading\":{\"path\":\"/x\",\"each\":\"station\",\"only\":[\"1\"]}}");
    CHECK_TEXT(rig_pass(&rig, 0), "W2006");
    rig_close(&rig);
}
