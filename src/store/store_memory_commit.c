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

// The link goes. One that is forgotten and isn't there is gone already.
static bool link_remove(struct commit *commit, const struct effect *effect, struct ram_links *links,
                        const struct ram_link *old) {
    if (old == NULL || !text_same(old->external, effect->external)) {
        return effect->kind == EFFECT_FORGET || commit_stale(commit);
    }
    return ram_link_drop(commit->home, commit->change, links, old, commit->error) &&
           ram_base_free(commit->home, commit->change, links->datatype, effect->id, old->link.agreed_seq,
                         commit->error);
}

static bool link_apply(struct commit *commit, const struct effect *effect, int64_t agreed_seq) {
    struct ram_links *links = ram_links_in(effect->links);
    bool is_bulk = ram_number(commit->home, links->mode, RAM_NEWEST) != 0;
    if (is_bulk != effect->links->bulk) {
        effect->links->bulk = is_bulk;
        return commit_stale(commit);
    }
    const struct ram_link *old = ram_link(links, effect->id, RAM_NEWEST);
    if (effect->kind == EFFECT_FORGET || effect->kind == EFFECT_DELETE) {
        return link_remove(commit, effect, links, old);
    }
    assert(!is_bulk || effect->adds_link);
    const struct ram_version *other = ram_find(&links->by_external, effect->external, RAM_NEWEST);
    if (effect->adds_link ? old != NULL || other != NULL : old == NULL || old->link.home != effect->id) {
        return commit_stale(commit);
    }
    if (!effect->adds_link && !text_same(old->external, effect->external)) {
        return commit_stale(commit);
    }
    struct ram_link link = {.external = effect->external};
    if (old != NULL) {
        link = *old;
    } else if (!ram_number_next(commit->home, commit->change, "arrival", &link.arrival, commit->error)) {
        return false;
    }
    link.link.home = effect->id;
    link.link.seen = effect->seen;
    link.link.agreed_seq = agreed_seq;
    if (effect->sends) {
        link.link.sent = effect->sent;
        link.link.sent_before = effect->sent_before;
        link.link.bounces = effect->bounces;
    }
    return ram_link_put(commit->home, commit->change, links, &link, commit->error) &&
           (old == NULL || ram_base_free(commit->home, commit->change, links->datatype, effect->id,
                                         old->link.agreed_seq, commit->error));
}

// Whether the record isn't what the effect was decided on.
static bool is_stale(struct commit *commit, const struct effect *effect, const struct ram_row *old) {
    const struct ram_grave *grave = ram_grave(commit->home, effect->id, RAM_NEWEST);
    int64_t left = grave != NULL ? grave->seq : 0;
    switch (effect->kind) {
    case EFFECT_CREATE:
        return old != NULL;
    case EFFECT_UPDATE:
    case EFFECT_DELETE:
        return old == NULL || old->seq != effect->base_seq;
    case EFFECT_AGREE:
        return effect->agreed == NULL && (old != NULL ? old->seq : left) != effect->base_seq;
    case EFFECT_FORGET:
        return false;
    }
    return false;
}

static bool key_is_taken(struct commit *commit, const struct effect *effect, bool *taken) {
    bool looks = effect->kind == EFFECT_CREATE && commit->page->seen_seq > 0 && effect->datatype->key_count > 0 &&
                 (effect->links == NULL || !effect->links->bulk);
    *taken = false;
    return !looks || ram_key_taken(commit->home, effect, commit->page->seen_seq, taken, commit->error);
}

static bool grave_put(struct commit *commit, const struct effect *effect, int64_t seq) {
    struct ram_home *home = commit->home;
    struct ram_grave *grave = arena_take(&home->arena, sizeof *grave);
    if (grave == NULL) {
        return error_memory(commit->error);
    }
    *grave = (struct ram_grave){.id = effect->id, .seq = seq, .at_us = commit->page->at_us};
    bool ok = arena_text(&home->arena, effect->datatype->name, &grave->datatype) &&
              arena_text(&home->arena, commit->page->origin, &grave->origin) &&
              ram_put(commit->change, &home->graves, ram_number_key(&effect->id), effect->id, grave);
    return ok || error_memory(commit->error);
}

// The record itself. `seq` is what it has then.
static bool record_apply(struct commit *commit, const struct effect *effect, const struct ram_row *old, int64_t seq) {
    struct ram_home *home = commit->home;
    const struct ram_links *own = effect->links != NULL ? ram_links_in(effect->links) : NULL;
    if (!ram_bases_keep(home, commit->change, effect->datatype->name, effect->id, own, old, commit->page->at_us,
                        commit->error)) {
        return false;
    }
    if (effect->kind == EFFECT_DELETE) {
        return ram_record_drop(home, commit->change, effect->datatype->name, effect->id, commit->error) &&
               grave_put(commit, effect, seq);
    }
    bool is_back = effect->kind == EFFECT_CREATE && ram_grave(home, effect->id, RAM_NEWEST) != NULL;
    if (is_back && !ram_put(commit->change, &home->graves, ram_number_key(&effect->id), effect->id, NULL)) {
        return error_memory(commit->error);
    }
    return ram_record_put(home, commit->change, effect, commit->page->origin, old, seq, commit->error);
}

// What both sides agree on, where home is ahead of it.
static bool agreed_apply(struct commit *commit, const struct effect *effect, const struct ram_row *old,
                         int64_t agreed_seq) {
    const struct ram_grave *grave = ram_grave(commit->home, effect->id, RAM_NEWEST);
    bool is_ahead = effect->kind == EFFECT_UPDATE || (old != NULL ? old->seq > agreed_seq : grave != NULL);
    int64_t at_us = old == NULL && grave != NULL ? grave->at_us : commit->page->at_us;
    return effect->agreed == NULL || effect->links == NULL || !is_ahead ||
           ram_base_agree(commit->home, commit->change, effect, agreed_seq, at_us, commit->error);
}

static bool effect_apply(struct commit *commit, const struct effect *effect) {
    struct ram_home *home = commit->home;
    const struct ram_records *records = ram_records_of(home, effect->datatype->name);
    bool taken;
    if (records == NULL) {
        return error_memory(commit->error);
    }
    assert(effect->id > 0 && effect->id <= ram_number(home, TEXT_LITERAL("record"), RAM_NEWEST));
    assert(effect->agreed == NULL || effect->kind == EFFECT_UPDATE || effect->kind == EFFECT_AGREE);
    const struct ram_row *old = ram_row(records, effect->id, RAM_NEWEST);
    if (is_stale(commit, effect, old)) {
        return commit_stale(commit);
    }
    if (!key_is_taken(commit, effect, &taken)) {
        return false;
    }
    if (taken) {
        return commit_stale(commit);
    }
    int64_t agreed_seq = effect->base_seq;
    if (effect->kind != EFFECT_AGREE && effect->kind != EFFECT_FORGET) {
        agreed_seq = ++commit->seq;
        commit->seq += effect->agreed != NULL;
        if (!record_apply(commit, effect, old, commit->seq)) {
            return false;
        }
    }
    return agreed_apply(commit, effect, old, agreed_seq) &&
           (effect->links == NULL || link_apply(commit, effect, agreed_seq));
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
           ram_rows_done(change, &home->conflicts, page->conflicts_done, page->conflict_done_count, error) &&
           ram_way_done(home, change, page, error);
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
    return ok && ram_logs_put(home, change, page->run, page->logs, page->log_count, error) &&
           ram_way_put(home, change, page, error) && ram_mark_move(home, change, page, error);
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
    bool ok = ram_lease_check(home, page->lease, error) &&
              ram_closed_check(home, page->lease != NULL ? page->lease->key : (struct text){"", 0}, error) &&
              effects_apply(&commit) && rows_done(&commit) && rows_put(&commit) &&
              ram_inboxes_put(home, &change, page, &commit.stale, error) && checkpoint_apply(&commit) &&
              audit_apply(&commit);
    ok = ram_finish(home, &change, "commit", ok, error);
    *outcome = commit.stale ? COMMIT_STALE : COMMIT_DONE;
    return ok || commit.stale;
}
