#include "store/store_memory_parts.h"

// A scan gathers what it will show under the lock and shows it without: rows don't change once they are committed,
// and whoever is shown one may use the store meanwhile.

static bool fits_any(const void *row, struct text filter) {
    (void)row;
    (void)filter;
    return true;
}

static bool fits_run(const void *row, struct text filter) {
    const struct run_row *run = row;
    return filter.length == 0 || text_same(run->sync, filter) || text_same(run->key, filter);
}

static bool fits_log(const void *row, struct text filter) {
    int64_t run;
    return filter.length == 0 || (text_integer(filter, &run) && ((const struct ram_log *)row)->run == run);
}

static bool fits_dead(const void *row, struct text filter) {
    const struct dead_row *dead = row;
    size_t flow = dead->flow.length;
    if (filter.length == 0 || text_same(dead->flow, filter)) {
        return true;
    }
    return filter.length > flow && text_same((struct text){filter.data, flow}, dead->flow) &&
           filter.data[flow] == ':' &&
           text_same((struct text){filter.data + flow + 1, filter.length - flow - 1}, dead->type);
}

static bool fits_pending(const void *row, struct text filter) {
    return filter.length == 0 || text_same(((const struct pending_row *)row)->datatype, filter);
}

static bool fits_intent(const void *row, struct text filter) {
    return filter.length == 0 || text_same(((const struct intent_row *)row)->key, filter);
}

static bool fits_held(const void *row, struct text filter) {
    return filter.length == 0 || text_same(((const struct held_row *)row)->key, filter);
}

static bool fits_conflict(const void *row, struct text filter) {
    return filter.length == 0 || text_same(((const struct conflict_row *)row)->datatype, filter);
}

// What is left to show. A scan that is newest_first goes on below `after`.
struct cursor {
    struct ram_found found;
    const struct scan *scan;
    size_t next;
    int64_t shown;
};

static struct ram_home *home_of(struct store *store) {
    return ((struct ram_store *)store)->home;
}

static bool cursor_open(struct cursor *cursor, struct store *store, const struct ram_table *table,
                        const struct scan *scan, bool (*fits)(const void *row, struct text filter),
                        struct error *error) {
    *cursor = (struct cursor){.scan = scan};
    int64_t at;
    struct ram_home *home = ram_read(store, &at);
    bool ok = ram_found_add(&cursor->found, table, at, fits, scan->filter, error);
    ram_leave(home);
    ram_found_sort(&cursor->found);
    return ok;
}

static void cursor_close(struct cursor *cursor) {
    ram_found_clear(&cursor->found);
}

// The next row, or NULL.
static const void *cursor_next(struct cursor *cursor) {
    const struct scan *scan = cursor->scan;
    while (cursor->next < cursor->found.count && (scan->limit == 0 || cursor->shown < scan->limit)) {
        size_t place = scan->newest_first ? cursor->found.count - 1 - cursor->next : cursor->next;
        const struct ram_version *version = cursor->found.versions[place];
        cursor->next++;
        if (scan->after == 0 || (scan->newest_first ? version->id < scan->after : version->id > scan->after)) {
            cursor->shown++;
            return version->row;
        }
    }
    return NULL;
}

bool ram_run_scan(struct store *store, const struct scan *scan,
                  bool (*row)(void *context, const struct run_row *row, struct error *error), void *context,
                  struct error *error) {
    error_clear(error);
    struct cursor cursor;
    bool ok = cursor_open(&cursor, store, &home_of(store)->runs, scan, fits_run, error);
    const struct run_row *found = ok ? cursor_next(&cursor) : NULL;
    for (; ok && found != NULL; found = cursor_next(&cursor)) {
        struct run_row shown = *found;
        shown.script_text = TEXT_LITERAL("");
        ok = row(context, &shown, error);
    }
    cursor_close(&cursor);
    return scan_ended(ok, error);
}

bool ram_log_scan(struct store *store, const struct scan *scan,
                  bool (*row)(void *context, const struct log_row *row, struct error *error), void *context,
                  struct error *error) {
    error_clear(error);
    struct cursor cursor;
    bool ok = cursor_open(&cursor, store, &home_of(store)->logs, scan, fits_log, error);
    const struct ram_log *found = ok ? cursor_next(&cursor) : NULL;
    for (; ok && found != NULL; found = cursor_next(&cursor)) {
        ok = row(context, &found->row, error);
    }
    cursor_close(&cursor);
    return scan_ended(ok, error);
}

bool ram_dead_scan(struct store *store, const struct scan *scan,
                   bool (*row)(void *context, const struct dead_row *row, struct error *error), void *context,
                   struct error *error) {
    error_clear(error);
    struct cursor cursor;
    bool ok = cursor_open(&cursor, store, &home_of(store)->deads, scan, fits_dead, error);
    const struct dead_row *found = ok ? cursor_next(&cursor) : NULL;
    for (; ok && found != NULL; found = cursor_next(&cursor)) {
        ok = row(context, found, error);
    }
    cursor_close(&cursor);
    return scan_ended(ok, error);
}

bool ram_pending_scan(struct store *store, const struct scan *scan,
                      bool (*row)(void *context, const struct pending_row *row, struct error *error), void *context,
                      struct error *error) {
    error_clear(error);
    struct cursor cursor;
    bool ok = cursor_open(&cursor, store, &home_of(store)->pendings, scan, fits_pending, error);
    const struct pending_row *found = ok ? cursor_next(&cursor) : NULL;
    for (; ok && found != NULL; found = cursor_next(&cursor)) {
        ok = row(context, found, error);
    }
    cursor_close(&cursor);
    return scan_ended(ok, error);
}

bool ram_conflict_scan(struct store *store, const struct scan *scan,
                       bool (*row)(void *context, const struct conflict_row *row, struct error *error), void *context,
                       struct error *error) {
    error_clear(error);
    struct cursor cursor;
    bool ok = cursor_open(&cursor, store, &home_of(store)->conflicts, scan, fits_conflict, error);
    const struct conflict_row *found = ok ? cursor_next(&cursor) : NULL;
    for (; ok && found != NULL; found = cursor_next(&cursor)) {
        ok = row(context, found, error);
    }
    cursor_close(&cursor);
    return scan_ended(ok, error);
}

bool ram_link_scan(struct store *store, const struct datatype *datatype, const struct scan *scan,
                   bool (*row)(void *context, struct text datasource, struct text external, const struct link *link,
                               struct error *error),
                   void *context, struct error *error) {
    error_clear(error);
    struct cursor cursor = {.scan = scan};
    int64_t at;
    struct ram_home *home = ram_read(store, &at);
    bool ok = true;
    for (const struct ram_links *links = home->links; ok && links != NULL; links = links->next) {
        bool wanted = scan->filter.length == 0 || text_same(scan->filter, links->datasource);
        if (wanted && text_same(links->datatype, datatype->name)) {
            ok = ram_found_add(&cursor.found, &links->by_home, at, fits_any, scan->filter, error);
        }
    }
    ram_leave(home);
    ram_found_sort(&cursor.found);
    const struct ram_link *found = ok ? cursor_next(&cursor) : NULL;
    for (; ok && found != NULL; found = cursor_next(&cursor)) {
        ok = row(context, found->datasource, found->external, &found->link, error);
    }
    cursor_close(&cursor);
    return scan_ended(ok, error);
}

bool ram_record_scan(struct store *store, const struct datatype *datatype, const struct scan *scan,
                     bool (*row)(void *context, const struct home_row *row, struct error *error), void *context,
                     struct error *error) {
    error_clear(error);
    pthread_mutex_lock(&home_of(store)->mutex);
    const struct ram_records *records = ram_records_of(home_of(store), datatype->name);
    pthread_mutex_unlock(&home_of(store)->mutex);
    if (records == NULL) {
        return error_memory(error);
    }
    struct cursor cursor;
    struct scan all = *scan;
    all.filter = TEXT_LITERAL("");
    struct arena arena;
    arena_init(&arena, SIZE_MAX / 2);
    bool ok = cursor_open(&cursor, store, &records->rows, &all, fits_any, error);
    const struct ram_row *found = ok ? cursor_next(&cursor) : NULL;
    for (; ok && found != NULL; found = cursor_next(&cursor)) {
        struct home_row shown;
        arena_reset(&arena);
        ok = ram_row_copy(&arena, found, datatype, &shown) || error_memory(error);
        ok = ok && row(context, &shown, error);
    }
    arena_clear(&arena);
    cursor_close(&cursor);
    return scan_ended(ok, error);
}

bool ram_linkset_scan(struct store *store, const struct datatype *datatype,
                      bool (*row)(void *context, struct text datasource, struct error *error), void *context,
                      struct error *error) {
    error_clear(error);
    int64_t at;
    struct ram_home *home = ram_read(store, &at);
    const struct ram_links *links = home->links; // they come in front and never go
    ram_leave(home);
    bool ok = true;
    for (; ok && links != NULL; links = links->next) {
        ok = !text_same(links->datatype, datatype->name) || row(context, links->datasource, error);
    }
    return scan_ended(ok, error);
}

bool ram_module_scan(struct store *store, bool (*row)(void *context, struct text text, struct error *error),
                     void *context, struct error *error) {
    error_clear(error);
    struct cursor cursor;
    struct scan all = {0};
    bool ok = cursor_open(&cursor, store, &home_of(store)->texts, &all, fits_any, error);
    for (size_t i = 0; ok && i < cursor.found.count; i++) {
        const struct text *text = cursor.found.versions[i]->row;
        bool is_first = true;
        for (size_t j = 0; j < i && is_first; j++) {
            is_first = !text_same(*text, *(const struct text *)cursor.found.versions[j]->row);
        }
        ok = !is_first || row(context, *text, error);
    }
    cursor_close(&cursor);
    return scan_ended(ok, error);
}

bool ram_datatype_scan(struct store *store,
                       bool (*row)(void *context, const struct datatype *datatype, struct error *error), void *context,
                       struct error *error) {
    error_clear(error);
    struct cursor cursor;
    struct scan all = {0};
    bool ok = cursor_open(&cursor, store, &home_of(store)->datatypes, &all, fits_any, error);
    const struct datatype *found = ok ? cursor_next(&cursor) : NULL;
    for (; ok && found != NULL; found = cursor_next(&cursor)) {
        ok = row(context, found, error);
    }
    cursor_close(&cursor);
    return scan_ended(ok, error);
}

bool ram_intent_scan(struct store *store, const struct scan *scan,
                     bool (*row)(void *context, const struct intent_row *row, struct error *error), void *context,
                     struct error *error) {
    error_clear(error);
    struct cursor cursor;
    bool ok = cursor_open(&cursor, store, &home_of(store)->intents, scan, fits_intent, error);
    const struct intent_row *found = ok ? cursor_next(&cursor) : NULL;
    for (; ok && found != NULL; found = cursor_next(&cursor)) {
        ok = row(context, found, error);
    }
    cursor_close(&cursor);
    return scan_ended(ok, error);
}

bool ram_held_scan(struct store *store, const struct scan *scan,
                   bool (*row)(void *context, const struct held_row *row, struct error *error), void *context,
                   struct error *error) {
    error_clear(error);
    struct cursor cursor;
    bool ok = cursor_open(&cursor, store, &home_of(store)->helds, scan, fits_held, error);
    const struct held_row *found = ok ? cursor_next(&cursor) : NULL;
    for (; ok && found != NULL; found = cursor_next(&cursor)) {
        ok = row(context, found, error);
    }
    cursor_close(&cursor);
    return scan_ended(ok, error);
}
