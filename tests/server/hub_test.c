#include "server/hub.h"

#include "test.h"

enum { KEPT = 200, STORIES = 256 };

static struct hub *hub_made(void) {
    struct hub *hub;
    struct error error;
    CHECK_OK(hub_open(&hub, &error), &error);
    return hub;
}

static int64_t events_count(struct hub *hub, int64_t job, int64_t after, int64_t *last, bool *ended) {
    struct buffer out;
    int64_t count = 0;
    buffer_init(&out, 4 * 1024 * 1024);
    hub_events(hub, job, after, &out, last, ended);
    CHECK(buffer_byte(&out, '\0'));
    for (const char *at = out.data; (at = strstr(at, "\n\n")) != NULL; at++) {
        count++;
    }
    buffer_clear(&out);
    return count;
}

TEST(server_hub, events_come_once_and_in_order) {
    struct hub *hub = hub_made();
    int64_t last;
    bool ended;
    hub_tell(hub, 1, TEXT_LITERAL("began"), TEXT_LITERAL("{}"));
    hub_tell(hub, 1, TEXT_LITERAL("progress"), TEXT_LITERAL("{\"done\":1}"));
    CHECK_INT(events_count(hub, 1, 0, &last, &ended), 2);
    CHECK_INT(last, 2);
    CHECK(!ended);
    CHECK_INT(events_count(hub, 1, last, &last, &ended), 0);
    hub_tell(hub, 1, TEXT_LITERAL("ended"), TEXT_LITERAL("{}"));
    hub_end(hub, 1);
    CHECK_INT(events_count(hub, 1, 2, &last, &ended), 1);
    CHECK_INT(last, 3);
    CHECK(ended);
    CHECK_INT(events_count(hub, 2, 0, &last, &ended), 0);
    CHECK(ended);
    hub_close(hub);
}

TEST(server_hub, only_the_latest_are_kept) {
    struct hub *hub = hub_made();
    struct arena arena;
    struct text progress;
    struct error error;
    int64_t last;
    bool ended;
    char json[32];
    arena_init(&arena, 64 * 1024);
    for (int i = 1; i <= KEPT + 50; i++) {
        snprintf(json, sizeof json, "{\"done\":%d}", i);
        hub_tell(hub, 7, TEXT_LITERAL("progress"), text_of(json));
    }
    CHECK_INT(hub_count(hub, 7), KEPT + 50);
    CHECK_INT(events_count(hub, 7, 0, &last, &ended), KEPT);
    CHECK_INT(last, KEPT + 50);
    CHECK_INT(events_count(hub, 7, KEPT, &last, &ended), 50);
    CHECK_OK(hub_progress(hub, 7, &arena, &progress, &error), &error);
    CHECK_TEXT(progress, "{\"done\":250}");
    arena_clear(&arena);
    hub_close(hub);
}

// What is too large is left out, and nobody's place is taken while their run goes.
TEST(server_hub, there_is_an_end_to_it) {
    struct hub *hub = hub_made();
    static char large[5000];
    memset(large, 'x', sizeof large);
    hub_tell(hub, 1, TEXT_LITERAL("log"), (struct text){large, sizeof large});
    CHECK_INT(hub_count(hub, 1), 0);
    for (int64_t job = 1; job <= STORIES; job++) {
        hub_tell(hub, job, TEXT_LITERAL("began"), TEXT_LITERAL("{}"));
    }
    hub_tell(hub, STORIES + 1, TEXT_LITERAL("began"), TEXT_LITERAL("{}"));
    CHECK_INT(hub_count(hub, STORIES + 1), 0);
    hub_end(hub, 5);
    hub_tell(hub, STORIES + 1, TEXT_LITERAL("began"), TEXT_LITERAL("{}"));
    CHECK_INT(hub_count(hub, STORIES + 1), 1);
    CHECK_INT(hub_count(hub, 5), 0);
    CHECK_INT(hub_count(hub, 6), 1);
    hub_close(hub);
}
