#include "script/view.h"

#include "script_case.h"
#include "test.h"

static const char record[] =
    "{\"text\":\"x\",\"int\":9223372036854775807,\"dec\":12.50,\"huge\":1e400,\"yes\":true,\"none\":null,"
    "\"list\":[1,null,{\"a\":\"b\"}],\"geo\":{\"lat\":1.5,\"deep\":{\"x\":1}},\"long\":12345678901234567.89}";

// The body must come to its end; what it returns is compared.
static void gives(const char *kind, const char *body, const char *expected) {
    struct script_case c = {0};
    char text[4096];
    bool is_field = strcmp(kind, "field") == 0;
    snprintf(text, sizeof text, is_field ? "{ json = function(r) %s end }" : "function(r) %s end", body);
    CHECK_OK(case_pull(&c, text), &c.error);
    const char *answer = case_call(&c, record);
    if (strstr(answer, expected) == NULL) {
        test_fail(__FILE__, __LINE__, "%s\ngives %s\nnot   %s", body, answer, expected);
    }
    case_close(&c);
}

TEST(script_view, reads) {
    gives("field", "return r.text", "\"x\"");
    gives("field", "return r.int", "9223372036854775807");
    gives("field", "return r.dec * 2", "25.0");
    gives("field", "return r.dec", "12.5");
    gives("field", "return weir.exact(r, 'dec')", "\"12.50\"");
    gives("field", "return weir.exact(r, 'long')", "\"12345678901234567.89\"");
    gives("field", "return weir.exact(r, 'int')", "\"9223372036854775807\"");
    gives("field", "return weir.exact(r, 'text')", "\"x\"");
    gives("field", "return weir.exact(r, 'gone')", "missing");
    gives("field", "return r.huge", "larger than Lua's numbers");
    gives("field", "return weir.exact(r, 'huge')", "\"1e400\"");
    gives("field", "return r.yes", "true");
    gives("field", "return r.none == nil and r.missing == nil and r[1] == nil and r[true] == nil", "true");
    gives("field", "return #r.list", "3");
    gives("field", "return r.list[1] + r.list[3 / 1]['a']:len()", "2");
    gives("field", "return r.list[2] == nil and r.list[0] == nil and r.list[4] == nil and r.list.x == nil", "true");
    gives("field", "return r.geo.deep.x", "1");
    gives("field", "return r.geo.lat", "1.5");
    gives("field", "return #r", "no length");
    gives("field", "return r.text.foo.bar", "error: ");
    gives("field", "return r .. 'x'", "attempt to concatenate a record value");
}

TEST(script_view, pairs) {
    gives("field", "local s = '' for k, v in pairs(r) do if k ~= 'huge' then s = s .. k .. ',' end end return s",
          "larger than");
    gives("field", "local s = '' for k, v in pairs(r.geo) do s = s .. k .. ',' end return s", "\"lat,deep,\"");
    gives("field", "local s = '' for i, v in pairs(r.list) do s = s .. i .. tostring(v ~= nil) end return s",
          "\"1true2false3true\"");
    gives("field", "local s = '' for i, v in ipairs(r.list) do s = s .. i end return s", "\"1\"");
    gives("whole",
          "local g = r.geo g.new = 1 g.lat = nil local s = '' for k in pairs(g) do s = s .. k end return { s = s }",
          "{\"s\":\"deepnew\"}");
    gives("whole", "for k, v in pairs(r.geo) do r.geo[k] = 7 end return { g = r.geo }",
          "{\"g\":{\"lat\":7,\"deep\":7}}");
}

TEST(script_view, equality_and_text) {
    gives("field", "return r == r and r.geo == r.geo and r.geo ~= r.geo.deep and r ~= 1 and r.list == r.list", "true");
    gives("field", "return tostring(r.geo)", "\"{\\\"lat\\\":1.5,\\\"deep\\\":{\\\"x\\\":1}}\"");
    gives("field", "return tostring(r.list)", "[1,null,");
    gives("field", "return type(r) .. tostring(getmetatable(r))", "\"userdatanil\"");
    gives("field", "return tostring(weir.null) .. type(weir.null)", "\"weir.nulluserdata\"");
}

TEST(script_view, a_fields_function_only_reads) {
    gives("field", "r.text = 1", "only reads its record");
    gives("field", "r.geo.lat = 1", "only reads its record");
    gives("field", "r.list[1] = 1", "only reads its record");
    gives("field", "rawset(r, 'a', 1)", "table expected");
}

TEST(script_view, copy_on_write) {
    gives("whole", "r.geo.lat = 2 return { g = r.geo }", "{\"g\":{\"lat\":2,\"deep\":{\"x\":1}}}");
    gives("whole", "r.geo.deep.x = 2 return { g = r.geo }", "{\"g\":{\"lat\":1.5,\"deep\":{\"x\":2}}}");
    gives("whole", "local g = r.geo local h = r.geo g.lat = 3 return { v = h.lat, same = g == h }",
          "{\"same\":true,\"v\":3}");
    gives("whole", "r.geo.lat = 2 return r", "\"dec\":12.50,\"huge\":1e400,\"yes\":true,\"none\":null");
    gives("whole", "r.list[1] = 'a' r.list[4] = 'd' return { l = r.list, n = #r.list }",
          "{\"l\":[\"a\",null,{\"a\":\"b\"},\"d\"],\"n\":4}");
    gives("whole", "r.list[3] = nil r.list[2] = nil return { l = r.list, n = #r.list, x = r.list[2] }",
          "{\"l\":[1],\"n\":1}");
    gives("whole", "r.list[3] = nil r.list[3] = 9 return { l = r.list }", "{\"l\":[1,null,9]}");
    gives("whole", "r.list[1] = nil", "gap");
    gives("whole", "r.list[6] = 1", "written at 1 to 4");
    gives("whole", "r.list.x = 1", "written at 1 to 4");
    gives("whole", "r[1] = 1", "have names");
    gives("whole", "r.f = print", "a function can't be kept");
    gives("whole", "r.f = weir.rest", "weir.rest can't be kept");
    gives("whole", "r.text = weir.null return { nothing = r.text == nil, a = 1 }", "{\"a\":1,\"nothing\":true}");
    gives("whole", "r.dec = 1.25 return { d = weir.exact(r, 'dec') }", "{\"d\":\"1.25\"}");
    gives("whole", "r.me = r return r", "holds itself");
    gives("whole", "r.geo.up = r.geo return r", "holds itself");
    gives("whole", "r.copy = r.geo return { c = r.copy }", "{\"c\":{\"lat\":1.5,\"deep\":{\"x\":1}}}");
    gives("whole", "r['\\xff'] = 1 return r", "not valid UTF-8");
    gives("whole", "local c = weir.copy(r.geo) c.deep.x = 5 return { c = c, r = r.geo }",
          "{\"c\":{\"deep\":{\"x\":5},\"lat\":1.5},\"r\":{\"lat\":1.5,\"deep\":{\"x\":1}}}");
}

TEST(script_view, copies) {
    gives("field", "return weir.copy(r.list)", "[1,null,{\"a\":\"b\"}]");
    gives("field", "return weir.copy(r.geo)", "{\"deep\":{\"x\":1},\"lat\":1.5}");
    gives("field", "return weir.copy(5) + #weir.copy('ab')", "7");
    gives("field", "return type(weir.copy(r.geo)) .. tostring(weir.copy(r.list)[2])", "\"tableweir.null\"");
    gives("field", "return weir.copy { a = r.geo }.a.lat", "1.5");
}

// Every way to use a view whose page is gone raises, whatever is left of its memory.
TEST(script_view, a_page_that_is_gone) {
    static const char *const uses[] = {"return k.text",
                                       "return #k.list",
                                       "for a in pairs(k) do end",
                                       "return tostring(k)",
                                       "return weir.copy(k)",
                                       "return weir.exact(k, 'a')",
                                       "return k",
                                       "return { a = k }",
                                       "return g.lat",
                                       "return #l",
                                       "for a in pairs(l) do end",
                                       "for a in n do end",
                                       "return weir.list { g }"};
    struct script_case c = {0};
    char text[4096];
    for (size_t i = 0; i < sizeof uses / sizeof *uses; i++) {
        snprintf(text, sizeof text,
                 "(function() local k, g, l, n\n"
                 "return { json = function(r) if k then %s end k = r g = r.geo l = r.list n = pairs(r) return 1 end } "
                 "end)()",
                 uses[i]);
        CHECK_OK(case_pull(&c, text), &c.error);
        CHECK_TEXT(text_of(case_call(&c, record)), "1");
        mapper_release(c.sync->mapper);
        arena_reset(&c.arena); // AddressSanitizer sees whoever looks there now
        const char *answer = case_call(&c, "{\"other\":1}");
        if (strstr(answer, "page is gone; keep a copy with weir.copy(r)") == NULL) {
            test_fail(__FILE__, __LINE__, "%s gives %s", uses[i], answer);
        }
    }
    case_close(&c);
}

TEST(script_view, a_changed_view_of_a_page_that_is_gone) {
    struct script_case c = {0};
    CHECK_OK(case_pull(&c, "(function() local k\n"
                           "return function(r) if k then k.text = 2 end k = r r.text = 1 return r end end)()"),
             &c.error);
    case_call(&c, record);
    mapper_release(c.sync->mapper);
    arena_reset(&c.arena);
    CHECK(strstr(case_call(&c, "{\"a\":1}"), "page is gone") != NULL);
    case_close(&c);
}

TEST(script_view, wide_and_deep_records) {
    struct script_case c = {0};
    struct buffer json;
    buffer_init(&json, 1024 * 1024);
    buffer_string(&json, "{\"deep\":");
    for (int i = 0; i < 60; i++) {
        buffer_string(&json, "[");
    }
    for (int i = 0; i < 60; i++) {
        buffer_string(&json, "]");
    }
    for (int i = 0; i < 2000; i++) {
        buffer_print(&json, ",\"field%d\":%d", i, i);
    }
    buffer_print(&json, "}%c", '\0');
    CHECK(!json.failed);
    CHECK_OK(
        case_pull(&c, "{ json = function(r) local n = 0 for k, v in pairs(r) do if k ~= 'deep' then n = n + v end end\n"
                      "return n + r.field1999 end }"),
        &c.error);
    CHECK_TEXT(text_of(case_call(&c, json.data)), "2000999");
    CHECK_OK(case_pull(&c, "function(r) local t = {} for k, v in pairs(weir.copy(r)) do t[k] = v end\n"
                           "return { n = weir.copy(t).field7, d = r.deep } end"),
             &c.error);
    CHECK(strncmp(case_call(&c, json.data), "{\"d\":[[[[", 9) == 0);
    buffer_clear(&json);
    case_close(&c);
}

// What a whole-record function reads is laid out before its next record: what it sees is the same.
TEST(script_view, fields_that_are_laid_out) {
    static const char *const bodies[] = {
        "return { a = r.a, b = r.b, c = r.c, d = r.d, e = r.e and r.e.x, f = r.f }",
        // written to, then read
        ("local a, f = r.a, r.f r.a = 'new' r.f = nil\n"
         "return { a = a, b = r.b, c = r.c, d = r.d, e = r.e and r.e.x, f = f, g = (r.a ~= 'new' or r.f) or nil }"),
        "local t = {} for k, v in pairs(r) do t[k] = k == 'e' and r.e.x or r[k] end return t"};
    for (size_t i = 0; i < sizeof bodies / sizeof *bodies; i++) {
        struct script_case c = {0};
        char text[4096];
        snprintf(text, sizeof text, "function(r) %s end", bodies[i]);
        CHECK_OK(case_pull(&c, text), &c.error);
        for (int round = 0; round < 300; round++) {
            char json[400];
            snprintf(json, sizeof json, "{\"a\":\"a%d\",\"b\":%d,\"c\":%d.50,\"d\":%s}", round, round, round,
                     round % 2 == 0 ? "true" : "null");
            char expected[400];
            snprintf(expected, sizeof expected, "{\"a\":\"a%d\",\"b\":%d,\"c\":%d.5%s}", round, round, round,
                     round % 2 == 0 ? ",\"d\":true" : "");
            if (round % 7 == 3) { // another shape, with some of the names elsewhere
                snprintf(json, sizeof json, "{\"f\":\"\",\"b\":null,\"e\":{\"x\":%d},\"a\":\"z\"}", round);
                snprintf(expected, sizeof expected, "{\"a\":\"z\",\"e\":%d,\"f\":\"\"}", round);
            }
            CHECK_TEXT(text_of(case_call(&c, json)), expected);
        }
        case_close(&c);
    }
}

// The view that is kept goes on showing its own record, and a text of it that comes back later is copied.
TEST(script_view, what_was_laid_out_for_another_record) {
    struct script_case c = {0};
    struct mapped mapped;
    struct text name = TEXT_LITERAL("a");
    struct shape shape = {1, &name};
    char bytes[20][16];
    struct value values[20];
    CHECK_OK(case_pull(&c, "(function() local kept, text\n"
                           "return function(r) local a = r.a local b = kept and kept.a local t = text\n"
                           "kept = r text = a return { name = a, json = b, more = t } end end)()"),
             &c.error);
    for (int i = 0; i < 20; i++) {
        struct text text = {bytes[i], (size_t)snprintf(bytes[i], sizeof bytes[i], "text %d", i)};
        values[i] = value_text(text);
        struct object source = {&shape, &values[i]};
        CHECK_OK(mapper_record(c.sync->mapper, c.sync->types[0].pull.function, &source, &c.arena, &mapped, &c.error),
                 &c.error);
        const struct object *fields = &mapped.records[0].fields;
        CHECK(text_same(value_slice(object_find(fields, TEXT_LITERAL("name"))), text));
        if (i > 1) { // laid out by now: the record's own text
            CHECK(object_find(fields, TEXT_LITERAL("name"))->as.text == text.data);
        }
        if (i > 0) {
            const struct value *before = object_find(fields, TEXT_LITERAL("more"));
            CHECK(text_same(value_slice(object_find(fields, TEXT_LITERAL("json"))), value_slice(&values[i - 1])));
            CHECK(text_same(value_slice(before), value_slice(&values[i - 1])));
            CHECK(before->as.text != bytes[i - 1]);
        }
    }
    // Called for a field, which has nothing laid out.
    struct object source = {&shape, &values[0]};
    CHECK_OK(mapper_field(c.sync->mapper, c.sync->types[0].pull.function, &source, &c.arena, &mapped, &c.error),
             &c.error);
    const struct value *before = object_find(mapped.value.as.object, TEXT_LITERAL("more"));
    CHECK_TEXT(value_slice(before), "text 19");
    CHECK(before->as.text != bytes[19]);
    case_close(&c);
}
