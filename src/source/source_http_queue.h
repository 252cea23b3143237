#ifndef WEIR_SOURCE_SOURCE_HTTP_QUEUE_H
#define WEIR_SOURCE_SOURCE_HTTP_QUEUE_H

// The requests of a pass in their order: the page in hand at the head, and behind it as many as may be on their way at
// once. What follows a page is guessed by the pager where it can be; when the truth is another, what was asked for
// ahead is thrown away.

#include <stdbool.h>
#include <stddef.h>

#include "base/arena.h"
#include "base/error.h"
#include "http/http.h"
#include "source/source_http_pager.h"
#include "source/source_http_session.h"
#include "source/source_http_walk.h"

struct http_fetch {
    struct http_at at;
    size_t subject; // in the walk's hand
    struct http_subject about;
    struct arena arena;     // of the request
    struct http_call *call; // NULL: not sent yet, or to be sent again
    struct error failed;    // the request itself is wrong
};

struct http_queue {
    const struct http_type *type;
    struct http_pager *pager;
    struct http_session *session;
    struct http_walk *walk;
    struct text until;

    struct http_fetch *fetches; // a ring
    size_t room;
    size_t head;
    size_t count;

    bool is_known;     // what to ask for behind the last one
    size_t subject;    // `walk->count`: the subjects in hand are all asked for
    struct http_at at; // of that subject
    bool at_first;     // its first page: `at` is made when it is asked for
};

bool http_queue_init(struct http_queue *queue, const struct http_type *type, struct http_pager *pager,
                     struct http_session *session, struct http_walk *walk, struct text until, struct error *error);
void http_queue_clear(struct http_queue *queue);

// The page to go on with: of a subject, at its beginning (`at` NULL) or further on. Keeps what was asked for ahead
// when it is just that.
bool http_queue_go(struct http_queue *queue, size_t subject, const struct http_at *at, struct error *error);

// Sends as much as may be sent. Errors of one request are kept with it.
bool http_queue_send(struct http_queue *queue, struct error *error);

// The page in hand; NULL when the subjects in hand are done.
struct http_fetch *http_queue_head(struct http_queue *queue);

void http_queue_pop(struct http_queue *queue);  // it is done
void http_queue_stop(struct http_queue *queue); // ends all calls: they will be sent again

#endif
