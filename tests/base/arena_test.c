#include "base/arena.h"

#include "test.h"

TEST(base_arena, gives_aligned_pieces_that_do_not_overlap) {
    struct arena arena;
    arena_init(&arena, 1 << 20);
    unsigned char *pieces[200];
    for (int i = 0; i < 200; i++) {
        pieces[i] = arena_take(&arena, (size_t)i * 7);
        CHECK(pieces[i] != NULL && (uintptr_t)pieces[i] % 16 == 0);
        memset(pieces[i], i, (size_t)i * 7);
    }
    for (int i = 0; i < 200; i++) {
        for (int j = 0; j < i * 7; j++) {
            CHECK(pieces[i][j] == (unsigned char)i);
        }
    }
    arena_clear(&arena);
}

TEST(base_arena, takes_nothing_before_its_first_use) {
    struct arena arena;
    arena_init(&arena, 1 << 20);
    CHECK_INT(arena.held, 0);
    arena_reset(&arena);
    arena_clear(&arena);
}

TEST(base_arena, ends_at_its_ceiling) {
    struct arena arena;
    arena_init(&arena, 100000);
    CHECK(arena_take(&arena, 100001) == NULL);
    CHECK(arena_take(&arena, SIZE_MAX) == NULL);
    CHECK(arena_take_zero(&arena, SIZE_MAX / 2, 16) == NULL);
    size_t taken = 0;
    while (arena_take(&arena, 1000) != NULL) {
        taken += 1000;
        CHECK(taken <= 100000);
    }
    CHECK(taken > 95000);
    CHECK(arena.held <= 100000);
    arena_clear(&arena);
}

TEST(base_arena, a_small_ceiling_serves_too) {
    struct arena arena;
    arena_init(&arena, 64);
    CHECK(arena_take(&arena, 32) != NULL);
    CHECK(arena_take(&arena, 32) != NULL);
    CHECK(arena_take(&arena, 1) == NULL);
    arena_clear(&arena);
    arena_init(&arena, 0);
    CHECK(arena_take(&arena, 0) == NULL);
    CHECK(arena_take(&arena, 1) == NULL);
    arena_clear(&arena);
}

TEST(base_arena, reset_keeps_the_memory) {
    struct arena arena;
    arena_init(&arena, 4 << 20);
    size_t held = 0;
    for (int round = 0; round < 5; round++) {
        arena_reset(&arena);
        for (int i = 0; i < 1000; i++) {
            CHECK(arena_take(&arena, 500) != NULL);
        }
        CHECK(round == 0 || arena.held == held);
        held = arena.held;
    }
    arena_clear(&arena);
    CHECK_INT(arena.held, 0);
}

// Rounds with a large piece among small ones, at another place each time.
static void rounds_take(struct arena *arena) {
    for (int round = 0; round < 64; round++) {
        arena_reset(arena);
        for (int i = 0; i < 64; i++) {
            size_t size = i == round ? 1 << 20 : 16000;
            char *piece = arena_take(arena, size);
            CHECK(piece != NULL);
            memset(piece, i, size);
        }
    }
}

TEST(base_arena, large_pieces_anywhere_do_not_pile_up) {
    struct arena arena;
    arena_init(&arena, 64 << 20);
    rounds_take(&arena);
    CHECK(arena.held <= 4 << 20);
    arena_clear(&arena);
}

TEST(base_arena, kept_memory_makes_room_at_the_ceiling) {
    struct arena arena;
    arena_init(&arena, 5 << 19);
    rounds_take(&arena);
    CHECK(arena.held <= 5 << 19);
    arena_clear(&arena);
}

TEST(base_arena, copies_end_with_a_nul) {
    struct arena arena;
    struct text copy;
    arena_init(&arena, 1 << 20);
    char *bytes = arena_copy(&arena, "a\0b", 3);
    CHECK(bytes != NULL && memcmp(bytes, "a\0b\0", 4) == 0);
    CHECK(arena_text(&arena, (struct text){NULL, 0}, &copy));
    CHECK(copy.length == 0 && copy.data != NULL && copy.data[0] == '\0');
    CHECK_TEXT(text_of(arena_print(&arena, "%d of %s", 3, "four")), "3 of four");
    char *zeros = arena_take_zero(&arena, 10, 10);
    for (int i = 0; i < 100; i++) {
        CHECK(zeros[i] == 0);
    }
    arena_clear(&arena);
}
