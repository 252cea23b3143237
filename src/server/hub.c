#include "server/hub.h"

#include <pthread.h>
#include <string.h>

#include "base/clock.h"
#include "base/memory.h"

enum { EVENTS_KEPT = 200, EVENT_BYTES_MAX = 4096, RUNS_KEPT = 256 };

struct event {
    int64_t number;
    char *line; // "event: KIND\nid: N\ndata: JSON\n\n"
    size_t length;
};

struct story {
    int64_t job; // 0: free
    int64_t touched_us;
    bool ended;
    int64_t count;
    struct event events[EVENTS_KEPT]; // a ring: number % EVENTS_KEPT
    char progress[EVENT_BYTES_MAX];
    size_t progress_length;
};

struct hub {
    pthread_mutex_t mutex;
    struct story *stories[RUNS_KEPT];
};

bool hub_open(struct hub **out, struct error *error) {
    struct hub *hub = memory_zero(1, sizeof *hub);
    *out = hub;
    if (hub == NULL) {
        return error_memory(error);
    }
    pthread_mutex_init(&hub->mutex, NULL);
    return true;
}

static void story_free(struct story *story) {
    if (story != NULL) {
        for (size_t i = 0; i < EVENTS_KEPT; i++) {
            memory_free(story->events[i].line);
        }
        memory_free(story);
    }
}

void hub_close(struct hub *hub) {
    if (hub == NULL) {
        return;
    }
    for (size_t i = 0; i < RUNS_KEPT; i++) {
        story_free(hub->stories[i]);
    }
    pthread_mutex_destroy(&hub->mutex);
    memory_free(hub);
}

static struct story *story_find(struct hub *hub, int64_t job) {
    for (size_t i = 0; i < RUNS_KEPT; i++) {
        if (hub->stories[i] != NULL && hub->stories[i]->job == job) {
            return hub->stories[i];
        }
    }
    return NULL;
}

// A free place, or the one whose run ended longest ago.
static struct story *story_make(struct hub *hub, int64_t job) {
    struct story **place = NULL;
    for (size_t i = 0; i < RUNS_KEPT; i++) {
        struct story *story = hub->stories[i];
        if (story == NULL) {
            place = &hub->stories[i];
            break;
        }
        if (story->ended && (place == NULL || story->touched_us < (*place)->touched_us)) {
            place = &hub->stories[i];
        }
    }
    if (place == NULL) {
        return NULL;
    }
    story_free(*place);
    *place = memory_zero(1, sizeof **place);
    if (*place != NULL) {
        (*place)->job = job;
    }
    return *place;
}

void hub_tell(struct hub *hub, int64_t job, struct text kind, struct text json) {
    struct buffer line;
    pthread_mutex_lock(&hub->mutex);
    struct story *story = story_find(hub, job);
    if (story == NULL) {
        story = story_make(hub, job);
    }
    if (story == NULL || json.length >= EVENT_BYTES_MAX) {
        pthread_mutex_unlock(&hub->mutex);
        return; // nobody sees it live; the run's log has it
    }
    story->ended = false;
    story->touched_us = clock_coarse_us();
    int64_t number = ++story->count;
    buffer_init(&line, EVENT_BYTES_MAX + 256);
    buffer_print(&line, "event: %.*s\nid: %lld\ndata: %.*s\n\n", TEXT_ARGS(kind), (long long)number, TEXT_ARGS(json));
    struct event *event = &story->events[number % EVENTS_KEPT];
    memory_free(event->line);
    *event = (struct event){number, line.data, line.failed ? 0 : line.length};
    if (text_is(kind, "progress")) {
        memcpy(story->progress, json.data, json.length);
        story->progress_length = json.length;
    }
    pthread_mutex_unlock(&hub->mutex);
}

void hub_end(struct hub *hub, int64_t job) {
    pthread_mutex_lock(&hub->mutex);
    struct story *story = story_find(hub, job);
    if (story != NULL) {
        story->ended = true;
        story->touched_us = clock_coarse_us();
    }
    pthread_mutex_unlock(&hub->mutex);
}

bool hub_events(struct hub *hub, int64_t job, int64_t after, struct buffer *out, int64_t *last, bool *ended) {
    pthread_mutex_lock(&hub->mutex);
    struct story *story = story_find(hub, job);
    *last = after;
    *ended = story == NULL || story->ended;
    if (story != NULL) {
        after = after <= story->count ? after : 0; // it was seen in another story, before this one was begun
        int64_t from = after + 1 > story->count - EVENTS_KEPT + 1 ? after + 1 : story->count - EVENTS_KEPT + 1;
        for (int64_t number = from > 1 ? from : 1; number <= story->count; number++) {
            const struct event *event = &story->events[number % EVENTS_KEPT];
            buffer_append(out, event->line, event->length);
            *last = number;
        }
    }
    pthread_mutex_unlock(&hub->mutex);
    return story != NULL;
}

bool hub_progress(struct hub *hub, int64_t job, struct arena *arena, struct text *out, struct error *error) {
    pthread_mutex_lock(&hub->mutex);
    const struct story *story = story_find(hub, job);
    *out = (struct text){"", 0};
    bool ok = story == NULL || arena_text(arena, (struct text){story->progress, story->progress_length}, out);
    pthread_mutex_unlock(&hub->mutex);
    return ok || error_memory(error);
}

int64_t hub_count(struct hub *hub, int64_t job) {
    pthread_mutex_lock(&hub->mutex);
    const struct story *story = story_find(hub, job);
    int64_t count = story != NULL ? story->count : 0;
    pthread_mutex_unlock(&hub->mutex);
    return count;
}
