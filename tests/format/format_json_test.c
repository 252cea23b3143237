#include "format/format_json.h"

#include "test.h"

enum { ARENA_MAX = 256 << 20 };

static struct arena arena;
static struct error error;

static bool read_bytes(struct text text, struct json_shapes *shapes, struct value *out) {
    error_clear(&error);
    return json_read(text, &arena, shapes, out, &error);
}

static struct value read_text(const char *text) {
    struct value value;
    CHECK_OK(read_bytes(text_of(text), NULL, &value), &error);
    return value;
}

static struct text written(const struct value *value) {
    struct buffer buffer;
    struct text copy;
    buffer_init(&buffer, ARENA_MAX);
    json_write(&buffer, value);
    CHECK(!buffer.failed && arena_text(&arena, buffer_view(&buffer), &copy));
    buffer_clear(&buffer);
    return copy;
}

static struct text canonical(const struct value *value) {
    struct buffer buffer;
    struct text copy;
    buffer_init(&buffer, ARENA_MAX);
    CHECK(json_write_canonical(&buffer, value, &arena));
    CHECK(!buffer.failed && arena_text(&arena, buffer_view(&buffer), &copy));
    buffer_clear(&buffer);
    return copy;
}

static void open_arena(void) {
    arena_init(&arena, ARENA_MAX);
}

TEST(format_json, reads_every_kind) {
    open_arena();
    CHECK_INT(read_text("null").kind, VALUE_NULL);
    CHECK(read_text(" true ").as.boolean && !read_text("\tfalse\r\n").as.boolean);
    CHECK_INT(read_text("0").as.integer, 0);
    CHECK_INT(read_text("-7").as.integer, -7);
    CHECK_INT(read_text("[]").length, 0);
    CHECK_INT(read_text("[ 1 , [2] , {} ]").length, 3);
    CHECK_INT(read_text("{}").as.object->shape->count, 0);
    struct value object = read_text("{ \"a\" : 1 , \"b\" : \"text\" , \"\" : null }");
    CHECK_INT(object.as.object->shape->count, 3);
    CHECK_INT(object_find(object.as.object, text_of("a"))->as.integer, 1);
    CHECK_TEXT(value_slice(object_find(object.as.object, text_of("b"))), "text");
    CHECK_INT(object_find(object.as.object, text_of(""))->kind, VALUE_NULL);
    arena_clear(&arena);
}

TEST(format_json, numbers_are_exact) {
    static const char *const integers[] = {"0",
                                           "1",
                                           "-1",
                                           "5770237022568448",
                                           "9007199254740993",
                                           "999999999999999999",
                                           "-999999999999999999",
                                           "1000000000000000000",
                                           "9223372036854775807",
                                           "-9223372036854775808"};
    static const char *const decimals[] = {"-0",
                                           "1.0",
                                           "12.50",
                                           "-0.0",
                                           "1e400",
                                           "1E+2",
                                           "9223372036854775808",
                                           "-9223372036854775809",
                                           "123456789012345678901234567890",
                                           "12345678901234567.89",
                                           "0.1e-7",
                                           "1e9999"};
    open_arena();
    for (size_t i = 0; i < sizeof integers / sizeof integers[0]; i++) {
        struct value value = read_text(integers[i]);
        CHECK_INT(value.kind, VALUE_INTEGER);
        CHECK_TEXT(written(&value), integers[i]);
    }
    for (size_t i = 0; i < sizeof decimals / sizeof decimals[0]; i++) {
        struct value value = read_text(decimals[i]);
        CHECK_INT(value.kind, VALUE_DECIMAL);
        CHECK_TEXT(value_slice(&value), decimals[i]);
        CHECK_TEXT(written(&value), decimals[i]);
    }
    arena_clear(&arena);
}

TEST(format_json, escapes_are_read) {
    open_arena();
    struct value value = read_text("\"\\\"\\\\\\/\\b\\f\\n\\r\\t\\u0041\\u00e9\\u20AC\\uD83D\\uDE00 end\"");
    CHECK_TEXT(value_slice(&value), "\"\\/\b\f\n\r\tA\xC3\xA9\xE2\x82\xAC\xF0\x9F\x98\x80 end");
    value = read_text("\"a\\u0000b\"");
    CHECK(value.length == 3 && memcmp(value.as.text, "a\0b", 3) == 0);
    CHECK_TEXT(written(&value), "\"a\\u0000b\"");
    value = read_text("\"\\uDBFF\\uDFFF\\uE000\\uD7FF\"");
    CHECK_TEXT(value_slice(&value), "\xF4\x8F\xBF\xBF\xEE\x80\x80\xED\x9F\xBF");
    CHECK(text_utf8(value_slice(&value), NULL));
    arena_clear(&arena);
}

// What has no escape isn't copied.
TEST(format_json, plain_texts_point_into_the_source) {
    open_arena();
    const char *source = "[\"plain\",1.5]";
    struct value value = read_text(source);
    CHECK(value.as.items[0].as.text == source + 2);
    CHECK(value.as.items[1].as.text == source + 9);
    arena_clear(&arena);
}

struct refused {
    const char *text;
    enum error_code code;
    size_t byte;
};

static const struct refused refusals[] = {
    {"", ERROR_JSON_SYNTAX, 1},
    {"  ", ERROR_JSON_SYNTAX, 3},
    {"nul", ERROR_JSON_SYNTAX, 1},
    {"True", ERROR_JSON_SYNTAX, 1},
    {"nulll", ERROR_JSON_SYNTAX, 5},
    {"1 2", ERROR_JSON_SYNTAX, 3},
    {"{} x", ERROR_JSON_SYNTAX, 4},
    {"[1,]", ERROR_JSON_SYNTAX, 4},
    {"[1 2]", ERROR_JSON_SYNTAX, 4},
    {"[1", ERROR_JSON_SYNTAX, 3},
    {"[", ERROR_JSON_SYNTAX, 2},
    {"]", ERROR_JSON_SYNTAX, 1},
    {"[1}", ERROR_JSON_SYNTAX, 3},
    {"{", ERROR_JSON_SYNTAX, 2},
    {"{\"a\"}", ERROR_JSON_SYNTAX, 5},
    {"{\"a\":}", ERROR_JSON_SYNTAX, 6},
    {"{\"a\":1,}", ERROR_JSON_SYNTAX, 8},
    {"{\"a\":1 \"b\":2}", ERROR_JSON_SYNTAX, 8},
    {"{a:1}", ERROR_JSON_SYNTAX, 2},
    {"{'a':1}", ERROR_JSON_SYNTAX, 2},
    {"{1:1}", ERROR_JSON_SYNTAX, 2},
    {"{,}", ERROR_JSON_SYNTAX, 2},
    {"\"abc", ERROR_JSON_SYNTAX, 1},
    {"\"abc\\", ERROR_JSON_SYNTAX, 1},
    {"\"abc\\\"", ERROR_JSON_SYNTAX, 1},
    {"\"a\nb\"", ERROR_JSON_SYNTAX, 3},
    {"\"a\tb\"", ERROR_JSON_SYNTAX, 3},
    {"\"\\x41\"", ERROR_JSON_SYNTAX, 2},
    {"\"\\u12\"", ERROR_JSON_SYNTAX, 4},
    {"\"\\u12g4\"", ERROR_JSON_SYNTAX, 4},
    {"\"\\uD800\"", ERROR_JSON_SYNTAX, 2},
    {"\"x\\uDC00\"", ERROR_JSON_SYNTAX, 3},
    {"\"\\uD800x\"", ERROR_JSON_SYNTAX, 2},
    {"\"\\uD800\\n\"", ERROR_JSON_SYNTAX, 2},
    {"\"\\uD800\\uD800\"", ERROR_JSON_SYNTAX, 2},
    {"\"\\uD800\\u0041\"", ERROR_JSON_SYNTAX, 2},
    {"01", ERROR_JSON_SYNTAX, 1},
    {"-", ERROR_JSON_SYNTAX, 1},
    {"-01", ERROR_JSON_SYNTAX, 1},
    {"+1", ERROR_JSON_SYNTAX, 1},
    {".5", ERROR_JSON_SYNTAX, 1},
    {"5.", ERROR_JSON_SYNTAX, 1},
    {"1e", ERROR_JSON_SYNTAX, 1},
    {"1e+", ERROR_JSON_SYNTAX, 1},
    {"0x10", ERROR_JSON_SYNTAX, 2},
    {"1.5.5", ERROR_JSON_SYNTAX, 4},
    {"NaN", ERROR_JSON_SYNTAX, 1},
    {"-Infinity", ERROR_JSON_SYNTAX, 1},
    {"// x\n1", ERROR_JSON_SYNTAX, 1},
    {"\xEF\xBB\xBF{}", ERROR_JSON_SYNTAX, 1},
    {"\xC2\xA0"
     "1",
     ERROR_JSON_SYNTAX, 1},
    {"1\f", ERROR_JSON_SYNTAX, 2},
    {"\"ab\xFF\"", ERROR_ENCODING, 4},
    {"\"\xED\xA0\x80\"", ERROR_ENCODING, 2},
    {"\"\xC0\x80\"", ERROR_ENCODING, 2},
    {"\"\\n\xE2\x82\"", ERROR_ENCODING, 4},
    {"{\"\xFF\":1}", ERROR_ENCODING, 3},
    {"{\"a\":1,\"a\":2}", ERROR_JSON_DUPLICATE, 13},
    {"{\"a\":1,\"\\u0061\":2}", ERROR_JSON_DUPLICATE, 18},
    {"[{\"a\":1,\"b\":1,\"a\":2}]", ERROR_JSON_DUPLICATE, 20},
    {"1e10000", ERROR_JSON_NUMBER, 1},
    {"[1e-99999999999999999999]", ERROR_JSON_NUMBER, 2},
};

TEST(format_json, refuses_what_is_no_json) {
    open_arena();
    for (size_t i = 0; i < sizeof refusals / sizeof refusals[0]; i++) {
        struct json_shapes shapes = {0};
        struct value value = value_integer(42);
        char place[32];
        snprintf(place, sizeof place, "byte %zu", refusals[i].byte);
        CHECK(!read_bytes(text_of(refusals[i].text), i % 2 == 0 ? &shapes : NULL, &value));
        if (error.code != refusals[i].code || strcmp(error.place, place) != 0) {
            test_fail(__FILE__, __LINE__, "%s gave W%d %s at %s", refusals[i].text, (int)error.code, error.message,
                      error.place);
        }
        CHECK(error.scope == ERROR_RECORD && text_utf8(text_of(error.message), NULL));
        CHECK_INT(value.as.integer, 42);
    }
    arena_clear(&arena);
}

TEST(format_json, says_what_was_expected) {
    struct value value;
    open_arena();
    CHECK(!read_bytes(text_of("[1 2]"), NULL, &value));
    CHECK_TEXT(text_of(error.message), "a comma or ] is expected, not '2'");
    CHECK(!read_bytes(text_of("{\"a\":"), NULL, &value));
    CHECK_TEXT(text_of(error.message), "the text ends where a JSON value is expected");
    CHECK(!read_bytes(text_of("{\"a\":1,\"a\":2}"), NULL, &value));
    CHECK_TEXT(text_of(error.message), "the object that ends here has the key 'a' twice");
    arena_clear(&arena);
}

TEST(format_json, nul_bytes_are_no_space) {
    struct value value;
    open_arena();
    CHECK(!read_bytes((struct text){"\0", 1}, NULL, &value));
    CHECK(!read_bytes((struct text){"1\0", 2}, NULL, &value));
    CHECK(!read_bytes((struct text){"\"a\0b\"", 5}, NULL, &value));
    CHECK(!read_bytes((struct text){NULL, 0}, NULL, &value));
    arena_clear(&arena);
}

// No text may be read past its end, wherever it is cut.
TEST(format_json, a_text_cut_anywhere_is_refused) {
    static const char whole[] = "{\"a\":[1,-2.5e3,\"x\\u00e9\\ud83d\\ude00\",true,false,null],\"b\":{\"c\":{}}}";
    struct value value;
    open_arena();
    for (size_t length = 0; length < sizeof whole - 1; length++) {
        char *cut = malloc(length + 1); // its own block, so that the sanitizer sees a byte too many
        CHECK(cut != NULL);
        char *exact = realloc(cut, length > 0 ? length : 1);
        CHECK(exact != NULL);
        memcpy(exact, whole, length);
        CHECK(!read_bytes((struct text){exact, length}, NULL, &value));
        free(exact);
    }
    CHECK(read_bytes((struct text){whole, sizeof whole - 1}, NULL, &value));
    CHECK_TEXT(written(&value), "{\"a\":[1,-2.5e3,\"x\xC3\xA9\xF0\x9F\x98\x80\",true,false,null],\"b\":{\"c\":{}}}");
    arena_clear(&arena);
}

static struct text nested(size_t depth, char open, char close) {
    char *data = arena_take(&arena, 2 * depth);
    CHECK(data != NULL);
    memset(data, open, depth);
    memset(data + depth, close, depth);
    return (struct text){data, 2 * depth};
}

TEST(format_json, depth_is_bounded) {
    struct value value;
    open_arena();
    CHECK_OK(read_bytes(nested(JSON_DEPTH_MAX, '[', ']'), NULL, &value), &error);
    CHECK_INT(written(&value).length, 2 * JSON_DEPTH_MAX);
    CHECK(!read_bytes(nested(JSON_DEPTH_MAX + 1, '[', ']'), NULL, &value));
    CHECK_INT(error.code, ERROR_JSON_DEPTH);
    CHECK(!read_bytes(nested(100000, '[', ']'), NULL, &value));
    CHECK_INT(error.code, ERROR_JSON_DEPTH);
    CHECK_TEXT(text_of(error.place), "byte 65");
    struct buffer buffer;
    buffer_init(&buffer, 1 << 20);
    for (int i = 0; i < 100000; i++) {
        buffer_string(&buffer, "{\"\":");
    }
    CHECK(!read_bytes(buffer_view(&buffer), NULL, &value));
    CHECK_INT(error.code, ERROR_JSON_DEPTH);
    buffer_clear(&buffer);
    // Side by side is not deep.
    CHECK_OK(read_bytes(text_of("[[],[],[[]],{},{\"a\":[]}]"), NULL, &value), &error);
    arena_clear(&arena);
}

static struct text large_object(struct buffer *buffer, int count, bool has_repeat) {
    buffer_reset(buffer);
    buffer_byte(buffer, '{');
    for (int i = 0; i < count; i++) {
        buffer_print(buffer, "%s\"name%d\":%d", i > 0 ? "," : "", has_repeat && i == count - 1 ? 7 : i, i);
    }
    buffer_byte(buffer, '}');
    CHECK(!buffer->failed);
    return buffer_view(buffer);
}

TEST(format_json, objects_with_very_many_names) {
    struct buffer buffer;
    struct value value;
    open_arena();
    buffer_init(&buffer, 64 << 20);
    static const int counts[] = {20, 24, 25, 26, 100, 100000};
    for (size_t i = 0; i < sizeof counts / sizeof counts[0]; i++) {
        struct json_shapes shapes = {0};
        CHECK_OK(read_bytes(large_object(&buffer, counts[i], false), &shapes, &value), &error);
        CHECK_INT(value.as.object->shape->count, counts[i]);
        CHECK_INT(value.as.object->values[counts[i] - 1].as.integer, counts[i] - 1);
        CHECK(!read_bytes(large_object(&buffer, counts[i], true), &shapes, &value));
        CHECK_INT(error.code, ERROR_JSON_DUPLICATE);
        CHECK_TEXT(text_of(error.message), "the object that ends here has the key 'name7' twice");
    }
    buffer_clear(&buffer);
    arena_clear(&arena);
}

TEST(format_json, a_text_of_100_megabytes) {
    enum { LENGTH = 100 * 1000 * 1000 };
    char *data = malloc(LENGTH);
    CHECK(data != NULL);
    memset(data, 'x', LENGTH);
    data[0] = data[LENGTH - 1] = '"';
    struct value value;
    open_arena();
    CHECK_OK(read_bytes((struct text){data, LENGTH}, NULL, &value), &error);
    CHECK_INT(value.length, LENGTH - 2);
    CHECK_INT(arena.held, 0);
    arena_clear(&arena);
    free(data);
}

static const struct shape *shape_of(const char *text, struct json_shapes *shapes) {
    struct value value;
    struct text copy;
    CHECK(arena_text(&arena, text_of(text), &copy));
    CHECK_OK(read_bytes(copy, shapes, &value), &error);
    memset((char *)(uintptr_t)copy.data, '#', copy.length); // a shape outlives the text it came from
    return value.as.object->shape;
}

TEST(format_json, objects_with_the_same_names_share_a_shape) {
    struct json_shapes shapes = {0};
    open_arena();
    const struct shape *first = shape_of("{\"id\":1,\"name\":\"x\",\"at\":2}", &shapes);
    CHECK(shape_of("{\"id\":2, \"name\" : null,\"at\":{}}", &shapes) == first);
    CHECK(shape_of("{\"i\\u0064\":2,\"name\":null,\"at\":[]}", &shapes) == first);
    const struct shape *shorter = shape_of("{\"id\":1,\"name\":2}", &shapes);
    CHECK(shorter != first && shorter->count == 2);
    const struct shape *longer = shape_of("{\"id\":1,\"name\":2,\"at\":3,\"more\":4}", &shapes);
    CHECK(longer->count == 4);
    const struct shape *other = shape_of("{\"id\":1,\"namf\":2,\"at\":3}", &shapes);
    CHECK(other != first);
    const struct shape *turned = shape_of("{\"name\":1,\"id\":2,\"at\":3}", &shapes);
    CHECK(turned != first);
    CHECK(shape_of("{\"id\":1,\"name\":2,\"at\":3}", &shapes) == first);
    CHECK(shape_of("{\"id\":1,\"name\":2}", &shapes) == shorter);
    CHECK(shape_of("{\"id\":1,\"name\":2,\"at\":3,\"more\":4}", &shapes) == longer);
    CHECK(shape_of("{\"id\":1,\"namf\":2,\"at\":3}", &shapes) == other);
    CHECK(shape_of("{\"name\":1,\"id\":2,\"at\":3}", &shapes) == turned);
    CHECK(shape_of("{\"id\":1,\"namex\":2,\"at\":3}", &shapes)->names[1].length == 5);
    CHECK_TEXT(first->names[1], "name");
    arena_clear(&arena);
}

// The second name is that of one shape behind the first name of another.
TEST(format_json, shapes_are_not_mixed) {
    struct json_shapes shapes = {0};
    struct value value;
    open_arena();
    shape_of("{\"a\":1,\"x\":2,\"z\":3}", &shapes);
    shape_of("{\"b\":1,\"y\":2,\"z\":3}", &shapes);
    CHECK_OK(read_bytes(text_of("{\"a\":1,\"y\":2,\"z\":3}"), &shapes, &value), &error);
    CHECK_TEXT(written(&value), "{\"a\":1,\"y\":2,\"z\":3}");
    arena_clear(&arena);
}

TEST(format_json, names_with_escapes_are_not_taken_for_others) {
    struct json_shapes shapes = {0};
    struct value value;
    open_arena();
    const struct shape *odd = shape_of("{\"a\\\\\":1,\"b\\\":2,\\\"c\":3}", &shapes);
    CHECK_TEXT(odd->names[0], "a\\");
    CHECK_TEXT(odd->names[1], "b\":2,\"c");
    CHECK(shape_of("{\"a\\\\\":1,\"b\\\":2,\\\"c\":3}", &shapes) == odd);
    CHECK(!read_bytes(text_of("{\"a\\\":1,\"b\":2,\"c\":3}"), &shapes, &value));
    CHECK_INT(error.code, ERROR_JSON_SYNTAX);
    const struct shape *three = shape_of("{\"a\":1,\"b\":2,\"c\":3}", &shapes);
    CHECK_INT(three->count, 3);
    shape_of("{\"k\":0,\"line\\nfeed\":1}", &shapes);
    CHECK(!read_bytes(text_of("{\"k\":0,\"line\nfeed\":1}"), &shapes, &value)); // a bare line feed stays refused
    shape_of("{\"m\":0,\"b\\\\\":1}", &shapes);
    CHECK(!read_bytes(text_of("{\"m\":0,\"b\\\":1}"), &shapes, &value));
    arena_clear(&arena);
}

// A name given twice must be seen although the names so far are those of a known shape.
TEST(format_json, repeats_are_seen_beside_known_shapes) {
    struct json_shapes shapes = {0};
    struct value value;
    open_arena();
    shape_of("{\"a\":1,\"b\":2,\"c\":3}", &shapes);
    CHECK(!read_bytes(text_of("{\"a\":1,\"b\":2,\"a\":3}"), &shapes, &value));
    CHECK_INT(error.code, ERROR_JSON_DUPLICATE);
    CHECK(!read_bytes(text_of("{\"a\":1,\"b\":2,\"c\":3,\"c\":3}"), &shapes, &value));
    CHECK_INT(error.code, ERROR_JSON_DUPLICATE);
    shape_of("{\"a\":1,\"b\":2,\"c\":3}", &shapes);
    arena_clear(&arena);
}

TEST(format_json, shapes_of_many_kinds_and_nested) {
    struct json_shapes shapes = {0};
    open_arena();
    for (int round = 0; round < 3; round++) {
        for (int i = 0; i < 20; i++) {
            char text[128];
            snprintf(text, sizeof text, "{\"type\":%d,\"inner\":{\"type\":1,\"key%d\":[{\"type\":2}]}}", i, i);
            struct value value;
            CHECK_OK(read_bytes(text_of(text), &shapes, &value), &error);
            CHECK_TEXT(written(&value), text);
        }
    }
    arena_clear(&arena);
}

TEST(format_json, writes_what_is_there) {
    struct text names[] = {text_of("a"), text_of("b\""), text_of("c")};
    struct value values[] = {{0}, value_null(), {0}};
    struct shape shape = {3, names};
    struct object object = {&shape, values};
    struct value value = value_object(&object);
    struct value missing = {0};
    open_arena();
    CHECK_TEXT(written(&value), "{\"b\\\"\":null}");
    values[1] = missing;
    CHECK_TEXT(written(&value), "{}");
    values[2] = value_integer(INT64_MIN);
    CHECK_TEXT(written(&value), "{\"c\":-9223372036854775808}");
    CHECK_TEXT(written(&missing), "null");
    arena_clear(&arena);
}

TEST(format_json, canonical_bytes_are_equal_for_equal_values) {
    static const char *const pairs[][2] = {
        {"{\"b\":1.0,\"a\":[12.50,-0]}", "{ \"a\" : [ 125e-1, 0 ], \"b\" : 1 }"},
        {"{\"\xC3\xA9\":1,\"z\":2,\"\":3,\"ab\":4,\"a\":5}", "{\"\":3,\"a\":5,\"ab\":4,\"z\":2,\"\\u00e9\":1}"},
        {"{\"n\":{\"y\":1,\"x\":\"\\u0041\"}}", "{\"n\":{\"x\":\"A\",\"y\":1e0}}"},
        {"1e18", "1000000000000000000"},
    };
    open_arena();
    for (size_t i = 0; i < sizeof pairs / sizeof pairs[0]; i++) {
        struct value a = read_text(pairs[i][0]);
        struct value b = read_text(pairs[i][1]);
        CHECK(value_same(&a, &b));
        CHECK(text_same(canonical(&a), canonical(&b)));
    }
    struct value value = read_text(pairs[0][0]);
    CHECK_TEXT(canonical(&value), "{\"a\":[12.5,0],\"b\":1}");
    value = read_text(pairs[1][0]);
    CHECK_TEXT(canonical(&value), "{\"\":3,\"a\":5,\"ab\":4,\"z\":2,\"\xC3\xA9\":1}");
    arena_clear(&arena);
}

TEST(format_json, a_full_buffer_is_told) {
    struct buffer buffer;
    open_arena();
    struct value value = read_text("{\"b\":\"text\",\"a\":[1,2,3]}");
    for (size_t ceiling = 0; ceiling < 25; ceiling++) {
        buffer_init(&buffer, ceiling);
        json_write(&buffer, &value);
        CHECK(buffer.failed == (ceiling < 24));
        buffer_clear(&buffer);
        buffer_init(&buffer, ceiling);
        CHECK(json_write_canonical(&buffer, &value, &arena) == (ceiling >= 24));
        buffer_clear(&buffer);
    }
    struct arena none;
    arena_init(&none, 0);
    buffer_init(&buffer, 1000);
    CHECK(!json_write_canonical(&buffer, &value, &none));
    buffer_clear(&buffer);
    arena_clear(&arena);
}

TEST(format_json, memory_may_end_anywhere) {
    static const char text[] = "{\"a\":[1,2,{\"x\\n\":\"y\\n\"}],\"b\":{\"c\":\"\\u20ac\"}}";
    bool ok = false;
    for (size_t ceiling = 0; !ok; ceiling += 16) {
        struct json_shapes shapes = {0};
        struct value value;
        arena_init(&arena, ceiling);
        ok = read_bytes(text_of(text), &shapes, &value);
        CHECK(ok || error.code == ERROR_MEMORY);
        CHECK(ceiling < 8192);
        arena_clear(&arena);
    }
}
