#include "cli/afar_job.h"

#include "format/format_json.h"
#include "port/counts.h"

enum { PARAMS_BYTES_MAX = 4 * 1024 * 1024 };

static bool read_params(const struct object *run, struct arena *arena, struct text *out, struct error *error) {
    const struct value *params = afar_member(run, "params");
    struct buffer text;
    *out = TEXT_LITERAL("{}");
    if (params == NULL || params->kind != VALUE_OBJECT) {
        return true;
    }
    buffer_init(&text, PARAMS_BYTES_MAX);
    json_write(&text, params);
    bool ok = !text.failed && arena_text(arena, buffer_view(&text), out);
    buffer_clear(&text);
    return ok || error_memory(error);
}

// A run of a home has no such status as the server's own "cancelled".
static enum run_status status_of(struct text name) {
    enum run_status status;
    if (text_is(name, "cancelled")) {
        return RUN_INTERRUPTED;
    }
    return run_status_find(name, &status) ? status : RUN_FAILED;
}

static void read_reason(const struct object *run, struct afar_job *job) {
    struct text code = afar_text(run, "code");
    int64_t number = 0;
    error_clear(&job->reason);
    bool known = code.length > 1 && text_integer((struct text){code.data + 1, code.length - 1}, &number) &&
                 number > 0 && number < 10000 && error_info((enum error_code)number) != NULL;
    if (known || text_is(job->status, "failed")) {
        error_set(&job->reason, known ? (enum error_code)number : ERROR_CHILD_DIED, "%.*s",
                  TEXT_ARGS(afar_text(run, "message")));
    }
}

bool afar_job_read(const struct object *run, struct arena *arena, struct afar_job *out, struct error *error) {
    const struct object *counts = afar_object(run, "counts");
    *out = (struct afar_job){.attempts = afar_integer(run, "attempts"), .due_us = afar_time(run, "due")};
    struct run_row *row = &out->row;
    row->id = afar_integer(run, "id");
    if (row->id <= 0) {
        return error_set(error, ERROR_HTTP_SHAPE, "the server's answer is no run");
    }
    const char *sync =
        arena_print(arena, "%.*s/%.*s", TEXT_ARGS(afar_text(run, "org")), TEXT_ARGS(afar_text(run, "sync")));
    if (sync == NULL || !arena_text(arena, afar_text(run, "status"), &out->status) ||
        !arena_text(arena, afar_text(run, "state"), &out->state) ||
        !arena_text(arena, afar_text(run, "method"), &out->method) ||
        !arena_text(arena, afar_text(run, "message"), &row->message)) {
        return error_memory(error);
    }
    row->sync = text_of(sync);
    row->status = status_of(out->status);
    row->started_us = afar_time(run, "started");
    row->ended_us = afar_time(run, "ended");
    row->until_us = out->due_us;
    out->home_run = afar_integer(run, afar_member(run, "home_run") != NULL ? "home_run" : "run");
    out->valid = afar_integer(counts, "valid");
    for (const struct count_name *name = count_names; name->name != NULL; name++) {
        count_set(&row->counts, name, afar_integer(counts, name->name));
    }
    read_reason(run, out);
    if (!read_params(run, arena, &row->params, error)) {
        return false;
    }
    bool bare = text_is(row->params, "{}");
    const char *key = bare ? sync : arena_print(arena, "%s %.*s", sync, TEXT_ARGS(row->params));
    row->key = text_of(key != NULL ? key : sync);
    return key != NULL || error_memory(error);
}

bool afar_job_asked(const struct value *answer, struct arena *arena, struct afar_job *out, bool *joined,
                    struct error *error) {
    const struct object *object;
    if (!afar_take_object(answer, &object, error)) {
        return false;
    }
    *joined = afar_bool(object, "joined");
    return afar_job_read(afar_object(object, "run"), arena, out, error);
}

bool afar_job_rests(const struct afar_job *job) {
    return text_is(job->state, "ended") || (text_is(job->state, "queued") && text_is(job->status, "waiting"));
}
