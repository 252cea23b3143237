#include "contract/source_contract.h"

#include <inttypes.h>

#include "base/buffer.h"
#include "format/format_json.h"
#include "test.h"

enum { BATCH_CEILING = 64 * 1024 * 1024, STORY_CEILING = 256 * 1024 * 1024, PAGES_MAX = 2000 };

// What a pass gave: a line of text for each record and reject.
struct story {
    struct buffer records;
    struct buffer rejects;
    size_t record_count;
    size_t reject_count;
};

// Where a page ended: its position, and how long the story was then.
struct stop {
    char position[256];
    size_t records;
    size_t rejects;
};

struct source_setup source_contract_setup(void) {
    return (struct source_setup){
        .type_name = TEXT_LITERAL("reading"),
        .folder = TEXT_LITERAL(""),
        .position = TEXT_LITERAL(""),
        .seed = 42,
        .page_records = 1000,
        .clock = &clock_system,
        .log = &log_none,
    };
}

static void story_init(struct story *story) {
    *story = (struct story){0};
    buffer_init(&story->records, STORY_CEILING);
    buffer_init(&story->rejects, STORY_CEILING);
}

static void story_clear(struct story *story) {
    buffer_clear(&story->records);
    buffer_clear(&story->rejects);
}

static void story_take(struct story *story, const struct batch *batch) {
    char hex[PRINT_HEX + 1];
    for (size_t i = 0; i < batch->count; i++) {
        const struct record *record = &batch->records[i];
        struct value value = value_object(&record->fields);
        print_hex(record->print, hex);
        buffer_print(&story->records, "%.*s:%" PRIu64 " %s ", TEXT_ARGS(batch->place), record->line, hex);
        json_write(&story->records, &value);
        buffer_byte(&story->records, '\n');
    }
    for (size_t i = 0; i < batch->reject_count; i++) {
        const struct reject *reject = &batch->rejects[i];
        CHECK(reject->code != ERROR_NONE);
        CHECK(reject->reason.length > 0);
        CHECK(reject->raw.length <= REJECT_RAW_MAX);
        print_hex(reject->print, hex);
        buffer_print(&story->rejects, "%.*s:%" PRIu64 " %s W%d %.*s|%.*s|", TEXT_ARGS(batch->place), reject->line, hex,
                     (int)reject->code, TEXT_ARGS(reject->column), TEXT_ARGS(reject->reason));
        buffer_text(&story->rejects, reject->raw);
        buffer_byte(&story->rejects, '\n');
    }
    story->record_count += batch->count;
    story->reject_count += batch->reject_count;
    CHECK(!story->records.failed && !story->rejects.failed);
}

// Reads from setup->position on, at most `pages` pages, and returns how many there were.
static size_t pass(const struct source_type *type, const struct source_setup *setup, size_t pages, struct story *story,
                   struct stop *stops) {
    struct error error;
    struct source *source;
    CHECK_OK(source_open(type, setup, &source, &error), &error);
    struct batch batch;
    batch_init(&batch, BATCH_CEILING);
    uint64_t done = 0;
    size_t count = 0;
    bool last = false;
    while (count < pages && !last) {
        CHECK_OK(batch_reset(&batch, setup->page_records, &error), &error);
        CHECK_OK(source_read(source, &batch, &error), &error);
        CHECK(batch.count <= setup->page_records);
        CHECK(batch.reject_count <= setup->page_records);
        CHECK(batch.position.length > 0 && batch.position.length < sizeof stops->position);
        CHECK(batch.place.length > 0);
        CHECK(batch.done_bytes >= done);
        CHECK(batch.total_bytes == 0 || batch.done_bytes <= batch.total_bytes);
        done = batch.done_bytes;
        last = batch.last;
        story_take(story, &batch);
        if (stops != NULL) {
            CHECK(count < PAGES_MAX);
            snprintf(stops[count].position, sizeof stops[count].position, "%.*s", TEXT_ARGS(batch.position));
            stops[count].records = story->records.length;
            stops[count].rejects = story->rejects.length;
        }
        count++;
    }
    CHECK(last || count == pages);
    batch_clear(&batch);
    source_close(source);
    return count;
}

static void check_rest(const struct buffer *rest, const struct buffer *whole, size_t from) {
    CHECK_INT(rest->length, whole->length - from);
    CHECK(rest->length == 0 || memcmp(rest->data, whole->data + from, rest->length) == 0);
}

static void check_resume(const struct source_type *type, struct source_setup setup, const struct story *whole) {
    static struct stop stops[PAGES_MAX];
    struct story paged;
    story_init(&paged);
    size_t pages = pass(type, &setup, SIZE_MAX, &paged, stops);
    check_rest(&paged.records, &whole->records, 0);
    check_rest(&paged.rejects, &whole->rejects, 0);
    for (size_t i = 0; i < pages; i++) {
        struct story rest;
        story_init(&rest);
        setup.position = text_of(stops[i].position);
        setup.page_records = i % 5 + 1;
        pass(type, &setup, SIZE_MAX, &rest, NULL);
        check_rest(&rest.records, &whole->records, stops[i].records);
        check_rest(&rest.rejects, &whole->rejects, stops[i].rejects);
        story_clear(&rest);
    }
    story_clear(&paged);
}

static void check_strange_positions(const struct source_type *type, struct source_setup setup) {
    static const char *const positions[] = {"x",
                                            "v1",
                                            "v1 1 1",
                                            "v9 0 0 1",
                                            "v1 99999999999999999999 0 1 - -",
                                            "v1 -1 -1 -1 0123456789abcdef0123456789abcdef -"};
    for (size_t i = 0; i < sizeof positions / sizeof positions[0]; i++) {
        struct error error;
        struct source *source;
        setup.position = text_of(positions[i]);
        CHECK(!source_open(type, &setup, &source, &error));
        CHECK_INT(error.code, ERROR_SOURCE_CHANGED);
    }
}

void source_contract_run(const struct source_type *type, const struct source_setup *given, size_t records,
                         size_t rejects) {
    struct source_setup setup = *given;
    struct story whole;
    story_init(&whole);
    pass(type, &setup, SIZE_MAX, &whole, NULL);
    CHECK_INT(whole.record_count, records);
    CHECK_INT(whole.reject_count, rejects);

    static const size_t sizes[] = {1, 2, 3, 7};
    for (size_t i = 0; i < sizeof sizes / sizeof sizes[0]; i++) {
        setup.page_records = sizes[i];
        check_resume(type, setup, &whole);
    }
    setup.page_records = 2;
    for (size_t pages = 0; pages < 5; pages++) {
        struct story part;
        story_init(&part);
        pass(type, &setup, pages, &part, NULL);
        story_clear(&part);
    }
    check_strange_positions(type, setup);
    type->close(NULL);
    story_clear(&whole);
}
