#include <assert.h>

#include "format/format_csv.h"
#include "format/format_csv_reader.h"
#include "format/format_csv_reject.h"

enum { SLAB_BYTES = 48 * 1024 }; // of values, taken at once

// A page while it is filled.
//
//    block: |rows taken|next: the row in hand ...|length: read so far|size|padding|
//
// Its bytes come from the reader's carry while there is any, then fresh from the stream. What the page does not take
// goes back: so a page costs what it takes, however much the look ahead for a forgotten quote has read.
struct page {
    struct csv_reader *reader;
    struct batch *batch;
    char *block;
    size_t size;
    size_t next;
    size_t length;
    size_t fresh;     // how many of the bytes did not come from the carry
    uint64_t dropped; // bytes of an overlong row that went by without staying in the block
    bool full;        // no more rows in this page
    bool failed;      // because the stream failed
    struct value *slab;
    size_t slab_left; // rows for which the slab has room
    struct csv_scan scan;
};

static void page_seat(struct page *page) {
    page->scan = csv_reader_scan(page->reader, page->block, page->length);
    if (page->next < page->length) {
        csv_scan_seat(&page->scan, page->next);
    }
}

// Nothing follows the bytes in the block, which is proven.
static bool page_ended(const struct page *page) {
    return page->reader->ended && page->reader->carry_next == page->reader->carry.length;
}

// Nothing more can be had, because the stream failed.
static bool page_failed(const struct page *page) {
    return page->reader->failed.code != ERROR_NONE && page->reader->carry_next == page->reader->carry.length;
}

// Adds up to `wanted` bytes of the carry, or else that many of the stream (fewer only at its end or failure, or when
// the block is full). A failure is kept for when the rows before it have been given.
static void page_read(struct page *page, size_t wanted) {
    struct csv_reader *reader = page->reader;
    size_t room = page->size - page->length;
    size_t carried = reader->carry.length - reader->carry_next;
    if (carried > 0) {
        size_t most = wanted < room ? wanted : room;
        size_t count = carried < most ? carried : most;
        memcpy(page->block + page->length, reader->carry.data + reader->carry_next, count);
        reader->carry_next += count;
        page->length += count;
    } else {
        size_t step = wanted > CSV_STEP_BYTES ? wanted : CSV_STEP_BYTES;
        size_t target = page->length + (step < room ? step : room);
        while (page->length < target && !reader->ended && reader->failed.code == ERROR_NONE) {
            size_t got = 0;
            if (stream_read(reader->stream, page->block + page->length, target - page->length, &got, &reader->failed)) {
                page->length += got;
                page->fresh += got;
                reader->ended = got == 0;
            }
        }
    }
    memset(page->block + page->length, 0, CSV_SCAN_BYTES);
    page_seat(page);
}

static bool page_open(struct page *page, struct csv_reader *reader, struct batch *batch, struct error *error) {
    *page = (struct page){.reader = reader, .batch = batch, .size = reader->block_bytes};
    reader->block_bytes = CSV_BLOCK_BYTES;
    page->block = arena_take(&batch->arena, page->size + CSV_SCAN_BYTES);
    if (page->block == NULL) {
        return error_memory(error);
    }
    page_read(page, reader->page_bytes);
    return true;
}

// Gives back what the page did not take: bytes of the carry by stepping back in it, fresh ones behind it.
static bool page_return(struct page *page, struct error *error) {
    struct csv_reader *reader = page->reader;
    size_t rest = page->length - page->next;
    size_t fresh = rest < page->fresh ? rest : page->fresh;
    reader->carry_next -= rest - fresh;
    if (reader->carry_next > reader->carry.length / 2) {
        buffer_consume(&reader->carry, reader->carry_next);
        reader->carry_next = 0;
    }
    return buffer_append(&reader->carry, page->block + page->length - fresh, fresh) || error_memory(error);
}

// Learns from the page how much a page takes.
static bool page_close(struct page *page, struct error *error) {
    struct csv_reader *reader = page->reader;
    reader->offset += page->next + page->dropped;
    size_t rows = page->batch->count + page->batch->reject_count;
    if (rows > 0) {
        size_t each = page->next / rows + 1;
        size_t limit = CSV_BLOCK_BYTES / each < page->batch->capacity ? CSV_BLOCK_BYTES / each : page->batch->capacity;
        reader->page_bytes = each * limit + each * limit / 16 + CSV_SCAN_BYTES;
    }
    return page_return(page, error);
}

// Room for one row's values.
static struct value *page_values(struct page *page) {
    if (page->slab_left == 0) {
        size_t bytes = page->reader->shape->count * sizeof *page->slab;
        page->slab_left = bytes < SLAB_BYTES ? SLAB_BYTES / bytes : 1;
        page->slab = arena_take(&page->batch->arena, page->slab_left * bytes);
        page->slab_left = page->slab != NULL ? page->slab_left : 0;
    }
    return page->slab;
}

static struct csv_bytes row_bytes(const struct page *page, uint64_t length) {
    return (struct csv_bytes){page->block + page->next, length};
}

static bool take_record(struct page *page, const struct csv_row *row, struct value *values, struct text raw,
                        struct error *error) {
    struct csv_reader *reader = page->reader;
    for (size_t i = 0; row->doubled && i < row->count; i++) {
        if (values[i].kind == CSV_VALUE_DOUBLED && !csv_reader_halve(reader, &page->batch->arena, &values[i])) {
            return error_memory(error);
        }
    }
    page->batch->records[page->batch->count++] = (struct record){
        .fields = {reader->shape, values},
        .print = print_of(raw, reader->row_seed),
        .line = reader->line,
    };
    page->slab += reader->shape->count;
    page->slab_left--;
    return true;
}

// A row that stands whole in the block: a record, or a reject.
static bool take_row(struct page *page, const struct csv_row *row, struct value *values, struct error *error) {
    struct csv_reader *reader = page->reader;
    struct text raw = {page->block + row->start, row->end - row->start};
    bool ok;
    if (row->count != reader->shape->count) {
        ok = csv_reject_ragged(reader, page->batch, row, row_bytes(page, raw.length), error);
    } else if (page->scan.high && !text_utf8(raw, NULL)) {
        ok = csv_reject_encoding(reader, page->batch, row, values, row_bytes(page, raw.length), error);
    } else {
        ok = take_record(page, row, values, raw, error);
    }
    page->next = row->next;
    reader->line += row->lines;
    return ok;
}

// Rejects the row at page->next up to its first line end; `next` is behind that.
static bool reject_line(struct page *page, const struct csv_row *row, size_t next, struct error *error) {
    size_t end = next;
    while (end > page->next && (page->block[end - 1] == '\n' || page->block[end - 1] == '\r')) {
        end--;
    }
    struct csv_bytes bytes = row_bytes(page, page->dropped + end - page->next);
    bool ok = csv_reject_fault(page->reader, page->batch, row, bytes, error);
    page->next = next;
    page->reader->line++;
    return ok;
}

// Lets an overlong row go by until its line ends, in the block behind the part that its reject keeps. The row is at
// the block's start.
static bool skip_row(struct page *page, const struct csv_row *row, struct error *error) {
    const size_t kept = REJECT_RAW_MAX;
    assert(page->next == 0 && page->length > kept);
    size_t next = 0;
    page_seat(page);
    bool found = csv_row_line(&page->scan, page_ended(page), 0, &next);
    while (!found && !page_failed(page)) {
        // A CR at the very end stays: whether an LF follows decides where the next line begins.
        size_t last = page->block[page->length - 1] == '\r' ? 1 : 0;
        page->dropped += page->length - last - kept;
        page->block[kept] = '\r';
        page->length = kept + last;
        page_read(page, page->size);
        if (page->length > kept) {
            found = csv_row_line(&page->scan, page_ended(page), kept, &next);
        } else {
            found = page_ended(page);
            next = kept;
        }
    }
    page->full = true;
    page->failed = !found;
    return !found || reject_line(page, row, next, error);
}

// The row at page->next does not end in the block. Reads more; or leaves it to the next page, which begins with it
// and has a larger block if need be; or, when it is over the limit, lets it go by.
static bool more_of_row(struct page *page, struct csv_row *row, struct error *error) {
    struct csv_reader *reader = page->reader;
    page->failed = page_failed(page);
    if (!page->failed && page->length < page->size) {
        size_t part = page->length - page->next;
        page_read(page, part > CSV_STEP_BYTES ? part : CSV_STEP_BYTES);
        return true;
    }
    if (!page->failed && page->next == 0) {
        if (page->size >= CSV_ROW_MAX) {
            return skip_row(page, row, error);
        }
        reader->block_bytes = page->size * 2;
    }
    page->full = true;
    return true;
}

// A row that cannot be read: rejected up to its first line end.
static bool take_fault(struct page *page, struct csv_row *row, struct error *error) {
    size_t next = 0;
    if (!csv_row_line(&page->scan, page_ended(page), page->next, &next)) {
        return more_of_row(page, row, error);
    }
    bool ok = reject_line(page, row, next, error);
    page_seat(page);
    return ok;
}

static bool take_next(struct page *page, struct error *error) {
    struct csv_reader *reader = page->reader;
    struct value *values = page_values(page);
    if (values == NULL) {
        return error_memory(error);
    }
    struct csv_row row = {.start = page->next};
    switch (csv_row_split(&page->scan, page_ended(page), values, reader->shape->count, &row)) {
    case CSV_FOUND_ROW:
        return take_row(page, &row, values, error);
    case CSV_FOUND_BLANK:
        page->next = row.next;
        reader->line += row.lines;
        return true;
    case CSV_FOUND_PART:
        row.fault = CSV_FAULT_ROW;
        return more_of_row(page, &row, error);
    case CSV_FOUND_FAULT:
        return take_fault(page, &row, error);
    }
    return true;
}

bool csv_read(struct csv_reader *reader, struct batch *batch, bool *end, struct error *error) {
    assert(batch->count == 0 && batch->reject_count == 0);
    struct page page;
    if (!page_open(&page, reader, batch, error)) {
        return false;
    }
    while (!page.full && batch->count < batch->capacity && batch->reject_count < batch->reject_capacity) {
        if (page.next < page.length) {
            if (!take_next(&page, error)) {
                return false;
            }
        } else if (page_ended(&page) || page_failed(&page) || page.length == page.size) {
            page.full = true;
            page.failed = page_failed(&page);
        } else {
            page_read(&page, CSV_STEP_BYTES);
        }
    }
    if (page.failed && batch->count == 0 && batch->reject_count == 0) {
        *error = reader->failed;
        return false;
    }
    if (!page_close(&page, error)) {
        return false;
    }
    *end = reader->ended && reader->carry_next == reader->carry.length;
    return true;
}
