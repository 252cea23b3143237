#include "source/source_http_listing.h"

#include "base/memory.h"

enum { PRINTS_CEILING = 64 * 1024 * 1024, SIGHTS_FIRST = 512, BACKS_MAX = 1000 };

void http_listing_init(struct http_listing *listing, const struct http_pager *pager, const struct http_cursor *cursor) {
    *listing = (struct http_listing){
        .watches = pager->type->watches,
        .may_repeat = pager->type->may_repeat,
        .bare = pager->bare,
        .tells_gone = pager->of->gone.names != NULL,
        .overlap = pager->overlap,
        .cursor = cursor,
        .ordered = true,
        .counted = true,
    };
    buffer_init(&listing->newest, HTTP_CURSOR_BYTES_MAX);
    buffer_init(&listing->low, HTTP_CURSOR_BYTES_MAX);
    buffer_init(&listing->high, HTTP_CURSOR_BYTES_MAX);
    arena_init(&listing->arena, PRINTS_CEILING);
    map_init(&listing->index);
    map_init(&listing->prints);
}

void http_listing_clear(struct http_listing *listing) {
    buffer_clear(&listing->newest);
    buffer_clear(&listing->low);
    buffer_clear(&listing->high);
    arena_clear(&listing->arena);
    map_clear(&listing->index);
    map_clear(&listing->prints);
    http_known_clear(&listing->known);
    memory_free(listing->now);
    memory_free(listing->before);
}

static void prints_forget(struct http_listing *listing) {
    map_reset(&listing->prints);
    arena_reset(&listing->arena);
}

static void list_begin(struct http_listing *listing) {
    listing->pages = 0;
    listing->seen = 0;
    listing->backs = 0;
    listing->shifted = false;
    listing->loose = false;
    listing->counted = true;
    listing->ordered = true;
    listing->before_count = 0;
    listing->asked = 0;
    buffer_reset(&listing->newest);
    map_reset(&listing->index);
    prints_forget(listing);
    http_listing_page(listing);
}

void http_listing_again(struct http_listing *listing) {
    http_known_again(&listing->known);
    listing->had = listing->had || listing->seen > 0;
    list_begin(listing);
}

void http_listing_begin(struct http_listing *listing) {
    listing->tries = 0;
    listing->stable = false;
    listing->had = false;
    http_known_clear(&listing->known);
    list_begin(listing);
}

void http_listing_page(struct http_listing *listing) {
    listing->now_count = 0;
    listing->count = 0;
    listing->fresh = 0;
    listing->met = false;
    listing->changed = false;
    listing->aligned = true;
    listing->ascending = true;
    listing->print = (struct print){0, 0};
    buffer_reset(&listing->low);
    buffer_reset(&listing->high);
}

static bool sights_grow(struct http_sight **sights, size_t *room, size_t needed) {
    if (needed <= *room) {
        return true;
    }
    size_t more = *room > 0 ? *room * 2 : SIGHTS_FIRST;
    struct http_sight *grown = memory_grow(*sights, more > needed ? more : needed, sizeof *grown);
    if (grown == NULL) {
        return false;
    }
    *sights = grown;
    *room = more > needed ? more : needed;
    return true;
}

static struct text sight_key(const struct http_sight *sight) {
    return (struct text){(const char *)&sight->id, sizeof sight->id};
}

static bool mark_keep(struct buffer *buffer, int64_t *us, const struct http_mark *mark) {
    buffer_reset(buffer);
    *us = mark->us;
    return buffer_text(buffer, mark->text);
}

// Notes where a cursor stands among those of the page.
static bool mark_take(struct http_listing *listing, const struct http_mark *mark) {
    const struct http_cursor *cursor = listing->cursor;
    struct http_mark low = {.text = buffer_view(&listing->low), .us = listing->low_us};
    struct http_mark high = {.text = buffer_view(&listing->high), .us = listing->high_us};
    if (mark->text.length == 0) {
        return true;
    }
    if (low.text.length == 0 || http_cursor_compare(cursor, mark, &low) < 0) {
        // The first of a page only has a place within it.
        listing->ascending = listing->ascending && low.text.length == 0;
        if (!mark_keep(&listing->low, &listing->low_us, mark)) {
            return false;
        }
    }
    int order = high.text.length == 0 ? 1 : http_cursor_compare(cursor, mark, &high);
    listing->ascending = listing->ascending && order >= 0;
    if (order > 0 && !mark_keep(&listing->high, &listing->high_us, mark)) {
        return false;
    }
    return true;
}

// Whether the record stands where the overlap with the page before wants it.
static bool overlap_fits(const struct http_listing *listing, const struct http_sight *sight, size_t place) {
    size_t asked = (size_t)listing->asked;
    if (listing->before_count == 0 || place >= asked || listing->before_count + place < asked) {
        return true; // it is new, or before those that are known
    }
    return print_same(listing->before[listing->before_count + place - asked].id, sight->id);
}

bool http_listing_take(struct http_listing *listing, struct http_sight sight, const struct http_mark *mark,
                       bool *repeat, struct error *error) {
    *repeat = false;
    listing->count++;
    listing->print = print_join(listing->print, sight.form);
    if (!listing->watches) {
        listing->fresh++;
        return true;
    }
    const uint64_t *place = listing->before_count > 0 ? map_find(&listing->index, sight_key(&sight)) : NULL;
    listing->aligned = listing->aligned && overlap_fits(listing, &sight, listing->now_count);
    listing->met = listing->met || place != NULL;
    listing->fresh += place == NULL;
    *repeat = place != NULL && print_same(listing->before[*place].form, sight.form);
    listing->changed = listing->changed || (place != NULL && !*repeat);
    listing->stable = listing->stable || *repeat;
    if (!sights_grow(&listing->now, &listing->now_room, listing->now_count + 1)) {
        return error_memory(error);
    }
    listing->now[listing->now_count++] = sight;
    // A repeat of the page before says nothing new about the order; what it says of the server is the pager's to judge.
    return (*repeat && !listing->may_repeat) || mark_take(listing, mark) || error_memory(error);
}

static bool print_keep(struct http_listing *listing, struct error *error) {
    char *key = arena_copy(&listing->arena, (const char *)&listing->print, sizeof listing->print);
    if (key == NULL) {
        // So many pages that their prints don't fit: the guard begins anew.
        prints_forget(listing);
        return true;
    }
    return map_put(&listing->prints, (struct text){key, sizeof listing->print}, 1) || error_memory(error);
}

bool http_listing_end(struct http_listing *listing, struct http_page *page, struct error *error) {
    struct text key = {(const char *)&listing->print, sizeof listing->print};
    // An overlap that isn't there at all because the page is too short.
    bool is_short = listing->watches && listing->before_count > 0 && listing->asked > 0 && listing->now_count == 0;
    page->index = listing->pages;
    page->count = listing->count;
    page->fresh = listing->fresh;
    page->seen = listing->seen + listing->fresh;
    page->met = listing->met;
    page->changed = listing->changed;
    page->overlap = listing->asked;
    page->aligned = listing->aligned && !is_short;
    page->ascending = listing->ascending;
    page->low = (struct http_mark){.text = buffer_view(&listing->low), .us = listing->low_us};
    page->high = (struct http_mark){.text = buffer_view(&listing->high), .us = listing->high_us};
    if (listing->may_repeat || listing->count == 0) {
        return true;
    }
    if (map_find(&listing->prints, key) != NULL) {
        return error_set(error, ERROR_PAGE_REPEATS,
                         "page %llu came before, record for record; the server doesn't "
                         "understand what the next page is asked for with",
                         (unsigned long long)listing->pages + 1);
    }
    return print_keep(listing, error);
}

// Whether the page's cursors go on where those before it ended.
static bool order_take(struct http_listing *listing) {
    struct http_mark newest = {.text = buffer_view(&listing->newest), .us = listing->newest_us};
    struct http_mark low = {.text = buffer_view(&listing->low), .us = listing->low_us};
    struct http_mark high = {.text = buffer_view(&listing->high), .us = listing->high_us};
    listing->ordered = listing->ordered && listing->ascending &&
                       (newest.text.length == 0 || http_cursor_compare(listing->cursor, &low, &newest) >= 0);
    return mark_keep(&listing->newest, &listing->newest_us, &high);
}

// What pages that don't overlap show.
static bool bare_take(struct http_listing *listing, const struct http_step *step, struct error *error) {
    listing->total = listing->pages == 0 ? step->total : listing->total;
    listing->counted = listing->counted && step->total >= 0 && step->total == listing->total;
    listing->loose = listing->loose || step->loose;
    for (size_t i = 0; i < listing->now_count; i++) {
        if (!http_known_take(&listing->known, listing->now[i].id, error)) {
            return false;
        }
    }
    return true;
}

bool http_listing_next(struct http_listing *listing, const struct http_step *step, struct error *error) {
    if (listing->bare && !bare_take(listing, step, error)) {
        return false;
    }
    listing->pages++;
    listing->seen += listing->fresh;
    listing->shifted = listing->shifted || step->shifted;
    // Records that say something else at each time they are read would never be read for good: then once is enough.
    listing->is_void = listing->watches && listing->now_count == 0;
    if (step->doubtful && (listing->stable || listing->tries == 0)) {
        listing->shifted = true;
        listing->ordered = false;
    }
    if (step->retaken) {
        prints_forget(listing);
    }
    listing->backs += step->kept;
    if (listing->backs > BACKS_MAX) {
        return error_set(error, ERROR_PAGE_SHIFTED, "the pages move faster than they can be read");
    }
    // A page that is asked for again further in front says nothing about the order yet.
    if (listing->high.length > 0 && !step->kept && !order_take(listing)) {
        return error_memory(error);
    }
    if (!listing->watches || listing->now_count == 0 || step->kept) {
        return true;
    }
    struct http_sight *before = listing->before;
    size_t room = listing->before_room;
    listing->before = listing->now;
    listing->before_count = listing->now_count;
    listing->asked = step->overlap;
    listing->before_room = listing->now_room;
    listing->now = before;
    listing->now_room = room;
    listing->now_count = 0;
    map_reset(&listing->index);
    for (size_t i = 0; i < listing->before_count; i++) {
        if (!map_put(&listing->index, sight_key(&listing->before[i]), i)) {
            return error_memory(error);
        }
    }
    return true;
}

// Whether the list was read again with nothing missing that it had before. One that grows all the time never has just
// the same twice: at the third time it is enough that nothing has gone.
static bool is_settled(const struct http_listing *listing) {
    return http_known_is_same(&listing->known) || (listing->tries > 1 && http_known_holds_all(&listing->known));
}

static bool is_proven(const struct http_listing *listing) {
    bool is_short = listing->total >= 0 && listing->seen < listing->total; // as the first page had it
    bool in_order = listing->tells_gone && listing->ordered && listing->newest.length > 0 && !is_short;
    bool is_calm = !listing->known.blind && !listing->known.repeated;
    return !listing->loose || (is_calm && (listing->counted || in_order)) || is_settled(listing);
}

// Records that move go behind those not yet read as long as all comes in the order of its cursor: stepping back has
// then found what could be missed.
static bool is_found(const struct http_listing *listing, int64_t total) {
    return !listing->shifted ||
           (listing->ordered && listing->newest.length > 0 && (total < 0 || listing->seen >= total));
}

bool http_listing_close(struct http_listing *listing, int64_t total, bool *again, struct error *error) {
    bool recounted = listing->total >= 0 && !listing->counted;
    // Nothing at all, behind pages that moved or in a later reading, tells nothing about what was read before.
    bool emptied = (listing->shifted && listing->is_void) || (listing->had && listing->seen == 0);
    *again = emptied || (listing->bare ? !is_proven(listing) : !is_found(listing, total));
    listing->moved = listing->shifted || (listing->bare && (listing->known.repeated || recounted));
    if (!*again) {
        bool is_short = total >= 0 && listing->seen != total && !listing->moved;
        return !is_short || error_set(error, ERROR_PAGE_TOTAL,
                                      "the pages hold %lld records, and the server says that "
                                      "there are %lld",
                                      (long long)listing->seen, (long long)total);
    }
    return ++listing->tries < HTTP_TRIES_MAX ||
           error_set(error, ERROR_PAGE_SHIFTED, "the pages moved while they were read, at each of %d tries",
                     HTTP_TRIES_MAX);
}
