// A preview: the first records of each type, before and after, with nothing written and no home needed.

#include "engine/run_work.h"
#include "engine/transform.h"

enum { PREVIEW_BYTES_MAX = 256 * 1024 * 1024 };

struct preview {
    const struct run_request *request;
    const struct sync *sync;
    struct session *session;
    const struct sync_type *type;
    struct transformer transformer;
    struct arena arena;
    bool (*show)(void *context, const struct preview_row *row, struct error *error);
    void *context;
};

static bool show_record(struct preview *preview, const struct record *record, struct error *error) {
    struct preview_row row = {.type = preview->type->name, .record = record};
    struct formed formed = {0};
    error_clear(&row.error);
    struct text external;
    if (record->gone) {
        row.skip = TEXT_LITERAL("deleted at the datasource");
        return preview->show(preview->context, &row, error);
    }
    bool ok = record_key(&record->fields, preview->type->key, preview->type->key_count, &preview->arena, &external,
                         &row.error) &&
              transformer_form(&preview->transformer, &record->fields, &preview->arena, &formed, &row.error);
    if (!ok && row.error.scope != ERROR_RECORD) {
        *error = row.error;
        return false;
    }
    if (!ok || formed.skipped || formed.count == 0) {
        row.skip = formed.skipped ? formed.reason : (struct text){"", 0};
        return preview->show(preview->context, &row, error);
    }
    for (size_t i = 0; i < formed.count; i++) {
        row.datatype = formed.forms[i].datatype;
        row.fields = formed.forms[i].fields;
        if (!preview->show(preview->context, &row, error)) {
            return false;
        }
    }
    return true;
}

static bool show_batch(struct preview *preview, const struct batch *batch, size_t *left, struct error *error) {
    transformer_page(&preview->transformer);
    for (size_t i = 0; i<batch->count && * left> 0; i++, (*left)--) {
        if (!show_record(preview, &batch->records[i], error)) {
            return false;
        }
    }
    for (size_t i = 0; i<batch->reject_count && * left> 0; i++, (*left)--) {
        struct preview_row row = {.type = preview->type->name, .reject = &batch->rejects[i]};
        error_set(&row.error, batch->rejects[i].code, "%.*s", TEXT_ARGS(batch->rejects[i].reason));
        if (!preview->show(preview->context, &row, error)) {
            return false;
        }
    }
    return true;
}

static bool preview_type(struct preview *preview, size_t rows, struct error *error) {
    const struct sync *sync = preview->sync;
    struct source_setup setup = {
        .settings = sync->source_settings,
        .type = preview->type->settings,
        .types = sync->source_types,
        .type_name = preview->type->name,
        .session = preview->session,
        .since = {"", 0},
        .key = preview->type->key,
        .key_count = preview->type->key_count,
        .folder = sync->folder,
        .position = {"", 0},
        .page_records = rows,
        .clock = preview->request->clock,
        .log = preview->request->log,
    };
    struct source *source;
    if (!source_open(sync->source, &setup, &source, error)) {
        return false;
    }
    struct batch batch;
    batch_init(&batch, PREVIEW_BYTES_MAX);
    size_t left = rows;
    bool ok = true;
    bool last = false;
    while (ok && left > 0 && !last) {
        arena_reset(&preview->arena);
        mapper_release(sync->mapper);
        ok = batch_reset(&batch, rows, error) && source_read(source, &batch, error);
        last = ok && batch.last;
        ok = ok && show_batch(preview, &batch, &left, error);
    }
    mapper_release(sync->mapper);
    batch_clear(&batch);
    source_close(source);
    return ok;
}

static bool open_session(struct preview *preview, struct error *error) {
    const struct run_request *request = preview->request;
    const struct sync *sync = preview->sync;
    struct session_setup setup = run_session_setup(request, request->log);
    return sync->source->session_open == NULL || source_session_open(sync->source, &setup, &preview->session, error);
}

bool run_preview(const struct run_request *request, size_t rows,
                 bool (*show)(void *context, const struct preview_row *row, struct error *error), void *context,
                 struct error *error) {
    const struct sync *sync = request->sync;
    struct preview preview = {.request = request, .sync = sync, .show = show, .context = context};
    if (sync->direction == SYNC_PUSH) {
        return true; // nothing comes in
    }
    bool ok = open_session(&preview, error);
    arena_init(&preview.arena, PREVIEW_BYTES_MAX);
    for (size_t i = 0; i < sync->type_count && ok; i++) {
        preview.type = &sync->types[i];
        ok = transformer_init(&preview.transformer, sync, preview.type, error) && preview_type(&preview, rows, error);
        transformer_clear(&preview.transformer);
    }
    arena_clear(&preview.arena);
    source_session_close(preview.session);
    return ok;
}
