#include <assert.h>

#include "store/store_memory_parts.h"

// A page on its way in.
struct commit {
    struct ram_home *home;
    struct ram_change *change;
    const struct page *page;
    int64_t seq; // the newest given
    bool stale;  // something isn't what the page was decided on
    struct error *error;
};

// False, without an error: the page is given up as stale.
static bool commit_stale(struct commit *commit) {
    commit->stale = true;
    return false;
}

static bool link_apply(struct commit *commit, const struct effect *effect, int64_t agreed_seq) {
    struct ram_links *links = ram_links_in(effect->links);
    bool is_bulk = ram_number(commit->home, links->mode, RAM_NEWEST) != 0;
    if (is_bulk != effect->links->bulk) {
        return commit_stale(commit);
    }
    assert(!is_bulk || effect->adds_link);
    const struct ram_link *old = ram_link(links, effect->id, RAM_NEWEST);
    const struct ram_version *other = ram_find(&links->by_external, effect->external, RAM_NEWEST);
    if (effect->adds_link ? old != NULL || other != NULL : old == NULL || old->link.home != effect->id) {
        return commit_stale(commit);
    }
    if (!effect->adds_link && !text_same(old->external, effect->external)) {
        return commit_stale(commit);
    }
    struct ram_link link = {.link = {effect->id, effect->seen, agreed_seq}, .external = effect->external};
    if (old != NULL) {
        link.arrival = old->arrival;
    } else if (!ram_number_next(commit->home, commit->change, "arrival", &link.arrival, commit->error)) {
        return false;
    }
    return ram_link_put(commit->home, commit->change, links, &link, commit->error);
}

static bool effect_apply(struct commit *commit, const struct effect *effect) {
    struct ram_home *home = commit->home;
    const struct ram_records *records = ram_records_of(home, effect->datatype->name);
    if (records == NULL) {
        return error_memory(commit->error);
    }
    assert(effect->id > 0 && effect->id <= ram_number(home, TEXT_LITERAL("record"), RAM_NEWEST));
    const struct ram_row *old = ram_row(records, effect->id, RAM_NEWEST);
    bool is_new = effect->kind == EFFECT_CREATE;
    if (is_new ? old != NULL : old == NULL || old->seq != effect->base_seq) {
        return commit_stale(commit);
    }
    bool looks = is_new && commit->page->seen_seq > 0 && effect->datatype->key_count > 0 &&
                 (effect->links == NULL || !effect->links->bulk);
    bool taken = false;
    if (looks && !ram_key_taken(home, effect, commit->page->seen_seq, &taken, commit->error)) {
        return false;
    }
    if (taken) {
        return commit_stale(commit);
    }
    bool ok = true;
    int64_t agreed_seq = effect->base_seq;
    if (effect->kind != EFFECT_AGREE) {
        agreed_seq = ++commit->seq;
        ok = effect->kind == EFFECT_DELETE
                 ? ram_record_drop(home, commit->change, effect->datatype->name, effect->id, commit->error)
                 : ram_record_put(home, commit->change, effect, commit->page->origin, old, agreed_seq, commit->error);
    }
    return ok && (effect->links == NULL || link_apply(commit, effect, agreed_seq));
}

static bool effects_apply(struct commit *commit) {
    struct text name = TEXT_LITERAL("seq");
    commit->seq = ram_number(commit->home, name, RAM_NEWEST);
    for (size_t i = 0; i < commit->page->effect_count; i++) {
        if (!effect_apply(commit, &commit->page->effects[i])) {
            return false;
        }
    }
    return ram_number_put(commit->home, commit->change, name, commit->seq, commit->error);
}

static bool rows_done(struct commit *commit) {
    struct ram_home *home = commit->home;
    struct ram_change *change = commit->change;
    const struct page *page = commit->page;
    struct error *error = commit->error;
    return ram_rows_done(change, &home->pendings, page->pendings_done, page->pending_done_count, error) &&
           ram_rows_done(change, &home->deads, page->deads_done, page->dead_done_count, error) &&
           ram_rows_done(change, &home->conflicts, page->conflicts_done, page->conflict_done_count, error);
}

static bool rows_put(struct commit *commit) {
    struct ram_home *home = commit->home;
    struct ram_change *change = commit->change;
    const struct page *page = commit->page;
    struct error *error = commit->error;
    bool ok = true;
    for (size_t i = 0; ok && i < page->pending_count; i++) {
        ok = ram_pending_put(home, change, &page->pendings[i], error);
    }
    for (size_t i = 0; ok && i < page->dead_count; i++) {
        ok = ram_dead_put(home, change, &page->deads[i], error);
    }
    for (size_t i = 0; ok && i < page->conflict_count; i++) {
        ok = ram_conflict_put(home, change, &page->conflicts[i], NULL, error);
    }
    return ok && ram_logs_put(home, change, page->run, page->logs, page->log_count, error);
}

static bool checkpoint_apply(struct commit *commit) {
    if (commit->page->checkpoint == NULL) {
        return true;
    }
    assert(commit->page->lease != NULL);
    struct checkpoint *copy = arena_take(&commit->home->arena, sizeof *copy);
    bool ok = copy != NULL && ram_checkpoint_copy(&commit->home->arena, commit->page->checkpoint, copy) &&
              ram_put(commit->change, &commit->home->checkpoints, commit->page->lease->key, 0, copy);
    return ok || error_memory(commit->error);
}

static bool audit_apply(struct commit *commit) {
    if (commit->page->audit == NULL) {
        return true;
    }
    int64_t id;
    struct text *line = arena_take(&commit->home->arena, sizeof *line);
    if (line == NULL || !arena_text(&commit->home->arena, text_of(commit->page->audit), line)) {
        return error_memory(commit->error);
    }
    return ram_number_next(commit->home, commit->change, "audit", &id, commit->error) &&
           (ram_put(commit->change, &commit->home->audits, ram_number_key(&id), id, line) ||
            error_memory(commit->error));
}

bool ram_commit(struct store *store, const struct page *page, enum commit_outcome *outcome, struct error *error) {
    struct ram_change change;
    struct ram_home *home = ram_begin(store, &change);
    struct commit commit = {.home = home, .change = &change, .page = page, .error = error};
    bool ok = ram_lease_check(home, page->lease, error) && effects_apply(&commit) && rows_done(&commit) &&
              rows_put(&commit) && checkpoint_apply(&commit) && audit_apply(&commit);
    ok = ram_finish(home, &change, "commit", ok, error);
    *outcome = commit.stale ? COMMIT_STALE : COMMIT_DONE;
    return ok || commit.stale;
}
