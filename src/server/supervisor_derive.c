// Derived fields behind edits: the server never runs Lua, so a child of its own does, one at a time for each
// organisation and a few in all. What was asked for while one works is looked at by the next.

#include <string.h>

#include "base/memory.h"
#include "server/child_line.h"
#include "server/supervisor_work.h"

enum { LINE_BYTES_MAX = 64 * 1024 };

enum { DERIVINGS_MOST = 4 };

void supervisor_ask_derive(struct supervisor *supervisor, struct text org) {
    pthread_mutex_lock(&supervisor->derive_mutex);
    struct deriving *found = supervisor->derivings;
    while (found != NULL && !text_is(org, found->org)) {
        found = found->next;
    }
    if (found == NULL) {
        found = memory_zero(1, sizeof *found + org.length + 1);
        if (found != NULL) {
            memcpy(found->org, org.data, org.length);
            found->supervisor = supervisor;
            found->next = supervisor->derivings;
            supervisor->derivings = found;
        }
    }
    if (found != NULL) {
        found->asked = true;
        supervisor->derive_asked = true;
    }
    pthread_mutex_unlock(&supervisor->derive_mutex);
    children_wake(supervisor->children);
}

static void on_line(struct child *child, struct text line) {
    (void)child;
    (void)line;
}

static void on_end(struct child *child, int status) {
    struct deriving *deriving = child_owner(child);
    struct supervisor *supervisor = deriving->supervisor;
    if (status != 0) {
        struct text tail = child_tail(child);
        supervisor_log(supervisor, LOG_WARNING, "derived fields of %s are not computed yet: %.*s", deriving->org,
                       TEXT_ARGS(tail));
    }
    deriving->live = false;
    supervisor->derive_asked = true; // another may start
}

static bool start(struct supervisor *supervisor, struct deriving *deriving) {
    static const struct child_type type = {.line = on_line, .end = on_end};
    struct error error;
    struct child *child;
    const char *const words[] = {"derive", deriving->org, "--json", "--data", supervisor->service->setup->data};
    struct arena arena;
    arena_init(&arena, LINE_BYTES_MAX);
    struct child_line line = {.arena = &arena};
    for (size_t i = 0; i < sizeof words / sizeof words[0]; i++) {
        child_line_add(&line, words[i]);
    }
    child_line_limits(&line, NULL);
    struct child_setup setup = {.arguments = line.words,
                                .type = &type,
                                .owner = deriving,
                                .deadline_us = clock_coarse_us() + child_line_time_us(NULL)};
    bool ok = child_line_whole(&line, &error) && children_start(supervisor->children, &setup, &child, &error);
    arena_clear(&arena);
    if (!ok) {
        supervisor_log(supervisor, LOG_WARNING, "derived fields of %s are not computed yet: %s", deriving->org,
                       error.message);
    }
    return ok;
}

void supervisor_derive(struct supervisor *supervisor) {
    size_t live = 0;
    if (!atomic_exchange(&supervisor->derive_asked, false) || supervisor->stop) {
        return;
    }
    pthread_mutex_lock(&supervisor->derive_mutex);
    for (const struct deriving *deriving = supervisor->derivings; deriving != NULL; deriving = deriving->next) {
        live += deriving->live;
    }
    for (struct deriving *deriving = supervisor->derivings; deriving != NULL && live < DERIVINGS_MOST;
         deriving = deriving->next) {
        if (deriving->asked && !deriving->live) {
            deriving->asked = false;
            deriving->live = start(supervisor, deriving);
            live += deriving->live;
        }
    }
    pthread_mutex_unlock(&supervisor->derive_mutex);
}

void supervisor_derive_clear(struct supervisor *supervisor) {
    while (supervisor->derivings != NULL) {
        struct deriving *next = supervisor->derivings->next;
        memory_free(supervisor->derivings);
        supervisor->derivings = next;
    }
    pthread_mutex_destroy(&supervisor->derive_mutex);
}
