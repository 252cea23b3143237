#include <pthread.h>

#include "upload_rig.h"

enum { THREADS = 8, PIECES = 200, PIECE = 1000 };

struct sender {
    pthread_t thread;
    struct rig *rig;
    char id[UPLOAD_ID_HEX];
    char letter;
};

// Each thread sends a file of its own letter.
static void *send_file(void *context) {
    struct sender *sender = context;
    struct error error;
    struct upload *upload;
    struct arena arena;
    struct upload_info info, *infos;
    size_t count, removed;
    char piece[PIECE];
    memset(piece, sender->letter, sizeof piece);
    arena_init(&arena, 1 << 24);
    const struct uploads *uploads = &sender->rig->uploads;
    struct upload_wish wish = {.name = {&sender->letter, 1}, .by = {"", 0}, .expected = PIECES * PIECE};
    CHECK_OK(upload_begin(uploads, RIG_ORG, &wish, sender->id, &error), &error);
    struct text id = text_of(sender->id);
    CHECK_OK(upload_open(uploads, RIG_ORG, id, &upload, &error), &error);
    for (uint64_t i = 0; i < PIECES; i++) {
        CHECK_OK(upload_append(upload, i * PIECE, (struct text){piece, sizeof piece}, &error), &error);
        if (i % 50 == 0) {
            CHECK_OK(upload_list(uploads, RIG_ORG, &arena, &infos, &count, &error), &error);
            CHECK(count > 0 && count <= THREADS);
            CHECK_OK(upload_sweep(uploads, RIG_ORG, INT64_C(86400000000), &removed, &error), &error);
            CHECK_INT(removed, 0);
        }
    }
    upload_close(upload);
    CHECK_OK(upload_finish(uploads, RIG_ORG, id, (struct text){"", 0}, &arena, &info, &error), &error);
    CHECK(info.is_whole && info.size == PIECES * PIECE);
    arena_clear(&arena);
    return NULL;
}

TEST(upload_thread, several_at_once) {
    struct rig rig;
    struct sender senders[THREADS];
    rig_open(&rig);
    rig.uploads.file_bytes = rig.uploads.org_bytes = 100000000;
    rig.uploads.org_files = THREADS;
    for (int i = 0; i < THREADS; i++) {
        senders[i] = (struct sender){.rig = &rig, .letter = (char)('a' + i)};
        CHECK(pthread_create(&senders[i].thread, NULL, send_file, &senders[i]) == 0);
    }
    char *expected = malloc(PIECES * PIECE);
    CHECK(expected != NULL);
    for (int i = 0; i < THREADS; i++) {
        CHECK(pthread_join(senders[i].thread, NULL) == 0);
        memset(expected, senders[i].letter, PIECES * PIECE);
        rig_check_content(&rig, text_of(senders[i].id), (struct text){expected, PIECES * PIECE});
    }
    free(expected);
    rig_close(&rig);
}

// Begun at once, no more of them than there is room for.
static int begun, refused;

static void *begin_one(void *context) {
    struct rig *rig = context;
    struct error error;
    char id[UPLOAD_ID_HEX];
    struct upload_wish wish = {.name = TEXT_LITERAL("a"), .by = {"", 0}, .expected = 1000};
    if (upload_begin(&rig->uploads, RIG_ORG, &wish, id, &error)) {
        __atomic_add_fetch(&begun, 1, __ATOMIC_RELAXED);
    } else {
        CHECK_INT(error.code, ERROR_UPLOAD_FULL);
        __atomic_add_fetch(&refused, 1, __ATOMIC_RELAXED);
    }
    return NULL;
}

TEST(upload_thread, limits_hold_at_once) {
    struct rig rig;
    pthread_t threads[4 * THREADS];
    rig_open(&rig);
    for (int i = 0; i < 4 * THREADS; i++) {
        CHECK(pthread_create(&threads[i], NULL, begin_one, &rig) == 0);
    }
    for (int i = 0; i < 4 * THREADS; i++) {
        CHECK(pthread_join(threads[i], NULL) == 0);
    }
    CHECK_INT(begun, 5);
    CHECK_INT(refused, 4 * THREADS - 5);
    rig_close(&rig);
}
