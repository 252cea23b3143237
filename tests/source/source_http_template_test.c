#include "source/source_http_template.h"

#include "format/format_json.h"
#include "test.h"

enum { MEMORY = 1 << 20 };

static struct arena arena;

static struct value read(const char *json) {
    struct error error;
    struct value value;
    CHECK_OK(json_read(text_of(json), &arena, NULL, &value, &error), &error);
    return value;
}

static struct http_scope scope_make(void) {
    static struct http_field fields[6];
    fields[0] = (struct http_field){TEXT_LITERAL("limit"), value_integer(500)};
    fields[1] = (struct http_field){TEXT_LITERAL("since"), {.kind = VALUE_MISSING}};
    fields[2] = (struct http_field){TEXT_LITERAL("id"), value_text(TEXT_LITERAL("a/b c"))};
    fields[3] = (struct http_field){TEXT_LITERAL("villageId,postcode"), value_text(TEXT_LITERAL("x"))};
    fields[4] = (struct http_field){TEXT_LITERAL("up"), value_text(TEXT_LITERAL(".."))};
    fields[5] = (struct http_field){TEXT_LITERAL("none"), value_null()};
    return (struct http_scope){fields, 6, read("{\"code\":\"S1\",\"list\":[1,2],\"empty\":null}").as.object};
}

static void check_value(const char *template, const char *expected) {
    struct error error;
    struct buffer out;
    struct value value = read(template);
    struct value filled;
    struct http_scope scope = scope_make();
    buffer_init(&out, MEMORY);
    CHECK_OK(http_template_value(&value, &scope, &arena, &filled, &error), &error);
    if (filled.kind != VALUE_MISSING) {
        json_write(&out, &filled);
    }
    CHECK_TEXT(buffer_view(&out), expected);
    buffer_clear(&out);
}

static void check_query(const char *url, const char *query, const char *expected) {
    struct error error;
    struct buffer out;
    struct value value = read(query);
    struct http_scope scope = scope_make();
    buffer_init(&out, MEMORY);
    buffer_string(&out, url);
    CHECK_OK(http_template_query(&value, &scope, &arena, &out, &error), &error);
    CHECK_TEXT(buffer_view(&out), expected);
    buffer_clear(&out);
}

static void check_path(const char *path, const char *expected, enum error_code code) {
    struct error error = {.code = ERROR_NONE};
    struct buffer out;
    struct http_scope scope = scope_make();
    buffer_init(&out, MEMORY);
    CHECK(http_template_path(text_of(path), &scope, &out, &error) == (code == ERROR_NONE));
    CHECK_INT(error.code, code);
    if (code == ERROR_NONE) {
        CHECK_TEXT(buffer_view(&out), expected);
    }
    buffer_clear(&out);
}

TEST(source_http_template, values) {
    arena_init(&arena, MEMORY);
    check_value("\"{limit}\"", "500");
    check_value("\"at most {limit}\"", "\"at most 500\"");
    check_value("\"{since}\"", "");
    check_value("{\"where\":{\"at\":{\"gte\":\"{since}\"}},\"limit\":\"{limit}\"}", "{\"limit\":500}");
    check_value("{\"and\":[{\"gte\":\"{since}\"},{\"x\":1}]}", "{\"and\":[{\"x\":1}]}");
    check_value("{\"and\":[{\"gte\":\"since {since}\"}]}", "");
    check_value("{\"empty\":{},\"list\":[]}", "{\"empty\":{},\"list\":[]}");
    check_value("\"{list}\"", "[1,2]");
    check_value("\"{code}-{villageId,postcode}\"", "\"S1-x\"");
    check_value("\"{\\\"a\\\":1} {}\"", "\"{\\\"a\\\":1} {}\"");
    check_value("[true,null,1.50]", "[true,null,1.50]");
    arena_clear(&arena);
}

TEST(source_http_template, queries) {
    arena_init(&arena, MEMORY);
    check_query("/x", "{\"a\":\"1 & 2\",\"b\":true,\"filter[order]\":\"x ASC\"}",
                "/x?a=1%20%26%202&b=true&filter%5Border%5D=x%20ASC");
    check_query("/x?y=1", "{\"a\":\"{limit}\",\"b\":\"{since}\"}", "/x?y=1&a=500");
    check_query("/x", "{\"filter\":{\"skip\":0,\"where\":{\"at\":\"{since}\"}}}", "/x?filter=%7B%22skip%22%3A0%7D");
    check_query("/x", "{\"a\":\"\\r\\nX: y\"}", "/x?a=%0D%0AX%3A%20y");
    arena_clear(&arena);
}

TEST(source_http_template, paths) {
    arena_init(&arena, MEMORY);
    check_path("/stations/{id}/events", "/stations/a%2Fb%20c/events", ERROR_NONE);
    check_path("/{code}", "/S1", ERROR_NONE);
    check_path("/{since}", "", ERROR_HTTP_REQUEST);
    check_path("/{none}", "", ERROR_HTTP_REQUEST);
    check_path("/{up}/x", "", ERROR_HTTP_REQUEST);
    check_path("/{empty}", "", ERROR_FIELD_REQUIRED);
    check_path("/{nothing}", "", ERROR_FIELD_REQUIRED);
    arena_clear(&arena);
}

TEST(source_http_template, ids) {
    static const struct text names[] = {{"postcode", 8}, {"id", 2}, {"code", 4}};
    static const struct path key[] = {{&names[0], 1}, {&names[1], 1}};
    static const struct path code[] = {{&names[2], 1}};
    struct http_field fields[3];
    struct error error;
    size_t count;
    arena_init(&arena, MEMORY);
    CHECK_OK(http_template_id(TEXT_LITERAL("[\"313603\",\"1111\"]"), key, 2, &arena, fields, &count, &error), &error);
    CHECK_INT(count, 2);
    CHECK_TEXT(fields[1].name, "id");
    CHECK_TEXT(value_slice(&fields[1].value), "1111");
    CHECK_OK(http_template_id(TEXT_LITERAL("[x]"), code, 1, &arena, fields, &count, &error), &error);
    CHECK_INT(count, 2);
    CHECK_TEXT(fields[0].name, "code");
    CHECK_TEXT(value_slice(&fields[1].value), "[x]");
    CHECK(!http_template_id(TEXT_LITERAL("[\"1\"]"), key, 2, &arena, fields, &count, &error));
    CHECK(!http_template_id(TEXT_LITERAL("plain"), key, 2, &arena, fields, &count, &error));
    arena_clear(&arena);
}

TEST(source_http_template, holds) {
    arena_init(&arena, MEMORY);
    struct value value = read("{\"a\":[{\"b\":\"x {since} y\"}],\"{c}\":1}");
    CHECK(http_template_holds(&value, "since"));
    CHECK(!http_template_holds(&value, "until"));
    CHECK(!http_template_holds(&value, "c")); // names stand for themselves
    arena_clear(&arena);
}
