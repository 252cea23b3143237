#include "store/store_memory_parts.h"

// What was posted, the receipts that close it, and who has closed home.

// --- a page's ---

static bool inbox_key(struct arena *arena, const struct inbox_row *row, struct text *out) {
    struct text parts[] = {row->key, row->batch, ram_number_key(&row->place)};
    return ram_join_key(arena, parts, 3, out);
}

static bool inbox_put(struct ram_home *home, struct ram_change *change, const struct inbox_row *row, bool *stale,
                      struct error *error) {
    struct inbox_row *copy = arena_take(&home->arena, sizeof *copy);
    struct text key;
    if (copy == NULL || !inbox_key(&home->arena, row, &key) || !ram_inbox_copy(&home->arena, row, copy)) {
        return error_memory(error);
    }
    *stale = ram_find(&home->inboxes, key, RAM_NEWEST) != NULL;
    if (*stale || !ram_number_next(home, change, "inbox", &copy->id, error)) {
        return false;
    }
    copy->posted_seq = ram_number(home, TEXT_LITERAL("seq"), RAM_NEWEST);
    return ram_put(change, &home->inboxes, key, copy->id, copy) || error_memory(error);
}

static bool inbox_close(struct ram_home *home, struct ram_change *change, const struct inbox_done *done, int64_t at_us,
                        bool *stale, struct error *error) {
    const struct inbox_row *row = NULL;
    for (size_t i = 0; i < home->inboxes.count && row == NULL; i++) {
        const struct ram_version *version = ram_visible(home->inboxes.cells[i], RAM_NEWEST);
        row = version != NULL && version->id == done->id ? version->row : NULL;
    }
    *stale = row == NULL || row->done;
    if (*stale) {
        return false;
    }
    struct inbox_row closed = *row;
    struct inbox_row *copy = arena_take(&home->arena, sizeof *copy);
    struct text key;
    closed.done = true;
    closed.outcome = done->outcome;
    closed.home = done->home;
    closed.code = done->code;
    closed.reason = done->reason;
    closed.done_us = at_us;
    closed.done_seq = ram_number(home, TEXT_LITERAL("seq"), RAM_NEWEST);
    return (copy != NULL && inbox_key(&home->arena, row, &key) && ram_inbox_copy(&home->arena, &closed, copy) &&
            ram_put(change, &home->inboxes, key, copy->id, copy)) ||
           error_memory(error);
}

static bool is_old(const void *row, struct text before_us) {
    const struct inbox_row *inbox = row;
    int64_t before;
    return inbox->done && text_integer(before_us, &before) && inbox->done_us < before;
}

static int done_order(const void *left, const void *right) {
    const struct inbox_row *a = (*(const struct ram_version *const *)left)->row;
    const struct inbox_row *b = (*(const struct ram_version *const *)right)->row;
    return (a->done_us > b->done_us) - (a->done_us < b->done_us);
}

static bool inbox_trim(struct ram_home *home, struct ram_change *change, int64_t before_us, struct error *error) {
    struct ram_found found = {0};
    char digits[TEXT_INTEGER_MAX];
    bool ok = ram_found_add(&found, &home->inboxes, RAM_NEWEST, is_old, text_digits(before_us, digits), error);
    ram_found_order(&found, done_order);
    for (size_t i = 0; ok && i < found.count && i < INBOX_TRIM_MAX; i++) {
        struct text key;
        ok = (inbox_key(&home->arena, found.versions[i]->row, &key) &&
              ram_put(change, &home->inboxes, key, found.versions[i]->id, NULL)) ||
             error_memory(error);
    }
    ram_found_clear(&found);
    return ok;
}

bool ram_inboxes_put(struct ram_home *home, struct ram_change *change, const struct page *page, bool *stale,
                     struct error *error) {
    bool ok = page->inboxes_before_us == 0 || inbox_trim(home, change, page->inboxes_before_us, error);
    for (size_t i = 0; ok && i < page->inbox_done_count; i++) {
        ok = inbox_close(home, change, &page->inboxes_done[i], page->at_us, stale, error);
    }
    for (size_t i = 0; ok && i < page->inbox_count; i++) {
        ok = inbox_put(home, change, &page->inboxes[i], stale, error);
    }
    return ok;
}

// --- reading ---

static bool fits(const struct inbox_row *row, const struct inbox_ask *ask) {
    if (ask->home != 0) {
        return row->home == ask->home && text_same(row->sync, ask->sync) && (!ask->waiting || !row->done);
    }
    return (ask->key.length == 0 || text_same(row->key, ask->key)) &&
           (ask->batch.length == 0 || text_same(row->batch, ask->batch)) && (!ask->waiting || !row->done);
}

static bool is_past(const struct inbox_row *row, const struct inbox_ask *ask) {
    return ask->after == 0 || (ask->newest_first ? row->id < ask->after : row->id > ask->after);
}

bool ram_inbox_scan(struct store *store, const struct inbox_ask *ask,
                    bool (*row)(void *context, const struct inbox_row *row, struct error *error), void *context,
                    struct error *error) {
    error_clear(error);
    struct ram_found found = {0};
    int64_t at;
    struct ram_home *home = ram_read(store, &at);
    bool ok = ram_found_add(&found, &home->inboxes, at, NULL, (struct text){"", 0}, error);
    ram_leave(home);
    ram_found_sort(&found);
    int64_t given = 0;
    for (size_t i = 0; ok && i < found.count && (ask->limit == 0 || given < ask->limit); i++) {
        const struct inbox_row *shown = found.versions[ask->newest_first ? found.count - 1 - i : i]->row;
        if (fits(shown, ask) && is_past(shown, ask)) {
            given++;
            ok = row(context, shown, error);
        }
    }
    ram_found_clear(&found);
    return scan_ended(ok, error);
}

bool ram_inbox_count(struct store *store, struct text key, int64_t *out, struct error *error) {
    (void)error; // counting needs no memory
    int64_t at;
    const struct inbox_ask ask = {.key = key, .waiting = true};
    *out = 0;
    struct ram_home *home = ram_read(store, &at);
    for (size_t i = 0; i < home->inboxes.count; i++) {
        const struct ram_version *version = ram_visible(home->inboxes.cells[i], at);
        *out += version != NULL && fits(version->row, &ask);
    }
    ram_leave(home);
    return true;
}

// --- a home that is closed ---

struct ram_closed {
    struct closed_row row;
    int64_t token; // of the lease it was written under
};

static int64_t live_token(const struct ram_home *home, struct text key) {
    const struct ram_holder *holder = home->holders;
    while (holder != NULL && !text_same(holder->key, key)) {
        holder = holder->next;
    }
    return holder != NULL ? holder->token : 0;
}

static const struct closed_row *closed_find(const struct ram_home *home, struct text except, int64_t at) {
    for (size_t i = 0; i < home->closeds.count; i++) {
        const struct ram_version *version = ram_visible(home->closeds.cells[i], at);
        const struct ram_closed *closed = version != NULL ? version->row : NULL;
        if (closed != NULL && !text_same(closed->row.key, except) &&
            live_token(home, closed->row.key) == closed->token) {
            return &closed->row;
        }
    }
    return NULL;
}

bool ram_closed(struct store *store, struct arena *arena, struct closed_row *out, struct error *error) {
    int64_t at;
    struct ram_home *home = ram_read(store, &at);
    const struct closed_row *closed = closed_find(home, (struct text){"", 0}, at);
    *out = closed != NULL ? *closed : (struct closed_row){.run = 0};
    bool ok =
        closed == NULL || (arena_text(arena, closed->key, &out->key) && arena_text(arena, closed->sync, &out->sync));
    ram_leave(home);
    return ok || error_memory(error);
}

bool ram_closed_check(const struct ram_home *home, struct text key, struct error *error) {
    const struct closed_row *closed = closed_find(home, key, RAM_NEWEST);
    return closed == NULL || store_closed_error(closed, error);
}

static bool others_check(const struct ram_home *home, const struct run_row *row, struct error *error) {
    for (size_t i = 0; i < home->runs.count; i++) {
        const struct ram_version *version = ram_visible(home->runs.cells[i], RAM_NEWEST);
        const struct run_row *other = version != NULL ? version->row : NULL;
        if (other != NULL && other->status == RUN_RUNNING && !text_same(other->key, row->key) &&
            live_token(home, other->key) != 0) {
            return store_others_error(row, &(struct closed_row){.sync = other->sync, .run = other->id}, error);
        }
    }
    return true;
}

bool ram_closed_open(struct ram_home *home, struct ram_change *change, struct text key, struct error *error) {
    return ram_find(&home->closeds, key, RAM_NEWEST) == NULL || ram_put(change, &home->closeds, key, 0, NULL) ||
           error_memory(error);
}

bool ram_closed_begin(struct ram_home *home, struct ram_change *change, const struct lease *lease,
                      const struct run_row *row, struct error *error) {
    if (!ram_closed_check(home, row->key, error) || !ram_closed_open(home, change, row->key, error)) {
        return false;
    }
    if (!row->closes) {
        return true;
    }
    if (!others_check(home, row, error)) {
        return false;
    }
    struct ram_closed *closed = arena_take(&home->arena, sizeof *closed);
    if (closed == NULL) {
        return error_memory(error);
    }
    *closed = (struct ram_closed){.row = {.run = row->id, .since_us = row->started_us}, .token = lease->token};
    return (arena_text(&home->arena, row->key, &closed->row.key) &&
            arena_text(&home->arena, row->sync, &closed->row.sync) &&
            ram_put(change, &home->closeds, closed->row.key, 0, closed)) ||
           error_memory(error);
}
