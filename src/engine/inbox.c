#include "engine/inbox.h"

#include <errno.h>
#include <stdio.h>
#include <sys/random.h>

#include "base/memory.h"
#include "engine/intake.h"

enum { BATCH_BYTES = 16, POST_TRIES = 3 };

// --- what may be posted ---

static bool check_post(const struct inbox_post *post, struct error *error) {
    if (post->count == 0 || post->count > INBOX_RECORDS_MAX) {
        return error_set(error, ERROR_LIMIT, "a post holds %zu records; it may hold 1 to %d", post->count,
                         INBOX_RECORDS_MAX);
    }
    if (post->bytes > INBOX_BYTES_MAX) {
        return error_set(error, ERROR_LIMIT, "a post has %zu bytes; it may have %d", post->bytes, INBOX_BYTES_MAX);
    }
    if (post->batch.length > INBOX_BATCH_MAX) {
        return error_set(error, ERROR_LIMIT, "an idempotency key has %zu bytes; it may have %d", post->batch.length,
                         INBOX_BATCH_MAX);
    }
    for (size_t i = 0; i < post->count; i++) {
        if (post->records[i].kind != VALUE_OBJECT) {
            return error_set(error, ERROR_FIELD_TYPE, "record %zu of the post is no object", i + 1);
        }
        if (intake_weight(&post->records[i]) > INBOX_RECORD_MAX) {
            return error_set(error, ERROR_LIMIT, "record %zu of the post is larger than %d bytes", i + 1,
                             INBOX_RECORD_MAX);
        }
    }
    return true;
}

// --- the same again ---

struct known {
    const struct inbox_post *post;
    bool found;
    bool same;
    int64_t first;
};

static bool take_known(void *context, const struct inbox_row *row, struct error *error) {
    struct known *known = context;
    (void)error;
    known->found = true;
    known->same = print_same(row->print, known->post->print) && text_same(row->type, known->post->type);
    known->first = row->id - row->place; // a batch's numbers are one after the other
    return false;
}

static bool find_known(const struct inbox_post *post, struct known *out, struct error *error) {
    const struct inbox_ask ask = {.key = post->key, .batch = post->batch, .limit = 1};
    *out = (struct known){.post = post};
    return post->store->type->inbox_scan(post->store, &ask, take_known, out, error);
}

static bool give_known(const struct inbox_post *post, const struct known *known, struct inbox_receipts *out,
                       struct error *error) {
    if (!known->same) {
        return error_set(error, ERROR_KEY_REUSED,
                         "the idempotency key %.*s was sent before with something else: give this post its own",
                         TEXT_ARGS(post->batch));
    }
    *out = (struct inbox_receipts){known->first, post->count, true};
    return true;
}

// --- the post ---

static void fill(const struct inbox_post *post, struct text batch, int64_t now_us, struct inbox_row *rows) {
    for (size_t i = 0; i < post->count; i++) {
        rows[i] = (struct inbox_row){
            .key = post->key,
            .sync = post->sync,
            .type = post->type,
            .batch = batch,
            .place = (int64_t)i,
            .print = post->print,
            .payload = post->records[i],
            .origin = post->origin,
            .posted_us = now_us,
        };
    }
}

static bool commit(const struct inbox_post *post, const struct inbox_row *rows, enum commit_outcome *outcome,
                   struct error *error) {
    const struct page page = {
        .origin = post->origin,
        .at_us = rows[0].posted_us,
        .inboxes = rows,
        .inbox_count = post->count,
    };
    return store_commit(post->store, &page, outcome, error);
}

static bool check_room(const struct inbox_post *post, struct error *error) {
    int64_t waiting;
    if (!post->store->type->inbox_count(post->store, post->key, &waiting, error)) {
        return false;
    }
    return waiting + (int64_t)post->count <= INBOX_WAITING_MAX ||
           error_set(error, ERROR_INBOX_FULL,
                     "%lld posted records of %.*s wait to be taken in, and no more than %d may: post again later",
                     (long long)waiting, TEXT_ARGS(post->sync), INBOX_WAITING_MAX);
}

// Another process may commit the same batch between the look and the commit: then it is looked at again.
static bool post_rows(const struct inbox_post *post, struct inbox_row *rows, struct inbox_receipts *out,
                      struct error *error) {
    for (int tries = 0; tries < POST_TRIES; tries++) {
        struct known known;
        enum commit_outcome outcome;
        if (!find_known(post, &known, error)) {
            return false;
        }
        if (known.found) {
            return give_known(post, &known, out, error);
        }
        if (!check_room(post, error) || !commit(post, rows, &outcome, error)) {
            return false;
        }
        if (outcome == COMMIT_DONE) {
            // Nobody else's rows stand between those of one transaction.
            bool ok = find_known(post, &known, error);
            *out = (struct inbox_receipts){known.first, post->count, false};
            return ok;
        }
    }
    return error_set(error, ERROR_HOME_BUSY, "a post under the same key comes and goes; post again later");
}

bool inbox_post(const struct inbox_post *post, struct inbox_receipts *out, struct error *error) {
    char made[2 * BATCH_BYTES + 2];
    struct inbox_post named = *post;
    *out = (struct inbox_receipts){.first = 0};
    if (!check_post(post, error)) {
        return false;
    }
    if (post->batch.length == 0) {
        unsigned char bytes[BATCH_BYTES];
        if (getrandom(bytes, sizeof bytes, 0) != (ssize_t)sizeof bytes) {
            return error_set_errno(error, ERROR_MEMORY, errno, "cannot make up a name for a post");
        }
        for (size_t i = 0; i < sizeof bytes; i++) {
            snprintf(made + 2 * i, 3, "%02x", bytes[i]);
        }
        named.batch = text_of(made);
    }
    struct inbox_row *rows = memory_zero(post->count, sizeof *rows);
    if (rows == NULL) {
        return error_memory(error);
    }
    fill(&named, named.batch, clock_now(post->clock), rows);
    bool ok = post_rows(&named, rows, out, error);
    memory_free(rows);
    return ok;
}
