#include <assert.h>

#include "store/store_memory_parts.h"

// The mark: home's number "mark" grows with every page that puts intents, and what stands beside home (`home->mark`)
// is never behind what was committed. A home that came back from a backup has a smaller number.

struct ram_stale {
    struct stale_row row;
    int64_t seq; // home's newest when it was put
};

static const char mark_name[] = "mark";

static const void *row_at(const struct ram_table *table, struct text key, int64_t at) {
    const struct ram_version *version = ram_find(table, key, at);
    return version != NULL ? version->row : NULL;
}

// --- intents ---

static bool intent_put(struct ram_home *home, struct ram_change *change, const struct intent_row *row,
                       struct error *error) {
    const struct intent_row *old = row_at(&home->intents, row->operation, RAM_NEWEST);
    struct intent_row *copy = arena_take(&home->arena, sizeof *copy);
    if (copy == NULL || !ram_intent_copy(&home->arena, old != NULL ? old : row, copy)) {
        return error_memory(error);
    }
    if (old != NULL && old->state == row->state) {
        return true;
    }
    copy->state = row->state;
    if (old == NULL && !ram_number_next(home, change, "intent", &copy->id, error)) {
        return false;
    }
    return ram_put(change, &home->intents, copy->operation, copy->id, copy) || error_memory(error);
}

// --- watermarks ---

static bool watermark_key(struct arena *arena, struct text key, struct text type, struct text direction,
                          struct text *out) {
    struct text parts[] = {key, type, direction};
    return ram_join_key(arena, parts, 3, out);
}

static bool watermark_put(struct ram_home *home, struct ram_change *change, const struct watermark_row *row,
                          struct error *error) {
    struct text key;
    struct watermark_row *copy = arena_take(&home->arena, sizeof *copy);
    if (copy == NULL || !watermark_key(&home->arena, row->key, row->type, row->direction, &key) ||
        !ram_watermark_copy(&home->arena, row, copy)) {
        return error_memory(error);
    }
    return ram_put(change, &home->watermarks, key, 0, row->text.length > 0 ? copy : NULL) || error_memory(error);
}

bool ram_watermark_find(struct store *store, struct text key, struct text type, struct text direction,
                        struct arena *arena, struct text *out, struct error *error) {
    struct text place;
    *out = TEXT_LITERAL("");
    if (!watermark_key(arena, key, type, direction, &place)) {
        return error_memory(error);
    }
    int64_t at;
    struct ram_home *home = ram_read(store, &at);
    const struct watermark_row *row = row_at(&home->watermarks, place, at);
    bool ok = row == NULL || arena_text(arena, row->text, out);
    ram_leave(home);
    return ok || error_memory(error);
}

// --- held deletes ---

static bool held_put(struct ram_home *home, struct ram_change *change, const struct held_row *row,
                     struct error *error) {
    struct text parts[] = {row->key, row->direction, row->datatype, ram_number_key(&row->home)};
    struct text key;
    struct held_row *copy = arena_take(&home->arena, sizeof *copy);
    if (copy == NULL || !ram_join_key(&home->arena, parts, 4, &key) || !ram_held_copy(&home->arena, row, copy)) {
        return error_memory(error);
    }
    const struct held_row *old = row_at(&home->helds, key, RAM_NEWEST);
    if (old != NULL && text_same(old->datasource, row->datasource) && text_same(old->external, row->external) &&
        (old->approved || !row->approved)) {
        return true;
    }
    if (old != NULL) {
        copy->id = old->id;
        copy->approved = old->approved || row->approved;
    } else if (!ram_number_next(home, change, "held", &copy->id, error)) {
        return false;
    }
    return ram_put(change, &home->helds, key, copy->id, copy) || error_memory(error);
}

// --- stale rows ---

static bool stale_key(struct ram_home *home, const struct stale_row *row, struct text *out) {
    struct text parts[] = {row->datatype, ram_number_key(&row->home)};
    return ram_join_key(&home->arena, parts, 2, out);
}

static bool stale_put(struct ram_home *home, struct ram_change *change, const struct stale_row *row,
                      struct error *error) {
    struct text key;
    struct ram_stale *copy = arena_take(&home->arena, sizeof *copy);
    if (copy == NULL || !stale_key(home, row, &key) || !ram_stale_copy(&home->arena, row, &copy->row)) {
        return error_memory(error);
    }
    copy->seq = ram_number(home, TEXT_LITERAL("seq"), RAM_NEWEST);
    return ram_put(change, &home->stales, key, row->home, copy) || error_memory(error);
}

static bool stale_done(struct ram_home *home, struct ram_change *change, const struct stale_row *row, int64_t seen_seq,
                       struct error *error) {
    struct text key;
    if (!stale_key(home, row, &key)) {
        return error_memory(error);
    }
    const struct ram_stale *old = row_at(&home->stales, key, RAM_NEWEST);
    bool stays = old == NULL || (seen_seq > 0 && old->seq > seen_seq);
    return stays || ram_put(change, &home->stales, key, row->home, NULL) || error_memory(error);
}

// --- a page's ---

bool ram_way_done(struct ram_home *home, struct ram_change *change, const struct page *page, struct error *error) {
    bool ok = ram_rows_done(change, &home->intents, page->intents_done, page->intent_done_count, error) &&
              ram_rows_done(change, &home->helds, page->helds_done, page->held_done_count, error);
    for (size_t i = 0; ok && i < page->stale_done_count; i++) {
        ok = stale_done(home, change, &page->stales_done[i], page->seen_seq, error);
    }
    return ok;
}

bool ram_way_put(struct ram_home *home, struct ram_change *change, const struct page *page, struct error *error) {
    bool ok = true;
    for (size_t i = 0; ok && i < page->intent_count; i++) {
        ok = intent_put(home, change, &page->intents[i], error);
    }
    for (size_t i = 0; ok && i < page->watermark_count; i++) {
        ok = watermark_put(home, change, &page->watermarks[i], error);
    }
    for (size_t i = 0; ok && i < page->held_count; i++) {
        ok = held_put(home, change, &page->helds[i], error);
    }
    for (size_t i = 0; ok && i < page->stale_count; i++) {
        ok = stale_put(home, change, &page->stales[i], error);
    }
    return ok;
}

// --- the mark ---

bool ram_mark_move(struct ram_home *home, struct ram_change *change, const struct page *page, struct error *error) {
    int64_t mark = ram_number(home, text_of(mark_name), RAM_NEWEST);
    int64_t next = page->reconciled && mark < home->mark ? home->mark : mark;
    if (page->intent_count > 0 && next >= home->mark) { // a restored home must not catch up by itself
        next++;
    }
    return next == mark || ram_number_put(home, change, text_of(mark_name), next, error);
}

void ram_mark_tell(struct ram_home *home) {
    int64_t mark = ram_number(home, text_of(mark_name), RAM_NEWEST);
    home->mark = mark > home->mark ? mark : home->mark;
}

bool ram_restored(struct store *store, bool *out, struct error *error) {
    (void)error; // looking needs no memory
    int64_t at;
    struct ram_home *home = ram_read(store, &at);
    *out = ram_number(home, text_of(mark_name), RAM_NEWEST) < home->mark;
    ram_leave(home);
    return true;
}

// --- who refers to a record ---

bool ram_referrers(struct store *store, const struct datatype *datatype, uint32_t field, int64_t target, int64_t after,
                   int64_t *ids, size_t max, size_t *count, struct error *error) {
    assert(field < datatype->count && datatype->fields[field].type == FIELD_REF);
    struct ram_found found = {0};
    int64_t at;
    *count = 0;
    struct ram_home *home = ram_read(store, &at);
    const struct ram_records *records = ram_records_of(home, datatype->name);
    bool ok = (records != NULL || error_memory(error)) &&
              ram_found_add(&found, &records->rows, at, NULL, TEXT_LITERAL(""), error);
    ram_found_sort(&found);
    for (size_t i = 0; ok && i < found.count && *count < max; i++) {
        const struct ram_row *row = found.versions[i]->row;
        const struct value *value = object_find(&row->fields, datatype->fields[field].name);
        if (row->id > after && value != NULL && value->kind == VALUE_INTEGER && value->as.integer == target) {
            ids[(*count)++] = row->id;
        }
    }
    ram_leave(home);
    ram_found_clear(&found);
    return ok;
}

// --- scans of rows without a number ---

static bool fits_key(const void *row, struct text filter) {
    return filter.length == 0 || text_same(((const struct watermark_row *)row)->key, filter);
}

static int watermark_order(const void *left, const void *right) {
    const struct watermark_row *a = (*(const struct ram_version *const *)left)->row;
    const struct watermark_row *b = (*(const struct ram_version *const *)right)->row;
    int order = text_compare(a->key, b->key);
    order = order != 0 ? order : text_compare(a->type, b->type);
    return order != 0 ? order : text_compare(a->direction, b->direction);
}

static int stale_order(const void *left, const void *right) {
    const struct ram_stale *a = (*(const struct ram_version *const *)left)->row;
    const struct ram_stale *b = (*(const struct ram_version *const *)right)->row;
    int order = text_compare(a->row.datatype, b->row.datatype);
    return order != 0 ? order : (a->row.home > b->row.home) - (a->row.home < b->row.home);
}

bool ram_watermark_scan(struct store *store, const struct scan *scan,
                        bool (*row)(void *context, const struct watermark_row *row, struct error *error), void *context,
                        struct error *error) {
    error_clear(error);
    struct ram_found found = {0};
    int64_t at;
    struct ram_home *home = ram_read(store, &at);
    bool ok = ram_found_add(&found, &home->watermarks, at, fits_key, scan->filter, error);
    ram_leave(home);
    ram_found_order(&found, watermark_order);
    for (size_t i = 0; ok && i < found.count && (scan->limit == 0 || (int64_t)i < scan->limit); i++) {
        ok = row(context, found.versions[i]->row, error);
    }
    ram_found_clear(&found);
    return scan_ended(ok, error);
}

bool ram_stale_scan(struct store *store, const struct scan *scan,
                    bool (*row)(void *context, const struct stale_row *row, struct error *error), void *context,
                    struct error *error) {
    error_clear(error);
    struct ram_found found = {0};
    int64_t at;
    struct ram_home *home = ram_read(store, &at);
    bool ok = ram_found_add(&found, &home->stales, at, NULL, scan->filter, error);
    ram_leave(home);
    ram_found_order(&found, stale_order);
    for (size_t i = 0; ok && i < found.count && (scan->limit == 0 || (int64_t)i < scan->limit); i++) {
        ok = row(context, &((const struct ram_stale *)found.versions[i]->row)->row, error);
    }
    ram_found_clear(&found);
    return scan_ended(ok, error);
}
