#include "http_rig.h"

#include <inttypes.h>

#include "format/format_json.h"
#include "source/source_http.h"
#include "test.h"

enum { ARENA_MAX = 64 << 20, BATCH_MAX = 128 << 20 };

static int64_t rig_now(void *context) {
    return ((struct http_rig *)context)->now_us;
}

static void rig_wait(void *context, int64_t span_us) {
    ((struct http_rig *)context)->now_us += span_us;
}

static void rig_line(void *context, enum log_level level, struct text text) {
    struct http_rig *rig = context;
    buffer_print(&rig->log, "%s: %.*s\n", log_level_name(level), TEXT_ARGS(text));
}

static const struct object *read_object(struct http_rig *rig, const char *json) {
    struct error error;
    struct value value;
    struct text text;
    CHECK(arena_text(&rig->arena, text_of(json), &text));
    CHECK_OK(json_read(text, &rig->arena, NULL, &value, &error), &error);
    CHECK(value.kind == VALUE_OBJECT);
    return value.as.object;
}

// The settings with the stub's base in front.
static const struct object *read_settings(struct http_rig *rig, const char *settings) {
    const char *json = arena_print(&rig->arena, "{\"base\":\"%s/api\"%s%s", http_stub_base(rig->stub),
                                   settings[1] == '}' ? "" : ",", settings + 1);
    CHECK(json != NULL);
    return read_object(rig, json);
}

static struct log *rig_log(struct http_rig *rig) {
    struct log *log = arena_take(&rig->arena, sizeof *log);
    CHECK(log != NULL);
    *log = (struct log){rig_line, rig};
    return log;
}

bool rig_session(struct http_rig *rig, struct mapper *mapper) {
    static const struct text allowed[] = {{"127.0.0.1", 9}};
    source_session_close(rig->session);
    rig->session = NULL;
    struct session_setup setup = {
        .settings = rig->setup.settings,
        .name = TEXT_LITERAL("rig"),
        .folder = TEXT_LITERAL(""),
        .allowed = allowed,
        .allowed_count = 1,
        .mapper = mapper,
        .clock = &rig->clock,
        .log = rig->setup.log,
    };
    bool ok = source_session_open(&source_http, &setup, &rig->session, &rig->error);
    rig->setup.session = rig->session;
    return ok;
}

void rig_open(struct http_rig *rig, stub_answer answer, void *context, const char *settings, const char *types) {
    static const struct text id[] = {{"id", 2}};
    static const struct path key[] = {{id, 1}};
    *rig = (struct http_rig){.label = TEXT_LITERAL("id")};
    rig->stub = http_stub_open(answer, context);
    arena_init(&rig->arena, ARENA_MAX);
    buffer_init(&rig->story, ARENA_MAX);
    buffer_init(&rig->log, ARENA_MAX);
    rig->now_us = INT64_C(1700000000000000); // 2023-11-14T22:13:20Z
    rig->clock = (struct clock){rig_now, rig_wait, rig};
    rig->types = read_object(rig, types);
    const struct value *type = object_find(rig->types, TEXT_LITERAL("reading"));
    CHECK(type != NULL && type->kind == VALUE_OBJECT);
    rig->setup = (struct source_setup){
        .settings = read_settings(rig, settings),
        .type = type->as.object,
        .types = rig->types,
        .type_name = TEXT_LITERAL("reading"),
        .since = TEXT_LITERAL(""),
        .key = key,
        .key_count = 1,
        .folder = TEXT_LITERAL(""),
        .position = TEXT_LITERAL(""),
        .seed = 42,
        .page_records = 1000,
        .clock = &rig->clock,
        .log = rig_log(rig),
    };
    rig_mapper(rig, NULL);
}

void rig_mapper(struct http_rig *rig, struct mapper *mapper) {
    CHECK_OK(rig_session(rig, mapper), &rig->error);
}

void rig_close(struct http_rig *rig) {
    source_session_close(rig->session);
    http_stub_close(rig->stub);
    arena_clear(&rig->arena);
    buffer_clear(&rig->story);
    buffer_clear(&rig->log);
}

static void batch_tell(struct http_rig *rig, const struct batch *batch) {
    for (size_t i = 0; i < batch->count; i++) {
        const struct record *record = &batch->records[i];
        const struct value *label = object_find(&record->fields, rig->label);
        buffer_string(&rig->story, record->gone ? "-" : "");
        if (label != NULL && label->kind == VALUE_TEXT) {
            buffer_text(&rig->story, value_slice(label));
        } else if (label != NULL) {
            json_write(&rig->story, label);
        }
        buffer_byte(&rig->story, ' ');
        rig->prints += record->print.low;
    }
    for (size_t i = 0; i < batch->reject_count; i++) {
        CHECK(batch->rejects[i].reason.length > 0);
        buffer_print(&rig->story, "!%d ", (int)batch->rejects[i].code);
    }
    if (batch->last) {
        buffer_print(&rig->story, "last%s", batch->full ? " full" : "");
        if (batch->cursor.length > 0) {
            buffer_print(&rig->story, " cursor=%.*s", TEXT_ARGS(batch->cursor));
        }
    }
    CHECK(batch->place.length > 0 && batch->position.length > 0);
    CHECK(batch->position.length < sizeof rig->position);
    snprintf(rig->position, sizeof rig->position, "%.*s", TEXT_ARGS(batch->position));
    rig->batches++;
}

static struct text rig_read(struct http_rig *rig, size_t batches, unsigned retries) {
    struct source *source;
    struct batch batch;
    bool last = false;
    buffer_reset(&rig->story);
    rig->prints = 0;
    rig->batches = 0;
    error_clear(&rig->error);
    if (!source_open(&source_http, &rig->setup, &source, &rig->error)) {
        buffer_print(&rig->story, "W%d", (int)rig->error.code);
        return buffer_view(&rig->story);
    }
    batch_init(&batch, BATCH_MAX);
    while (!last && rig->batches < batches) {
        CHECK_OK(batch_reset(&batch, rig->setup.page_records, &rig->error), &rig->error);
        if (source_read(source, &batch, &rig->error)) {
            batch_tell(rig, &batch);
            last = batch.last;
            continue;
        }
        buffer_print(&rig->story, "W%d ", (int)rig->error.code);
        CHECK(rig->error.message[0] != '\0');
        if (rig->error.scope != ERROR_BATCH || retries-- == 0) {
            break;
        }
        error_clear(&rig->error);
    }
    batch_clear(&batch);
    source_close(source);
    while (rig->story.length > 0 && rig->story.data[rig->story.length - 1] == ' ') {
        rig->story.length--;
    }
    return buffer_view(&rig->story);
}

struct text rig_pass(struct http_rig *rig, unsigned retries) {
    return rig_read(rig, SIZE_MAX, retries);
}

struct text rig_part(struct http_rig *rig, size_t batches) {
    return rig_read(rig, batches, 0);
}
