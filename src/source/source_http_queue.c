#include "source/source_http_queue.h"

#include "base/memory.h"

enum { REQUEST_CEILING = 16 * 1024 * 1024 };

bool http_queue_init(struct http_queue *queue, const struct http_type *type, struct http_pager *pager,
                     struct http_session *session, struct http_walk *walk, struct text until, struct error *error) {
    *queue = (struct http_queue){.type = type, .pager = pager, .session = session, .walk = walk, .until = until};
    http_at_init(&queue->at);
    queue->room = session->at_once;
    queue->fetches = memory_zero(queue->room, sizeof *queue->fetches);
    if (queue->fetches == NULL) {
        queue->room = 0;
        return error_memory(error);
    }
    for (size_t i = 0; i < queue->room; i++) {
        http_at_init(&queue->fetches[i].at);
        arena_init(&queue->fetches[i].arena, REQUEST_CEILING);
    }
    return true;
}

static struct http_fetch *fetch_at(struct http_queue *queue, size_t place) {
    return &queue->fetches[(queue->head + place) % queue->room];
}

void http_queue_stop(struct http_queue *queue) {
    for (size_t i = 0; i < queue->count; i++) {
        struct http_fetch *fetch = fetch_at(queue, i);
        http_call_close(fetch->call);
        fetch->call = NULL;
    }
}

void http_queue_clear(struct http_queue *queue) {
    http_queue_stop(queue);
    for (size_t i = 0; i < queue->room; i++) {
        http_at_clear(&queue->fetches[i].at);
        arena_clear(&queue->fetches[i].arena);
    }
    memory_free(queue->fetches);
    http_at_clear(&queue->at);
}

struct http_fetch *http_queue_head(struct http_queue *queue) {
    return queue->count > 0 ? fetch_at(queue, 0) : NULL;
}

void http_queue_pop(struct http_queue *queue) {
    struct http_fetch *fetch = fetch_at(queue, 0);
    http_call_close(fetch->call);
    fetch->call = NULL;
    queue->head = (queue->head + 1) % queue->room;
    queue->count--;
}

// Throws away what was asked for ahead.
static void queue_drop(struct http_queue *queue) {
    while (queue->count > 0) {
        http_queue_pop(queue);
    }
}

bool http_queue_go(struct http_queue *queue, size_t subject, const struct http_at *at, struct error *error) {
    struct http_fetch *head = http_queue_head(queue);
    // A list that is read again begins anew: a later page of it that was asked for ahead is not its first one.
    bool is_asked = head != NULL && head->subject == subject &&
                    (at == NULL ? queue->pager->type->is_single : http_at_same(&head->at, at));
    if (is_asked) {
        return true;
    }
    queue_drop(queue);
    queue->is_known = true;
    queue->subject = subject;
    queue->at_first = at == NULL;
    return at == NULL || http_at_copy(&queue->at, at, error);
}

static bool request_send(struct http_queue *queue, struct http_fetch *fetch, struct error *error) {
    static const char *const accepts[] = {"application/json", "application/x-ndjson, application/jsonl, text/plain",
                                          "text/csv, text/plain"};
    struct http_ask ask = {.arena = &fetch->arena, .since = queue->pager->since};
    struct buffer url;
    struct text body;
    buffer_init(&url, HTTP_REQUEST_URL_MAX);
    bool ok = queue->pager->type->fill(queue->pager, &fetch->at, &ask, error) &&
              http_request_make(queue->type, &fetch->about, &ask, queue->until, &url, &body, error);
    struct http_request request = {.verb = queue->type->is_post ? "POST" : "GET"};
    if (ok) {
        request.url = buffer_view(&url);
        request.body = body;
        request.type = body.length > 0 ? TEXT_LITERAL("application/json") : (struct text){"", 0};
        request.accept = text_of(accepts[queue->type->format]);
        ok = http_send(queue->session->http, &request, &fetch->call, error);
    }
    buffer_clear(&url);
    return ok;
}

// Sends a request, or keeps with it what is wrong with it. False only when out of memory.
static bool fetch_send(struct http_queue *queue, struct http_fetch *fetch, struct error *error) {
    arena_reset(&fetch->arena);
    error_clear(&fetch->failed);
    if (!http_walk_subject(queue->walk, fetch->subject, &fetch->arena, &fetch->about, &fetch->failed) ||
        !request_send(queue, fetch, &fetch->failed)) {
        if (fetch->failed.code == ERROR_MEMORY) {
            *error = fetch->failed;
            return false;
        }
    }
    return true;
}

// Passes over subjects that are not asked for.
static bool subject_next(struct http_queue *queue, struct error *error) {
    bool skip = true;
    while (skip && queue->subject < queue->walk->count) {
        skip = http_walk_skips(queue->walk, queue->subject);
        queue->subject += skip;
    }
    if (queue->subject < queue->walk->count && queue->at_first) {
        struct http_at *at = &queue->at;
        at->number = 0;
        at->until = 0;
        at->size = queue->pager->size;
        buffer_reset(&at->text);
        queue->at_first = false;
        return queue->pager->type->first == NULL || queue->pager->type->first(queue->pager, at, error);
    }
    return true;
}

// Puts the next page behind the others and guesses what follows it.
static bool fetch_add(struct http_queue *queue, struct error *error) {
    struct http_fetch *fetch = fetch_at(queue, queue->count);
    if (!http_at_copy(&fetch->at, &queue->at, error)) {
        return false;
    }
    fetch->subject = queue->subject;
    fetch->call = NULL;
    queue->count++;
    if (queue->pager->type->is_single) {
        queue->subject++;
        queue->at_first = true;
        return true;
    }
    queue->is_known =
        queue->pager->type->ahead != NULL && queue->pager->type->ahead(queue->pager, &fetch->at, &queue->at);
    return true;
}

bool http_queue_send(struct http_queue *queue, struct error *error) {
    for (size_t i = 0; i < queue->count; i++) {
        struct http_fetch *fetch = fetch_at(queue, i);
        if (fetch->call == NULL && fetch->failed.code == ERROR_NONE && !fetch_send(queue, fetch, error)) {
            return false;
        }
    }
    while (queue->count < queue->room && queue->is_known) {
        if (!subject_next(queue, error)) {
            return false;
        }
        if (queue->subject >= queue->walk->count) {
            return true;
        }
        struct http_fetch *fetch = fetch_at(queue, queue->count);
        error_clear(&fetch->failed);
        if (!fetch_add(queue, error) || !fetch_send(queue, fetch, error)) {
            return false;
        }
    }
    return true;
}
