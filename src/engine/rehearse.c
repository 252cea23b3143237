#include "engine/rehearse.h"

#include "engine/retry.h"
#include "engine/run_work.h"
#include "engine/transform.h"

enum { REHEARSE_BYTES_MAX = 256 * 1024 * 1024 };

struct rehearsing {
    const struct rehearsal *asked;
    const struct sync *sync;
    struct session *session;
    const struct sync_type *type;
    struct transformer transformer;
    struct arena arena; // of one record
    bool ended;
};

static bool show(struct rehearsing *rehearsing, const struct preview_row *row, struct error *error) {
    return rehearsing->asked->show(rehearsing->asked->context, row, error);
}

static bool show_record(struct rehearsing *rehearsing, const struct record *record, struct error *error) {
    const struct sync_type *type = rehearsing->type;
    struct preview_row row = {.type = type->name, .record = record};
    struct formed formed = {0};
    struct text external;
    error_clear(&row.error);
    arena_reset(&rehearsing->arena);
    bool ok = record_key(&record->fields, type->key, type->key_count, &rehearsing->arena, &external, &row.error) &&
              (record->gone ||
               transformer_form(&rehearsing->transformer, &record->fields, &rehearsing->arena, &formed, &row.error));
    if (!ok && row.error.scope != ERROR_RECORD) {
        *error = row.error;
        return false;
    }
    if (ok && record->gone) {
        row.skip = TEXT_LITERAL("deleted at the datasource");
    } else if (formed.skipped) {
        row.skip = formed.reason;
    }
    if (!ok || record->gone || formed.skipped || formed.count == 0) {
        return show(rehearsing, &row, error);
    }
    for (size_t i = 0; i < formed.count; i++) {
        row.datatype = formed.forms[i].datatype;
        row.fields = formed.forms[i].fields;
        if (!show(rehearsing, &row, error)) {
            return false;
        }
    }
    return true;
}

static bool show_batch(struct rehearsing *rehearsing, const struct batch *batch, size_t *left, struct error *error) {
    transformer_page(&rehearsing->transformer);
    for (size_t i = 0; i<batch->count && * left> 0; i++, (*left)--) {
        if (!show_record(rehearsing, &batch->records[i], error)) {
            return false;
        }
    }
    for (size_t i = 0; i<batch->reject_count && * left> 0; i++, (*left)--) {
        struct preview_row row = {.type = rehearsing->type->name, .reject = &batch->rejects[i]};
        error_set(&row.error, batch->rejects[i].code, "%.*s", TEXT_ARGS(batch->rejects[i].reason));
        if (!show(rehearsing, &row, error)) {
            return false;
        }
    }
    return true;
}

static bool open_source(struct rehearsing *rehearsing, struct source **out, struct error *error) {
    const struct run_request *request = rehearsing->asked->request;
    const struct sync *sync = rehearsing->sync;
    struct source_setup setup = {
        .settings = sync->source_settings,
        .type = rehearsing->type->settings,
        .types = sync->source_types,
        .type_name = rehearsing->type->name,
        .session = rehearsing->session,
        .since = {"", 0},
        .key = rehearsing->type->key,
        .key_count = rehearsing->type->key_count,
        .folder = sync->folder,
        .position = {"", 0},
        .page_records = rehearsing->asked->page_records,
        .clock = request->clock,
        .log = request->log,
    };
    struct retry retry = retry_of(request, request->log, 0);
    while (!source_open(sync->source, &setup, out, error)) {
        if (!retry_again(&retry, error)) {
            return false;
        }
    }
    return true;
}

static bool read_page(struct rehearsing *rehearsing, struct source *source, struct batch *batch, struct retry *retry,
                      struct error *error) {
    for (;;) {
        mapper_release(rehearsing->sync->mapper);
        if (!batch_reset(batch, rehearsing->asked->page_records, error)) {
            return false;
        }
        if (source_read(source, batch, error)) {
            retry_reset(retry);
            return true;
        }
        if (!retry_again(retry, error)) {
            return false;
        }
    }
}

static bool rehearse_type(struct rehearsing *rehearsing, struct error *error) {
    const struct rehearsal *asked = rehearsing->asked;
    struct source *source;
    if (!open_source(rehearsing, &source, error)) {
        return false;
    }
    struct retry retry = retry_of(asked->request, asked->request->log, 0);
    struct batch batch;
    batch_init(&batch, REHEARSE_BYTES_MAX);
    size_t left = asked->records;
    bool ok = true;
    bool goes_on = true;
    while (ok && left > 0 && goes_on) {
        ok = read_page(rehearsing, source, &batch, &retry, error) && show_batch(rehearsing, &batch, &left, error) &&
             (asked->page == NULL || asked->page(asked->context, rehearsing->type, &batch, &goes_on, error));
        rehearsing->ended = !goes_on;
        goes_on = goes_on && !batch.last;
    }
    mapper_release(rehearsing->sync->mapper);
    batch_clear(&batch);
    source_close(source);
    return ok;
}

static bool open_session(struct rehearsing *rehearsing, struct error *error) {
    const struct run_request *request = rehearsing->asked->request;
    if (rehearsing->sync->source->session_open == NULL) {
        return true;
    }
    struct session_setup setup = run_session_setup(request, request->log);
    struct retry retry = retry_of(request, request->log, 0);
    while (!source_session_open(rehearsing->sync->source, &setup, &rehearsing->session, error)) {
        rehearsing->session = NULL;
        if (!retry_again(&retry, error)) {
            return false;
        }
    }
    return true;
}

bool rehearse(const struct rehearsal *rehearsal, struct error *error) {
    const struct sync *sync = rehearsal->request->sync;
    struct rehearsing rehearsing = {.asked = rehearsal, .sync = sync};
    if (sync->direction == SYNC_PUSH) {
        return true;
    }
    bool ok = open_session(&rehearsing, error);
    arena_init(&rehearsing.arena, REHEARSE_BYTES_MAX);
    for (size_t i = 0; i < sync->type_count && ok && !rehearsing.ended; i++) {
        rehearsing.type = &sync->types[i];
        ok = transformer_init(&rehearsing.transformer, sync, rehearsing.type, error) &&
             rehearse_type(&rehearsing, error);
        transformer_clear(&rehearsing.transformer);
    }
    arena_clear(&rehearsing.arena);
    source_session_close(rehearsing.session);
    return ok;
}
