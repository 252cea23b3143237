#include "format/format_json_stream.h"

#include "base/buffer.h"
#include "base/memory.h"
#include "format/format_json.h"
#include "test.h"

enum { ARENA_MAX = 32 << 20, STORY_MAX = 64 << 20, LONG_BYTES = 40 << 20 };

// Bytes that come at most `step` at a time.
struct drip {
    struct stream stream;
    struct text rest;
    size_t step;
};

static bool drip_read(struct stream *stream, char *into, size_t room, size_t *got, struct error *error) {
    struct drip *drip = (struct drip *)stream;
    (void)error;
    *got = drip->rest.length < room ? drip->rest.length : room;
    *got = *got < drip->step ? *got : drip->step;
    memcpy(into, drip->rest.data, *got);
    drip->rest.data += *got;
    drip->rest.length -= *got;
    return true;
}

static void drip_close(struct stream *stream) {
    (void)stream;
}

static const struct stream_type drip_type = {.read = drip_read, .close = drip_close};

// Takes a body apart, `page` elements a page: one|two|#envelope. False with the error of whatever went wrong.
static bool take(const char *const *names, bool lone, struct text body, size_t step, size_t page, struct buffer *story,
                 struct error *error) {
    struct text path_names[8];
    struct path path = {path_names, 0};
    for (; names[path.count] != NULL; path.count++) {
        path_names[path.count] = text_of(names[path.count]);
    }
    struct drip drip = {{&drip_type}, body, step};
    struct json_stream *splitter;
    struct arena arena;
    arena_init(&arena, ARENA_MAX);
    CHECK_OK(json_stream_open(&path, lone, &splitter, error), error);
    json_stream_start(splitter, &drip.stream);
    enum json_found found = JSON_ELEMENT;
    bool ok = true;
    size_t count = 0;
    buffer_reset(story);
    while (ok && found != JSON_END) {
        struct text bytes;
        ok = json_stream_next(splitter, &arena, &found, &bytes, error);
        if (ok && found != JSON_END) {
            buffer_text(story, bytes.length > 1000 ? (struct text){bytes.data, 10} : bytes);
            buffer_string(story, found == JSON_LONG ? "~" : "|");
            if (++count % page == 0) {
                CHECK_OK(json_stream_leave(splitter, error), error);
                arena_reset(&arena);
            }
        }
    }
    if (ok) {
        struct value envelope;
        bool listed;
        CHECK_OK(json_stream_envelope(splitter, &arena, &envelope, &listed, error), error);
        buffer_byte(story, listed ? '#' : '!');
        json_write(story, &envelope);
    }
    json_stream_close(splitter);
    arena_clear(&arena);
    return ok;
}

#define PATH(...) ((const char *const[]){__VA_ARGS__, NULL})

static void check_taken(const char *const *names, bool lone, const char *body, const char *expected) {
    struct buffer story;
    struct error error;
    buffer_init(&story, STORY_MAX);
    for (size_t step = 1; step < 40; step++) {
        CHECK_OK(take(names, lone, text_of(body), step, step % 4 + 1, &story, &error), &error);
        CHECK_TEXT(buffer_view(&story), expected);
    }
    buffer_clear(&story);
}

static void check_refused(const char *const *names, const char *body, enum error_code code) {
    struct buffer story;
    struct error error;
    buffer_init(&story, STORY_MAX);
    for (size_t step = 1; step < 40; step++) {
        CHECK(!take(names, false, text_of(body), step, 2, &story, &error));
        CHECK_INT(error.code, code);
    }
    buffer_clear(&story);
}

TEST(format_json_stream, body_is_the_list) {
    check_taken(PATH(NULL), false, "[{\"a\":1},{\"b\":[2,{}]}]", "{\"a\":1}|{\"b\":[2,{}]}|#[]");
    check_taken(PATH(NULL), false, " [ ] ", "#[]");
    check_taken(PATH(NULL), false, "[ 1 , \"a,]\\\"}\" ,null,[[]] , true]\n", "1|\"a,]\\\"}\"|null|[[]]|true|#[]");
}

TEST(format_json_stream, list_at_a_path) {
    check_taken(PATH("results"), false, "{\"count\":2,\"results\":[{\"id\":1},{\"id\":2}],\"next\":\"x]}\"}",
                "{\"id\":1}|{\"id\":2}|#{\"count\":2,\"results\":[],\"next\":\"x]}\"}");
    check_taken(
        PATH("data", "items"), false,
        "{\"items\":[9],\"other\":{\"items\":[8],\"data\":{\"items\":[7]}},\"data\":{\"x\":{\"items\":[6]},"
        "\"items\":[1,2],\"n\":3}}",
        "1|2|#{\"items\":[9],\"other\":{\"items\":[8],\"data\":{\"items\":[7]}},\"data\":{\"x\":{\"items\":[6]},"
        "\"items\":[],\"n\":3}}");
    check_taken(PATH("it\"ems"), false, "{\"it\\u0022ems\":[1]}", "1|#{\"it\\\"ems\":[]}");
    check_taken(PATH("a"), false, "{\"b\":\"a\",\"a\" : [ ] }", "#{\"b\":\"a\",\"a\":[]}");
}

TEST(format_json_stream, no_list_there) {
    check_taken(PATH("results"), false, "{\"error\":\"results\"}", "!{\"error\":\"results\"}");
    check_taken(PATH("results"), false, "{\"results\":null}", "!{\"results\":null}");
    check_taken(PATH("results"), false, "{\"results\":{\"a\":[1]}}", "!{\"results\":{\"a\":[1]}}");
    check_taken(PATH("results"), false, "[{\"results\":[1]}]", "![{\"results\":[1]}]");
    check_taken(PATH(NULL), false, "{\"a\":[1]}", "!{\"a\":[1]}");
    check_taken(PATH("a", "b"), false, "{\"a\":[{\"b\":[1]}]}", "!{\"a\":[{\"b\":[1]}]}");
}

TEST(format_json_stream, lone_object) {
    check_taken(PATH(NULL), true, " {\"a\":[1]} ", "{\"a\":[1]}|#[]");
    check_taken(PATH("data"), true, "{\"data\":{\"a\":\"}\"},\"ok\":true}", "{\"a\":\"}\"}|#{\"data\":[],\"ok\":true}");
    check_taken(PATH("data"), true, "{\"data\":[{}],\"ok\":true}", "{}|#{\"data\":[],\"ok\":true}");
}

TEST(format_json_stream, truncated_f15) {
    check_refused(PATH(NULL), "[{\"a\":1},{\"b\":2}", ERROR_JSON_SYNTAX);
    check_refused(PATH(NULL), "[{\"a\":1},{\"b\":", ERROR_JSON_SYNTAX);
    check_refused(PATH(NULL), "[{\"a\":1},", ERROR_JSON_SYNTAX);
    check_refused(PATH(NULL), "[1", ERROR_JSON_SYNTAX);
    check_refused(PATH(NULL), "", ERROR_JSON_SYNTAX);
    check_refused(PATH("results"), "{\"results\":[{\"a\":1}]", ERROR_JSON_SYNTAX);
    check_refused(PATH("results"), "{\"results\":[{\"a\":1}],\"next", ERROR_JSON_SYNTAX);
}

TEST(format_json_stream, something_behind_the_end) {
    check_refused(PATH(NULL), "[1]x", ERROR_JSON_SYNTAX);
    check_refused(PATH(NULL), "[1][2]", ERROR_JSON_SYNTAX);
    check_refused(PATH("r"), "{\"r\":[1]}}", ERROR_JSON_SYNTAX);
    check_refused(PATH("r"), "{\"r\":[1],\"r\":[2]}", ERROR_JSON_DUPLICATE);
}

TEST(format_json_stream, wrong_between_elements) {
    check_refused(PATH(NULL), "[{} {}]", ERROR_JSON_SYNTAX);
    check_refused(PATH(NULL), "[{},]", ERROR_JSON_SYNTAX);
    check_refused(PATH(NULL), "[,{}]", ERROR_JSON_SYNTAX);
    check_refused(PATH(NULL), "[{}}]", ERROR_JSON_SYNTAX);
    check_refused(PATH(NULL), "<html>", ERROR_JSON_SYNTAX);
    check_refused(PATH(NULL), "\xEF\xBB\xBF[1]", ERROR_JSON_SYNTAX);
}

TEST(format_json_stream, limits) {
    struct buffer body;
    struct buffer story;
    struct error error;
    buffer_init(&body, STORY_MAX);
    buffer_init(&story, STORY_MAX);
    // An element over the limit costs itself alone, and no more memory than the limit.
    buffer_string(&body, "[{\"a\":1},\"");
    CHECK(buffer_reserve(&body, LONG_BYTES));
    memset(body.data + body.length, 'x', LONG_BYTES);
    body.length += LONG_BYTES;
    buffer_string(&body, "\",{\"b\":2}]");
    CHECK_OK(take(PATH(NULL), false, buffer_view(&body), 5000, 7, &story, &error), &error);
    CHECK_TEXT(buffer_view(&story), "{\"a\":1}|\"xxxxxxxxx~{\"b\":2}|#[]");
    // An envelope over its limit, or nested without end, is refused.
    buffer_reset(&body);
    buffer_string(&body, "{\"x\":\"");
    CHECK(buffer_reserve(&body, JSON_ENVELOPE_MAX));
    memset(body.data + body.length, 'x', JSON_ENVELOPE_MAX);
    body.length += JSON_ENVELOPE_MAX;
    CHECK(!take(PATH("r"), false, buffer_view(&body), 5000, 7, &story, &error));
    CHECK_INT(error.code, ERROR_LIMIT);
    buffer_reset(&body);
    for (int i = 0; i < 100000; i++) {
        buffer_string(&body, "{\"x\":");
    }
    CHECK(!take(PATH("r"), false, buffer_view(&body), 5000, 7, &story, &error));
    CHECK_INT(error.code, ERROR_JSON_DEPTH);
    buffer_clear(&body);
    buffer_clear(&story);
}
