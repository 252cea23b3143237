#include "format/format_datatype.h"

#include "test.h"

static const char *const reading =
    "{\"name\":\"reading\",\"extra\":\"keep\",\"key\":[\"resource\",\"datetime\"],\"fields\":["
    "{\"name\":\"datetime\",\"type\":\"time\",\"required\":true},"
    "{\"name\":\"value\",\"type\":\"decimal\",\"default\":12.50},"
    "{\"name\":\"resource\",\"type\":\"ref\",\"target\":\"resource\"},"
    "{\"name\":\"note\",\"type\":\"text\",\"default\":\"a \\\"b\\\"\"},"
    "{\"name\":\"externalIds\",\"type\":\"json\",\"default\":{\"x\":[1,null]}}]}";

static struct arena arena;
static struct error error;

static bool read_datatype(const char *text, const struct datatype **out) {
    error_clear(&error);
    return datatype_read(text_of(text), &arena, out, &error);
}

TEST(format_datatype, reads_and_writes_the_same) {
    const struct datatype *datatype;
    struct buffer buffer;
    char source[1000];
    arena_init(&arena, 1 << 20);
    buffer_init(&buffer, 1 << 20);
    snprintf(source, sizeof source, "%s", reading);
    CHECK_OK(read_datatype(source, &datatype), &error);
    memset(source, '#', sizeof source); // it keeps nothing of the text
    datatype_write(&buffer, datatype);
    CHECK(!buffer.failed);
    CHECK_TEXT(buffer_view(&buffer), reading);
    CHECK_TEXT(datatype->name, "reading");
    CHECK(datatype->keeps_extra && datatype->count == 5 && datatype->key_count == 2);
    CHECK(datatype->key[0] == 2 && datatype->key[1] == 0);
    CHECK(datatype->fields[0].required && !datatype->fields[1].required);
    CHECK_INT(datatype->fields[0].fallback.kind, VALUE_MISSING);
    CHECK_TEXT(datatype->fields[2].target, "resource");
    CHECK_INT(shape_find(datatype->shape, text_of("note")), 3);
    buffer_clear(&buffer);
    arena_clear(&arena);
}

TEST(format_datatype, a_datatype_without_key_refuses_extra) {
    const struct datatype *datatype;
    struct buffer buffer;
    const char *text =
        "{\"name\":\"x\",\"extra\":\"refuse\",\"key\":[],\"fields\":[{\"name\":\"a\",\"type\":\"bool\"}]}";
    arena_init(&arena, 1 << 20);
    buffer_init(&buffer, 1 << 20);
    CHECK_OK(read_datatype(text, &datatype), &error);
    CHECK(!datatype->keeps_extra && datatype->key_count == 0);
    datatype_write(&buffer, datatype);
    CHECK_TEXT(buffer_view(&buffer), text);
    buffer_clear(&buffer);
    arena_clear(&arena);
}

TEST(format_datatype, derived_fields_are_remembered) {
    static const struct derive derives[] = {{.field = 4, .function = 17}, {.field = 1, .function = 3}};
    const struct datatype *datatype;
    struct datatype derived;
    struct buffer buffer;
    arena_init(&arena, 1 << 20);
    buffer_init(&buffer, 1 << 20);
    CHECK_OK(read_datatype(reading, &datatype), &error);
    CHECK_INT(datatype->derive_count, 0);
    derived = *datatype;
    derived.derives = derives;
    derived.derive_count = 2;
    datatype_write(&buffer, &derived);
    buffer_byte(&buffer, '\0');
    CHECK(strstr(buffer.data, "],\"derived\":[\"externalIds\",\"value\"],\"fields\":[") != NULL);
    CHECK_OK(read_datatype(buffer.data, &datatype), &error);
    CHECK_INT(datatype->derive_count, 2);
    CHECK_INT(datatype->derives[0].field, 4);
    CHECK_INT(datatype->derives[1].field, 1);
    CHECK_INT(datatype->derives[1].function, DERIVE_ELSEWHERE);
    struct buffer again;
    buffer_init(&again, 1 << 20);
    datatype_write(&again, datatype);
    buffer_byte(&again, '\0');
    CHECK(text_same(buffer_view(&again), buffer_view(&buffer)));
    buffer_clear(&again);
    buffer_clear(&buffer);
    arena_clear(&arena);
}

#define A_FIELD "{\"name\":\"a\",\"type\":\"text\"}"
#define HEAD "{\"name\":\"x\",\"extra\":\"keep\",\"key\":[],\"fields\":"

TEST(format_datatype, refuses_what_does_not_fit) {
    static const char *const bad[] = {
        "",
        "[]",
        "{}",
        HEAD "[]}",
        HEAD "[1]}",
        HEAD "[{\"name\":\"a\"}]}",
        HEAD "[{\"name\":\"a\",\"type\":\"float\"}]}",
        HEAD "[{\"name\":\"id\",\"type\":\"text\"}]}",
        HEAD "[{\"name\":\"a b\",\"type\":\"text\"}]}",
        HEAD "[{\"name\":\"a\",\"type\":\"text\",\"size\":3}]}",
        HEAD "[{\"name\":\"a\",\"type\":\"text\",\"required\":1}]}",
        HEAD "[{\"name\":\"a\",\"type\":\"text\",\"target\":\"x\"}]}",
        HEAD "[{\"name\":\"a\",\"type\":\"ref\"}]}",
        HEAD "[{\"name\":\"a\",\"type\":\"ref\",\"target\":\"a b\"}]}",
        HEAD "[{\"name\":\"a\",\"type\":\"integer\",\"default\":1.5}]}",
        HEAD "[{\"name\":\"a\",\"type\":\"text\"},{\"name\":\"A\",\"type\":\"text\"}]}",
        HEAD "[{\"name\":\"a\",\"type\":\"text\"}],\"more\":1}",
        "{\"name\":\"x\",\"extra\":\"perhaps\",\"key\":[],\"fields\":[{\"name\":\"a\",\"type\":\"text\"}]}",
        "{\"name\":\"\",\"extra\":\"keep\",\"key\":[],\"fields\":[{\"name\":\"a\",\"type\":\"text\"}]}",
        "{\"name\":\"x\",\"extra\":\"keep\",\"key\":[\"b\"],\"fields\":[{\"name\":\"a\",\"type\":\"text\"}]}",
        "{\"name\":\"x\",\"extra\":\"keep\",\"key\":[1],\"fields\":[{\"name\":\"a\",\"type\":\"text\"}]}",
        "{\"name\":\"x\",\"extra\":\"keep\",\"key\":[\"a\",\"a\"],\"fields\":[" A_FIELD
        ",{\"name\":\"b\",\"type\":\"text\"}]}",
        "{\"name\":\"x\",\"extra\":\"keep\",\"key\":[],\"derived\":\"a\",\"fields\":[" A_FIELD "]}",
        "{\"name\":\"x\",\"extra\":\"keep\",\"key\":[],\"derived\":[\"b\"],\"fields\":[" A_FIELD "]}",
        "{\"name\":\"x\",\"extra\":\"keep\",\"key\":[],\"derived\":[\"a\",\"a\"],\"fields\":[" A_FIELD "]}",
    };
    arena_init(&arena, 1 << 20);
    for (size_t i = 0; i < sizeof bad / sizeof bad[0]; i++) {
        const struct datatype *datatype = NULL;
        CHECK(!read_datatype(bad[i], &datatype));
        CHECK(error.code != ERROR_NONE && error.message[0] != '\0' && datatype == NULL);
    }
    CHECK(!read_datatype(bad[6], &(const struct datatype *){NULL}));
    CHECK_TEXT(text_of(error.message), "a datatype's declaration cannot be used: a field's type is not known");
    arena_clear(&arena);
}

TEST(format_datatype, memory_may_end_anywhere) {
    bool ok = false;
    for (size_t ceiling = 0; !ok; ceiling += 16) {
        const struct datatype *datatype;
        arena_init(&arena, ceiling);
        ok = read_datatype(reading, &datatype);
        CHECK(ok || error.code == ERROR_MEMORY);
        CHECK(ceiling < 16384);
        arena_clear(&arena);
    }
}
