#include "format/csv_story.h"

#include <inttypes.h>

#include "base/memory.h"
#include "test.h"

struct drip {
    struct stream stream;
    struct text left;
    size_t piece;
};

static bool drip_read(struct stream *stream, char *into, size_t room, size_t *got, struct error *error) {
    (void)error;
    struct drip *drip = (struct drip *)stream;
    size_t most = drip->piece > 0 && drip->piece < room ? drip->piece : room;
    *got = drip->left.length < most ? drip->left.length : most;
    if (*got > 0) {
        memcpy(into, drip->left.data, *got);
    }
    drip->left.data += *got;
    drip->left.length -= *got;
    return true;
}

static void drip_close(struct stream *stream) {
    memory_free(stream);
}

struct stream *csv_drip(struct text bytes, size_t piece) {
    static const struct stream_type type = {drip_read, NULL, drip_close};
    struct drip *drip = memory_take(sizeof *drip);
    CHECK(drip != NULL);
    *drip = (struct drip){{&type}, bytes, piece};
    return &drip->stream;
}

// Records and rejects of a page in the order of their lines.
static void tell(const struct batch *batch, struct buffer *out) {
    size_t record = 0;
    size_t reject = 0;
    while (record < batch->count || reject < batch->reject_count) {
        if (reject == batch->reject_count ||
            (record < batch->count && batch->records[record].line < batch->rejects[reject].line)) {
            const struct record *row = &batch->records[record++];
            buffer_print(out, "%" PRIu64 " ", row->line);
            for (uint32_t i = 0; i < row->fields.shape->count; i++) {
                CHECK_INT(row->fields.values[i].kind, VALUE_TEXT);
                buffer_string(out, i > 0 ? "|" : "");
                buffer_text(out, value_slice(&row->fields.values[i]));
            }
        } else {
            const struct reject *row = &batch->rejects[reject++];
            CHECK(row->reason.length > 0);
            buffer_print(out, "!%" PRIu64 " W%d %.*s|", row->line, (int)row->code, TEXT_ARGS(row->column));
            buffer_text(out, row->raw);
        }
        buffer_byte(out, '\n');
    }
}

bool csv_story(const struct csv_setup *setup, struct text bytes, size_t piece, size_t page, struct buffer *out,
               struct error *error) {
    struct csv_reader *reader;
    CHECK_OK(csv_open(setup, &reader, error), error);
    struct stream *stream = csv_drip(bytes, piece);
    struct batch batch;
    batch_init(&batch, 64 * 1024 * 1024);
    bool ok = csv_start(reader, stream, '\0', error);
    bool end = false;
    buffer_reset(out);
    while (ok && !end) {
        CHECK_OK(batch_reset(&batch, page, error), error);
        ok = csv_read(reader, &batch, &end, error);
        if (ok) {
            tell(&batch, out);
        }
    }
    CHECK(!ok || csv_mark(reader).offset == bytes.length);
    batch_clear(&batch);
    stream_close(stream);
    csv_close(reader);
    return ok;
}

void csv_story_check(const char *file, int line, const struct csv_setup *setup, struct text bytes,
                     const char *expected) {
    static const size_t pieces[] = {0, 1, 3, 64};
    static const size_t pages[] = {100, 1, 2};
    struct buffer story;
    struct error error;
    buffer_init(&story, 64 * 1024 * 1024);
    for (size_t i = 0; i < sizeof pieces / sizeof pieces[0]; i++) {
        for (size_t j = 0; j < sizeof pages / sizeof pages[0]; j++) {
            if (!csv_story(setup, bytes, pieces[i], pages[j], &story, &error)) {
                test_fail(file, line, "W%d %s", (int)error.code, error.message);
            }
            if (!text_is(buffer_view(&story), expected)) {
                test_fail(file, line, "pieces of %zu, pages of %zu:\n%.*s\nnot:\n%s", pieces[i], pages[j],
                          TEXT_ARGS(buffer_view(&story)), expected);
            }
        }
    }
    buffer_clear(&story);
}
