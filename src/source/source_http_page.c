#include <stdio.h>

#include "format/format_json.h"
#include "source/source_http_pass.h"

static bool has_subjects(const struct http_pass *pass) {
    return pass->type.each != NULL || pass->type.asks_one;
}

// Whether an error is the subject's alone: its record is refused, and the others go on.
static bool is_subjects(const struct http_pass *pass, const struct error *error) {
    int status = pass->answer.head.status;
    if (!has_subjects(pass)) {
        return false;
    }
    return error->code == ERROR_FIELD_REQUIRED || error->code == ERROR_HTTP_REQUEST ||
           (error->code == ERROR_HTTP_STATUS && (status == 400 || status == 404 || status == 410 || status == 422));
}

// Refuses the subject in hand and goes on with the next one.
static bool subject_refuse(struct http_pass *pass, enum error_code code, const char *reason, struct error *error) {
    struct http_fetch *head = http_queue_head(&pass->queue);
    struct batch *batch = pass->batch;
    struct text raw;
    if (!http_walk_raw(&pass->walk, head->subject, &batch->arena, &raw, error)) {
        return false;
    }
    struct reject reject = {
        .code = code, .reason = text_of(reason), .raw = raw, .print = print_of(raw, pass->maker.seed)};
    size_t subject = head->subject;
    pass->partial = true;
    pass->is_open = false;
    pass->answer.call = NULL;
    if (!batch_reject(batch, &reject, error)) {
        return false;
    }
    http_queue_pop(&pass->queue);
    http_listing_begin(&pass->listing);
    return http_queue_go(&pass->queue, subject + 1, NULL, error);
}

// Gets the next subjects when those in hand are done. `end` says that there are none.
static bool subjects_more(struct http_pass *pass, bool *end, struct error *error) {
    *end = false;
    while (http_queue_head(&pass->queue) == NULL && !*end) {
        if (pass->begun && pass->queue.is_known && pass->queue.subject < pass->walk.count) {
            if (!http_queue_send(&pass->queue, error)) {
                return false;
            }
            continue; // all the rest may be passed over
        }
        if (!http_walk_more(&pass->walk, end, error)) {
            return false;
        }
        pass->begun = true;
        if (!*end && !http_queue_go(&pass->queue, 0, NULL, error)) {
            return false;
        }
    }
    return true;
}

static void place_set(struct http_pass *pass, struct text url) {
    buffer_reset(&pass->place);
    buffer_text(&pass->place, url.length > 0 ? url : pass->type.path);
}

// Whether a 404 is an answer here: there is no such record, or no page so far back.
static bool may_miss(const struct http_pass *pass) {
    bool counts = pass->pager.type == &http_pager_offset || pass->pager.type == &http_pager_number;
    return pass->type.asks_one || pass->type.lookup || (counts && pass->listing.pages > 0 && pass->pager.limit < 0);
}

bool http_pass_page(struct http_pass *pass, bool *end, struct error *error) {
    if (!subjects_more(pass, end, error)) {
        return false;
    }
    if (*end) {
        pass->done = true;
        return true;
    }
    if (!http_queue_send(&pass->queue, error)) {
        return false;
    }
    struct http_fetch *head = http_queue_head(&pass->queue);
    struct error failed = head->failed;
    pass->answer.head = (struct http_head){0};
    bool ok = failed.code == ERROR_NONE && http_answer_open(&pass->answer, head->call, may_miss(pass), &failed);
    place_set(pass, pass->answer.head.url);
    if (!ok && is_subjects(pass, &failed)) {
        return subject_refuse(pass, failed.code, failed.message, error);
    }
    if (!ok) {
        *error = failed;
        return false;
    }
    http_listing_page(&pass->listing);
    pass->maker.last = (struct object){NULL, NULL};
    pass->last = pass->maker.last;
    pass->skips = pass->skip.given + pass->skip.refused > 0;
    pass->mark = pass->skip;
    pass->mark_count = pass->batch->count;
    pass->mark_rejects = pass->batch->reject_count;
    pass->is_open = true;
    return true;
}

void http_pass_undo(struct http_pass *pass) {
    pass->batch->count = pass->mark_count;
    pass->batch->reject_count = pass->mark_rejects;
    if (pass->is_open) {
        pass->skip = pass->mark;
    }
    pass->is_open = false;
    pass->answer.call = NULL;
    pass->skips = false;
    http_listing_page(&pass->listing);
    http_queue_stop(&pass->queue);
}

void http_pass_reread(struct http_pass *pass) {
    http_pass_undo(pass);
    pass->skip = (struct http_mile){0};
    pass->mark = (struct http_mile){0};
}

// What the guards and the pager need to know of the page.
static bool page_make(struct http_pass *pass, struct value *envelope, struct http_page *page, struct error *error) {
    bool proven;
    *page = (struct http_page){.call = pass->answer.call, .head = &pass->answer.head, .total = -1};
    if (!http_answer_end(&pass->answer, &pass->batch->arena, envelope, &proven, error)) {
        return false;
    }
    page->envelope = envelope->kind != VALUE_MISSING ? envelope : NULL;
    page->last = pass->maker.last.shape != NULL ? &pass->maker.last : pass->last.shape != NULL ? &pass->last : NULL;
    page->is_missing = pass->answer.is_missing;
    if (!http_listing_end(&pass->listing, page, error) ||
        (!page->is_missing && !http_page_count(page, &pass->pager.total, &page->total, error))) {
        return false;
    }
    return proven || page->total >= 0 ||
           error_set(error, ERROR_HTTP_SHAPE,
                     "nothing says that the answer is whole: the server closes the connection without having said how "
                     "long it is; JSON would show it, or a total");
}

// A lookup has exactly one hit. What else came of the subject is taken back.
static bool lookup_end(struct http_pass *pass, int64_t hits, struct error *error) {
    char reason[120];
    if (hits == 1) {
        struct http_fetch *head = http_queue_head(&pass->queue);
        size_t subject = head->subject;
        http_queue_pop(&pass->queue);
        http_listing_begin(&pass->listing);
        return http_queue_go(&pass->queue, subject + 1, NULL, error);
    }
    snprintf(reason, sizeof reason, "the lookup found %s; exactly one is wanted", hits == 0 ? "nothing" : "several");
    pass->batch->count = pass->mark_count;
    pass->batch->reject_count = pass->mark_rejects;
    return subject_refuse(pass, ERROR_LOOKUP_COUNT, reason, error);
}

// The list in hand has ended: it is read again when its pages moved, else the next subject follows.
static bool list_end(struct http_pass *pass, int64_t total, struct error *error) {
    size_t subject = http_queue_head(&pass->queue)->subject;
    bool again;
    if (!http_listing_close(&pass->listing, total, &again, error)) {
        return false;
    }
    http_queue_pop(&pass->queue);
    if (again) {
        log_line(pass->log, LOG_INFO, "%.*s: %s", TEXT_ARGS(pass->type.name),
                 pass->listing.moved
                     ? "the pages moved while they were read; they are read again"
                     : "nothing shows whether the pages moved while they were read; they are read again (a total in "
                       "their answers would show it: page.total)");
        http_listing_again(&pass->listing);
    } else {
        http_listing_begin(&pass->listing);
        subject++;
    }
    return http_queue_go(&pass->queue, subject, NULL, error);
}

static bool page_next(struct http_pass *pass, const struct http_page *page, struct error *error) {
    struct http_fetch *head = http_queue_head(&pass->queue);
    struct http_step step = {.total = page->total};
    struct http_at next;
    http_at_init(&next);
    bool ok = http_at_copy(&next, &head->at, error);
    if (ok && page->is_missing) {
        step.end = true; // there is no page so far back, or no such record
    } else {
        ok = ok && pass->pager.type->after(&pass->pager, &head->at, page, &next, &step, error);
    }
    int64_t total = page->total;
    ok = ok && http_listing_next(&pass->listing, &step, error);
    if (ok && step.end) {
        ok = list_end(pass, total, error);
    } else if (ok && (int64_t)pass->listing.pages >= pass->pager.pages_max) {
        ok = error_set(error, ERROR_PAGE_ENDLESS, "the list has more than %lld pages; raise pages_max if it should",
                       (long long)pass->pager.pages_max);
    } else if (ok) {
        size_t subject = head->subject;
        http_queue_pop(&pass->queue);
        ok = http_queue_go(&pass->queue, subject, &next, error);
    }
    http_at_clear(&next);
    return ok;
}

bool http_pass_turn(struct http_pass *pass, struct error *error) {
    struct value envelope;
    struct http_page page;
    if (!page_make(pass, &envelope, &page, error)) {
        return false;
    }
    pass->bytes += pass->answer.body.bytes;
    bool ok = pass->type.lookup ? lookup_end(pass, page.count, error) : page_next(pass, &page, error);
    if (!ok) {
        return false;
    }
    pass->is_open = false;
    pass->skip = (struct http_mile){0};
    pass->answer.call = NULL;
    pass->answer.body.bytes = 0;
    // The next page is asked for before this one is worked on.
    return http_queue_send(&pass->queue, error);
}
