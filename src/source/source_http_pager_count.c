// Pagers that count: all in one answer, so many records left out, the page's number.

#include "source/source_http_pager.h"

// --- whole ---

static bool whole_fill(struct http_pager *pager, const struct http_at *at, struct http_ask *ask, struct error *error) {
    (void)pager;
    (void)at;
    (void)ask;
    (void)error;
    return true;
}

static bool whole_after(struct http_pager *pager, const struct http_at *at, const struct http_page *page,
                        struct http_at *next, struct http_step *step, struct error *error) {
    (void)pager;
    (void)at;
    (void)page;
    (void)next;
    (void)error;
    step->end = true;
    return true;
}

const struct http_pager_type http_pager_whole = {
    .kind = "whole", .is_single = true, .fill = whole_fill, .after = whole_after};

// How many records a page has: what was asked for, or what a server that caps it gives again and again. Only then are
// pages asked for ahead: behind a short page there is mostly nothing.
static void step_learn(struct http_pager *pager, const struct http_at *at, const struct http_page *page) {
    if (page->count > 0) {
        pager->steady = page->count >= at->size || page->count == pager->step;
        pager->step = page->count;
    }
}

// Whether a record could have been passed over between this page and one beside it. A page that is shorter than asked
// for has nothing behind it, mostly; that a server gives fewer at a time shows when more comes all the same.
static bool is_loose(const struct http_pager *pager, const struct http_at *at, const struct http_page *page,
                     const struct http_step *step) {
    bool asks_size = option_text(pager->options, "limit").length > 0 || http_type_holds(pager->of, "limit");
    bool is_full = page->count >= at->size || (!asks_size && page->count > 0);
    return pager->bare && ((page->index > 0 && page->count > 0) || (is_full && !step->end));
}

// --- offset ---
//
// The next page begins where this one ended, by what it really had (servers cap what is asked for), less the overlap.
// A page ends the list only when it has nothing new: a short one may be short for other reasons. When a page doesn't
// begin as the one before ended, records in front of it went away or came: then the pager steps back until it meets
// what it has seen, so that nothing between is missed. What it meets must be as it was: in a list in the order of
// change one that changed stands at the end now, and says nothing of what stood in front of it.

static bool offset_check(struct http_pager *pager, struct error *error) {
    pager->overlap = http_option_integer(pager->options, "overlap", 1);
    if (pager->overlap < 0 || pager->overlap >= pager->size) {
        pager->overlap = pager->overlap < 0 || pager->size == 1 ? 0 : pager->size - 1;
    }
    pager->bare = pager->overlap == 0;
    if (option_text(pager->options, "offset").length == 0 && !http_type_holds(pager->of, "offset")) {
        return error_set(error, ERROR_OPTION_MISSING,
                         "weir.page.offset needs offset, the query parameter for how many records to leave out");
    }
    return true;
}

static bool offset_first(struct http_pager *pager, struct http_at *at, struct error *error) {
    (void)error;
    pager->step = 0;
    pager->steady = false;
    pager->limit = -1;
    at->number = 0;
    return true;
}

// Nothing is expected before a first page has shown how many records one has.
static bool offset_ahead(const struct http_pager *pager, const struct http_at *at, struct http_at *next) {
    int64_t overlap = pager->overlap < pager->step ? pager->overlap : pager->step - 1;
    next->number = at->number + pager->step - overlap;
    return pager->steady && (pager->limit < 0 || next->number + overlap < pager->limit);
}

static bool offset_fill(struct http_pager *pager, const struct http_at *at, struct http_ask *ask, struct error *error) {
    (void)error;
    http_ask_field(ask, "limit", value_integer(at->size));
    http_ask_field(ask, "offset", value_integer(at->number));
    http_ask_param(ask, "limit", pager, value_integer(at->size));
    http_ask_param(ask, "offset", pager, value_integer(at->number));
    return true;
}

static bool offset_after(struct http_pager *pager, const struct http_at *at, const struct http_page *page,
                         struct http_at *next, struct http_step *step, struct error *error) {
    (void)error;
    pager->limit = page->total;
    step_learn(pager, at, page);
    step->shifted = page->index > 0 && (!page->aligned || (page->overlap == 0 && page->met));
    step->doubtful = page->index > 0 && page->changed;
    if (page->index > 0 && !page->aligned && !page->met && at->number > 0) {
        int64_t back = pager->step > 1 ? pager->step : 2;
        next->number = at->number > back ? at->number - back : 0;
        step->retaken = true;
        step->kept = true;
        return true;
    }
    int64_t behind = at->number + page->count;
    // After a step back a page that is known already is no end: what follows it is not.
    step->retaken = page->index > 0 && !page->aligned;
    step->end = page->count == 0 || (page->fresh == 0 && page->aligned) || (page->total >= 0 && behind >= page->total);
    int64_t overlap = pager->overlap < page->count ? pager->overlap : page->count - 1;
    next->number = behind - (overlap > 0 ? overlap : 0);
    // A page that does not get on though it has something new would be asked for for ever.
    next->number = next->number > at->number ? next->number : behind;
    step->overlap = behind - next->number;
    step->loose = is_loose(pager, at, page, step);
    return true;
}

const struct http_pager_type http_pager_offset = {
    .kind = "offset",
    .watches = true,
    .check = offset_check,
    .first = offset_first,
    .ahead = offset_ahead,
    .fill = offset_fill,
    .after = offset_after,
};

// --- number ---

// Pages lie side by side. What comes in front pushes records of a page onto the next one, where they are met again;
// what goes there takes records past it, which only the list as a whole can show (source_http_listing.h).

static bool number_check(struct http_pager *pager, struct error *error) {
    pager->bare = true;
    if (option_text(pager->options, "page").length == 0 && !http_type_holds(pager->of, "page")) {
        return error_set(error, ERROR_OPTION_MISSING,
                         "weir.page.number needs page, the query parameter for the page's number");
    }
    return true;
}

static bool number_first(struct http_pager *pager, struct http_at *at, struct error *error) {
    (void)error;
    pager->step = 0;
    pager->steady = false;
    pager->limit = -1;
    at->number = http_option_integer(pager->options, "first", 1);
    return true;
}

static bool number_ahead(const struct http_pager *pager, const struct http_at *at, struct http_at *next) {
    next->number = at->number + 1;
    return pager->steady && (pager->limit < 0 || next->number <= pager->limit);
}

static bool number_fill(struct http_pager *pager, const struct http_at *at, struct http_ask *ask, struct error *error) {
    (void)error;
    http_ask_field(ask, "limit", value_integer(at->size));
    http_ask_field(ask, "page", value_integer(at->number));
    http_ask_param(ask, "limit", pager, value_integer(at->size));
    http_ask_param(ask, "page", pager, value_integer(at->number));
    return true;
}

static bool number_after(struct http_pager *pager, const struct http_at *at, const struct http_page *page,
                         struct http_at *next, struct http_step *step, struct error *error) {
    int64_t pages = -1;
    if (!http_page_count(page, &pager->pages, &pages, error)) {
        return false;
    }
    int64_t first = http_option_integer(pager->options, "first", 1);
    step_learn(pager, at, page);
    if (pages >= 0) {
        pager->limit = first + pages - 1;
    } else if (page->total >= 0 && pager->step > 0) {
        pager->limit = first + (page->total + pager->step - 1) / pager->step - 1;
    }
    // A record of the page before means that something came in front of it.
    step->shifted = page->index > 0 && page->met;
    step->end = pages >= 0         ? at->number >= first + pages - 1
                : page->total >= 0 ? page->seen >= page->total || page->count == 0
                                   : page->count == 0;
    step->loose = is_loose(pager, at, page, step);
    next->number = at->number + 1;
    return true;
}

const struct http_pager_type http_pager_number = {
    .kind = "number",
    .watches = true,
    .check = number_check,
    .first = number_first,
    .ahead = number_ahead,
    .fill = number_fill,
    .after = number_after,
};
