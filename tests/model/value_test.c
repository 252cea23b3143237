#include "model/value.h"

#include "test.h"

// An object of up to eight fields from names and values.
struct made {
    struct text names[8];
    struct value values[8];
    struct shape shape;
    struct object object;
};

static struct value make(struct made *made, uint32_t count, const char *const *names, const struct value *values) {
    for (uint32_t i = 0; i < count; i++) {
        made->names[i] = text_of(names[i]);
        made->values[i] = values[i];
    }
    made->shape = (struct shape){count, made->names};
    made->object = (struct object){&made->shape, made->values};
    return value_object(&made->object);
}

static struct value text_value(const char *text) {
    return value_text(text_of(text));
}

static struct value decimal_value(const char *text) {
    return value_decimal(text_of(text));
}

static bool same(struct value a, struct value b) {
    bool forth = value_same(&a, &b);
    CHECK(forth == value_same(&b, &a));
    return forth;
}

TEST(model_value, sixteen_bytes) {
    CHECK_INT(sizeof(struct value), 16);
}

TEST(model_value, scalars_are_the_same_by_what_they_say) {
    CHECK(same(value_null(), value_null()));
    CHECK(!same(value_null(), (struct value){0}));
    CHECK(same((struct value){0}, (struct value){0}));
    CHECK(same(value_bool(true), value_bool(true)) && !same(value_bool(true), value_bool(false)));
    CHECK(!same(value_bool(true), value_integer(1)));
    CHECK(same(value_integer(5), value_integer(5)) && !same(value_integer(5), value_integer(6)));
    CHECK(same(decimal_value("12.50"), decimal_value("12.5")));
    CHECK(same(decimal_value("5.0"), value_integer(5)) && !same(decimal_value("5.1"), value_integer(5)));
    CHECK(same(decimal_value("-9223372036854775808.0"), value_integer(INT64_MIN)));
    CHECK(!same(decimal_value("9223372036854775808"), value_integer(INT64_MAX)));
    CHECK(!same(text_value("5"), value_integer(5)));
    CHECK(same(text_value("a"), text_value("a")) && !same(text_value("a"), text_value("b")));
    CHECK(!same(value_text((struct text){"a\0b", 3}), text_value("a")));
    CHECK(same(value_text((struct text){NULL, 0}), text_value("")));
}

TEST(model_value, lists_are_the_same_item_by_item) {
    struct value a[] = {value_integer(1), text_value("x")};
    struct value b[] = {decimal_value("1.0"), text_value("x")};
    CHECK(same(value_list(a, 2), value_list(b, 2)));
    CHECK(!same(value_list(a, 2), value_list(b, 1)));
    CHECK(same(value_list(NULL, 0), value_list(a, 0)));
    b[1] = text_value("y");
    CHECK(!same(value_list(a, 2), value_list(b, 2)));
}

TEST(model_value, objects_are_the_same_in_any_order) {
    struct made a;
    struct made b;
    struct made c;
    const char *const forth[] = {"x", "y", "z"};
    const char *const back[] = {"z", "y", "x"};
    struct value one[] = {value_integer(1), {0}, value_integer(3)};
    struct value two[] = {value_integer(3), {0}, value_integer(1)};
    struct value left = make(&a, 3, forth, one);
    CHECK(same(left, make(&b, 3, back, two)));
    const char *const short_names[] = {"z", "x"};
    struct value short_values[] = {value_integer(3), value_integer(1)};
    CHECK(same(left, make(&c, 2, short_names, short_values)));
    short_values[1] = value_integer(2);
    CHECK(!same(left, make(&c, 2, short_names, short_values)));
    two[1] = value_null(); // null is said, missing isn't
    CHECK(!same(left, make(&b, 3, back, two)));
    const char *const other[] = {"x", "y", "w"};
    CHECK(!same(left, make(&b, 3, other, one)));
    b.object.shape = a.object.shape;
    CHECK(same(left, value_object(&b.object)));
}

// As many names as this, in opposite orders, would take hours by searching.
TEST(model_value, large_objects_are_compared_fast) {
    enum { COUNT = 200000 };
    struct arena arena;
    arena_init(&arena, 64 << 20);
    struct text *forth = arena_take_zero(&arena, COUNT, sizeof *forth);
    struct text *back = arena_take_zero(&arena, COUNT, sizeof *back);
    struct value *one = arena_take_zero(&arena, COUNT, sizeof *one);
    struct value *two = arena_take_zero(&arena, COUNT, sizeof *two);
    for (int i = 0; i < COUNT; i++) {
        forth[i] = back[COUNT - 1 - i] = text_of(arena_print(&arena, "name%06d", i));
        one[i] = two[COUNT - 1 - i] = value_integer(i);
    }
    struct shape a = {COUNT, forth};
    struct shape b = {COUNT, back};
    struct object left = {&a, one};
    struct object right = {&b, two};
    CHECK(same(value_object(&left), value_object(&right)));
    two[5] = value_integer(-1);
    CHECK(!same(value_object(&left), value_object(&right)));
    arena_clear(&arena);
}

TEST(model_value, fields_are_found_by_name) {
    struct made made;
    struct made inner;
    const char *const inner_names[] = {"lat", ""};
    struct value inner_values[] = {decimal_value("51.5"), value_null()};
    const char *const names[] = {"id", "geo", "gone", "villageId,postcode"};
    struct value values[] = {value_integer(1), make(&inner, 2, inner_names, inner_values), {0}, text_value("x")};
    make(&made, 4, names, values);
    CHECK_INT(shape_find(&made.shape, text_of("geo")), 1);
    CHECK_INT(shape_find(&made.shape, text_of("ge")), SHAPE_NONE);
    CHECK_INT(shape_find(&inner.shape, text_of("")), 1);
    CHECK(object_find(&made.object, text_of("id"))->as.integer == 1);
    CHECK(object_find(&made.object, text_of("gone")) == NULL);
    CHECK(object_find(&made.object, text_of("villageId,postcode")) != NULL);

    struct text steps[] = {text_of("geo"), text_of("lat"), text_of("deeper")};
    CHECK(path_find(&made.object, &(struct path){steps, 1})->kind == VALUE_OBJECT);
    CHECK_TEXT(value_slice(path_find(&made.object, &(struct path){steps, 2})), "51.5");
    CHECK(path_find(&made.object, &(struct path){steps, 3}) == NULL);
    CHECK(path_find(&made.object, &(struct path){steps, 0}) == NULL);
    steps[0] = text_of("id");
    CHECK(path_find(&made.object, &(struct path){steps, 2}) == NULL);
}

TEST(model_value, a_copy_stands_on_its_own) {
    struct made made;
    struct made inner;
    char text[] = "text";
    char name[] = "name";
    const char *const inner_names[] = {name};
    struct value inner_values[] = {value_text((struct text){text, 4})};
    struct value items[] = {make(&inner, 1, inner_names, inner_values), decimal_value("1.50"), value_bool(true)};
    const char *const names[] = {"list", "none"};
    struct value values[] = {value_list(items, 3), {0}};
    struct value source = make(&made, 2, names, values);
    struct value copy;
    struct arena arena;
    arena_init(&arena, 1 << 20);
    CHECK(value_copy(&arena, &source, &copy));
    CHECK(same(source, copy));
    text[0] = name[0] = '#';
    CHECK(!same(source, copy));
    struct value item = copy.as.object->values[0].as.items[0];
    CHECK_TEXT(item.as.object->shape->names[0], "name");
    CHECK_TEXT(value_slice(&item.as.object->values[0]), "text");
    arena_clear(&arena);
}

TEST(model_value, a_copy_without_memory_says_so) {
    struct made made;
    const char *const names[] = {"name", "list"};
    struct value items[] = {text_value("item")};
    struct value values[] = {text_value("text"), value_list(items, 1)};
    struct value source = make(&made, 2, names, values);
    bool copied = false;
    for (size_t ceiling = 0; !copied; ceiling += 16) {
        struct arena arena;
        struct value copy;
        arena_init(&arena, ceiling);
        copied = value_copy(&arena, &source, &copy);
        CHECK(ceiling < 4096);
        arena_clear(&arena);
    }
}

static struct text shown(struct value value) {
    static char room[VALUE_SHOW_MAX];
    return text_of(value_show(&value, room));
}

TEST(model_value, shows_itself_on_one_line) {
    CHECK_TEXT(shown(value_null()), "null");
    CHECK_TEXT(shown(value_bool(false)), "false");
    CHECK_TEXT(shown(value_integer(INT64_MIN)), "-9223372036854775808");
    CHECK_TEXT(shown(decimal_value("12.50")), "12.50");
    CHECK_TEXT(shown(text_value("abc")), "'abc'");
    CHECK_TEXT(shown(value_text((struct text){"a\n\0\x7F\xFF", 5})), "'a\\x0a\\x00\\x7f\\xff'");
    CHECK_TEXT(shown(text_value("0123456789012345678901234567890123456789")),
               "'0123456789012345678901234567890123456789'");
    CHECK_TEXT(shown(text_value("01234567890123456789012345678901234567890")),
               "'0123456789012345678901234567890123456789…'");
    CHECK_TEXT(shown(value_list(NULL, 0)), "a list");
    CHECK_TEXT(shown(value_object(NULL)), "an object");
    char wide[400];
    for (int i = 0; i < 100; i++) {
        memcpy(wide + 4 * i, "\xF0\x9F\x98\x80", 4);
    }
    CHECK(text_utf8(shown(value_text((struct text){wide, sizeof wide})), NULL));
    CHECK(text_utf8(shown(value_text((struct text){wide + 1, sizeof wide - 2})), NULL));
}

TEST(model_value, print_tells_values_apart) {
    struct text names[] = {TEXT_LITERAL("a"), TEXT_LITERAL("b")};
    struct text others[] = {TEXT_LITERAL("a"), TEXT_LITERAL("c")};
    struct shape shape = {2, names};
    struct shape other = {2, others};
    struct value items[] = {value_text(TEXT_LITERAL("x")), value_integer(1)};
    struct value changed[] = {value_text(TEXT_LITERAL("x")), value_integer(2)};
    struct object objects[] = {{&shape, items}, {&other, items}, {&shape, changed}};
    struct value values[] = {
        value_null(),
        value_bool(false),
        value_bool(true),
        value_integer(0),
        value_integer(1),
        value_text(TEXT_LITERAL("")),
        value_text(TEXT_LITERAL("1")),
        value_decimal(TEXT_LITERAL("1")),
        value_list(NULL, 0),
        value_list(items, 1),
        value_list(items, 2),
        value_list(changed, 2),
        value_object(&objects[0]),
        value_object(&objects[1]),
        value_object(&objects[2]),
    };
    size_t count = sizeof values / sizeof values[0];
    for (size_t i = 0; i < count; i++) {
        for (size_t j = 0; j < count; j++) {
            CHECK(print_same(value_print(&values[i]), value_print(&values[j])) == (i == j));
        }
    }
}
