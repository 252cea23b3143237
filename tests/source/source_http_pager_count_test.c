#include "http_rig.h"
#include "test.h"

// Rows in some order, of which any may go or come while they are read.
struct rows {
    int64_t ids[64];
    int64_t stamps[4096]; // by id: when it changed last
    size_t count;
    int64_t cap;         // a page's most; 0: none
    bool tells_total;    // { total =, items = }
    int64_t lies;        // added to the total
    size_t at[4];        // before the request of that number
    int64_t remove[4];   // this id goes
    int64_t insert[4];   // this one comes to the front
    int64_t move[4];     // this one goes to the end
    bool ignores;        // what is asked for
    size_t missing_from; // pages from that number on are 404
};

static void rows_fill(struct rows *rows, int64_t count) {
    *rows = (struct rows){.count = (size_t)count};
    for (int64_t i = 0; i < count; i++) {
        rows->ids[i] = i + 1;
        rows->stamps[i + 1] = 1001 + i;
    }
}

static void rows_remove(struct rows *rows, int64_t id) {
    for (size_t i = 0; i < rows->count; i++) {
        if (rows->ids[i] == id) {
            memmove(&rows->ids[i], &rows->ids[i + 1], (rows->count - i - 1) * sizeof rows->ids[0]);
            rows->count--;
            return;
        }
    }
}

static void rows_change(struct rows *rows, size_t number) {
    for (size_t i = 0; i < 4; i++) {
        if (rows->at[i] != number || number == 0) {
            continue;
        }
        if (rows->remove[i] != 0) {
            rows_remove(rows, rows->remove[i]);
        }
        if (rows->insert[i] != 0) {
            memmove(&rows->ids[1], &rows->ids[0], rows->count * sizeof rows->ids[0]);
            rows->ids[0] = rows->insert[i];
            rows->count++;
        }
        if (rows->move[i] != 0) {
            rows_remove(rows, rows->move[i]);
            rows->ids[rows->count++] = rows->move[i];
            rows->stamps[rows->move[i]] = 2000;
        }
    }
}

static void answer(void *context, const struct stub_request *request, struct stub_reply *reply) {
    struct rows *rows = context;
    rows_change(rows, request->number);
    int64_t limit = stub_integer(request, "limit", 64);
    int64_t page = stub_integer(request, "page", 1);
    limit = rows->cap > 0 && rows->cap < limit ? rows->cap : limit;
    int64_t from = stub_integer(request, "skip", (page - 1) * limit);
    from = rows->ignores || from < 0 ? 0 : from;
    if (rows->missing_from > 0 && page >= (int64_t)rows->missing_from) {
        reply->status = 404;
        stub_print(reply, "{\"detail\":\"Invalid page.\"}");
        return;
    }
    if (rows->tells_total) {
        stub_print(reply, "{\"total\":%lld,\"pages\":%lld,\"items\":", (long long)rows->count + (long long)rows->lies,
                   ((long long)rows->count + limit - 1) / limit);
    }
    stub_print(reply, "[");
    for (int64_t i = from; i < (int64_t)rows->count && i < from + limit; i++) {
        stub_print(reply, "%s{\"id\":%lld,\"at\":%lld}", i > from ? "," : "", (long long)rows->ids[i],
                   (long long)rows->stamps[rows->ids[i]]);
    }
    stub_print(reply, rows->tells_total ? "]}" : "]");
}

#define OFFSET(more) \
    "{\"at_once\":1,\"page\":{\"kind\":\"offset\",\"offset\":\"skip\",\"limit\":\"limit\",\"size\":3" more "}}"
#define NUMBER(more) \
    "{\"at_once\":1,\"page\":{\"kind\":\"number\",\"page\":\"page\",\"limit\":\"limit\",\"size\":3" more "}}"
#define PLAIN "{\"reading\":{\"path\":\"/readings\"}}"
#define ITEMS "{\"reading\":{\"path\":\"/readings\",\"records\":\"items\"}}"
#define ORDERED "{\"reading\":{\"path\":\"/readings\",\"cursor\":\"at\"}}"

TEST(source_http_pager_count, offset_without_overlap) {
    struct http_rig rig;
    struct rows rows;
    rows_fill(&rows, 7);
    // Nothing shows whether the pages moved: they are read again, and are the same.
    rig_open(&rig, answer, &rows, OFFSET(",\"overlap\":0"), PLAIN);
    CHECK_TEXT(rig_pass(&rig, 0), "1 2 3 4 5 6 7 1 2 3 4 5 6 7 last full");
    CHECK_INT(http_stub_count(rig.stub), 8);
    rig_close(&rig);
}

TEST(source_http_pager_count, server_caps_the_page_f26) {
    // Ten are asked for, two come: a short page is not the last one.
    struct http_rig rig;
    struct rows rows;
    rows_fill(&rows, 7);
    rows.cap = 2;
    rig_open(&rig, answer, &rows,
             "{\"at_once\":4,\"page\":{\"kind\":\"offset\",\"offset\":\"skip\",\"limit\":\"limit\","
             "\"size\":10,\"overlap\":0}}",
             PLAIN);
    CHECK_TEXT(rig_pass(&rig, 0), "1 2 3 4 5 6 7 1 2 3 4 5 6 7 last full");
    rig_close(&rig);
    rows_fill(&rows, 7);
    rows.cap = 2;
    rig_open(&rig, answer, &rows, NUMBER(""), PLAIN);
    CHECK_TEXT(rig_pass(&rig, 0), "1 2 3 4 5 6 7 1 2 3 4 5 6 7 last full");
    rig_close(&rig);
}

TEST(source_http_pager_count, short_page_overlaps_less_f03) {
    // A page has no more records than the overlap: nothing has moved, and nothing is read again.
    struct http_rig rig;
    struct rows rows;
    for (int64_t count = 1; count <= 4; count++) {
        rows_fill(&rows, count);
        rig_open(&rig, answer, &rows, OFFSET(",\"overlap\":2"), PLAIN);
        CHECK_TEXT(rig_pass(&rig, 0), (count == 1   ? "1 last full"
                                       : count == 2 ? "1 2 last full"
                                       : count == 3 ? "1 2 3 last full"
                                                    : "1 2 3 4 last full"));
        rig_close(&rig);
    }
    rows_fill(&rows, 1);
    rig_open(&rig, answer, &rows, OFFSET(""), PLAIN);
    CHECK_TEXT(rig_pass(&rig, 0), "1 last full");
    CHECK_INT(http_stub_count(rig.stub), 2);
    rig_close(&rig);
    rows_fill(&rows, 4);
    rows.cap = 1;
    rig_open(&rig, answer, &rows, OFFSET(""), PLAIN);
    CHECK_TEXT(rig_pass(&rig, 0), "1 2 3 4 last full");
    rig_close(&rig);
    // One that came to the front of such a page looks like a server that ignores the offset; it is not missed silently.
    rows_fill(&rows, 1);
    rows.at[0] = 2;
    rows.insert[0] = 9;
    rig_open(&rig, answer, &rows, OFFSET(""), PLAIN);
    CHECK_TEXT(rig_pass(&rig, 0), "1 W3040");
    rig_close(&rig);
}

TEST(source_http_pager_count, offset_ignored_f26) {
    struct http_rig rig;
    struct rows rows;
    rows_fill(&rows, 7);
    rows.ignores = true;
    rig_open(&rig, answer, &rows, OFFSET(""), PLAIN);
    CHECK_TEXT(rig_pass(&rig, 0), "1 2 3 W3040");
    rig_close(&rig);
    rig_open(&rig, answer, &rows, NUMBER(""), PLAIN);
    CHECK_TEXT(rig_pass(&rig, 0), "1 2 3 W3040");
    rig_close(&rig);
}

TEST(source_http_pager_count, rows_go_in_front_f03) {
    // 1 and 2 go after the first page: what follows moves by two, and is met again by stepping back.
    struct http_rig rig;
    struct rows rows;
    rows_fill(&rows, 9);
    rows.at[0] = 2;
    rows.remove[0] = 1;
    rows.at[1] = 2;
    rows.remove[1] = 2;
    rig_open(&rig, answer, &rows, OFFSET(""), ORDERED);
    struct text story = rig_pass(&rig, 0);
    for (char id = '3'; id <= '9'; id++) {
        CHECK(memchr(story.data, id, story.length) != NULL);
    }
    CHECK_INT(rig.error.code, ERROR_NONE);
    rig_close(&rig);
}

TEST(source_http_pager_count, row_moves_to_the_end_f03) {
    // 1 changes while it is read, in a list that is ordered by change: all behind it moves by one, and it comes again.
    struct http_rig rig;
    struct rows rows;
    rows_fill(&rows, 9);
    rows.at[0] = 2;
    rows.move[0] = 1;
    rig_open(&rig, answer, &rows, OFFSET(""), ORDERED);
    CHECK_TEXT(rig_pass(&rig, 0), "1 2 3 4 5 6 4 5 6 7 8 9 1 last full cursor=2000");
    rig_close(&rig);
}

TEST(source_http_pager_count, moved_record_is_no_anchor_f03) {
    // 4 and 5 change behind the page that ended with 5: the next one begins with 5 as it should, but 4 was left out.
    struct http_rig rig;
    struct rows rows;
    rows_fill(&rows, 5);
    rows.at[0] = rows.at[1] = 3;
    rows.move[0] = 4;
    rows.move[1] = 5;
    rig_open(&rig, answer, &rows, OFFSET(""), ORDERED);
    CHECK_TEXT(rig_pass(&rig, 0), "1 2 3 4 5 5 1 2 3 4 5 last full cursor=2000");
    rig_close(&rig);
    // The same where the page is so short that nothing of it is asked for again.
    rows_fill(&rows, 1);
    rows.ids[0] = 2;
    rows.at[0] = rows.at[1] = 2;
    rows.insert[0] = 1;
    rows.move[1] = 2;
    rig_open(&rig, answer, &rows, OFFSET(""), ORDERED);
    CHECK_TEXT(rig_pass(&rig, 0), "2 2 1 2 last full cursor=2000");
    rig_close(&rig);
}

static void answer_volatile(void *context, const struct stub_request *request, struct stub_reply *reply) {
    (void)context;
    int64_t from = stub_integer(request, "skip", 0);
    stub_print(reply, "[");
    for (int64_t i = from; i < 5 && i < from + 3; i++) {
        stub_print(reply, "%s{\"id\":%lld,\"asked\":%llu}", i > from ? "," : "", (long long)i + 1,
                   (unsigned long long)request->number);
    }
    stub_print(reply, "]");
}

TEST(source_http_pager_count, records_that_never_stay_f03) {
    // They say something else at each request, which means nothing: twice is enough.
    struct http_rig rig;
    rig_open(&rig, answer_volatile, NULL, OFFSET(""), PLAIN);
    CHECK_TEXT(rig_pass(&rig, 0), "1 2 3 3 4 5 5 1 2 3 3 4 5 5 last full");
    rig_close(&rig);
}

TEST(source_http_pager_count, moved_list_is_read_again_f03) {
    // Without an order that is known, a list that moved is read until it stays.
    struct http_rig rig;
    struct rows rows;
    rows_fill(&rows, 7);
    rows.at[0] = 3;
    rows.insert[0] = 50;
    rig_open(&rig, answer, &rows, OFFSET(""), PLAIN);
    struct text story = rig_pass(&rig, 0);
    CHECK(story.length > 6 && memcmp(story.data, "1 2 3 ", 6) == 0);
    CHECK(strstr(story.data, "50 1 2 3 4 5 6 7 last full") != NULL);
    CHECK(memcmp(rig.log.data, "info: reading: the pages moved", 20) == 0);
    rig_close(&rig);
}

TEST(source_http_pager_count, numbered_pages_move_f03) {
    // What comes in front pushes a record onto the next page, where it is met again.
    struct http_rig rig;
    struct rows rows;
    rows_fill(&rows, 7);
    rows.at[0] = 2;
    rows.insert[0] = 50;
    rig_open(&rig, answer, &rows, NUMBER(""), PLAIN);
    struct text story = rig_pass(&rig, 0);
    CHECK(story.length > 6 && memcmp(story.data, "1 2 3 ", 6) == 0);
    CHECK(strstr(story.data, "50 1 2 3 4 5 6 7 last full") != NULL);
    rig_close(&rig);
}

static void answer_restless(void *context, const struct stub_request *request, struct stub_reply *reply) {
    struct rows *rows = context;
    rows->at[0] = request->number;
    rows->insert[0] = (int64_t)request->number + 10;
    if (rows->count > 20) {
        rows_fill(rows, 7);
    }
    answer(context, request, reply);
}

// --- pages side by side: what goes in front takes a record past the next page ---

#define NUMBER_OF_TWO(more) \
    "{\"at_once\":4,\"page\":{\"kind\":\"number\",\"page\":\"page\",\"limit\":\"limit\",\"size\":2" more "}}"
#define TOTAL ",\"total\":\"total\""
#define ITEMS_ORDERED "{\"reading\":{\"path\":\"/readings\",\"records\":\"items\",\"cursor\":\"at\"}}"
#define TOMBSTONES "{\"reading\":{\"path\":\"/readings\",\"cursor\":\"at\",\"gone\":\"gone\"}}"

// Reads six rows while something changes before the second request, and sees all that stay.
static void rows_change_once(struct rows change, const char *settings, const char *types, const char *story) {
    struct http_rig rig;
    struct rows rows;
    rows_fill(&rows, change.count > 0 ? (int64_t)change.count : 6);
    rows.tells_total = change.tells_total;
    rows.at[0] = 2;
    rows.remove[0] = change.remove[0];
    rows.move[0] = change.move[0];
    rig_open(&rig, answer, &rows, settings, types);
    CHECK_TEXT(rig_pass(&rig, 0), story);
    rig_close(&rig);
}

TEST(source_http_pager_count, numbered_row_moves_to_the_end_f03) {
    struct rows change = {.move = {1}, .tells_total = true};
    // 3 went past; 1 came twice, and the total is as it was.
    rows_change_once(change, NUMBER_OF_TWO(TOTAL), ITEMS_ORDERED, "1 2 4 5 6 1 2 3 4 5 6 1 last full cursor=2000");
    change.tells_total = false;
    rows_change_once(change, NUMBER_OF_TWO(""), TOMBSTONES, "1 2 4 5 6 1 2 3 4 5 6 1 last full cursor=2000");
    rows_change_once(change, NUMBER_OF_TWO(""), ORDERED, "1 2 4 5 6 1 2 3 4 5 6 1 2 3 4 5 6 1 last full cursor=2000");
}

TEST(source_http_pager_count, numbered_row_goes_f03) {
    struct rows change = {.remove = {1}, .tells_total = true};
    // The total says it; without one, only what is missing when all is read again.
    rows_change_once(change, NUMBER_OF_TWO(TOTAL), ITEMS_ORDERED, "1 2 4 5 6 2 3 4 5 6 last full cursor=1006");
    change.tells_total = false;
    rows_change_once(change, NUMBER_OF_TWO(""), ORDERED, "1 2 4 5 6 2 3 4 5 6 2 3 4 5 6 last full cursor=1006");
}

TEST(source_http_pager_count, quiet_numbered_list_is_read_once) {
    rows_change_once((struct rows){.tells_total = true}, NUMBER_OF_TWO(TOTAL), ITEMS, "1 2 3 4 5 6 last full");
    rows_change_once((struct rows){.count = 6}, NUMBER_OF_TWO(""), TOMBSTONES, "1 2 3 4 5 6 last full cursor=1006");
    // A page that is not full has nothing behind it.
    rows_change_once((struct rows){.count = 1}, NUMBER_OF_TWO(""), PLAIN, "1 last full");
}

TEST(source_http_pager_count, numbered_pages_go_on_unproven_f03) {
    // What the first part saw is not known any more: the whole is read again, and is the same.
    struct http_rig rig;
    struct rows rows;
    char position[4096];
    rows_fill(&rows, 6);
    rows.tells_total = true;
    rig_open(&rig, answer, &rows, NUMBER_OF_TWO(TOTAL), ITEMS);
    rig.setup.page_records = 2;
    CHECK_TEXT(rig_part(&rig, 1), "1 2");
    snprintf(position, sizeof position, "%s", rig.position);
    rig.setup.position = text_of(position);
    CHECK_TEXT(rig_pass(&rig, 0), "3 4 5 6 1 2 3 4 5 6 last full");
    CHECK_TEXT(rig_part(&rig, 4), "3 4 5 6 1 2 3 4");
    snprintf(position, sizeof position, "%s", rig.position);
    rig.setup.position = text_of(position);
    CHECK_TEXT(rig_pass(&rig, 0), "5 6 last full"); // the sum of the first reading is in the position
    rig_close(&rig);
}

static void answer_grows(void *context, const struct stub_request *request, struct stub_reply *reply) {
    struct rows *rows = context;
    if (stub_integer(request, "page", 1) == 2) {
        rows->ids[rows->count] = (int64_t)rows->count + 1;
        rows->count++;
    }
    answer(context, request, reply);
}

TEST(source_http_pager_count, numbered_list_that_grows_is_done_f03) {
    struct http_rig rig; // never twice the same; nothing goes, and the third time that is enough
    struct rows rows;
    rows_fill(&rows, 3);
    rig_open(&rig, answer_grows, &rows, NUMBER(""), PLAIN);
    CHECK_TEXT(rig_pass(&rig, 0), "1 2 3 4 1 2 3 4 5 1 2 3 4 5 6 last full");
    rig_close(&rig);
}

TEST(source_http_pager_count, list_that_never_stays_f03) {
    struct http_rig rig;
    struct rows rows;
    rows_fill(&rows, 7);
    rig_open(&rig, answer_restless, &rows, OFFSET(""), PLAIN);
    rig_pass(&rig, 0);
    CHECK_INT(rig.error.code, ERROR_PAGE_SHIFTED);
    rig_close(&rig);
}

TEST(source_http_pager_count, moved_while_the_run_stood_f03) {
    // Between two runs of one pass, rows go in front of the page to go on with.
    struct http_rig rig;
    struct rows rows;
    char position[4096];
    rows_fill(&rows, 9);
    rig_open(&rig, answer, &rows, OFFSET(""), ORDERED);
    rig.setup.page_records = 3;
    CHECK_TEXT(rig_part(&rig, 1), "1 2 3");
    snprintf(position, sizeof position, "%s", rig.position);
    rows_remove(&rows, 1);
    rows_remove(&rows, 2);
    rig.setup.position = text_of(position);
    struct text story = rig_pass(&rig, 0);
    for (char id = '4'; id <= '9'; id++) {
        CHECK(memchr(story.data, id, story.length) != NULL);
    }
    rig_close(&rig);
}

TEST(source_http_pager_count, total) {
    // A total spares the empty page, and pages are asked for ahead up to it.
    struct http_rig rig;
    struct rows rows;
    rows_fill(&rows, 8);
    rows.tells_total = true;
    rig_open(&rig, answer, &rows, OFFSET(",\"total\":\"total\""), ITEMS);
    CHECK_TEXT(rig_pass(&rig, 0), "1 2 3 4 5 6 7 8 last full");
    CHECK_INT(http_stub_count(rig.stub), 4);
    rig_close(&rig);
    rig_open(&rig, answer, &rows, NUMBER(",\"total\":\"total\""), ITEMS);
    CHECK_TEXT(rig_pass(&rig, 0), "1 2 3 4 5 6 7 8 last full");
    CHECK_INT(http_stub_count(rig.stub), 3);
    rig_close(&rig);
    rig_open(&rig, answer, &rows, NUMBER(",\"pages\":\"pages\""), ITEMS);
    CHECK_TEXT(rig_pass(&rig, 0), "1 2 3 4 5 6 7 8 1 2 3 4 5 6 7 8 last full"); // they hide what goes
    CHECK_INT(http_stub_count(rig.stub), 6);
    rig_close(&rig);
}

TEST(source_http_pager_count, total_that_is_not_there_f26) {
    struct http_rig rig;
    struct rows rows;
    rows_fill(&rows, 8);
    rows.tells_total = true;
    rows.lies = 3;
    rig_open(&rig, answer, &rows, OFFSET(",\"total\":\"total\""), ITEMS);
    rig_pass(&rig, 0);
    CHECK_INT(rig.error.code, ERROR_PAGE_TOTAL);
    rig_close(&rig);
    rig_open(&rig, answer, &rows, NUMBER(",\"total\":\"total\""), ITEMS);
    rig_pass(&rig, 0);
    CHECK_INT(rig.error.code, ERROR_PAGE_TOTAL);
    rig_close(&rig);
    // Fewer than there are: the last page has one too many.
    rows.lies = -2;
    rig_open(&rig, answer, &rows, OFFSET(",\"total\":\"total\""), ITEMS);
    rig_pass(&rig, 0);
    CHECK_INT(rig.error.code, ERROR_PAGE_TOTAL);
    rig_close(&rig);
}

TEST(source_http_pager_count, number_past_the_end_is_missing) {
    struct http_rig rig;
    struct rows rows;
    rows_fill(&rows, 6);
    rows.missing_from = 3;
    rig_open(&rig, answer, &rows, NUMBER(""), PLAIN);
    CHECK_TEXT(rig_pass(&rig, 0), "1 2 3 4 5 6 1 2 3 4 5 6 last full");
    rig_close(&rig);
    // The first page is never the end.
    rows.missing_from = 1;
    rig_open(&rig, answer, &rows, NUMBER(""), PLAIN);
    CHECK_TEXT(rig_pass(&rig, 0), "W3031");
    rig_close(&rig);
}

TEST(source_http_pager_count, number_from_zero) {
    struct http_rig rig;
    struct rows rows;
    rows_fill(&rows, 2);
    rig_open(&rig, answer, &rows, NUMBER(",\"first\":0"), PLAIN);
    rig_part(&rig, 1);
    struct text log = http_stub_log(rig.stub);
    CHECK(log.length > 40 && memcmp(log.data, "GET /api/readings?limit=3&page=0\n", 33) == 0);
    rig_close(&rig);
}

TEST(source_http_pager_count, endless_f26) {
    struct http_rig rig;
    struct rows rows;
    rows_fill(&rows, 40);
    rig_open(&rig, answer, &rows, OFFSET(",\"pages_max\":5"), PLAIN);
    rig_pass(&rig, 0);
    CHECK_INT(rig.error.code, ERROR_PAGE_ENDLESS);
    rig_close(&rig);
}

TEST(source_http_pager_count, pages_ahead) {
    // What is asked for ahead gives the same records, in the same order.
    struct http_rig rig;
    struct rows rows;
    rows_fill(&rows, 33);
    rig_open(&rig, answer, &rows,
             "{\"at_once\":6,\"page\":{\"kind\":\"offset\",\"offset\":\"skip\",\"limit\":\"limit\",\"size\":4}}",
             PLAIN);
    CHECK_TEXT(rig_pass(&rig, 0), "1 2 3 4 5 6 7 8 9 10 11 12 13 14 15 16 17 18 19 20 21 22 23 24 25 26 27 28 29 30 31 "
                                  "32 33 last full");
    rig_close(&rig);
    rows.tells_total = true;
    rig_open(&rig, answer, &rows,
             "{\"at_once\":6,\"page\":{\"kind\":\"number\",\"page\":\"page\",\"limit\":\"limit\",\"size\":4" TOTAL "}}",
             ITEMS);
    CHECK_TEXT(rig_pass(&rig, 0), "1 2 3 4 5 6 7 8 9 10 11 12 13 14 15 16 17 18 19 20 21 22 23 24 25 26 27 28 29 30 31 "
                                  "32 33 last full");
    rig_close(&rig);
}

TEST(source_http_pager_count, nothing_ahead_of_a_short_page) {
    // Mostly there is nothing behind it: one request asks whether that is so.
    struct http_rig rig;
    struct rows rows;
    rows_fill(&rows, 2);
    rig_open(&rig, answer, &rows,
             "{\"at_once\":6,\"page\":{\"kind\":\"offset\",\"offset\":\"skip\",\"limit\":\"limit\",\"size\":4}}",
             PLAIN);
    CHECK_TEXT(rig_pass(&rig, 0), "1 2 last full");
    CHECK_INT(http_stub_count(rig.stub), 2);
    rig_close(&rig);
}
