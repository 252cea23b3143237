#include "script/script_shape.h"

#include "test.h"

static const struct shape *sorted(struct shapes *shapes, struct arena *arena, const struct text *names,
                                  uint32_t count) {
    const struct shape *shape;
    const uint32_t *order;
    bool fresh;
    CHECK(shapes_sorted(shapes, names, count, arena, &shape, &order, &fresh));
    CHECK_INT(shape->count, count);
    for (uint32_t i = 0; i < count; i++) {
        CHECK(text_same(shape->names[order[i]], names[i]));
        CHECK(i == 0 || text_compare(shape->names[i - 1], shape->names[i]) < 0);
    }
    return shape;
}

TEST(script_shape, the_same_names_in_any_order) {
    struct shapes shapes;
    struct arena arena;
    struct text names[] = {TEXT_LITERAL("c"), TEXT_LITERAL("a"), TEXT_LITERAL("b")};
    struct text others[] = {names[1], names[2], names[0]};
    shapes_init(&shapes);
    arena_init(&arena, 1024 * 1024);
    const struct shape *shape = sorted(&shapes, &arena, names, 3);
    CHECK(sorted(&shapes, &arena, names, 3) == shape);
    arena_reset(&arena); // what is kept doesn't go with the page
    CHECK(sorted(&shapes, &arena, others, 3) == shape);
    CHECK(sorted(&shapes, &arena, names, 2) != shape);
    CHECK_INT(sorted(&shapes, &arena, names, 0)->count, 0);
    shapes_clear(&shapes);
    arena_clear(&arena);
}

// Lua frees a name and puts another in its place: the address is a hint and no more.
TEST(script_shape, another_name_at_the_same_address) {
    struct shapes shapes;
    struct arena arena;
    char bytes[] = "first";
    struct text name = {bytes, 5};
    shapes_init(&shapes);
    arena_init(&arena, 1024 * 1024);
    const struct shape *first = sorted(&shapes, &arena, &name, 1);
    memcpy(bytes, "other", 5);
    CHECK(sorted(&shapes, &arena, &name, 1) != first);
    memcpy(bytes, "first", 5);
    CHECK_TEXT(sorted(&shapes, &arena, &name, 1)->names[0], "first"); // kept, unless the other took its slot
    CHECK_TEXT(first->names[0], "first");
    shapes_clear(&shapes);
    arena_clear(&arena);
}

TEST(script_shape, many_names_and_many_shapes) {
    struct shapes shapes;
    struct arena arena;
    static char bytes[500][16];
    struct text names[500];
    shapes_init(&shapes);
    for (int round = 0; round < 200; round++) {
        arena_init(&arena, 4 * 1024 * 1024);
        for (int i = 0; i < 500; i++) {
            names[i] = (struct text){bytes[i], (size_t)snprintf(bytes[i], sizeof bytes[i], "%d.%d", i, round)};
        }
        sorted(&shapes, &arena, names, 500);
        sorted(&shapes, &arena, names, SHAPE_NAMES_MAX);
        const struct shape *shape;
        CHECK(shapes_ordered(&shapes, names, 60, &arena, &shape));
        CHECK(text_same(shape->names[59], names[59]));
        arena_clear(&arena);
    }
    CHECK(shapes.arena.held <= 1024 * 1024);
    shapes_clear(&shapes);
}
