#include "server/hooks.h"

#include <pthread.h>
#include <stdatomic.h>
#include <time.h>

#include "base/buffer.h"
#include "base/fault.h"
#include "base/memory.h"
#include "server/hooks_send.h"
#include "server/ledger.h"

enum { ARENA_BYTES_MAX = 4 * 1024 * 1024, LIST_BYTES_MAX = 1024 * 1024 };
enum { REST_DOUBLINGS = 6 }; // to some ten minutes

static const int64_t second_us = 1000 * 1000;
static const int64_t look_us = 30 * 1000 * 1000;       // at the latest; mostly somebody wakes it, or it knows when
static const int64_t rest_us = 10 * 1000 * 1000;       // of a webhook that failed once
static const int64_t forget_us = 3600 * second_us;     // that it failed
static const int64_t after_most_us = 3600 * second_us; // a receiver that says later than this is asked by then

// A webhook that is being sent to, or that failed and is passed over for a while.
struct resting {
    int64_t hook;
    int64_t until_us;  // 0: it is being sent to
    uint32_t failures; // since it last took something
};

struct hooks {
    struct ledger *ledger;
    const struct clock *clock;
    const struct log *log;
    struct http_range *ranges;
    size_t range_count;
    pthread_mutex_t taking; // one thread at a time looks for what is due, and then marks its webhook
    pthread_mutex_t mutex;  // of all below
    pthread_cond_t wake;
    struct resting *resting;
    size_t resting_count;
    size_t resting_room;
    uint64_t nudges;
    bool stop;
    pthread_t threads[HOOKS_THREADS];
    size_t thread_count;
};

// --- who rests ---

// Under the mutex. The list as JSON of those that are passed over; who hasn't failed for long is forgotten. `next_us`
// says when the next one's rest is over.
static void rest_list(struct hooks *hooks, int64_t now_us, struct buffer *out, int64_t *next_us) {
    size_t kept = 0;
    *next_us = 0;
    buffer_byte(out, '[');
    for (size_t i = 0; i < hooks->resting_count; i++) {
        struct resting one = hooks->resting[i];
        if (one.until_us != 0 && one.until_us + forget_us <= now_us) {
            continue;
        }
        hooks->resting[kept++] = one;
        if (one.until_us == 0 || one.until_us > now_us) {
            buffer_print(out, "%s%lld", out->length > 1 ? "," : "", (long long)one.hook);
            *next_us = one.until_us != 0 && (*next_us == 0 || one.until_us < *next_us) ? one.until_us : *next_us;
        }
    }
    hooks->resting_count = kept;
    buffer_byte(out, ']');
}

// Under the mutex. There is room for one before it is looked for.
static bool rest_room(struct hooks *hooks) {
    if (hooks->resting_count == hooks->resting_room) {
        size_t room = hooks->resting_room > 0 ? 2 * hooks->resting_room : 16;
        struct resting *grown = memory_grow(hooks->resting, room, sizeof *grown);
        if (grown == NULL) {
            return false;
        }
        hooks->resting = grown;
        hooks->resting_room = room;
    }
    return true;
}

// Under the mutex, with room for one more.
static void rest_mark(struct hooks *hooks, int64_t hook) {
    size_t i = 0;
    while (i < hooks->resting_count && hooks->resting[i].hook != hook) {
        i++;
    }
    if (i == hooks->resting_count) {
        hooks->resting[hooks->resting_count++] = (struct resting){.hook = hook};
    }
    hooks->resting[i].until_us = 0;
}

static int64_t rest_span_us(uint32_t failures) {
    int64_t test_us = (int64_t)fault_number("WEIR_HOOK_WAIT_MS") * 1000;
    return test_us > 0 ? test_us : rest_us << (failures < REST_DOUBLINGS ? failures : REST_DOUBLINGS);
}

// It was sent to. One that failed rests the longer the more often it did, so that receivers that don't answer can't
// take up all threads between them; and until `least_us`, which the receiver asked for.
static void rest_begin(struct hooks *hooks, int64_t hook, bool failed, int64_t least_us) {
    int64_t now_us = clock_now(hooks->clock);
    pthread_mutex_lock(&hooks->mutex);
    for (size_t i = 0; i < hooks->resting_count; i++) {
        struct resting *one = &hooks->resting[i];
        if (one->hook != hook) {
            continue;
        }
        if (!failed) {
            *one = hooks->resting[--hooks->resting_count];
            break;
        }
        one->until_us = now_us + rest_span_us(one->failures++);
        one->until_us = one->until_us > least_us ? one->until_us : least_us;
    }
    // Its next delivery may be another thread's.
    pthread_cond_broadcast(&hooks->wake);
    pthread_mutex_unlock(&hooks->mutex);
}

// --- what is due ---

// Takes the next one and marks its webhook. `next_us` says when to look again; 0: nobody knows.
static bool take(struct hooks *hooks, struct arena *arena, bool *found, struct delivery *out, int64_t *next_us,
                 struct error *error) {
    struct buffer list;
    int64_t rested_us;
    int64_t now_us = clock_now(hooks->clock);
    buffer_init(&list, LIST_BYTES_MAX);
    *found = false;
    pthread_mutex_lock(&hooks->taking);
    pthread_mutex_lock(&hooks->mutex);
    rest_list(hooks, now_us, &list, &rested_us);
    bool ok = !list.failed && rest_room(hooks);
    pthread_mutex_unlock(&hooks->mutex);
    ok = ok ? ledger_delivery_due(hooks->ledger, now_us, buffer_view(&list), arena, found, out, next_us, error)
            : error_memory(error);
    if (ok && *found) {
        pthread_mutex_lock(&hooks->mutex);
        rest_mark(hooks, out->hook.id); // nobody else adds to it meanwhile: that takes `taking`
        pthread_mutex_unlock(&hooks->mutex);
    }
    pthread_mutex_unlock(&hooks->taking);
    buffer_clear(&list);
    if (ok && rested_us != 0 && (*next_us == 0 || rested_us < *next_us)) {
        *next_us = rested_us;
    }
    return ok;
}

// --- one delivery ---

static void note(struct hooks *hooks, const struct delivery *delivery, const struct hooks_sent *sent) {
    int64_t now_us = clock_now(hooks->clock);
    int64_t attempts = delivery->attempts + 1;
    int64_t due_us = now_us + hooks_wait_us(delivery, attempts);
    int64_t after_us = sent->after_us < now_us + after_most_us ? sent->after_us : now_us + after_most_us;
    bool taken = sent->outcome == HOOKS_TAKEN;
    bool dead = sent->outcome == HOOKS_GONE || (!taken && attempts >= HOOKS_ATTEMPTS_MAX);
    struct error error;
    due_us = due_us > after_us ? due_us : after_us;
    fault_point("hooks.note");
    bool ok = ledger_delivery_end(hooks->ledger, delivery->id,
                                  taken  ? "done"
                                  : dead ? "dead"
                                         : "waiting",
                                  taken || dead ? 0 : due_us, sent->message, &error);
    if (!ok) {
        log_line(hooks->log, LOG_WARNING, "delivery %lld went out and that can't be noted, so it will go out again: %s",
                 (long long)delivery->id, error.message);
    } else if (dead) {
        log_line(hooks->log, LOG_WARNING, "delivery %lld to webhook %lld is given up: %.*s", (long long)delivery->id,
                 (long long)delivery->hook.id, TEXT_ARGS(sent->message));
    }
    rest_begin(hooks, delivery->hook.id, !taken || !ok, after_us);
}

static void deliver(struct hooks *hooks, const struct delivery *delivery, struct arena *arena) {
    struct http_rules rules = {hooks->ranges, hooks->range_count};
    struct hooks_sent sent;
    struct error error;
    fault_point("hooks.send");
    if (hooks_send(hooks->ledger, hooks->clock, &rules, delivery, arena, &sent, &error)) {
        note(hooks, delivery, &sent);
        return;
    }
    log_line(hooks->log, LOG_WARNING, "delivery %lld can't be sent: %s", (long long)delivery->id, error.message);
    rest_begin(hooks, delivery->hook.id, true, 0);
}

// --- the threads ---

// Under the mutex: until somebody wakes it, or so long.
static void wait(struct hooks *hooks, int64_t span_us) {
    int64_t until_us = clock_coarse_us() + span_us;
    struct timespec until = {.tv_sec = (time_t)(until_us / second_us), .tv_nsec = (long)(until_us % second_us) * 1000};
    pthread_cond_timedwait(&hooks->wake, &hooks->mutex, &until);
}

static void *work(void *context) {
    struct hooks *hooks = context;
    struct arena arena;
    arena_init(&arena, ARENA_BYTES_MAX);
    pthread_mutex_lock(&hooks->mutex);
    while (!hooks->stop) {
        uint64_t nudges = hooks->nudges;
        struct delivery delivery;
        struct error error;
        bool found;
        int64_t next_us = 0;
        pthread_mutex_unlock(&hooks->mutex);
        arena_reset(&arena);
        bool ok = take(hooks, &arena, &found, &delivery, &next_us, &error);
        if (ok && found) {
            deliver(hooks, &delivery, &arena);
        } else if (!ok) {
            log_line(hooks->log, LOG_WARNING, "what is to be delivered can't be read: %s", error.message);
        }
        pthread_mutex_lock(&hooks->mutex);
        if ((!ok || !found) && !hooks->stop && hooks->nudges == nudges) {
            int64_t span_us = next_us != 0 ? next_us - clock_now(hooks->clock) : look_us;
            wait(hooks, span_us < 0 ? 0 : span_us < look_us ? span_us : look_us);
        }
    }
    pthread_mutex_unlock(&hooks->mutex);
    arena_clear(&arena);
    return NULL;
}

// --- beginning and end ---

static bool ranges_read(struct hooks *hooks, const struct hooks_setup *setup, struct error *error) {
    hooks->ranges = memory_zero(setup->allowed_count + 1, sizeof *hooks->ranges);
    if (hooks->ranges == NULL) {
        return error_memory(error);
    }
    for (size_t i = 0; i < setup->allowed_count; i++) {
        if (!http_range_read(setup->allowed[i], &hooks->ranges[i])) {
            return error_set(error, ERROR_USAGE, "allow_private: \"%.*s\" is no address or range of addresses",
                             TEXT_ARGS(setup->allowed[i]));
        }
    }
    hooks->range_count = setup->allowed_count;
    return true;
}

static void locks_make(struct hooks *hooks) {
    pthread_condattr_t forward;
    pthread_mutex_init(&hooks->taking, NULL);
    pthread_mutex_init(&hooks->mutex, NULL);
    pthread_condattr_init(&forward);
    pthread_condattr_setclock(&forward, CLOCK_MONOTONIC); // clock_coarse_us's
    pthread_cond_init(&hooks->wake, &forward);
    pthread_condattr_destroy(&forward);
}

bool hooks_start(const struct hooks_setup *setup, struct hooks **out, struct error *error) {
    struct hooks *hooks = memory_zero(1, sizeof *hooks);
    *out = NULL;
    if (hooks == NULL) {
        return error_memory(error);
    }
    hooks->ledger = setup->ledger;
    hooks->clock = setup->clock;
    hooks->log = setup->log;
    locks_make(hooks);
    bool ok = ranges_read(hooks, setup, error);
    while (ok && hooks->thread_count < HOOKS_THREADS) {
        ok = pthread_create(&hooks->threads[hooks->thread_count], NULL, work, hooks) == 0 ||
             error_set(error, ERROR_MEMORY, "cannot start a thread");
        hooks->thread_count += ok ? 1 : 0;
    }
    if (!ok) {
        hooks_stop(hooks);
        return false;
    }
    *out = hooks;
    return true;
}

void hooks_stop(struct hooks *hooks) {
    if (hooks == NULL) {
        return;
    }
    pthread_mutex_lock(&hooks->mutex);
    hooks->stop = true;
    pthread_cond_broadcast(&hooks->wake);
    pthread_mutex_unlock(&hooks->mutex);
    for (size_t i = 0; i < hooks->thread_count; i++) {
        pthread_join(hooks->threads[i], NULL);
    }
    pthread_cond_destroy(&hooks->wake);
    pthread_mutex_destroy(&hooks->mutex);
    pthread_mutex_destroy(&hooks->taking);
    memory_free(hooks->resting);
    memory_free(hooks->ranges);
    memory_free(hooks);
}

void hooks_rouse(struct hooks *hooks) {
    pthread_mutex_lock(&hooks->mutex);
    for (size_t i = 0; i < hooks->resting_count; i++) {
        hooks->resting[i].until_us = hooks->resting[i].until_us != 0 ? 1 : 0;
    }
    pthread_mutex_unlock(&hooks->mutex);
    hooks_wake(hooks);
}

void hooks_wake(struct hooks *hooks) {
    if (hooks == NULL) {
        return;
    }
    pthread_mutex_lock(&hooks->mutex);
    hooks->nudges++;
    pthread_cond_broadcast(&hooks->wake);
    pthread_mutex_unlock(&hooks->mutex);
}
