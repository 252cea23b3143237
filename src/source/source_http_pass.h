#ifndef WEIR_SOURCE_SOURCE_HTTP_PASS_H
#define WEIR_SOURCE_SOURCE_HTTP_PASS_H

// A pass as its parts see it: source_http.c opens it and fills batches, source_http_page.c begins and ends pages,
// source_http_place.c writes down where it stands and goes on from there. For source_http*.c alone.

#include "source/source_http_answer.h"
#include "source/source_http_listing.h"
#include "source/source_http_pager.h"
#include "source/source_http_position.h"
#include "source/source_http_queue.h"
#include "source/source_http_record.h"
#include "source/source_http_session.h"
#include "source/source_http_walk.h"

struct http_pass {
    struct source source;
    struct arena arena;
    struct http_session *session;
    const struct clock *clock;
    const struct log *log;
    struct text given_since; // the watermark as it was given
    struct text reach;       // how far it had got when it was first interrupted, where there is an overlap; else empty
    bool keeps_mark; // it goes on behind pages that it can't compare with: the next pass begins where this one did
    struct print identity;
    bool since_filters; // what is older than the watermark does not come

    struct http_type type;
    struct http_pager pager;
    struct http_cursor cursor;
    struct http_listing listing;
    struct http_walk walk;
    struct http_queue queue;
    struct http_maker maker;
    struct http_answer answer;

    bool begun;            // the subjects are in hand
    bool done;             // the end of it all
    bool partial;          // something could not be read
    bool is_open;          // the answer of the queue's head is being read
    struct http_mile skip; // so much of the page in hand was given earlier
    bool skips;            // and is being passed over
    bool resumed;          // the listing's state is that of an earlier pass
    struct arena last_arena;
    struct object last;  // a function pager's: the page's last record, when it came in an earlier batch
    struct buffer place; // the request in hand, for people
    uint64_t bytes;      // of answers that are done

    // The batch in hand, and where it goes back to when the page in hand fails.
    struct batch *batch;
    struct json_shapes shapes;
    size_t raw_bytes;
    size_t mark_count;
    size_t mark_rejects;
    struct http_mile mark; // given of the page in hand by earlier batches
    struct error failed;   // to be told at the next read
};

// Opens the answer of the next page. `end` says that there is none: the pass is done.
bool http_pass_page(struct http_pass *pass, bool *end, struct error *error);

// The page in hand has ended: guards it, and goes on behind it.
bool http_pass_turn(struct http_pass *pass, struct error *error);

// The page in hand has failed: it is asked for again, and what the batch has of it is taken back.
void http_pass_undo(struct http_pass *pass);

// What was passed over is not what was given: the page is read anew, from its beginning.
void http_pass_reread(struct http_pass *pass);

// Where the next pass would go on, into the batch; and with its end, the watermark.
bool http_pass_tell(struct http_pass *pass, struct error *error);

// Goes to where an earlier pass stood.
bool http_pass_resume(struct http_pass *pass, const struct source_setup *setup, struct error *error);

#endif
