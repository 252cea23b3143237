#include "engine/since.h"

#include <stdio.h>

#include "base/civil.h"

static const struct text direction_pull = {"pull", 4};
static const struct text direction_full = {"full", 4};

static bool watermark(struct store *store, struct text key, const struct sync_type *type, struct text direction,
                      struct arena *arena, struct text *out, struct error *error) {
    return store->type->watermark_find(store, key, type->name, direction, arena, out, error);
}

// --- where to begin ---

// The two parts of a "full" watermark. False when it is none.
static bool full_read(struct text text, int64_t *at_us, struct text *print) {
    size_t length = 0;
    while (length < text.length && text.data[length] != ' ') {
        length++;
    }
    if (length == text.length) {
        return false;
    }
    *print = (struct text){text.data + length + 1, text.length - length - 1};
    return civil_parse((struct text){text.data, length}, TEXT_LITERAL("iso"), zone_utc(), at_us);
}

struct approved {
    const struct since_ask *ask;
    bool found;
};

static bool is_approved(void *context, const struct held_row *row, struct error *error) {
    struct approved *approved = context;
    const struct since_ask *ask = approved->ask;
    (void)error;
    approved->found = row->approved && text_is(row->direction, "pull") &&
                      text_same(row->datasource, ask->request->sync->datasource) &&
                      text_same(row->datatype, ask->type->datatype->name);
    return !approved->found;
}

static bool any_approved(const struct since_ask *ask, bool *found, struct error *error) {
    struct store *store = ask->request->store;
    struct approved approved = {ask, false};
    struct scan scan = {.filter = ask->key};
    bool ok = store->type->held_scan(store, &scan, is_approved, &approved, error);
    *found = approved.found;
    return ok;
}

// Why everything is read though there is a watermark; NULL: it isn't.
static bool why_whole(const struct since_ask *ask, struct arena *arena, const char **why, struct error *error) {
    const struct sync *sync = ask->request->sync;
    struct value span = option_value(ask->type->settings, "full");
    struct text full;
    struct text print;
    char hex[PRINT_HEX + 1];
    int64_t at_us;
    bool approved = false;
    *why = NULL;
    if (!watermark(ask->request->store, ask->key, ask->type, direction_full, arena, &full, error) ||
        !any_approved(ask, &approved, error)) {
        return false;
    }
    print_hex(sync->print, hex);
    bool known = full_read(full, &at_us, &print);
    int64_t now_us = clock_now(ask->request->clock);
    if (ask->request->force) {
        *why = "as asked";
    } else if (ask->restored) {
        *why = "home came back from a backup";
    } else if (full.length == 0) {
        *why = "what a push found there is to be weighed";
    } else if (!known || !text_is(print, hex)) {
        *why = "the script has changed";
    } else if (approved) {
        *why = "deletes were approved";
    } else if (span.kind == VALUE_INTEGER && (at_us > now_us || now_us - at_us >= span.as.integer)) {
        *why = "it is time again";
    }
    return true;
}

bool since_weighs(struct store *store, struct text key, const struct sync_type *type, struct arena *arena, bool *weighs,
                  struct error *error) {
    struct text pull;
    struct text full;
    bool ok = watermark(store, key, type, direction_pull, arena, &pull, error) &&
              watermark(store, key, type, direction_full, arena, &full, error);
    *weighs = ok && pull.length > 0 && full.length == 0;
    return ok;
}

bool since_find(const struct since_ask *ask, struct arena *arena, struct text *out, bool *again, struct error *error) {
    const char *why;
    *again = false;
    if (!watermark(ask->request->store, ask->key, ask->type, direction_pull, arena, out, error)) {
        return false;
    }
    if (out->length == 0) {
        return true;
    }
    if (!why_whole(ask, arena, &why, error)) {
        return false;
    }
    if (why != NULL) {
        log_line(ask->log, LOG_INFO, "%.*s: everything is read: %s", TEXT_ARGS(ask->type->name), why);
        *out = (struct text){"", 0};
        *again = true;
    }
    return true;
}

// --- what is left for the next pass ---

// Where both are times, the later: a pass that read no more than the overlap doesn't move the watermark back.
static struct text later(const struct sync_type *type, struct text old, struct text cursor) {
    int64_t old_us, cursor_us;
    bool times = type->cursor_format.length > 0 && civil_parse(old, type->cursor_format, zone_utc(), &old_us) &&
                 civil_parse(cursor, type->cursor_format, zone_utc(), &cursor_us);
    return times && cursor_us < old_us ? old : cursor;
}

static bool put(struct flow *flow, struct text direction, struct text text, struct error *error) {
    struct slot *slot = flow_slot(flow);
    struct text old;
    if (!watermark(flow->store, flow->key, flow->type, direction, &slot->arena, &old, error)) {
        return false;
    }
    if (text_same(old, text)) {
        return true;
    }
    struct watermark_row *row = slot_watermark(slot);
    if (row == NULL) {
        return error_memory(error);
    }
    *row = (struct watermark_row){flow->key, flow->type->name, direction, text};
    return true;
}

// Not behind the watermark that stands.
static bool ahead(struct flow *flow, struct text cursor, struct text *next, struct error *error) {
    struct text old;
    if (!watermark(flow->store, flow->key, flow->type, direction_pull, &flow_slot(flow)->arena, &old, error)) {
        return false;
    }
    *next = old.length > 0 ? later(flow->type, old, cursor) : cursor;
    return true;
}

bool since_move(struct flow *flow, struct text since, struct text cursor, int64_t now_us, struct error *error) {
    if (cursor.length > 0) {
        struct text next = cursor;
        if (since.length > 0 && !ahead(flow, cursor, &next, error)) {
            return false;
        }
        if (!put(flow, direction_pull, next, error)) {
            return false;
        }
    }
    if (since.length > 0 || cursor.length == 0) {
        return true; // no whole pass, or one whose type has no watermark: the next is whole anyway
    }
    char iso[CIVIL_ISO_MAX];
    char hex[PRINT_HEX + 1];
    civil_iso(now_us, iso);
    print_hex(flow->sync->print, hex);
    char *text = arena_print(&flow_slot(flow)->arena, "%s %s", iso, hex);
    return text != NULL ? put(flow, direction_full, text_of(text), error) : error_memory(error);
}
