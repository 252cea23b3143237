#include "server/warm.h"

#include <pthread.h>
#include <stdio.h>
#include <string.h>

#include "base/clock.h"
#include "base/memory.h"
#include "format/format_json.h"
#include "server/catalog.h"
#include "server/child_line.h"
#include "server/web.h"

// WARM_MAX are kept, twice as many may be at work.
enum { QUESTIONS_MAX = 2000, ASKED_MAX = 8, KEY_MAX = 1000, WARM_MAX = 64, LINE_BYTES_MAX = 16 * 1024 * 1024 };
static const int64_t keep_us = 30 * 1000 * 1000;   // after the last answer
static const int64_t answer_us = 60 * 1000 * 1000; // for an answer

enum question_state { QUESTION_NEW, QUESTION_ASKED, QUESTION_ANSWERED };

struct question {
    struct question *next;
    int64_t number;
    enum question_state state;
    bool forgotten;
    struct warm_child *child;                     // that was asked
    char *key;                                    // "inbox ORG/NAME {…}"
    struct text command, org, sync, params, line; // behind the key
    struct buffer answer;
};

struct warm_child {
    struct warm_child *next;
    struct warm *warm;
    struct child *child;
    int64_t idle_us; // since when; 0: it has questions
    int64_t asked;   // and not answered
    bool dismissed;
    char key[KEY_MAX]; // "inbox ORG/NAME {…}"
    struct text name;  // in it: "ORG/NAME"
};

struct warm {
    struct service *service;
    pthread_mutex_t mutex;      // of the questions
    struct question *questions; // oldest first
    size_t count;
    int64_t last;
    struct warm_child *children; // the supervisor's thread alone
    size_t child_count;
};

bool warm_open(struct service *service, struct warm **out, struct error *error) {
    struct warm *warm = memory_zero(1, sizeof *warm);
    *out = warm;
    if (warm == NULL) {
        return error_memory(error);
    }
    warm->service = service;
    pthread_mutex_init(&warm->mutex, NULL);
    return true;
}

static void question_free(struct question *question) {
    buffer_clear(&question->answer);
    memory_free(question->key);
    memory_free(question);
}

void warm_close(struct warm *warm) {
    if (warm == NULL) {
        return;
    }
    while (warm->questions != NULL) {
        struct question *question = warm->questions;
        warm->questions = question->next;
        question_free(question);
    }
    pthread_mutex_destroy(&warm->mutex);
    memory_free(warm);
}

// --- questions ---

static char *lay(char *at, struct text text, struct text *out) {
    if (text.length > 0) {
        memcpy(at, text.data, text.length);
    }
    *out = (struct text){at, text.length};
    return at + text.length;
}

static struct question *question_make(const struct warm_ask *ask) {
    struct question *question = memory_zero(1, sizeof *question);
    size_t command = strlen(ask->command);
    size_t key = command + ask->org.length + ask->sync.length + ask->params.length + 4;
    char *room = question != NULL && key < KEY_MAX ? memory_take(2 * key + ask->line.length + 2) : NULL;
    if (room == NULL) {
        memory_free(question);
        return NULL;
    }
    question->key = room;
    char *end = room +
                snprintf(room, key, "%s %.*s/%.*s %.*s", ask->command, TEXT_ARGS(ask->org), TEXT_ARGS(ask->sync),
                         TEXT_ARGS(ask->params)) +
                1;
    end = lay(end, text_of(ask->command), &question->command);
    end = lay(end, ask->org, &question->org);
    end = lay(end, ask->sync, &question->sync);
    end = lay(end, ask->params, &question->params);
    end = lay(end, ask->line, &question->line);
    *end = '\n';
    question->line.length++;
    buffer_init(&question->answer, CHILD_LINE_MAX);
    return question;
}

bool warm_put(struct warm *warm, const struct warm_ask *ask, int64_t *number, struct error *error) {
    struct question *question = question_make(ask);
    if (question == NULL) {
        return error_memory(error);
    }
    pthread_mutex_lock(&warm->mutex);
    bool full = warm->count >= QUESTIONS_MAX;
    if (!full) {
        struct question **place = &warm->questions;
        while (*place != NULL) {
            place = &(*place)->next;
        }
        *place = question;
        warm->count++;
        *number = question->number = ++warm->last;
    }
    pthread_mutex_unlock(&warm->mutex);
    if (full) {
        question_free(question);
        return error_set(error, ERROR_SERVER_BUSY, "more than %d requests wait for a script", QUESTIONS_MAX);
    }
    return true;
}

bool warm_wish(struct warm *warm, const struct warm_ask *ask, struct error *error) {
    int64_t number;
    bool found = false;
    pthread_mutex_lock(&warm->mutex);
    for (const struct question *question = warm->questions; question != NULL && !found; question = question->next) {
        found = question->state == QUESTION_NEW && text_is(question->command, ask->command) &&
                text_same(question->org, ask->org) && text_same(question->sync, ask->sync) &&
                text_same(question->params, ask->params) && question->line.length == ask->line.length + 1 &&
                memcmp(question->line.data, ask->line.data, ask->line.length) == 0;
    }
    pthread_mutex_unlock(&warm->mutex);
    if (found) {
        return true;
    }
    if (!warm_put(warm, ask, &number, error)) {
        return false;
    }
    warm_release(warm, number);
    return true;
}

// Takes a question out of the list. Inside the lock.
static void take_out(struct warm *warm, struct question *question) {
    struct question **place = &warm->questions;
    while (*place != question) {
        place = &(*place)->next;
    }
    *place = question->next;
    warm->count--;
    question_free(question);
}

static struct question *find(struct warm *warm, int64_t number) {
    struct question *question = warm->questions;
    while (question != NULL && question->number != number) {
        question = question->next;
    }
    return question;
}

bool warm_answer(struct warm *warm, int64_t number, struct arena *arena, struct text *out) {
    *out = (struct text){"", 0};
    pthread_mutex_lock(&warm->mutex);
    struct question *question = find(warm, number);
    bool answered = question == NULL || question->state == QUESTION_ANSWERED;
    if (question != NULL && answered) {
        if (!arena_text(arena, buffer_view(&question->answer), out)) {
            *out = (struct text){"", 0};
        }
        take_out(warm, question);
    }
    pthread_mutex_unlock(&warm->mutex);
    return answered;
}

void warm_release(struct warm *warm, int64_t number) {
    pthread_mutex_lock(&warm->mutex);
    struct question *question = find(warm, number);
    if (question != NULL && question->state == QUESTION_ANSWERED) {
        take_out(warm, question);
    } else if (question != NULL) {
        question->forgotten = true;
    }
    pthread_mutex_unlock(&warm->mutex);
}

void warm_forget(struct warm *warm, int64_t number) {
    pthread_mutex_lock(&warm->mutex);
    struct question *question = find(warm, number);
    if (question != NULL && question->state == QUESTION_ASKED) {
        question->forgotten = true; // its answer is still to come
    } else if (question != NULL) {
        take_out(warm, question);
    }
    pthread_mutex_unlock(&warm->mutex);
}

// --- children ---

// The oldest question that this child was asked is the one that it answers.
static void answer_oldest(struct warm_child *child, struct text line) {
    struct warm *warm = child->warm;
    pthread_mutex_lock(&warm->mutex);
    struct question *question = warm->questions;
    while (question != NULL && !(question->state == QUESTION_ASKED && question->child == child)) {
        question = question->next;
    }
    if (question != NULL && question->forgotten) {
        take_out(warm, question);
    } else if (question != NULL) {
        buffer_text(&question->answer, line);
        question->state = QUESTION_ANSWERED;
        question->child = NULL;
    }
    pthread_mutex_unlock(&warm->mutex);
}

// What a script says meanwhile (print, a warning) comes between; a child writes its lines' "event" first.
static bool is_answer(struct text line) {
    static const char said[] = "{\"event\":\"log\"";
    return line.length > 0 && (line.length < sizeof said - 1 || memcmp(line.data, said, sizeof said - 1) != 0);
}

static void on_line(struct child *process, struct text line) {
    struct warm_child *child = child_owner(process);
    if (!is_answer(line)) {
        return;
    }
    answer_oldest(child, line);
    child->asked -= child->asked > 0;
    child->idle_us = child->asked == 0 ? clock_coarse_us() : 0;
    child_deadline(process, child->asked == 0 ? 0 : clock_coarse_us() + answer_us);
    web_wake(child->warm->service->web);
}

static void on_end(struct child *process, int status) {
    (void)status;
    struct warm_child *child = child_owner(process);
    struct warm *warm = child->warm;
    for (; child->asked > 0; child->asked--) {
        answer_oldest(child, (struct text){"", 0});
    }
    for (struct warm_child **place = &warm->children; *place != NULL; place = &(*place)->next) {
        if (*place == child) {
            *place = child->next;
            warm->child_count--;
            break;
        }
    }
    memory_free(child);
    web_wake(warm->service->web);
}

static const struct child_type warm_type = {.line = on_line, .end = on_end};

static bool child_launch(struct warm *warm, struct children *children, const struct question *question,
                         struct warm_child *child, struct error *error) {
    struct service *service = warm->service;
    struct arena arena;
    struct catalog_sync sync;
    bool found = false;
    arena_init(&arena, LINE_BYTES_MAX);
    struct child_line line = {.arena = &arena};
    bool ok = catalog_find(service->catalog, question->org, question->sync, &arena, &found, &sync, error);
    if (ok && (!found || sync.manifest.length == 0)) {
        ok = error_set(error, ERROR_NOT_THERE, "there is no sync of this name");
    }
    if (ok) {
        child_line_add_text(&line, question->command);
        child_line_sync(&line, service->setup, sync.snapshot, question->org, question->sync);
        const struct object *manifest = sync.declared.kind == VALUE_OBJECT ? sync.declared.as.object : NULL;
        child_line_limits(&line, manifest);
        ok = child_line_params(&line, service->uploads, manifest, question->org, question->params, false, error) &&
             child_line_whole(&line, error);
    }
    struct child_setup setup = {.arguments = line.words,
                                .type = &warm_type,
                                .owner = child,
                                .listens = true,
                                .deadline_us = clock_coarse_us() + answer_us};
    ok = ok && children_start(children, &setup, &child->child, error);
    arena_clear(&arena);
    return ok;
}

static void dismiss(struct warm_child *child) {
    child->dismissed = true;
    child_dismiss(child->child);
}

// There are many: the one that was idle longest makes room.
static void dismiss_idle(struct warm *warm) {
    struct warm_child *oldest = NULL;
    for (struct warm_child *child = warm->children; child != NULL; child = child->next) {
        bool idle = child->idle_us != 0 && !child->dismissed;
        oldest = idle && (oldest == NULL || child->idle_us < oldest->idle_us) ? child : oldest;
    }
    if (oldest != NULL) {
        dismiss(oldest);
    }
}

static struct warm_child *child_for(struct warm *warm, struct children *children, const struct question *question) {
    for (struct warm_child *child = warm->children; child != NULL; child = child->next) {
        if (strcmp(child->key, question->key) == 0 && !child->dismissed) {
            return child;
        }
    }
    struct error error;
    if (warm->child_count >= WARM_MAX) {
        dismiss_idle(warm);
    }
    struct warm_child *child = warm->child_count < 2 * WARM_MAX ? memory_zero(1, sizeof *child) : NULL;
    if (child == NULL) {
        return NULL;
    }
    child->warm = warm;
    snprintf(child->key, sizeof child->key, "%s", question->key);
    child->name =
        (struct text){child->key + question->command.length + 1, question->org.length + 1 + question->sync.length};
    if (!child_launch(warm, children, question, child, &error)) {
        log_line(warm->service->setup->log, LOG_WARNING, "%s: %s", question->key, error.message);
        memory_free(child);
        return NULL;
    }
    child->next = warm->children;
    warm->children = child;
    warm->child_count++;
    return child;
}

// A child is asked a few things ahead, so that its pipe never fills: nobody waits for a pipe here.
static bool is_full(const struct warm *warm, const struct question *question) {
    for (const struct warm_child *child = warm->children; child != NULL; child = child->next) {
        if (!child->dismissed && child->asked >= ASKED_MAX && strcmp(child->key, question->key) == 0) {
            return true;
        }
    }
    return false;
}

// Asks what is new. A question whose child can't be had is answered with nothing.
static bool ask_next(struct warm *warm, struct children *children) {
    pthread_mutex_lock(&warm->mutex);
    struct question *question = warm->questions;
    while (question != NULL && (question->state != QUESTION_NEW || is_full(warm, question))) {
        question = question->next;
    }
    if (question == NULL) {
        pthread_mutex_unlock(&warm->mutex);
        return false;
    }
    struct warm_child *child = child_for(warm, children, question);
    bool said = child != NULL && child_say(child->child, question->line);
    if (said) {
        question->state = QUESTION_ASKED;
        question->child = child;
        child->idle_us = 0;
        if (child->asked++ == 0) {
            // Further questions give it no more time for the one that it works on.
            child_deadline(child->child, clock_coarse_us() + answer_us);
        }
    } else {
        if (child != NULL) {
            child->dismissed = true; // it takes nothing any more
        }
        if (question->forgotten) {
            take_out(warm, question);
        } else {
            question->state = QUESTION_ANSWERED;
        }
    }
    pthread_mutex_unlock(&warm->mutex);
    if (!said) {
        web_wake(warm->service->web);
    }
    return true;
}

void warm_work(struct warm *warm, struct children *children) {
    while (ask_next(warm, children)) {
    }
    int64_t before_us = clock_coarse_us() - keep_us;
    for (struct warm_child *child = warm->children; child != NULL; child = child->next) {
        if (child->idle_us != 0 && child->idle_us < before_us && !child->dismissed) {
            dismiss(child);
        }
    }
}

void warm_changed(struct warm *warm, struct text org, struct text sync) {
    for (struct warm_child *child = warm->children; child != NULL; child = child->next) {
        struct text name = child->name;
        if (name.length == org.length + 1 + sync.length && memcmp(name.data, org.data, org.length) == 0 &&
            memcmp(name.data + org.length + 1, sync.data, sync.length) == 0) {
            dismiss(child);
        }
    }
}

void warm_dismiss(struct warm *warm) {
    for (struct warm_child *child = warm->children; child != NULL; child = child->next) {
        dismiss(child);
    }
}
