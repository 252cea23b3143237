// Pagers that go by the records' own cursor: keyset and time windows.

#include "base/civil.h"
#include "source/source_http_pager.h"
#include "source/source_http_time.h"

enum { KEYSET_GROWTH_MAX = 64 };

#define DAY_US INT64_C(86400000000)

// --- keyset ---
//
// Each page is asked for with the highest cursor seen, inclusive: records that share it come again, and none of them is
// missed. When a page holds nothing but records of one cursor, a larger page is asked for.
//
// A server may give fewer at a time than asked for. Then a page of one cursor could be cut off where it looks like the
// end. It is not when a longer page came earlier; else one page of the same size is asked for from the list's
// beginning: where that is longer, it was the end.

static bool keyset_check(struct http_pager *pager, struct error *error) {
    if (pager->of->cursor.names == NULL) {
        return error_set(error, ERROR_OPTION_MISSING,
                         "weir.page.keyset needs the type's cursor: cursor = \"updatedAt\"");
    }
    if (option_text(pager->options, "after").length == 0 && !pager->of->asks_since) {
        return error_set(error, ERROR_OPTION_MISSING,
                         "weir.page.keyset needs after, the query parameter for the last cursor, or the type's since");
    }
    return true;
}

static bool keyset_first(struct http_pager *pager, struct http_at *at, struct error *error) {
    return http_at_text(at, pager->since, error);
}

static bool keyset_fill(struct http_pager *pager, const struct http_at *at, struct http_ask *ask, struct error *error) {
    (void)error;
    struct text from = at->until != 0 ? (struct text){"", 0} : buffer_view(&at->text);
    http_ask_field(ask, "limit", value_integer(at->size));
    http_ask_param(ask, "limit", pager, value_integer(at->size));
    if (option_text(pager->options, "after").length == 0 || at->until != 0) {
        ask->since = from;
    } else if (from.length > 0) {
        http_ask_param(ask, "after", pager, http_cursor_value(from, pager->of->cursor_format));
    }
    return true;
}

static bool keyset_grow(struct http_pager *pager, struct http_at *next, struct text from, struct error *error) {
    bool can_grow = option_text(pager->options, "limit").length > 0 || http_type_holds(pager->of, "limit");
    if (!can_grow || next->size >= pager->size * KEYSET_GROWTH_MAX) {
        return error_set(error, ERROR_PAGE_ENDLESS,
                         "more records share the cursor '%.*s' than a page holds; raise page.size%s", TEXT_ARGS(from),
                         can_grow ? "" : " and name the parameter page.limit");
    }
    next->size *= 2;
    return true;
}

static bool keyset_check_order(const struct http_pager *pager, const struct http_at *at, const struct http_page *page,
                               struct error *error) {
    struct http_cursor order = {.format = pager->of->cursor_format};
    struct text from = buffer_view(&at->text);
    struct http_mark asked = {.text = from};
    if (!page->ascending) {
        return error_set(error, ERROR_HTTP_SHAPE,
                         "the records of a page are not in the order of the cursor; ask for it in query");
    }
    if (page->index == 0 || from.length == 0 || at->until != 0) {
        return true;
    }
    if (pager->of->cursor_format.length > 0) {
        civil_parse(from, pager->of->cursor_format, zone_utc(), &asked.us);
    }
    return page->low.text.length == 0 || http_cursor_compare(&order, &page->low, &asked) >= 0 ||
           error_set(error, ERROR_PAGE_REPEATS,
                     "records from before '%.*s' came though it was asked for what is at or after it", TEXT_ARGS(from));
}

// The page from the list's beginning, asked for because one of a single cursor had `at->number` of the `at->size` that
// were wanted. Where it is no longer, the server gives no more at a time; but if it is all that ever was seen, and not
// just as many as were asked for before, it is likelier that there is no more.
static bool keyset_proves(const struct http_at *at, const struct http_page *page, struct http_step *step,
                          struct error *error) {
    bool is_all = page->seen - page->fresh <= page->count && at->number != at->size / 2;
    step->end = page->count > at->number || is_all;
    return step->end ||
           error_set(error, ERROR_PAGE_ENDLESS,
                     "the server gives %lld records at a time, and as many or more share the cursor '%.*s'; "
                     "nothing says that these are all of them",
                     (long long)page->count, TEXT_ARGS(buffer_view(&at->text)));
}

static bool keyset_after(struct http_pager *pager, const struct http_at *at, const struct http_page *page,
                         struct http_at *next, struct http_step *step, struct error *error) {
    struct text from = buffer_view(&at->text);
    step->retaken = true;
    if (!keyset_check_order(pager, at, page, error)) {
        return false;
    }
    if (at->until != 0) {
        return keyset_proves(at, page, step, error);
    }
    // A server may cap what it gives: a page that was shorter than asked for, and behind which something new came,
    // shows how long a full one is.
    pager->step = page->index > 0 ? pager->step : 0;
    if (page->fresh > 0 && pager->step > pager->limit) {
        pager->limit = pager->step;
    }
    bool is_capped =
        page->count >= pager->most && (at->size > pager->size || (pager->limit > 0 && page->count >= pager->limit));
    pager->most = page->count > pager->most ? page->count : pager->most;
    bool gets_on = page->high.text.length > 0 && !text_same(page->high.text, from);
    pager->step = page->count < at->size ? page->count : 0;
    if (gets_on) {
        next->size = pager->size;
        return http_at_text(next, page->high.text, error);
    }
    if (page->count >= at->size) {
        return keyset_grow(pager, next, from, error);
    }
    step->end = page->count == 0 || !is_capped;
    if (!step->end) {
        next->until = 1;
        next->number = page->count;
        next->size = at->size > pager->size ? at->size : at->size * 2;
    }
    return true;
}

const struct http_pager_type http_pager_keyset = {
    .kind = "keyset",
    .watches = true,
    .may_repeat = true,
    .check = keyset_check,
    .first = keyset_first,
    .fill = keyset_fill,
    .after = keyset_after,
};

// --- window ---
//
//    start          end: a day from now, so that what a clock in front of ours has written is in the last window
//      |----|----|-------|
//           |--|--|            one that came back full is asked for again, in halves

static bool window_check(struct http_pager *pager, struct error *error) {
    struct text format = pager->of->cursor_format;
    struct text start = pager->since.length > 0 ? pager->since : option_text(pager->options, "start");
    int64_t begin_us;
    if (format.length == 0) {
        return error_set(error, ERROR_OPTION_MISSING, "weir.page.window needs the type's cursor_format");
    }
    if (start.length == 0) {
        return error_set(error, ERROR_OPTION_MISSING,
                         "weir.page.window needs start, where the first window begins: start = \"2015-01-01\"");
    }
    if (!civil_parse(start, format, zone_utc(), &begin_us)) {
        return error_set(error, ERROR_OPTION_TYPE,
                         "the first window begins at \"%.*s\", which is not written as "
                         "cursor_format = \"%.*s\" says",
                         TEXT_ARGS(start), TEXT_ARGS(format));
    }
    pager->width_us = http_option_integer(pager->options, "width", DAY_US);
    pager->end_us = clock_now(pager->clock) + DAY_US;
    return true;
}

// A bound as it is written, and the time that it then is.
static bool bound_write(const struct http_pager *pager, int64_t time_us, struct arena *arena, struct text *out,
                        int64_t *back_us, struct error *error) {
    struct text format = pager->of->cursor_format;
    struct text like = pager->since.length > 0 ? pager->since : option_text(pager->options, "start");
    struct buffer text;
    buffer_init(&text, HTTP_CURSOR_BYTES_MAX);
    bool ok = http_time_write(time_us, format, like, &text);
    ok = ok && civil_parse(buffer_view(&text), format, zone_utc(), back_us);
    if (!ok) {
        error_set(error, ERROR_OPTION_TYPE, "a window's bound can't be written as cursor_format = \"%.*s\"",
                  TEXT_ARGS(format));
    } else if (arena != NULL) {
        ok = arena_text(arena, buffer_view(&text), out) || error_memory(error);
    }
    buffer_clear(&text);
    return ok;
}

// The end of a window that begins at at->number, as it can be written.
static bool window_end(const struct http_pager *pager, struct http_at *at, int64_t width_us, struct error *error) {
    int64_t end = at->number + width_us;
    if (end >= pager->end_us || width_us <= 0) {
        at->until = pager->end_us;
        return true;
    }
    return bound_write(pager, end, NULL, NULL, &at->until, error);
}

static bool window_first(struct http_pager *pager, struct http_at *at, struct error *error) {
    struct text start = pager->since.length > 0 ? pager->since : option_text(pager->options, "start");
    civil_parse(start, pager->of->cursor_format, zone_utc(), &at->number);
    return window_end(pager, at, pager->width_us, error);
}

static bool window_ahead(const struct http_pager *pager, const struct http_at *at, struct http_at *next) {
    next->number = at->until;
    return pager->step > 0 && at->until < pager->end_us && window_end(pager, next, at->until - at->number, NULL) &&
           next->until > next->number;
}

static bool window_fill(struct http_pager *pager, const struct http_at *at, struct http_ask *ask, struct error *error) {
    struct text from;
    struct text to;
    int64_t back;
    if (!bound_write(pager, at->number, ask->arena, &from, &back, error) ||
        !bound_write(pager, at->until, ask->arena, &to, &back, error)) {
        return false;
    }
    http_ask_field(ask, "limit", value_integer(at->size));
    http_ask_field(ask, "from", value_text(from));
    http_ask_field(ask, "to", value_text(to));
    http_ask_param(ask, "limit", pager, value_integer(at->size));
    http_ask_param(ask, "from", pager, value_text(from));
    http_ask_param(ask, "to", pager, value_text(to));
    return true;
}

static bool window_after(struct http_pager *pager, const struct http_at *at, const struct http_page *page,
                         struct http_at *next, struct http_step *step, struct error *error) {
    int64_t width = at->until - at->number;
    pager->step = 1;
    if (page->count >= at->size) {
        step->retaken = true;
        if (!window_end(pager, next, width / 2, error)) {
            return false;
        }
        return (width / 2 > 0 && next->until > next->number && next->until < at->until) ||
               error_set(error, ERROR_PAGE_ENDLESS,
                         "a window that can't be made smaller comes back full, with %lld records; raise page.size",
                         (long long)page->count);
    }
    step->end = at->until >= pager->end_us;
    next->number = at->until;
    bool is_small = page->count <= at->size / 4 && width < pager->width_us;
    return step->end || window_end(pager, next, is_small ? width * 2 : width, error);
}

const struct http_pager_type http_pager_window = {
    .kind = "window",
    .may_repeat = true,
    .check = window_check,
    .first = window_first,
    .ahead = window_ahead,
    .fill = window_fill,
    .after = window_after,
};
