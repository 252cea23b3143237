#include "model/record.h"

#include "test.h"

static struct arena arena;
static struct error error;

static struct text key_of(const struct value *values, size_t count) {
    struct text out = {"", 0};
    error_clear(&error);
    return value_key(values, count, &arena, &out, &error) ? out : text_of(error.message);
}

static struct value text_value(const char *text) {
    return value_text(text_of(text));
}

TEST(model_record, a_key_of_one_part_is_its_text) {
    arena_init(&arena, 1 << 20);
    struct value values[] = {text_value("a\"b"), value_integer(-12), value_decimal(text_of("12.50")), value_bool(true)};
    CHECK_TEXT(key_of(&values[0], 1), "a\"b");
    CHECK_TEXT(key_of(&values[1], 1), "-12");
    CHECK_TEXT(key_of(&values[2], 1), "12.50");
    CHECK_TEXT(key_of(&values[3], 1), "true");
    arena_clear(&arena);
}

TEST(model_record, a_key_of_several_parts_is_a_json_array) {
    arena_init(&arena, 1 << 20);
    struct value values[] = {value_integer(313603), text_value("1111"), text_value("\"\\\n\x01\xC3\xA9")};
    CHECK_TEXT(key_of(values, 2), "[\"313603\",\"1111\"]");
    CHECK_TEXT(key_of(values, 3), "[\"313603\",\"1111\",\"\\\"\\\\\\n\\u0001\xC3\xA9\"]");
    arena_clear(&arena);
}

TEST(model_record, a_key_with_nothing_in_it_is_refused) {
    arena_init(&arena, 1 << 20);
    struct value values[] = {text_value("x"), value_null()};
    CHECK_TEXT(key_of(values, 2), "part 2 of the key is null; it must say which record this is");
    CHECK_INT(error.code, ERROR_KEY_EMPTY);
    values[1] = text_value("");
    CHECK_TEXT(key_of(values, 2), "part 2 of the key is an empty text; it must say which record this is");
    CHECK_INT(error.code, ERROR_KEY_EMPTY);
    values[1] = (struct value){0};
    CHECK_TEXT(key_of(values, 2), "part 2 of the key is missing; it must say which record this is");
    values[1] = value_list(NULL, 0);
    CHECK_TEXT(key_of(values, 2), "part 2 of the key is a list; it must be a text or a number");
    CHECK_INT(error.code, ERROR_FIELD_TYPE);
    values[1] = value_text((struct text){"a\0b", 3});
    key_of(values, 2);
    CHECK_INT(error.code, ERROR_TEXT_NUL);
    key_of(values, 0);
    CHECK_INT(error.code, ERROR_KEY_EMPTY);
    arena_clear(&arena);
}

TEST(model_record, the_key_of_a_record_follows_paths) {
    struct text inner_names[] = {text_of("code")};
    struct value inner_values[] = {text_value("NL")};
    struct shape inner_shape = {1, inner_names};
    struct object inner = {&inner_shape, inner_values};
    struct text names[] = {text_of("postcode"), text_of("land")};
    struct value values[] = {value_integer(1111), value_object(&inner)};
    struct shape shape = {2, names};
    struct object fields = {&shape, values};
    struct text land[] = {text_of("land"), text_of("code")};
    struct text postcode[] = {text_of("postcode")};
    struct path key[] = {{postcode, 1}, {land, 2}};
    struct text out;
    arena_init(&arena, 1 << 20);
    CHECK_OK(record_key(&fields, key, 2, &arena, &out, &error), &error);
    CHECK_TEXT(out, "[\"1111\",\"NL\"]");
    CHECK_OK(record_key(&fields, key, 1, &arena, &out, &error), &error);
    CHECK_TEXT(out, "1111");
    land[1] = text_of("name");
    CHECK(!record_key(&fields, key, 2, &arena, &out, &error));
    CHECK_TEXT(text_of(error.message), "key field land.name is missing; it must say which record this is");
    arena_clear(&arena);
}

TEST(model_record, a_key_needs_memory) {
    struct value values[] = {value_integer(1), text_value("b")};
    struct text out;
    arena_init(&arena, 0);
    CHECK(!value_key(values, 1, &arena, &out, &error));
    CHECK_INT(error.code, ERROR_MEMORY);
    CHECK(!value_key(values, 2, &arena, &out, &error));
    CHECK_INT(error.code, ERROR_MEMORY);
}

TEST(model_record, a_batch_is_empty_after_reset) {
    struct batch batch;
    batch_init(&batch, 1 << 20);
    CHECK_OK(batch_reset(&batch, 10, &error), &error);
    CHECK(batch.capacity == 10 && batch.reject_capacity == 10 && batch.count == 0);
    batch.records[9].line = 5;
    batch.count = 10;
    batch.last = true;
    batch.place = text_of("x");
    CHECK_OK(batch_reset(&batch, 20, &error), &error);
    CHECK(batch.capacity == 20 && batch.count == 0 && !batch.last && batch.place.length == 0);
    CHECK_INT(batch.records[9].line, 0);
    batch_clear(&batch);
    CHECK(batch.records == NULL && batch.arena.held == 0 && batch.arena.ceiling == 1 << 20);
    CHECK(!batch_reset(&batch, SIZE_MAX / 4, &error));
    CHECK_INT(error.code, ERROR_MEMORY);
    batch_clear(&batch);
}

TEST(model_record, rejects_are_copied_and_cut) {
    struct batch batch;
    char *raw = malloc(REJECT_RAW_MAX + 10);
    char reason[] = "reason";
    batch_init(&batch, 1 << 20);
    CHECK(raw != NULL);
    memset(raw, 'x', REJECT_RAW_MAX + 10);
    CHECK_OK(batch_reset(&batch, 2, &error), &error);
    struct reject reject = {
        .line = 7, .code = ERROR_CSV_RAGGED, .reason = text_of(reason), .raw = {raw, REJECT_RAW_MAX + 10}};
    CHECK_OK(batch_reject(&batch, &reject, &error), &error);
    CHECK_OK(batch_reject(&batch, &reject, &error), &error);
    reason[0] = '#';
    free(raw);
    CHECK_TEXT(batch.rejects[0].reason, "reason");
    CHECK_INT(batch.rejects[0].raw.length, REJECT_RAW_MAX);
    CHECK_INT(batch.rejects[1].line, 7);
    error_set(&error, ERROR_USAGE, "old");
    reject.raw = text_of("");
    CHECK(!batch_reject(&batch, &reject, &error));
    CHECK_INT(error.code, ERROR_NONE); // full, which is no error
    batch_clear(&batch);
}
