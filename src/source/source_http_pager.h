#ifndef WEIR_SOURCE_SOURCE_HTTP_PAGER_H
#define WEIR_SOURCE_SOURCE_HTTP_PAGER_H

// How pages follow each other: one pager a kind. A pager is nearly stateless: where it stands before a page is a plain
// value, an `http_at`, from which that page's request is made. So a page can be asked for again, pages can be asked
// for ahead (and thrown away when the truth turns out to be another), and a position is just an http_at written down.
//
//    first() ──> at ──fill──> request ──> answer ──after──> at ──> … ──> end
//                 └─ahead─> at     (what comes next if the page is as expected)

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/arena.h"
#include "base/buffer.h"
#include "base/error.h"
#include "http/http.h"
#include "port/mapper.h"
#include "source/source_http_cursor.h"
#include "source/source_http_template.h"
#include "source/source_http_type.h"

enum { HTTP_AT_TEXT_MAX = 64 * 1024 };

// Where a pager stands before a page.
struct http_at {
    int64_t number;     // offset: records to leave out; number: the page's; window: its begin in microseconds;
                        // keyset: records of one cursor that may be all or not
    int64_t until;      // window: its end; keyset: 1 for the page that shows how much the server gives
    int64_t size;       // records asked for
    struct buffer text; // keyset: the cursor; link, next: the URL; cursor: the cursor as JSON; function: the request
};

void http_at_init(struct http_at *at);
void http_at_clear(struct http_at *at);
bool http_at_copy(struct http_at *to, const struct http_at *from, struct error *error);
bool http_at_same(const struct http_at *a, const struct http_at *b);
bool http_at_text(struct http_at *at, struct text text, struct error *error); // sets the text

// What a pager adds to a request. Texts live in the http_at or in `arena`.
struct http_ask {
    struct arena *arena;
    struct http_field fields[6]; // placeholders' values
    size_t field_count;
    struct http_field params[4]; // query parameters
    size_t param_count;
    struct http_field member; // of the body; name.data NULL: none
    struct text url;          // instead of path and query; empty: none
    struct text path;         // function: instead of the type's; empty: the type's
    struct value query;       // function: instead of the type's; MISSING: the type's
    struct text since;        // what {since} and the type's `since` are
};

// What a page turned out to be.
struct http_page {
    const struct http_call *call;
    const struct http_head *head;
    const struct value *envelope; // NULL when the format has none
    const struct object *last;    // the last record; NULL: none
    uint64_t index;               // of this listing's pages, from 0
    int64_t count;                // elements
    int64_t fresh;                // of these, which did not stand on the page before
    int64_t seen;                 // fresh ones of the listing, with these
    bool met;                     // something of the page before stands here
    bool changed;                 // and says something else by now
    int64_t overlap;              // so many records of the page before were asked for again
    bool aligned;                 // it begins as the page before ended, as far as they overlap
    bool ascending;               // its cursors are in order
    bool is_missing;              // the server says that there is no such page (404)
    struct http_mark low;         // of its cursors
    struct http_mark high;
    int64_t total; // as the answer says, or -1
};

// What follows.
struct http_step {
    bool end;
    bool shifted;    // pages moved
    bool doubtful;   // they may have moved, and stepping back would not show it
    bool retaken;    // the next page takes up records of this one: it may be the same
    bool kept;       // it is still to be compared with the page before this one
    bool loose;      // something may stand behind this page or before it that nothing has shown
    int64_t overlap; // the next page begins with so many records of this one
    int64_t total;   // as the page told it, or -1
};

struct http_pager {
    const struct http_pager_type *type;
    const struct http_type *of;
    const struct object *options; // never NULL: of an empty table when there are none
    struct mapper *mapper;
    const struct clock *clock;
    struct text since; // the watermark less the overlap, or empty

    int64_t size;
    int64_t overlap;
    int64_t pages_max;
    struct http_place total;
    struct http_place pages;
    struct http_place next;
    struct http_place more;
    uint32_t function;
    bool has_function;
    int64_t width_us; // window
    int64_t end_us;   // window: the last one's
    int64_t most;     // keyset: records of the longest page so far
    int64_t step;     // how many records a page really has; 0: not known yet
    bool bare;        // its pages don't overlap, and nothing but their records tells where they begin
    bool steady;      // pages have so many again and again: the next ones may be asked for ahead
    int64_t limit;    // offset: no record is expected from here on; number: the last page; keyset: a page of so many is
                      // full, since the server gives no more; -1: not known
};

struct http_pager_type {
    const char *kind;
    bool is_single;  // there is one page alone
    bool watches;    // it wants to know which records stood on the page before
    bool may_repeat; // the same page twice is for the pager to judge

    bool (*check)(struct http_pager *pager, struct error *error);                     // may be NULL
    bool (*first)(struct http_pager *pager, struct http_at *at, struct error *error); // may be NULL
    // Must say what follows if the page is as expected. False when that can't be known, or when nothing is expected.
    // May be NULL.
    bool (*ahead)(const struct http_pager *pager, const struct http_at *at, struct http_at *next);
    bool (*fill)(struct http_pager *pager, const struct http_at *at, struct http_ask *ask, struct error *error);
    // `next` is a copy of `at`. What is not known must be an error and not an end.
    bool (*after)(struct http_pager *pager, const struct http_at *at, const struct http_page *page,
                  struct http_at *next, struct http_step *step, struct error *error);
};

extern const struct http_pager_type http_pager_whole;
extern const struct http_pager_type http_pager_offset;
extern const struct http_pager_type http_pager_number;
extern const struct http_pager_type http_pager_link;
extern const struct http_pager_type http_pager_next;
extern const struct http_pager_type http_pager_cursor;
extern const struct http_pager_type http_pager_keyset;
extern const struct http_pager_type http_pager_window;
extern const struct http_pager_type http_pager_function;

bool http_pager_open(const struct http_type *type, struct text since, struct mapper *mapper, const struct clock *clock,
                     struct arena *arena, struct http_pager *out, struct error *error);

// The parts that several kinds share.
void http_ask_field(struct http_ask *ask, const char *name, struct value value);
void http_ask_param(struct http_ask *ask, const char *option, const struct http_pager *pager, struct value value);

// A value of the answer: in its body or one of its headers. MISSING when it is not there. Headers are texts.
struct value http_page_value(const struct http_page *page, const struct http_place *place);
// The same as a whole number at or above 0; -1 when it is not there. Something else there is ERROR_HTTP_SHAPE.
bool http_page_count(const struct http_page *page, const struct http_place *place, int64_t *out, struct error *error);

#endif
