#include "sim_rig.h"

#include <string.h>

#include "base/memory.h"
#include "format/format_json.h"
#include "sim_http.h"
#include "source/source_http.h"
#include "source/target_http.h"

enum { ARENA_MAX = 256 * 1024 * 1024 };

#define RIG_START INT64_C(1767261600000000) // 2026-01-01T10:00:00Z

static const struct text id_names[] = {{"id", 2}};
static const struct path id_key[] = {{id_names, 1}};

static int64_t rig_now(void *context) {
    return ((struct sim_rig *)context)->sim.now_us;
}

static void rig_wait(void *context, int64_t span_us) {
    ((struct sim_rig *)context)->sim.now_us += span_us;
}

struct sim_rig *sim_rig_open(void) {
    struct sim_rig *rig = memory_zero(1, sizeof *rig);
    SIM_CHECK(rig != NULL && sim_now == NULL);
    arena_init(&rig->arena, ARENA_MAX);
#define KNOB(scope, NAME, text, simplest, help) rig->plan.world.sources[0][KNOB_##NAME] = (simplest);
#include "sim_knobs.def"
#undef KNOB
    rig->plan.events = rig->events;
    rig->knobs = rig->plan.world.sources[sim_source_of(SIM_EAST)];
    rig->remote = &rig->sim.remotes[sim_source_of(SIM_EAST)];
    rig->run = (struct sim_event){.number = 1, .what = SIM_RUN, .place = SIM_EAST};
    rig->sim.plan = &rig->plan;
    rig->sim.counters = &rig->counters;
    rig->sim.now_us = RIG_START;
    rig->sim.clock = (struct clock){rig_now, rig_wait, rig};
    sim_now = &rig->sim;
    return rig;
}

static const struct object *settings_of(struct sim_rig *rig, void (*print)(struct sim_rig *rig, struct buffer *out)) {
    struct buffer json;
    struct value value;
    struct text text;
    struct error error;
    buffer_init(&json, ARENA_MAX);
    print(rig, &json);
    SIM_CHECK(!json.failed && arena_text(&rig->arena, buffer_view(&json), &text));
    buffer_clear(&json);
    SIM_CHECK(json_read(text, &rig->arena, NULL, &value, &error) && value.kind == VALUE_OBJECT);
    return value.as.object;
}

static void print_source(struct sim_rig *rig, struct buffer *out) {
    sim_settings_source(rig->knobs, SIM_EAST, out);
}

static void print_type(struct sim_rig *rig, struct buffer *out) {
    sim_settings_type(rig->knobs, SIM_WELL, out);
}

static void print_types(struct sim_rig *rig, struct buffer *out) {
    buffer_string(out, "{\"well\":");
    sim_settings_type(rig->knobs, SIM_WELL, out);
    buffer_string(out, "}");
}

static void session_open(struct sim_rig *rig) {
    struct session_setup session = {
        .settings = rig->reading.settings, .name = TEXT_LITERAL("east"), .clock = &rig->sim.clock, .log = &log_none};
    SIM_CHECK(source_session_open(&source_http, &session, &rig->session, &rig->error));
    rig->reading.session = rig->session;
    rig->writing.session = rig->session;
    SIM_CHECK(target_open(&target_http, &rig->writing, &rig->target, &rig->error));
}

static void session_close(struct sim_rig *rig) {
    target_close(rig->target);
    source_session_close(rig->session);
}

void sim_rig_start(struct sim_rig *rig) {
    struct text none = TEXT_LITERAL("");
    sim_remote_open(rig->remote, &rig->sim, SIM_EAST);
    rig->reading = (struct source_setup){
        .settings = settings_of(rig, print_source),
        .type = settings_of(rig, print_type),
        .types = settings_of(rig, print_types),
        .type_name = TEXT_LITERAL("well"),
        .since = none,
        .key = id_key,
        .key_count = 1,
        .folder = none,
        .position = none,
        .seed = 42,
        .page_records = 3,
        .clock = &rig->sim.clock,
        .log = &log_none,
    };
    rig->writing = (struct target_setup){
        .settings = rig->reading.settings,
        .type = rig->reading.type,
        .type_name = rig->reading.type_name,
        .key = id_key,
        .key_count = 1,
        .clock = &rig->sim.clock,
        .log = &log_none,
    };
    session_open(rig);
    sim_rig_run(rig);
}

void sim_rig_close(struct sim_rig *rig) {
    session_close(rig);
    sim_http_end(&rig->sim);
    sim_remote_close(rig->remote);
    arena_clear(&rig->arena);
    memory_free(rig);
    sim_now = NULL;
}

void sim_rig_run(struct sim_rig *rig) {
    sim_http_end(&rig->sim);
    session_close(rig);
    rig->sim.run = &rig->run;
    rig->sim.run_moment = ++rig->sim.moment;
    rig->sim.requests = rig->sim.steps = 0;
    rig->sim.dead = false;
    rig->plan.count = 0;
    session_open(rig);
}

void sim_rig_plan(struct sim_rig *rig, enum sim_what what, int64_t detail, int64_t at) {
    SIM_CHECK(rig->plan.count < SIM_RIG_EVENTS);
    int number = 2 + (int)rig->plan.count;
    rig->events[rig->plan.count++] =
        (struct sim_event){.number = number, .what = what, .place = SIM_EAST, .detail = detail, .run = 1, .at = at};
}

void sim_rig_fault(struct sim_rig *rig, enum sim_fault fault, int64_t request) {
    sim_rig_plan(rig, SIM_REQUEST, (int64_t)fault, request);
}

// --- people ---

struct sim_row *sim_rig_make(struct sim_rig *rig, int number) {
    struct sim_form form = {.ref = 0};
    snprintf(form.legacy, sizeof form.legacy, "k%d", number);
    snprintf(form.name, sizeof form.name, "<%d>", number);
    return sim_remote_make(rig->remote, SIM_WELL, &form);
}

void sim_rig_name(struct sim_rig *rig, struct sim_row *row, const char *name) {
    struct sim_form form = *sim_row_form(row);
    snprintf(form.name, sizeof form.name, "%s", name);
    sim_remote_edit(rig->remote, row, &form, false);
}

size_t sim_rig_alive(struct sim_rig *rig) {
    size_t count = 0;
    for (size_t i = 0; i < rig->remote->row_count; i++) {
        count += !rig->remote->rows[i].gone && !rig->remote->rows[i].hidden;
    }
    return count;
}

// --- reading ---

static void take_batch(struct sim_rig *rig, const struct batch *batch) {
    SIM_CHECK(batch->reject_count == 0);
    for (size_t i = 0; i < batch->count; i++) {
        const struct value *id = object_find(&batch->records[i].fields, TEXT_LITERAL("id"));
        SIM_CHECK(id != NULL && id->kind == VALUE_INTEGER && id->as.integer > 0 && id->as.integer < SIM_ROWS);
        rig->given[id->as.integer]++;
        rig->gone[id->as.integer] += batch->records[i].gone;
        rig->count++;
    }
}

bool sim_rig_pass(struct sim_rig *rig, int retries) {
    struct source *source;
    struct batch batch;
    bool last = false;
    memset(rig->given, 0, sizeof rig->given);
    memset(rig->gone, 0, sizeof rig->gone);
    rig->count = 0;
    if (!source_open(&source_http, &rig->reading, &source, &rig->error)) {
        return false;
    }
    batch_init(&batch, ARENA_MAX);
    bool ok = true;
    while (ok && !last) {
        SIM_CHECK(batch_reset(&batch, rig->reading.page_records, &rig->error));
        if (source_read(source, &batch, &rig->error)) {
            take_batch(rig, &batch);
            last = batch.last;
            if (rig->meanwhile != NULL) {
                rig->meanwhile(rig);
                rig->meanwhile = NULL;
            }
        } else {
            ok = rig->error.scope == ERROR_BATCH && retries-- > 0;
        }
    }
    if (ok && batch.cursor.length > 0) {
        SIM_CHECK(arena_text(&rig->arena, batch.cursor, &rig->reading.since));
    }
    batch_clear(&batch);
    source_close(source);
    return ok;
}

// --- writing ---

void sim_rig_next(struct sim_rig *rig) {
    rig->item_count = 0;
}

void sim_rig_item(struct sim_rig *rig, enum target_verb verb, const char *external, const char *form) {
    SIM_CHECK(rig->item_count < SIM_RIG_ITEMS);
    char *operation = arena_print(&rig->arena, "op-%d", ++rig->operations);
    struct value value = {.kind = VALUE_MISSING};
    SIM_CHECK(operation != NULL);
    SIM_CHECK(form == NULL || json_read(text_of(form), &rig->arena, NULL, &value, &rig->error));
    rig->items[rig->item_count++] = (struct target_item){
        .verb = verb,
        .operation = text_of(operation),
        .external = text_of(external),
        .form = form != NULL ? value.as.object : NULL,
        .seed = 42,
    };
}

bool sim_rig_write(struct sim_rig *rig) {
    return target_write(rig->target, rig->items, rig->item_count, &rig->arena, rig->receipts, &rig->error);
}

struct text sim_rig_ask(struct sim_rig *rig, const char *verb, const char *path, const char *query, const char *body,
                        int *status) {
    struct sim_ask ask = {.verb = text_of(verb),
                          .path = text_of(path),
                          .query = text_of(query),
                          .body = text_of(body),
                          .key = TEXT_LITERAL("")};
    struct sim_say say;
    sim_remote_answer(rig->remote, &ask, &rig->arena, &say);
    *status = say.status;
    return say.body;
}
