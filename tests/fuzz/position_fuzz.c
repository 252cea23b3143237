// Any text as the place where a pass goes on, and as its watermark. Reading a position and writing it gives the same
// position; a text that is none is refused as a source that changed; and one that could be a pass's own, of any kind of
// pager, is gone on with: it ends, errors have their code and message, and nothing is counted past its type's end.

#include "format/format_json.h"
#include "fuzz.h"
#include "http_fake.h"
#include "pass_rig.h"
#include "source/source_csv_position.h"
#include "source/source_http.h"
#include "source/source_http_position.h"

enum { ARENA_MAX = 64 << 20, BATCHES_MAX = 200 };

static bool same_print(struct print a, struct print b) {
    return print_same(a, b);
}

static void check_csv_position(struct text text, struct arena *arena) {
    struct csv_position position;
    struct csv_position again;
    struct text written;
    if (!csv_position_read(text, &position)) {
        return;
    }
    demand(csv_position_write(&position, arena, &written), "there is memory");
    demand(csv_position_read(written, &again), "a position that was written can be read");
    demand(position.index == again.index && position.started == again.started && position.offset == again.offset &&
               position.line == again.line && same_print(position.identity, again.identity) &&
               same_print(position.header, again.header),
           "it is the same position");
}

static bool same_position(const struct http_position *a, const struct http_position *b) {
    bool same = same_print(a->of, b->of) && text_same(a->since, b->since) && text_same(a->cursor, b->cursor) &&
                a->done == b->done && a->partial == b->partial && text_same(a->parents, b->parents) &&
                a->subject == b->subject && same_print(a->who, b->who) && a->begun == b->begun && a->tries == b->tries;
    if (!same || !a->begun) {
        return same;
    }
    same = a->number == b->number && a->until == b->until && a->size == b->size && text_same(a->text, b->text) &&
           a->mile.given == b->mile.given && a->mile.refused == b->mile.refused &&
           same_print(a->mile.print, b->mile.print) && a->pages == b->pages && a->seen == b->seen &&
           a->shifted == b->shifted && a->unordered == b->unordered && text_same(a->newest, b->newest) &&
           a->tail_count == b->tail_count;
    for (size_t i = 0; same && i < a->tail_count; i++) {
        same = same_print(a->tail[i].id, b->tail[i].id) && same_print(a->tail[i].form, b->tail[i].form);
    }
    return same;
}

// Reads the text as a position. Gives it with the print of the type that it shall be gone on with, or as it is.
static struct text http_position(struct text text, struct print of, struct text since, struct arena *arena) {
    struct http_position position;
    struct http_position again;
    struct text written;
    struct error error;
    if (!http_position_read(text, arena, &position)) {
        return text;
    }
    demand(http_position_write(&position, arena, &written, &error), "there is memory");
    demand(http_position_read(written, arena, &again), "a position that was written can be read");
    demand(same_position(&position, &again), "it is the same position");
    position.of = of;
    position.since = since;
    demand(http_position_write(&position, arena, &written, &error), "there is memory");
    return written;
}

static void go_on(struct pass_rig *rig) {
    struct source *source;
    struct batch batch;
    struct error error;
    size_t batches = 0;
    error_clear(&error);
    if (!source_open(&source_http, &rig->setup, &source, &error)) {
        demand_error(&error);
        return;
    }
    batch_init(&batch, ARENA_MAX);
    bool ended = false;
    while (!ended) {
        demand(batches++ < BATCHES_MAX, "a pass ends");
        demand(batch_reset(&batch, 3, &error), "there is memory");
        error_clear(&error);
        ended = !source_read(source, &batch, &error) || batch.last;
        if (error.code != ERROR_NONE) {
            demand_error(&error);
            demand(error.code != ERROR_MEMORY, "small answers need little memory");
        } else {
            struct http_position position;
            demand(http_position_read(batch.position, &rig->arena, &position), "a batch's position is one");
        }
    }
    batch_clear(&batch);
    source_close(source);
}

// The print that positions of this type have: of a pass of its own.
static struct print identity_of(struct pass_rig *rig) {
    struct source *source;
    struct batch batch;
    struct error error;
    struct http_position position = {0};
    demand(source_open(&source_http, &rig->setup, &source, &error), "a pass from the beginning opens");
    batch_init(&batch, ARENA_MAX);
    demand(batch_reset(&batch, 3, &error), "there is memory");
    if (source_read(source, &batch, &error)) {
        demand(http_position_read(batch.position, &rig->arena, &position), "a batch's position is one");
    }
    batch_clear(&batch);
    source_close(source);
    return position.of;
}

// The first byte is the kind; then the watermark, the position and the answers.
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
    static struct print identities[PASS_KINDS];
    struct text rest = {(const char *)data, size};
    unsigned kind = take_byte(&rest) % PASS_KINDS;
    struct text since = take_line(&rest);
    struct text position = take_line(&rest);
    struct pass_rig rig;
    if (identities[kind].low == 0) {
        fake_begin((struct text){"", 0}, FAKE_EMPTY);
        pass_rig_open(&rig, kind);
        identities[kind] = identity_of(&rig);
        pass_rig_close(&rig);
        fake_end();
    }
    fake_begin(rest, FAKE_EMPTY);
    pass_rig_open(&rig, kind);
    check_csv_position(position, &rig.arena);
    if (!text_utf8(since, NULL)) {
        since = (struct text){"", 0}; // a watermark came out of a record: its readers let nothing else through
    }
    rig.setup.since = since;
    rig.setup.position = http_position(position, identities[kind], since, &rig.arena);
    struct http_position read;
    struct source *source;
    struct error error;
    bool is_position = http_position_read(rig.setup.position, &rig.arena, &read);
    if (position.length > 0 && !is_position) {
        error_clear(&error);
        bool opens = source_open(&source_http, &rig.setup, &source, &error);
        demand(!opens, "what is no position is not gone on with");
        demand_error(&error);
    } else {
        go_on(&rig);
    }
    pass_rig_close(&rig);
    fake_end();
    return 0;
}
