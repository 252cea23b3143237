#include "store/store_sqlite_internal.h"

#include <assert.h>

static bool put_checkpoint(struct sqlite_store *store, const struct page *page, struct error *error) {
    const struct checkpoint *checkpoint = page->checkpoint;
    struct sqlite_query query;
    if (checkpoint == NULL) {
        return true;
    }
    assert(page->lease != NULL);
    if (!sqlite_ask(&store->writer,
                    "INSERT OR REPLACE INTO weir_checkpoint(key, print, run, type_index, position, "
                    "pass_seq, since, " HOME_COUNT_COLUMNS
                    ") VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12, ?13, ?14, ?15, ?16, ?17, ?18)",
                    &query, error)) {
        return false;
    }
    sqlite_give_text(&query, page->lease->key);
    sqlite_give_print(&query, checkpoint->print);
    sqlite_give_integer(&query, checkpoint->run);
    sqlite_give_integer(&query, checkpoint->type_index);
    sqlite_give_text(&query, checkpoint->position);
    sqlite_give_integer(&query, checkpoint->pass_seq);
    sqlite_give_text(&query, checkpoint->since);
    sqlite_give_counts(&query, &checkpoint->counts);
    return sqlite_run(&query, error);
}

static bool put_audit(struct sqlite_store *store, const struct page *page, struct error *error) {
    struct sqlite_query query;
    if (page->audit == NULL) {
        return true;
    }
    if (!sqlite_ask(&store->writer, "INSERT INTO weir_audit(at_us, origin, run, text) VALUES (?1, ?2, ?3, ?4)", &query,
                    error)) {
        return false;
    }
    sqlite_give_integer(&query, page->at_us);
    sqlite_give_text(&query, page->origin);
    sqlite_give_integer(&query, page->run);
    sqlite_give_text(&query, text_of(page->audit));
    return sqlite_run(&query, error);
}

bool sqlite_store_commit(struct store *base, const struct page *page, enum commit_outcome *outcome,
                         struct error *error) {
    struct sqlite_store *store = sqlite_of(base);
    bool stale = false;
    *outcome = COMMIT_DONE;
    if (!sqlite_begin(store, error)) {
        return false;
    }
    bool ok = sqlite_lease_check(store, page->lease, error) &&
              sqlite_closed_check(store, page->lease != NULL ? page->lease->key : (struct text){"", 0}, error) &&
              sqlite_apply(store, page, &stale, error) && sqlite_put_pendings(store, page, error) &&
              sqlite_put_deads(store, page, error) && sqlite_put_conflicts(store, page, error) &&
              sqlite_put_logs(store, page->run, page->logs, page->log_count, error) &&
              put_checkpoint(store, page, error) && sqlite_put_inboxes(store, page, &stale, error) &&
              sqlite_put_way(store, page, error) && sqlite_mark_move(store, page, error) &&
              put_audit(store, page, error);
    if (ok) {
        return sqlite_commit(store, error);
    }
    sqlite_rollback(store);
    if (stale) {
        *outcome = COMMIT_STALE;
    }
    return stale;
}
