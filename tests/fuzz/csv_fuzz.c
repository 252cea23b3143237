// Any bytes as a CSV file. Whatever they are: nothing is touched that should not be, every row is a record or a
// reject of known bytes, and the sizes of pieces and pages change nothing.

#include <stdint.h>
#include <stdlib.h>

#include "format/format_csv.h"
#include "format/format_text.h"

enum { BATCH_CEILING = 64 * 1024 * 1024 };

struct outcome {
    struct print print; // of all records and rejects in turn
    uint64_t count;
    enum error_code code;
    struct csv_mark mark;
};

static void require(bool condition) {
    if (!condition) {
        abort();
    }
}

static void take(struct outcome *outcome, const struct batch *batch) {
    for (size_t i = 0; i < batch->count; i++) {
        const struct record *record = &batch->records[i];
        outcome->print.low += record->print.low + record->line;
        for (uint32_t j = 0; j < record->fields.shape->count; j++) {
            require(record->fields.values[j].kind == VALUE_TEXT);
            struct text text = value_slice(&record->fields.values[j]);
            require(text_utf8(text, NULL));
            outcome->print.high += print_of(text, record->line).high;
        }
    }
    for (size_t i = 0; i < batch->reject_count; i++) {
        const struct reject *reject = &batch->rejects[i];
        require(reject->reason.length > 0 && reject->line > 0);
        outcome->print.low += reject->print.low * 3 + reject->line;
        outcome->print.high += print_of(reject->reason, reject->line).high + print_of(reject->raw, 0).high;
    }
    outcome->count += batch->count + batch->reject_count;
}

static struct outcome read_all(const struct csv_setup *setup, enum encoding encoding, struct text bytes, size_t page) {
    struct outcome outcome = {0};
    struct error error = {0};
    struct csv_reader *reader = NULL;
    struct batch batch;
    bool end = false;
    struct stream *stream = stream_of(bytes);
    require(stream != NULL && decode_open(stream, encoding, &stream, &error));
    require(csv_open(setup, &reader, &error));
    batch_init(&batch, BATCH_CEILING);
    bool ok = csv_start(reader, stream, '\0', &error);
    while (ok && !end) {
        require(batch_reset(&batch, page, &error));
        ok = csv_read(reader, &batch, &end, &error);
        if (ok) {
            take(&outcome, &batch);
        }
    }
    outcome.code = ok ? ERROR_NONE : error.code;
    outcome.mark = csv_mark(reader);
    batch_clear(&batch);
    csv_close(reader);
    stream_close(stream);
    return outcome;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

// The first byte picks the options, the rest is the file.
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
    static const struct text names[] = {{"a", 1}, {"b", 1}, {"c", 1}};
    if (size == 0) {
        return 0;
    }
    struct csv_setup setup = {
        .delimiter = (data[0] & 1) != 0 ? '\t' : ',',
        .quote = (data[0] & 2) != 0 ? '\0' : '"',
        .header = (data[0] & 4) == 0,
        .columns = names,
        .column_count = (data[0] & 4) != 0 ? 3 : 0,
        .seed = 7,
    };
    enum encoding encoding = (enum encoding)((data[0] >> 3) % (ENCODING_WINDOWS1252 + 1));
    struct text bytes = {(const char *)data + 1, size - 1};
    struct outcome whole = read_all(&setup, encoding, bytes, 1000);
    struct outcome paged = read_all(&setup, encoding, bytes, 3);
    require(print_same(whole.print, paged.print) && whole.count == paged.count && whole.code == paged.code);
    require(whole.code != ERROR_NONE || whole.mark.offset == paged.mark.offset);
    require(whole.code != ERROR_NONE || whole.mark.line == paged.mark.line);
    return 0;
}
