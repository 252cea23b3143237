#include "source/source_http.h"

#include "base/memory.h"
#include "format/format_json.h"
#include "source/source_http_option.h"
#include "source/source_http_pass.h"
#include "source/source_http_time.h"
#include "source/target_http.h"

enum {
    OPTIONS_CEILING = 64 * 1024 * 1024,
    RAW_BYTES_MAX = 4 * 1024 * 1024, // of a batch's records: a batch ends when it has so many
    SKIP_STEP = 1000,                // records passed over before their memory is given back
    PLACE_MAX = 4096,
    BATCH_WAIT_US = 1000000, // after so long a batch goes on with what it has
};

#define DAY_US INT64_C(86400000000)

// --- opening ---

static void pass_close(struct source *source) {
    struct http_pass *pass = (struct http_pass *)source;
    if (pass == NULL) {
        return;
    }
    http_queue_clear(&pass->queue); // before the client's other users
    http_walk_clear(&pass->walk);
    http_listing_clear(&pass->listing);
    http_maker_clear(&pass->maker);
    http_answer_clear(&pass->answer);
    http_cursor_clear(&pass->cursor);
    buffer_clear(&pass->place);
    arena_clear(&pass->last_arena);
    arena_clear(&pass->arena);
    memory_free(pass);
}

// The watermark as it is asked with: less the overlap.
static bool since_make(struct http_pass *pass, struct text *out, struct error *error) {
    *out = pass->given_since;
    if (pass->given_since.length == 0 || pass->type.overlap_us == 0) {
        return true;
    }
    struct buffer text;
    buffer_init(&text, HTTP_CURSOR_BYTES_MAX);
    bool ok = http_cursor_back(pass->given_since, pass->type.cursor_format, pass->type.overlap_us, &text, error) &&
              (arena_text(&pass->arena, buffer_view(&text), out) || error_memory(error));
    buffer_clear(&text);
    return ok;
}

// The upper bound: a day from now, so that clocks in front of ours don't hide records.
static bool until_make(struct http_pass *pass, struct text *out, struct error *error) {
    *out = (struct text){"", 0};
    if (!pass->type.asks_until) {
        return true;
    }
    struct buffer text;
    buffer_init(&text, HTTP_CURSOR_BYTES_MAX);
    bool ok = http_time_write(clock_now(pass->clock) + DAY_US, pass->type.cursor_format, pass->given_since, &text) &&
              arena_text(&pass->arena, buffer_view(&text), out);
    buffer_clear(&text);
    return ok || error_memory(error);
}

// What a position belongs to: how and where it is read, not who asks.
static bool identity_make(struct http_pass *pass, const struct source_setup *setup, struct error *error) {
    struct buffer text;
    struct value type = value_object(setup->type);
    struct value page = option_value(setup->settings, "page");
    buffer_init(&text, OPTIONS_CEILING);
    bool ok = buffer_text(&text, pass->session->base) && json_write_canonical(&text, &type, &pass->arena) &&
              json_write_canonical(&text, &page, &pass->arena);
    pass->identity = print_of(buffer_view(&text), setup->seed);
    buffer_clear(&text);
    return ok || error_memory(error);
}

static bool parts_init(struct http_pass *pass, const struct source_setup *setup, struct error *error) {
    struct text since;
    struct text until;
    struct http_mark mark;
    http_cursor_init(&pass->cursor, &pass->type.cursor, pass->type.cursor_format, setup->clock);
    mark = http_cursor_text(&pass->cursor, setup->since);
    // A watermark never goes back, and one from a future that was not believed is not one.
    if (mark.text.length > 0 && !http_cursor_take(&pass->cursor, &mark, error)) {
        return false;
    }
    if (!since_make(pass, &since, error) || !until_make(pass, &until, error) ||
        !http_pager_open(&pass->type, since, pass->session->mapper, setup->clock, &pass->arena, &pass->pager, error)) {
        return false;
    }
    bool by_page = pass->pager.type == &http_pager_keyset || pass->pager.type == &http_pager_window;
    pass->since_filters = setup->since.length > 0 && (pass->type.asks_since || by_page);
    http_listing_init(&pass->listing, &pass->pager, &pass->cursor);
    pass->maker.cursor = &pass->cursor;
    pass->maker.listing = &pass->listing;
    pass->maker.key = setup->key;
    pass->maker.key_count = setup->key_count;
    pass->maker.seed = setup->seed;
    bool lone = pass->type.lookup || pass->type.asks_one;
    return http_maker_init(&pass->maker, &pass->type, error) &&
           http_answer_init(&pass->answer, &pass->type, setup->seed, lone, error) &&
           http_queue_init(&pass->queue, &pass->type, &pass->pager, pass->session, &pass->walk, until, error);
}

static bool pass_open(const struct source_setup *setup, struct source **out, struct error *error) {
    struct http_pass *pass = memory_zero(1, sizeof *pass);
    if (pass == NULL) {
        return error_memory(error);
    }
    pass->source.type = &source_http;
    arena_init(&pass->arena, OPTIONS_CEILING);
    arena_init(&pass->last_arena, OPTIONS_CEILING);
    buffer_init(&pass->place, PLACE_MAX);
    pass->session = (struct http_session *)setup->session;
    pass->clock = setup->clock;
    pass->log = setup->log;
    pass->given_since = setup->since;
    bool ok = http_type_read(setup, &pass->arena, &pass->type, error) && identity_make(pass, setup, error) &&
              parts_init(pass, setup, error) && http_pass_resume(pass, setup, error);
    if (!ok) {
        error_place(error, "type %.*s", TEXT_ARGS(setup->type_name));
        pass_close(&pass->source);
        return false;
    }
    *out = &pass->source;
    return true;
}

// --- reading ---

static bool is_full(const struct http_pass *pass) {
    const struct batch *batch = pass->batch;
    return batch->count == batch->capacity || batch->reject_count == batch->reject_capacity ||
           pass->raw_bytes >= RAW_BYTES_MAX;
}

// The memory of what was passed over is given back now and then.
static bool skip_tidy(struct http_pass *pass, uint64_t passed, struct error *error) {
    struct batch *batch = pass->batch;
    if (passed % SKIP_STEP != 0 || batch->count > 0 || batch->reject_count > 0) {
        return true;
    }
    size_t capacity = batch->capacity;
    pass->shapes = (struct json_shapes){0};
    http_maker_batch(&pass->maker);
    return http_answer_leave(&pass->answer, error) && batch_reset(batch, capacity, error);
}

// Counts an element of the page in hand. `is_given` receives whether it is new, and not passed over. False without an
// error when what is passed over is not what was given.
static bool mile_take(struct http_pass *pass, struct print print, bool is_reject, bool *is_given) {
    struct http_mile *done = &pass->answer.done;
    done->given += !is_reject;
    done->refused += is_reject;
    done->print.low += print.low; // a sum: rows and those that are none come apart, in any order
    done->print.high += print.high;
    *is_given = !pass->skips;
    if (pass->skips && done->given >= pass->skip.given && done->refused >= pass->skip.refused) {
        pass->skips = false;
        return done->given == pass->skip.given && done->refused == pass->skip.refused &&
               print_same(done->print, pass->skip.print);
    }
    return true;
}

static bool element_take(struct http_pass *pass, const struct http_element *element, struct error *error) {
    struct http_fetch *head = http_queue_head(&pass->queue);
    struct batch *batch = pass->batch;
    size_t count = batch->count;
    size_t rejects = batch->reject_count;
    uint64_t left = pass->maker.left;
    uint64_t refused = pass->maker.refused;
    bool is_reject = element->found == HTTP_REJECT;
    bool ok;
    if (is_reject) {
        ok = http_maker_reject(&pass->maker, element->raw, element->line, element->code, element->reason, batch, error);
    } else {
        struct http_given given = {.fields = *element->object, .raw = element->raw, .line = element->line};
        ok = http_maker_take(&pass->maker, &head->about, &given, batch, error);
    }
    if (!ok) {
        return false;
    }
    bool is_given;
    if (!mile_take(pass, pass->maker.print, is_reject, &is_given)) {
        http_pass_reread(pass);
        return true;
    }
    if (!is_given) { // what it has put into the batch was given earlier
        batch->count = count;
        batch->reject_count = rejects;
        pass->maker.left = left;
        pass->maker.refused = refused;
        return skip_tidy(pass, pass->answer.done.given + pass->answer.done.refused, error);
    }
    pass->raw_bytes += element->raw.length;
    return true;
}

// Takes elements until the page ends or the batch is full.
static bool elements_take(struct http_pass *pass, bool *end, struct error *error) {
    *end = false;
    while (pass->is_open) {
        struct http_element element;
        // A second hit of a lookup is only counted: what came of it is taken back.
        bool is_beyond = pass->type.lookup && pass->answer.done.given + pass->answer.done.refused >= 1;
        if (is_full(pass) && !is_beyond) {
            return true;
        }
        if (!http_answer_next(&pass->answer, &pass->batch->arena, &pass->shapes, &element, error)) {
            return false;
        }
        if (element.found == HTTP_END) {
            *end = true;
            return true;
        }
        if (is_beyond) {
            pass->answer.done.given++;
            pass->listing.count++;
        } else if (!element_take(pass, &element, error)) {
            return false;
        }
    }
    return true;
}

// A row that could not be read is in the batch already: it is only counted and remembered.
static bool row_refuse(struct http_pass *pass, struct print print, struct error *error) {
    struct http_mark none = {0};
    bool repeat;
    bool is_given;
    if (!http_listing_take(&pass->listing, (struct http_sight){print, print}, &none, &repeat, error)) {
        return false;
    }
    pass->maker.refused++;
    if (!mile_take(pass, print, true, &is_given)) {
        http_pass_reread(pass);
    }
    return true;
}

static bool row_take(struct http_pass *pass, struct record record, struct error *error) {
    struct http_fetch *head = http_queue_head(&pass->queue);
    struct http_given given = {.fields = record.fields, .line = record.line, .row = &record.print};
    bool is_given;
    if (!http_maker_take(&pass->maker, &head->about, &given, pass->batch, error)) {
        return false;
    }
    if (!mile_take(pass, pass->maker.print, false, &is_given)) {
        http_pass_reread(pass);
    }
    return true;
}

// Rows are read straight into the batch, and settled where they are; those that could be read and those that could not
// in the order in which they stand in the page, by which pages are held against each other.
static bool rows_settle(struct http_pass *pass, size_t rows, size_t bad, struct error *error) {
    struct batch *batch = pass->batch;
    size_t row = 0;
    size_t refused = 0;
    batch->count = 0;
    while ((row < rows || refused < bad) && pass->is_open) {
        bool is_bad = refused < bad && (row == rows || batch->rejects[refused].line < batch->records[row].line);
        bool ok = is_bad ? row_refuse(pass, batch->rejects[refused++].print, error)
                         : row_take(pass, batch->records[row++], error);
        if (!ok) {
            return false;
        }
    }
    return true;
}

static bool rows_take(struct http_pass *pass, bool *end, struct error *error) {
    struct batch *batch = pass->batch;
    size_t capacity = batch->capacity;
    *end = false;
    if (batch->count > 0 || batch->reject_count > 0) {
        return true; // rows begin a batch of their own
    }
    bool was_skipping = pass->skips;
    uint64_t left = pass->skip.given - pass->answer.done.given;
    uint64_t left_bad = pass->skip.refused - pass->answer.done.refused;
    // Rows that have to be refused for want of a cursor need room beside those that can't be read.
    size_t most = pass->type.refuses_missing && capacity > 1 ? capacity / 2 : capacity;
    batch->capacity = was_skipping && left < most ? (size_t)left + (left == 0) : most;
    batch->reject_capacity = was_skipping && left_bad < most ? (size_t)left_bad + (left_bad == 0) : most;
    bool ok = http_answer_rows(&pass->answer, batch, end, error);
    batch->capacity = capacity;
    batch->reject_capacity = capacity;
    if (!ok || !rows_settle(pass, batch->count, batch->reject_count, error)) {
        return false;
    }
    if (!was_skipping || !pass->is_open) {
        return true;
    }
    http_maker_batch(&pass->maker);
    return batch_reset(batch, capacity, error);
}

static bool page_take(struct http_pass *pass, bool *end, struct error *error) {
    if (pass->type.format != HTTP_CSV) {
        return elements_take(pass, end, error);
    }
    bool was_skipping;
    do {
        was_skipping = pass->skips;
        if (!rows_take(pass, end, error)) {
            return false;
        }
    } while (was_skipping && pass->is_open && !*end);
    return true;
}

// Whether a batch has waited long enough for its pages: what came goes on, so that it is committed and seen.
static bool is_late(const struct http_pass *pass, int64_t begun_us) {
    return clock_now(pass->clock) - begun_us > BATCH_WAIT_US;
}

static bool batch_fill(struct http_pass *pass, struct error *error) {
    struct batch *batch = pass->batch;
    int64_t begun_us = clock_now(pass->clock);
    while (!pass->done && !is_full(pass)) {
        bool end = false;
        if (!pass->is_open && !http_pass_page(pass, &end, error)) {
            return false;
        }
        if (!pass->is_open) {
            continue; // the end, or a subject that was refused
        }
        if (!page_take(pass, &end, error)) {
            return false;
        }
        if (!pass->is_open) {
            continue; // it is read anew
        }
        if (!end) {
            return true;
        }
        if (pass->skips) { // it is shorter than what was given of it
            http_pass_reread(pass);
            continue;
        }
        if (!http_pass_turn(pass, error)) {
            return false;
        }
        pass->mark_count = batch->count;
        pass->mark_rejects = batch->reject_count;
        size_t taken = batch->count + batch->reject_count;
        bool enough = taken >= (batch->capacity + 1) / 2 || pass->type.format != HTTP_JSON || is_late(pass, begun_us);
        if (taken > 0 && enough) {
            return true;
        }
    }
    return true;
}

static void batch_begin(struct http_pass *pass, struct batch *batch) {
    pass->batch = batch;
    pass->shapes = (struct json_shapes){0};
    pass->raw_bytes = 0;
    pass->mark_count = 0;
    pass->mark_rejects = 0;
    pass->mark = pass->is_open ? pass->answer.done : (struct http_mile){0};
    http_maker_batch(&pass->maker);
}

// A function sees the last record of a page, which may have come in an earlier batch.
static bool last_keep(struct http_pass *pass, struct error *error) {
    if (!pass->is_open || pass->pager.type != &http_pager_function || pass->maker.last.shape == NULL) {
        return true;
    }
    struct value last = value_object(&pass->maker.last);
    arena_reset(&pass->last_arena);
    if (!value_copy(&pass->last_arena, &last, &last)) {
        return error_memory(error);
    }
    pass->last = *last.as.object;
    return true;
}

static bool pass_read(struct source *source, struct batch *batch, struct error *error) {
    struct http_pass *pass = (struct http_pass *)source;
    if (pass->failed.code != ERROR_NONE) {
        *error = pass->failed;
        error_clear(&pass->failed);
        return false;
    }
    batch_begin(pass, batch);
    if (!batch_fill(pass, error)) {
        error_place(error, "%.*s", TEXT_ARGS(buffer_view(&pass->place)));
        http_pass_undo(pass);
        if (error->code == ERROR_MEMORY || batch->count + batch->reject_count == 0) {
            struct error ignored;
            http_answer_leave(&pass->answer, &ignored);
            return false;
        }
        // What came whole is given first; the failure is told at the next read.
        pass->failed = *error;
        error_clear(error);
    }
    if (!http_answer_leave(&pass->answer, error) || !last_keep(pass, error)) {
        return false;
    }
    http_poll(pass->session->http);
    return http_pass_tell(pass, error);
}

const struct source_type source_http = {
    .kind = "http",
    .options = &source_http_options,
    .type_options = &source_http_type_options,
    .session_open = http_session_open,
    .session_close = http_session_close,
    .target = &target_http,
    .open = pass_open,
    .read = pass_read,
    .close = pass_close,
    .gone = http_type_gone,
};
