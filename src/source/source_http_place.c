#include "source/source_http_pass.h"

// --- where the pass stands ---

static void tell_page(const struct http_pass *pass, const struct http_at *at, struct http_position *out) {
    const struct http_listing *listing = &pass->listing;
    out->begun = true;
    out->number = at->number;
    out->until = at->until;
    out->size = at->size;
    out->text = buffer_view(&at->text);
    out->mile = pass->is_open ? pass->answer.done : pass->skip;
    out->pages = listing->pages;
    out->seen = listing->seen;
    out->shifted = listing->shifted;
    out->unordered = !listing->ordered;
    out->newest = buffer_view(&listing->newest);
    out->sum = listing->known.sum;
    size_t most = listing->asked < HTTP_TAIL_MAX ? (size_t)listing->asked : HTTP_TAIL_MAX;
    out->tail_count = listing->before_count < most ? listing->before_count : most;
    for (size_t i = 0; i < out->tail_count; i++) {
        out->tail[i] = listing->before[listing->before_count - out->tail_count + i];
    }
}

static bool tell_position(struct http_pass *pass, struct error *error) {
    struct http_position position = {
        .of = pass->identity,
        .since = pass->given_since,
        .cursor = buffer_view(&pass->cursor.high),
        .reach = pass->reach,
        .tries = pass->listing.tries,
        .done = pass->done,
        .partial = pass->partial || pass->walk.partial || pass->maker.refused > 0,
        .sum_before = pass->listing.known.sum_before,
    };
    struct http_fetch *head = http_queue_head(&pass->queue);
    bool is_planned = head == NULL && pass->queue.is_known && pass->queue.subject < pass->walk.count;
    if (!pass->done && pass->begun) {
        position.subject = head != NULL ? head->subject : is_planned ? pass->queue.subject : pass->walk.count;
        position.parents = buffer_view(&pass->walk.position);
        if (position.subject < pass->walk.count && pass->type.each != NULL) {
            struct value who = value_object(&pass->walk.batch.records[position.subject].fields);
            position.who = value_print(&who);
        }
        bool is_begun = pass->is_open || pass->listing.pages > 0 || pass->skip.given + pass->skip.refused > 0;
        if (head != NULL && is_begun) {
            tell_page(pass, &head->at, &position);
        }
    }
    return http_position_write(&position, &pass->batch->arena, &pass->batch->position, error);
}

// What the records without a cursor, or with one that can't be, come to.
static void tell_story(const struct http_pass *pass) {
    const struct http_cursor *cursor = &pass->cursor;
    char room[HTTP_PATH_SHOW_MAX];
    if (cursor->future > 0) {
        log_line(pass->log, LOG_WARNING,
                 "%.*s: %llu records have a %s more than a day in the future; they don't move "
                 "the watermark",
                 TEXT_ARGS(pass->type.name), (unsigned long long)cursor->future,
                 http_path_show(&pass->type.cursor, room));
    }
    if (cursor->missing > 0) {
        log_line(pass->log, LOG_WARNING,
                 "%.*s: %llu records have no %s; changes of them are seen only when everything "
                 "is read",
                 TEXT_ARGS(pass->type.name), (unsigned long long)cursor->missing,
                 http_path_show(&pass->type.cursor, room));
    }
    if (pass->maker.left > 0) {
        log_line(pass->log, LOG_INFO, "%.*s: %llu records came that are not among the chosen ids",
                 TEXT_ARGS(pass->type.name), (unsigned long long)pass->maker.left);
    }
}

static bool is_full(const struct http_pass *pass) {
    return !pass->since_filters && pass->type.only.kind != VALUE_LIST && !pass->type.asks_until &&
           pass->pager.type != &http_pager_window && !pass->partial && !pass->walk.partial && pass->maker.refused == 0;
}

bool http_pass_tell(struct http_pass *pass, struct error *error) {
    struct batch *batch = pass->batch;
    // Lines count in one answer; a JSON body has none, and a batch may hold several of them.
    bool by_line = pass->type.format != HTTP_JSON && pass->place.length > 0;
    // The overlap is meant for a pass that goes through. One that was interrupted may have come back long after records
    // went in behind the place where it stood: the next one begins there again.
    struct text cursor = pass->reach.length > 0 ? pass->reach : buffer_view(&pass->cursor.high);
    if (pass->keeps_mark) { // pages that may have moved meanwhile, and nothing would show it
        cursor = (struct text){"", 0};
    }
    if (!arena_text(&batch->arena, by_line ? buffer_view(&pass->place) : pass->type.path, &batch->place) ||
        !arena_text(&batch->arena, cursor, &batch->cursor)) {
        return error_memory(error);
    }
    batch->done_bytes = pass->bytes + pass->answer.body.bytes;
    batch->last = pass->done;
    batch->full = pass->done && is_full(pass);
    if (pass->done) {
        tell_story(pass);
    }
    return tell_position(pass, error);
}

// --- going on ---

static bool changed(struct error *error) {
    return error_set(error, ERROR_SOURCE_CHANGED,
                     "what was being read is not there any more; it is read from the beginning");
}

static bool resume_listing(struct http_pass *pass, const struct http_position *position, struct error *error) {
    struct http_listing *listing = &pass->listing;
    // A tail that is not full has all that was asked for again.
    struct http_step step = {.overlap = position->tail_count < HTTP_TAIL_MAX ? (int64_t)position->tail_count
                                                                             : listing->overlap,
                             .total = -1};
    struct http_mark none = {0};
    bool counts = pass->pager.type == &http_pager_offset || pass->pager.type == &http_pager_number;
    pass->keeps_mark = counts && position->pages > 0 && step.overlap == 0;
    for (size_t i = 0; i < position->tail_count; i++) {
        bool repeat;
        if (!http_listing_take(listing, position->tail[i], &none, &repeat, error)) {
            return false;
        }
    }
    if (!http_listing_next(listing, &step, error)) {
        return false;
    }
    http_listing_page(listing);
    struct http_mark newest = http_cursor_text(&pass->cursor, position->newest);
    listing->pages = position->pages;
    listing->seen = position->seen;
    listing->known.sum = position->sum;
    listing->known.blind = position->pages > 0;
    listing->shifted = position->shifted;
    listing->ordered = !position->unordered;
    listing->newest_us = newest.us;
    buffer_reset(&listing->newest);
    return buffer_text(&listing->newest, newest.text) || error_memory(error);
}

static bool resume_page(struct http_pass *pass, const struct http_position *position, struct error *error) {
    struct http_at at;
    http_at_init(&at);
    at.number = position->number;
    at.until = position->until;
    at.size = position->size;
    bool ok = http_at_text(&at, position->text, error) && http_queue_go(&pass->queue, position->subject, &at, error) &&
              resume_listing(pass, position, error);
    http_at_clear(&at);
    pass->skip = position->mile;
    return ok;
}

static bool resume_subject(struct http_pass *pass, const struct http_position *position, struct error *error) {
    bool end;
    if (!http_walk_more(&pass->walk, &end, error)) {
        return false;
    }
    pass->begun = true;
    if (end || position->subject > pass->walk.count) {
        return changed(error);
    }
    bool has_who = position->who.low != 0 || position->who.high != 0;
    if (has_who && position->subject < pass->walk.count && pass->type.each != NULL) {
        struct value who = value_object(&pass->walk.batch.records[position->subject].fields);
        if (!print_same(value_print(&who), position->who)) {
            return changed(error);
        }
    } else if (has_who) {
        return changed(error);
    }
    pass->listing.known.sum_before = position->sum_before;
    // Tries are counted anew: a list that moved too fast for the run before must not be given up for good.
    pass->listing.tries = position->tries > 0;
    pass->listing.known.has_before = position->tries > 0;
    pass->listing.known.was_incomplete = true;
    return position->begun ? resume_page(pass, position, error)
                           : http_queue_go(&pass->queue, position->subject, NULL, error);
}

static bool resume_at(struct http_pass *pass, const struct source_setup *setup, const struct http_position *position,
                      struct error *error) {
    struct http_mark high = http_cursor_text(&pass->cursor, position->cursor);
    if (!http_walk_open(&pass->walk, setup, &pass->type, position->parents, error) ||
        !http_cursor_take(&pass->cursor, &high, error)) {
        return false;
    }
    pass->cursor.missing = 0;
    pass->cursor.future = 0;
    pass->partial = position->partial;
    pass->done = position->done;
    if (pass->type.overlap_us > 0 || pass->pager.type == &http_pager_window) {
        pass->reach = position->reach.length > 0 ? position->reach : high.text;
    }
    return pass->done || resume_subject(pass, position, error);
}

bool http_pass_resume(struct http_pass *pass, const struct source_setup *setup, struct error *error) {
    struct http_position position;
    if (setup->position.length == 0) {
        return http_walk_open(&pass->walk, setup, &pass->type, (struct text){"", 0}, error);
    }
    if (!http_position_read(setup->position, &pass->arena, &position) || !print_same(position.of, pass->identity) ||
        !text_same(position.since, pass->given_since)) {
        return changed(error);
    }
    return resume_at(pass, setup, &position, error);
}
