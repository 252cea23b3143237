#ifndef WEIR_SOURCE_SOURCE_HTTP_LISTING_H
#define WEIR_SOURCE_SOURCE_HTTP_LISTING_H

// What is watched while a list is read page by page: which records stood on the page before (so that overlaps are
// dropped and moves are noticed), whether the cursors come in order, how many records there were, and whether a page
// comes twice. One listing is one list, of a type or of one parent record; a list whose pages moved is read again.
//
// Pages that don't overlap show less. What goes away in front of the next page, and nothing else, takes a record past
// it unseen. Such a list is read for good when
//     no record came twice, and the server told the same total with each page: nothing went;
//     no record came twice, all came in the order of the cursor, and what is deleted is listed as that, so that
//     whatever goes from its place comes again at the end;
//     or it was read again, and had the same records: what went in between would be missing by then.

#include <stdbool.h>
#include <stdint.h>

#include "base/arena.h"
#include "base/error.h"
#include "base/hash.h"
#include "base/map.h"
#include "source/source_http_cursor.h"
#include "source/source_http_known.h"
#include "source/source_http_pager.h"

enum {
    HTTP_TRIES_MAX = 5, // of a list whose pages move
    HTTP_TAIL_MAX = 2,  // records of the page before that a position keeps
};

// A record as it was met: who it is, and what it said.
struct http_sight {
    struct print id;
    struct print form;
};

struct http_listing {
    bool watches;
    bool may_repeat;
    bool bare;       // its pages don't overlap
    bool tells_gone; // deleted records are listed as that
    int64_t overlap;
    const struct http_cursor *cursor;

    uint64_t pages; // before the one in hand
    int64_t seen;   // records, each once
    unsigned tries; // that ended with moved pages
    unsigned backs; // times that the pager stepped back
    bool shifted;   // pages moved in this one
    bool loose;     // pages followed each other with nothing to show that they had not moved
    bool moved;     // they are known to have, in the reading that closed last
    int64_t total;  // as the first page told it, or -1
    bool counted;   // and all the others
    struct http_known known;
    bool is_void;         // the last page had no record
    bool had;             // an earlier reading of this list met records
    bool stable;          // a record was met twice and was the same: they do not change by being read
    bool ordered;         // all cursors so far came in order
    struct buffer newest; // the last cursor met
    int64_t newest_us;

    struct http_sight *now; // of the page in hand
    size_t now_count;
    size_t now_room;
    struct http_sight *before; // of the page before
    size_t before_count;
    size_t before_room;
    int64_t asked;    // so many of these the page in hand should begin with: a short page has fewer than `overlap`
    struct map index; // id -> place in `before`

    struct arena arena; // the prints of pages
    struct map prints;

    // The page in hand.
    int64_t count;
    int64_t fresh;
    bool met;
    bool changed;
    bool aligned;
    bool ascending;
    struct print print;
    struct buffer low;
    struct buffer high;
    int64_t low_us;
    int64_t high_us;
};

void http_listing_init(struct http_listing *listing, const struct http_pager *pager, const struct http_cursor *cursor);
void http_listing_clear(struct http_listing *listing);

void http_listing_begin(struct http_listing *listing); // another list
void http_listing_again(struct http_listing *listing); // the same one from its beginning
void http_listing_page(struct http_listing *listing);  // a page, or the same page again

// Takes an element of the page in hand; one that could not be read is known by its bytes. `repeat` receives whether it
// stood on the page before, just as it is.
bool http_listing_take(struct http_listing *listing, struct http_sight sight, const struct http_mark *mark,
                       bool *repeat, struct error *error);

// The page has ended: fills what the listing knows of `page`, and refuses one that came before.
bool http_listing_end(struct http_listing *listing, struct http_page *page, struct error *error);

// Goes on behind the page. `retaken`: the next one may hold the same.
bool http_listing_next(struct http_listing *listing, const struct http_step *step, struct error *error);

// Whether the list is read for good: false when it has to be read again, for its pages moved. ERROR_PAGE_SHIFTED when
// that was tried often enough, ERROR_PAGE_TOTAL when it is shorter than the server says. `total` is -1 for none.
bool http_listing_close(struct http_listing *listing, int64_t total, bool *again, struct error *error);

#endif
