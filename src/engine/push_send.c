// A block's writes, chunk by chunk. Intents are committed before anything is sent, outcomes as soon as they are known:
// what fails in passing is tried again with its intent still open.

#include <assert.h>
#include <stdatomic.h>

#include "engine/push_work.h"
#include "engine/retry.h"

enum { PERCENT_FROM = 1000 };

// The chunk in hand: the items that are still to be settled.
struct chunk {
    struct push_item **items;
    size_t count;
    bool moved; // some item of the last try went through
};

// --- items ---

bool push_prepare(struct pushing *push, struct push_item *item, struct error *error) {
    static const enum target_verb verbs[] = {
        [PUSH_CREATE] = TARGET_CREATE, [PUSH_UPDATE] = TARGET_UPDATE, [PUSH_DELETE] = TARGET_DELETE};
    const struct push_pass *pass = push->pass;
    char sent[PRINT_HEX + 1];
    char name[PRINT_HEX + 1];
    struct text operation;
    assert(push_is_write(item));
    enum target_verb verb = verbs[item->decision];
    print_hex(item->sent, sent);
    // A datasource that answers a known operation as it did before must not do so for a change that is decided anew: it
    // may have been undone there since. A create is looked for by its operation, also after a backup.
    long long decided_us = verb == TARGET_CREATE ? 0 : (long long)push_now(push);
    char *whole = arena_print(&push->arena, "%.*s\n%.*s\n%lld\n%lld\n%d\n%s\n%lld\n%lld", TEXT_ARGS(pass->key),
                              TEXT_ARGS(pass->type->name), (long long)item->row.id, (long long)item->row.seq, (int)verb,
                              sent, verb == TARGET_CREATE ? 0 : (long long)pass->run, decided_us);
    if (whole == NULL) {
        return error_memory(error);
    }
    print_hex(print_of(text_of(whole), 0), name);
    if (!arena_text(&push->arena, text_of(name), &operation)) {
        return error_memory(error);
    }
    item->item = (struct target_item){
        .verb = verb,
        .operation = operation,
        .external = verb == TARGET_CREATE ? (struct text){"", 0} : item->external,
        .form = verb == TARGET_DELETE ? NULL : item->form,
        .seed = pass->sync->print.low,
    };
    return true;
}

// --- intents ---

struct learning {
    struct pushing *push;
    const struct chunk *chunk;
    size_t at; // they come in the order in which they were put
};

static bool learn_id(void *context, const struct intent_row *row, struct error *error) {
    struct learning *learning = context;
    const struct chunk *chunk = learning->chunk;
    (void)error;
    if (row->id > learning->push->intent_last) {
        learning->push->intent_last = row->id;
    }
    for (size_t i = 0; i < chunk->count; i++) {
        struct push_item *item = chunk->items[(learning->at + i) % chunk->count];
        if (text_same(item->item.operation, row->operation)) {
            item->intent = row->id;
            learning->at += i + 1;
            break;
        }
    }
    return true;
}

static bool learn_from(struct pushing *push, const struct chunk *chunk, int64_t after, bool *all, struct error *error) {
    struct store *store = push->pass->store;
    struct learning learning = {.push = push, .chunk = chunk};
    struct scan scan = {.filter = push->pass->key, .after = after};
    error_clear(error);
    if (!store->type->intent_scan(store, &scan, learn_id, &learning, error)) {
        return false;
    }
    *all = true;
    for (size_t i = 0; i < chunk->count; i++) {
        *all = *all && chunk->items[i]->intent != 0;
    }
    return true;
}

// The store numbers intents; they are closed by their numbers. One that was there already has an old one.
static bool learn_ids(struct pushing *push, const struct chunk *chunk, struct error *error) {
    bool all;
    if (!learn_from(push, chunk, push->intent_last, &all, error) ||
        (!all && !learn_from(push, chunk, 0, &all, error))) {
        return false;
    }
    return all || error_set(error, ERROR_HOME_DAMAGED, "home does not give back the writes that it was to remember");
}

static bool commit_intents(struct pushing *push, const struct chunk *chunk, struct error *error) {
    for (size_t i = 0; i < chunk->count; i++) {
        if (!push_put_intent(push, chunk->items[i], INTENT_SENDING, error)) {
            return false;
        }
    }
    return push_commit(push, error) && learn_ids(push, chunk, error);
}

// --- one try ---

// Keeps the items that aren't settled.
static void chunk_shrink(struct chunk *chunk) {
    size_t kept = 0;
    for (size_t i = 0; i < chunk->count; i++) {
        if (!chunk->items[i]->settled && !chunk->items[i]->anew) {
            chunk->items[kept++] = chunk->items[i];
        }
    }
    chunk->moved = kept < chunk->count;
    chunk->count = kept;
}

static bool may_pass(const struct error *failure) {
    return failure->scope == ERROR_BATCH && failure->retry != RETRY_NEVER;
}

// A change that did not go in was looked up, and what stands there is not what home last knew: somebody changed it.
static bool is_changed_there(const struct push_item *item) {
    const struct print none = {0, 0};
    const struct print seen = item->receipt.seen;
    return item->item.verb != TARGET_CREATE && !print_same(seen, none) && !print_same(item->link.seen, none) &&
           !print_same(seen, item->link.seen);
}

// It isn't written over: the next run weighs both, and sends what comes of it.
static bool leave_changed(struct pushing *push, struct push_item *item) {
    const struct push_pass *pass = push->pass;
    log_line(pass->log, LOG_WARNING, "%.*s %lld was changed at %.*s meanwhile; the next run weighs both",
             TEXT_ARGS(pass->type->name), (long long)item->row.id, TEXT_ARGS(pass->sync->datasource));
    push_settle_unsent(push, item);
    push_hold_back(push, item);
    item->settled = true;
    return true;
}

// By what the receipt says. What may be tried again, or ends the push, stays unsettled.
static bool settle(struct pushing *push, struct push_item *item, struct error *error) {
    const struct error *failure = &item->receipt.error;
    switch (item->receipt.outcome) {
    case TARGET_DONE:
        return push_settle_done(push, item, error);
    case TARGET_GONE:
        if (item->item.verb == TARGET_DELETE) {
            return push_settle_done(push, item, error); // as good as deleted
        }
        return push_settle_gone(push, item, error);
    case TARGET_UNKNOWN:
        return push_settle_unknown(push, item, error);
    case TARGET_FAILED:
        break;
    }
    if (is_changed_there(item)) {
        return leave_changed(push, item);
    }
    bool is_ours = push_is_own(failure) || (failure->scope == ERROR_BATCH && !may_pass(failure));
    return !is_ours || push_settle_dead(push, item, failure, error);
}

// Asks at once what became of an item whose answer was lost.
static bool ask(struct pushing *push, struct push_item *item, struct error *error) {
    struct target_receipt receipt = {.outcome = TARGET_UNKNOWN};
    error_clear(&receipt.error);
    if (!target_resolve(push->target, &item->item, &push->arena, &receipt, error)) {
        return false;
    }
    if (receipt.outcome != TARGET_UNKNOWN || item->receipt.outcome != TARGET_UNKNOWN) {
        item->receipt = receipt; // else the first error tells more
    }
    return true;
}

static bool settle_all(struct pushing *push, struct chunk *chunk, struct error *error) {
    for (size_t i = 0; i < chunk->count; i++) {
        if (!settle(push, chunk->items[i], error)) {
            return false;
        }
    }
    chunk_shrink(chunk);
    return true;
}

// Gives up what is left: it was not sent. The page takes what is known so far along.
static bool leave(struct pushing *push, struct chunk *chunk, const struct error *why, struct error *error) {
    for (size_t i = 0; i < chunk->count; i++) {
        push_settle_unsent(push, chunk->items[i]);
    }
    if (push_commit(push, error)) {
        *error = *why;
    }
    return false;
}

static bool write_once(struct pushing *push, struct chunk *chunk, struct error *error) {
    struct error ended;
    error_clear(&ended);
    for (size_t i = 0; i < chunk->count; i++) {
        push->sends[i] = chunk->items[i]->item;
    }
    bool goes_on = target_write(push->target, push->sends, chunk->count, &push->arena, push->got, &ended);
    for (size_t i = 0; i < chunk->count; i++) {
        struct push_item *item = chunk->items[i];
        item->receipt = push->got[i];
        item->late = false;
        if (goes_on && item->receipt.outcome == TARGET_UNKNOWN) {
            goes_on = ask(push, item, &ended);
        }
    }
    if (!settle_all(push, chunk, error)) {
        return false;
    }
    for (size_t i = 0; goes_on && i < chunk->count; i++) {
        if (!may_pass(&chunk->items[i]->receipt.error)) { // of the datasource as a whole
            ended = chunk->items[i]->receipt.error;
            goes_on = false;
        }
    }
    return goes_on ? push_commit(push, error) : leave(push, chunk, &ended, error);
}

// --- trying again ---

// The failure that asks to wait longest.
static const struct error *worst(const struct chunk *chunk) {
    const struct error *worst = &chunk->items[0]->receipt.error;
    for (size_t i = 1; i < chunk->count; i++) {
        const struct error *failure = &chunk->items[i]->receipt.error;
        worst = failure->after_us > worst->after_us ? failure : worst;
    }
    return worst;
}

// Whether the datasource takes nothing at all, from nobody: that is no record's fault.
static bool is_away(const struct chunk *chunk) {
    bool away = !chunk->moved;
    for (size_t i = 0; i < chunk->count; i++) {
        enum error_code code = chunk->items[i]->receipt.error.code;
        away = away && (code == ERROR_HTTP_CONNECT || code == ERROR_HTTP_BUSY);
    }
    return away;
}

static bool write_chunk(struct pushing *push, struct chunk *chunk, struct error *error) {
    struct retry retry = retry_of(push->pass->request, push->pass->log, push->pass->run);
    for (;;) {
        if (!write_once(push, chunk, error)) {
            return false;
        }
        if (chunk->count == 0) {
            return true;
        }
        const struct error *failure = worst(chunk);
        if (retry_is_long(retry.clock, failure)) {
            return leave(push, chunk, failure, error);
        }
        if (!retry_again(&retry, failure)) {
            break;
        }
    }
    if (is_away(chunk) || push_must_stop(push)) {
        return leave(push, chunk, worst(chunk), error);
    }
    for (size_t i = 0; i < chunk->count; i++) {
        if (!push_settle_dead(push, chunk->items[i], &chunk->items[i]->receipt.error, error)) {
            return false;
        }
    }
    return push_commit(push, error);
}

// --- home came back from a backup ---

// What was created since the backup is there without a link: every create is looked up before it is sent.
static bool look_up_creates(struct pushing *push, struct chunk *chunk, struct error *error) {
    for (size_t i = 0; i < chunk->count; i++) {
        struct push_item *item = chunk->items[i];
        item->receipt.outcome = TARGET_FAILED;
        if (item->item.verb != TARGET_CREATE) {
            continue;
        }
        item->item.forgotten = true;
        bool asked = ask(push, item, error);
        item->item.forgotten = false;
        if (!asked) {
            return false; // the intents stay: the next run asks
        }
        item->late = true;
        item->receipt.differs = item->receipt.differs || !push->looks_up; // the pull that could tell is over
        if (item->receipt.outcome == TARGET_UNKNOWN && may_pass(&item->receipt.error)) {
            *error = item->receipt.error; // it could not be asked: the intents stay, likewise
            return false;
        }
        if ((item->receipt.outcome == TARGET_DONE && !push_settle_done(push, item, error)) ||
            (item->receipt.outcome == TARGET_UNKNOWN && !push_settle_parked(push, item, error))) {
            return false;
        }
    }
    chunk_shrink(chunk);
    return push_commit(push, error);
}

// --- the block ---

// Too many dead letters: a count, or a share of the records that were tried once that is enough to tell.
static bool check_stop_after(const struct pushing *push, struct error *error) {
    const struct share *limit = &push->pass->sync->stop_after;
    const struct counts *counts = push->pass->counts;
    int64_t all = counts->read + push->tried;
    bool stops = limit->is_percent ? all >= PERCENT_FROM && (double)counts->dead * 100 > limit->amount * (double)all
                                   : (double)counts->dead >= limit->amount;
    if (limit->amount <= 0 || !stops) {
        return true;
    }
    return error_set(error, ERROR_RUN_STOPPED,
                     "%lld of %lld records are dead letters, which is past errors.stop_after = %g%s; see `weir dead "
                     "list`, mend the cause, and run again",
                     (long long)counts->dead, (long long)all, limit->amount, limit->is_percent ? "%" : "");
}

static void tell(const struct pushing *push) {
    const struct run_watch *watch = push->pass->request->watch;
    if (watch != NULL && watch->progress != NULL) {
        watch->progress(watch->context, push->pass->type->name, push->pass->counts, 0, 0);
    }
}

// A record that is gone there is made anew: its link is gone now.
static void begin_anew(struct pushing *push) {
    for (size_t i = 0; i < push->count; i++) {
        struct push_item *item = &push->items[i];
        if (item->anew) {
            item->anew = false;
            item->end = PUSH_KEEPS;
            item->link = (struct link){.home = 0};
            item->external = (struct text){"", 0};
            item->bounces = 0;
            item->decision = PUSH_CREATE;
        }
    }
}

// Looks the block's creates up, and writes none of them.
bool push_look_up(struct pushing *push, struct error *error) {
    struct chunk chunk = {.items = push->chosen};
    for (size_t i = 0; i < push->count; i++) {
        if (push->items[i].decision == PUSH_CREATE) {
            if (!push_prepare(push, &push->items[i], error)) {
                return false;
            }
            chunk.items[chunk.count++] = &push->items[i];
        }
    }
    if (chunk.count == 0) {
        return true;
    }
    if (!commit_intents(push, &chunk, error) || !look_up_creates(push, &chunk, error)) {
        return false;
    }
    for (size_t i = 0; i < chunk.count; i++) {
        push_settle_unsent(push, chunk.items[i]);
    }
    return push_commit(push, error);
}

// The writes that aren't settled, in order.
static bool choose(struct pushing *push, struct chunk *chunk, struct error *error) {
    *chunk = (struct chunk){.items = push->chosen};
    for (size_t i = 0; i < push->count; i++) {
        struct push_item *item = &push->items[i];
        if (!item->settled && push_is_write(item)) {
            if (!push_prepare(push, item, error)) {
                return false;
            }
            push->sends[chunk->count] = item->item;
            chunk->items[chunk->count++] = item;
        }
    }
    return true;
}

bool push_must_stop(struct pushing *push) {
    const atomic_bool *stop = push->pass->request->stop;
    push->stopped = push->stopped || (stop != NULL && atomic_load(stop));
    return push->stopped;
}

bool push_act(struct pushing *push, struct error *error) {
    for (size_t i = 0; i < push->count; i++) {
        struct push_item *item = &push->items[i];
        bool is_later = item->decision == PUSH_DELETE && !push->writes_deletes;
        if (!item->settled && (!push_is_write(item) || is_later) && !push_settle_decided(push, item, error)) {
            return false;
        }
    }
    for (;;) {
        struct chunk chunk;
        if (!choose(push, &chunk, error)) {
            return false;
        }
        if (chunk.count == 0) {
            break;
        }
        if (push_must_stop(push)) {
            return push_mark(push, error);
        }
        chunk.count = target_chunk(push->target, push->sends, chunk.count);
        if (!commit_intents(push, &chunk, error) || (push->pass->restored && !look_up_creates(push, &chunk, error)) ||
            (chunk.count > 0 && !write_chunk(push, &chunk, error)) || !check_stop_after(push, error)) {
            return false;
        }
        begin_anew(push);
        tell(push);
    }
    push_advance(push);
    return push_commit(push, error) && check_stop_after(push, error);
}
