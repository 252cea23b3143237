#include "base/map.h"

#include "base/arena.h"
#include "test.h"

TEST(base_map, finds_what_was_put) {
    struct arena arena;
    struct map map;
    arena_init(&arena, 16 << 20);
    map_init(&map);
    CHECK(map_find(&map, text_of("0")) == NULL);
    for (uint64_t i = 0; i < 20000; i++) {
        CHECK(map_put(&map, text_of(arena_print(&arena, "%llu", (unsigned long long)i)), i * 3));
    }
    CHECK_INT(map.count, 20000);
    for (uint64_t i = 0; i < 20000; i++) {
        uint64_t *value = map_find(&map, text_of(arena_print(&arena, "%llu", (unsigned long long)i)));
        CHECK(value != NULL && *value == i * 3);
    }
    CHECK(map_find(&map, text_of("20000")) == NULL);
    map_clear(&map);
    arena_clear(&arena);
}

TEST(base_map, put_replaces) {
    struct map map;
    map_init(&map);
    CHECK(map_put(&map, text_of("key"), 1) && map_put(&map, text_of("key"), 2));
    CHECK_INT(map.count, 1);
    CHECK_INT(*map_find(&map, text_of("key")), 2);
    map_reset(&map);
    CHECK(map.count == 0 && map_find(&map, text_of("key")) == NULL);
    map_clear(&map);
}

TEST(base_map, keys_are_bytes) {
    struct map map;
    map_init(&map);
    CHECK(map_put(&map, (struct text){NULL, 0}, 7) && map_put(&map, (struct text){"a\0b", 3}, 8));
    CHECK_INT(*map_find(&map, text_of("")), 7);
    CHECK_INT(*map_find(&map, (struct text){NULL, 0}), 7);
    CHECK_INT(*map_find(&map, (struct text){"a\0b", 3}), 8);
    CHECK(map_find(&map, text_of("a")) == NULL);
    map_clear(&map);
}
